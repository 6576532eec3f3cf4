"""Which batches and exports a permission reaches: one's own, and those of the teams one supervises."""

from __future__ import annotations

from django.db.models import Q

from naungan.access.actor import Actor
from naungan.access.policy import Permission, Relation, Role
from naungan.access.rules import register
from naungan.exchange.models import Export, ImportBatch


@register(ImportBatch, seen_with=Permission.IMPORT)
def batch_scope(by: Actor, relations: dict[Relation, frozenset[int | None]]) -> Q:
    """A file is open to who brought it and to the supervisors of the team that it is for."""
    if Relation.OWN not in relations:
        return Q(pk__in=[])
    reached = Q(created_by_id=by.user_id)
    teams = {grant.team_id for grant in by.live_grants if grant.role is Role.SUPERVISOR}
    if None in teams:
        reached |= Q(organisation_id=by.organisation_id)
    elif teams:
        reached |= Q(organisation_id=by.organisation_id, team_id__in=teams)
    return reached & Q(organisation_id=by.organisation_id)


@register(Export, seen_with=Permission.EXPORT)
def export_scope(by: Actor, relations: dict[Relation, frozenset[int | None]]) -> Q:
    """An export is open to whoever started it, and to nobody else."""
    return Q(created_by_id=by.user_id, organisation_id=by.organisation_id)
