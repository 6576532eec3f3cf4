"""Which cases a relation reaches: the one rule behind lists and single records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.inserting import moment
from naungan.access.policy import CLOSED_BY_RESTRICTION, Permission, Relation
from naungan.access.rules import Reaches, Relations, judged_by, register
from naungan.protection.cases.models import Case, CaseRelation, ConflictOfInterest

# The last digit of a scope number says the relation, the rest whose it is.
_DIGIT = {
    Relation.ASSIGNED: 1,
    Relation.OWN_INTAKE: 2,
    Relation.NAMED: 3,
    Relation.EMERGENCY: 4,
    Relation.TEAM: 5,
    Relation.HOLDER: 6,
    Relation.RECEIVER: 7,
    Relation.PARTY: 8,
}
_OF_USER = frozenset({Relation.ASSIGNED, Relation.OWN_INTAKE, Relation.NAMED, Relation.EMERGENCY})


def scope_number(relation: Relation, owner_id: int) -> int:
    """The number under which a relation of a person, team or organisation is indexed."""
    return owner_id * 10 + _DIGIT[relation]


def scopes_of(by: Actor, relations: Relations) -> tuple[list[int], list[int]]:
    """The scope numbers that reach any case, and those that do not reach a restricted one."""
    everywhere: list[int] = []
    unrestricted: list[int] = []
    for relation, teams in relations.items():
        kept = unrestricted if relation in CLOSED_BY_RESTRICTION else everywhere
        kept.extend(_numbers(by, relation, teams))
    return sorted(set(everywhere)), sorted(set(unrestricted))


def _numbers(by: Actor, relation: Relation, teams: frozenset[int | None]) -> Iterable[int]:
    if relation in _OF_USER:
        return (scope_number(relation, by.user_id),)
    if relation is Relation.TEAM and None not in teams:
        return (scope_number(relation, team) for team in teams if team is not None)
    if relation is Relation.TEAM:  # a role held in the whole organisation reaches every team
        return (scope_number(Relation.HOLDER, by.organisation_id),)
    if relation is Relation.OWN:
        return ()
    return (scope_number(relation, by.organisation_id),)


@register(Case, seen_with=Permission.CASE_LIST)
def case_scope(by: Actor, relations: Relations) -> Q:
    """Cases with a live relation of the actor, conflicts of interest left out."""
    return reached(by, relations, "pk")


# In plain SQL: every page of a case asks it, and the ORM needs ten times as long to put the question as to answer it.
_LIVE = """
SELECT r.scope, r.is_restricted FROM cases_caserelation r
WHERE r.case_id = %s AND (r.ends_at IS NULL OR r.ends_at > %s)
  AND NOT EXISTS (SELECT 1 FROM cases_conflictofinterest f WHERE f.case_id = r.case_id AND f.user_id = %s)
"""


@judged_by(Case)
def judge_case(by: Actor, case: Case) -> Reaches:
    """The same rule for one case: its live relation rows, read once."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, [case.pk, moment(clock.now()), by.user_id])
        rows = cursor.fetchall()
    live = {scope for scope, _ in rows}
    open_to_all = {scope for scope, is_restricted in rows if not is_restricted}

    def reaches(relations: Relations) -> bool:
        everywhere, unrestricted = scopes_of(by, relations)
        return not (live.isdisjoint(everywhere) and open_to_all.isdisjoint(unrestricted))

    return reaches


def reached(by: Actor, relations: Relations, case: str) -> Q:
    """The same for records that name their case in the column `case`."""
    everywhere, unrestricted = scopes_of(by, relations)
    return reached_through(everywhere, unrestricted, user=by.user_id, now=clock.now(), case=case)


def reach_of(by: Actor, permission: Permission) -> dict[str, Any]:
    """What `reached_through` needs for a permission, as a question takes it."""
    everywhere, unrestricted = scopes_of(by, by.relations(permission))
    return {
        "user": by.user_id,
        "now": clock.now(),
        "everywhere": tuple(everywhere),
        "unrestricted": tuple(unrestricted),
    }


def reached_through(everywhere: list[int], unrestricted: list[int], *, user: int, now: datetime, case: str) -> Q:
    """The same, the scopes of `scopes_of` being known."""
    live = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    found = CaseRelation.objects.filter(
        live, Q(scope__in=everywhere) | Q(scope__in=unrestricted, is_restricted=False), case_id=OuterRef(case)
    )
    barred = ConflictOfInterest.objects.filter(user_id=user).values("case_id")
    return Q(Exists(found)) & ~Q(**{f"{case}__in": barred})
