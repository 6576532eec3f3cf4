"""Which organisations, teams, people and audit entries a permission reaches: those of one's own organisation."""

from __future__ import annotations

from django.db.models import Q

from naungan.access.actor import Actor
from naungan.access.models import AuditEntry, Organisation, Team, User
from naungan.access.policy import Permission, Relation
from naungan.access.rules import register


def _own(by: Actor, relations: dict[Relation, frozenset[int | None]], path: str) -> Q:
    return Q(**{path: by.organisation_id}) if Relation.OWN in relations else Q(pk__in=[])


@register(Organisation, seen_with=Permission.ORGANISATION_MANAGE)
def organisation_scope(by: Actor, relations: dict[Relation, frozenset[int | None]]) -> Q:
    """One's own organisation."""
    return _own(by, relations, "pk")


@register(Team, seen_with=Permission.ORGANISATION_MANAGE)
def team_scope(by: Actor, relations: dict[Relation, frozenset[int | None]]) -> Q:
    """The teams of one's own organisation."""
    return _own(by, relations, "organisation_id")


@register(User, seen_with=Permission.USER_MANAGE)
def user_scope(by: Actor, relations: dict[Relation, frozenset[int | None]]) -> Q:
    """The people and programs of one's own organisation."""
    return _own(by, relations, "organisation_id")


@register(AuditEntry, seen_with=Permission.AUDIT_READ)
def audit_scope(by: Actor, relations: dict[Relation, frozenset[int | None]]) -> Q:
    """The entries of one's own organisation's chain."""
    return _own(by, relations, "organisation_id")
