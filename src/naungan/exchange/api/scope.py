"""Which tokens a permission reaches: those of one's own organisation."""

from __future__ import annotations

from django.db.models import Q

from naungan.access.actor import Actor
from naungan.access.policy import Permission, Relation
from naungan.access.rules import register
from naungan.exchange.api.models import Token


@register(Token, seen_with=Permission.TOKEN_MANAGE)
def token_scope(by: Actor, relations: dict[Relation, frozenset[int | None]]) -> Q:
    """The tokens of one's own organisation."""
    return Q(organisation_id=by.organisation_id) if Relation.OWN in relations else Q(pk__in=[])
