"""Writes the relation rows of a case, and keeps their copied columns in step with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from naungan.access import clock, inserting
from naungan.access.policy import Relation
from naungan.protection.cases.models import Case, CaseRelation
from naungan.protection.cases.scope import scope_number
from naungan.protection.cases.states import LIVE, State

# A relation with the organisation, the team and the person whose it is.
Holder = tuple[Relation, int, int | None, int | None]


def relation_row(
    case: Case,
    kind: Relation,
    *,
    organisation_id: int,
    team_id: int | None = None,
    user_id: int | None = None,
    ends_at: datetime | None = None,
) -> CaseRelation:
    """Make one unsaved row for what a person, a team or an organisation is to a case."""
    owner = user_id or team_id or organisation_id
    return CaseRelation(
        case=case,
        kind=kind.value,
        organisation_id=organisation_id,
        team_id=team_id,
        user_id=user_id,
        scope=scope_number(kind, owner),
        starts_at=clock.now(),
        ends_at=ends_at,
        is_open=State(case.state) in LIVE,
        is_restricted=case.is_restricted,
        touched_at=case.touched_at,
        opened_on=case.opened_on,
    )


def relate(case: Case, kind: Relation, **holder: int | datetime | None) -> CaseRelation:
    """Give a relation, or renew the one that is there."""
    row = relation_row(case, kind, **holder)  # type: ignore[arg-type]  # the keywords are relation_row's own
    CaseRelation.objects.filter(case=case, scope=row.scope).delete()
    row.save(force_insert=True)
    return row


def relate_all(cases: Sequence[Case], holders: Sequence[Holder]) -> None:
    """Give new cases their first relations, by the database's fastest way: an import writes four rows a case."""
    now = inserting.moment(clock.now())
    owners = [
        (kind.value, organisation, team, user, scope_number(kind, user or team or organisation))
        for kind, organisation, team, user in holders
    ]
    columns = (
        "case_id", "is_open", "is_restricted", "touched_at", "opened_on", "starts_at", "parts",
        "kind", "organisation_id", "team_id", "user_id", "scope",
    )  # fmt: skip
    of_cases = [
        (
            case.pk,
            State(case.state) in LIVE,
            case.is_restricted,
            inserting.moment(case.touched_at),
            inserting.day(case.opened_on),
            now,
            "[]",
        )
        for case in cases
    ]
    inserting.insert_rows(CaseRelation, columns, (of_case + owner for of_case in of_cases for owner in owners))


def unrelate(case: Case, kind: Relation, owner_id: int) -> bool:
    """Take a relation away; False when there was none."""
    gone, _ = CaseRelation.objects.filter(case=case, scope=scope_number(kind, owner_id)).delete()
    return gone > 0


def touch(case: Case, *also: str) -> None:
    """Count the version up and move the case to the top of its lists."""
    case.version += 1
    case.touched_at = clock.now()
    case.save(update_fields=["version", "touched_at", *also])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_caserelation SET touched_at = %s, is_open = %s, is_restricted = %s WHERE case_id = %s",
            [inserting.moment(case.touched_at), State(case.state) in LIVE, case.is_restricted, case.pk],
        )
