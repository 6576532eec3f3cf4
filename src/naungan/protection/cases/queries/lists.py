"""
Lists of cases: one ordered walk of an index per scope, merged; pages by keyset, counts capped.

An OR of scopes makes a database read and sort everything that any of them reaches; a union of walks
that each stop after one page does not (design, section 4).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection
from django.db.models import Q, QuerySet

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.asking import ID, MOMENT, question
from naungan.access.inserting import moment
from naungan.access.models import User
from naungan.access.policy import Permission, Relation
from naungan.access.references import read_code
from naungan.access.rules import visible
from naungan.protection.cases.models import Case, Deadline
from naungan.protection.cases.scope import reach_of, reached_through, scope_number, scopes_of

COUNT_MOST = 1000
SOON = timedelta(days=7)
SORTS = {"touched": "touched_at", "opened": "opened_on"}
# Filters on the case's own columns: name of the filter, column, whether the column is a list of codes.
CASE_FILTERS = {
    "state": ("c.state", False),
    "trafficking_status": ("c.trafficking_status", False),
    "exploitation": ("c.exploitation_types", True),
    "industry": ("c.labour_industries", True),
    "gender": ("p.gender", False),
    "batch": ("c.batch", False),
}


@dataclass(frozen=True, slots=True)
class OwnCondition:
    """What the value of an own field must be, as it lies in the JSON column: a text, a whole number, yes or no."""

    code: str
    how: Literal["is", "holds", "from", "until"]
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; `open` is True, False or None for both."""

    open: bool | None = True
    equal: dict[str, str] = field(default_factory=dict)
    own: tuple[OwnCondition, ...] = ()
    assigned_to: int | None = None
    is_child: bool | None = None
    opened_from: date | None = None
    opened_until: date | None = None
    sort: str = "touched"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list: codes and dates, no identity."""

    id: int
    code: str
    state: str
    opened_on: date
    touched_at: datetime
    gender: str
    age_at_opening: int | None
    trafficking_status: str
    exploitation_types: list[str]
    is_restricted: bool
    workers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` is the key of the next one, None on the last."""

    rows: list[CaseRow]
    after: str | None
    count: int | None = None
    count_capped: bool = False


def case_page(
    by: Actor, filters: Filters | None = None, *, after: str = "", limit: int = 50, count: bool = False
) -> Page:
    """
    One page of the cases that `by` may list.

    Args:
        by: Who asks.
        filters: What the list is narrowed to.
        after: The key that the page before gave.
        limit: Rows, 1 to 200.
        count: Whether to count too, up to `COUNT_MOST`.
    """
    chosen = filters or Filters()
    after = _opened_key(by, after)  # a key that was not ours begins at the first page
    limit = max(1, min(limit, 200))
    scopes = scopes_of(by, by.relations(Permission.CASE_LIST))
    ids = _walk(by, scopes, chosen, after, limit + 1)
    shown = ids[:limit]
    rows = _rows([case_id for case_id, _ in shown])
    # By the code of the last row: its number would tell how many cases the installation has.
    following = f"{dict(shown)[rows[-1].id]}~{rows[-1].code}" if len(ids) > limit and rows else None
    if not count:
        return Page(rows, following)
    total = _counted(by, scopes, chosen)
    return Page(rows, following, min(total, COUNT_MOST), total > COUNT_MOST)


def case_ids(by: Actor, permission: Permission, filters: Filters, *, most: int) -> list[int]:
    """The ids of all cases of a list on which `by` has a permission, newest first, up to `most`."""
    return [case_id for case_id, _ in _walk(by, scopes_of(by, by.relations(permission)), filters, "", most)]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something that needs this person now."""

    kind: str
    code: str
    due_at: datetime
    is_late: bool
    ref: str


def work_list(by: Actor, *, limit: int = 50) -> list[WorkItem]:
    """What is due, soonest first: one's own; for whoever answers for others, what nobody owns and theirs owe soon."""
    listed = reach_of(by, Permission.CASE_LIST)
    due = _own_due(**listed, most=limit)
    if by.relations(Permission.CASELOADS) or by.relations(Permission.CASE_STATEMENT):
        of = by.organisation_id
        due += _unowned_due(organisation=of, **listed, most=limit)
        soon = clock.now() + SOON
        due += _colleagues_due(organisation=of, **reach_of(by, Permission.CASE_WRITE), soon=soon, most=limit)
    now = clock.now()
    items = [WorkItem(kind, code, due_at, due_at < now, ref) for kind, code, due_at, ref in due]
    return sorted(items, key=lambda item: item.due_at)[:limit]


_Due = QuerySet[Deadline, tuple[str, str, datetime, str]]


@question(user=ID, now=MOMENT, everywhere=ID, unrestricted=ID)
def _own_due(most: int, **reach: Any) -> _Due:
    """What this person owes, on cases that they still reach."""
    # Without the organisation, which a person has one of: SQLite would walk the whole of it.
    return _due(Q(user_id=reach["user"]) & reached_through(**reach, case="case_id"), most)


@question(organisation=ID, user=ID, now=MOMENT, everywhere=ID, unrestricted=ID)
def _unowned_due(organisation: int, most: int, **reach: Any) -> _Due:
    """What nobody owns: reviews of emergency access, and what belongs to cases within reach."""
    in_scope = Q(kind="emergency_review") | reached_through(**reach, case="case_id")
    return _due(Q(user__isnull=True, organisation_id=organisation) & in_scope, most)


@question(organisation=ID, user=ID, now=MOMENT, everywhere=ID, unrestricted=ID, soon=MOMENT)
def _colleagues_due(organisation: int, soon: datetime, most: int, **reach: Any) -> _Due:
    """What colleagues owe soon on cases within reach."""
    theirs = Q(user__isnull=False, organisation_id=organisation, due_at__lt=soon) & ~Q(user_id=reach["user"])
    # Chosen first: most of what colleagues owe is out of reach, and its cases need not be read.
    chosen = Deadline.objects.filter(theirs & reached_through(**reach, case="case_id"), done_at__isnull=True)
    return _due(Q(pk__in=chosen.order_by("due_at").values("pk")[:most]), most)


def _due(whose: Q, most: int) -> _Due:
    due = Deadline.objects.filter(whose, done_at__isnull=True).order_by("due_at")
    return due.values_list("kind", "case__code", "due_at", "ref")[:most]


def _walk(
    by: Actor, scopes: tuple[list[int], list[int]], filters: Filters, after: str, limit: int
) -> list[tuple[int, str]]:
    """The (case id, sort key) of a merged walk, deduplicated and ordered, newest first."""
    sql, params = _merged(by, scopes, filters, after, limit)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY 2 DESC, 1 DESC LIMIT {int(limit)}", params)
        return [(row[0], _key_text(row[1])) for row in cursor.fetchall()]


def _counted(by: Actor, scopes: tuple[list[int], list[int]], filters: Filters) -> int:
    """How many cases the walk reaches, up to one more than `COUNT_MOST`; the database counts, no row comes over."""
    sql, params = _merged(by, scopes, filters, "", COUNT_MOST + 1)
    if not sql:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) AS reached", params)  # noqa: S608 - made above
        return int(cursor.fetchone()[0])


def _merged(
    by: Actor, scopes: tuple[list[int], list[int]], filters: Filters, after: str, limit: int
) -> tuple[str, list[Any]]:
    """The statement of a merged walk, not yet ordered, and its parameters; empty when nothing is in scope."""
    everywhere, unrestricted = scopes
    pieces: list[str] = []
    params: list[Any] = []
    where, given, joins = _conditions(by, filters, after)
    for scope in dict.fromkeys([*unrestricted, *everywhere]):
        closed = "" if scope in everywhere else " AND NOT r.is_restricted"
        for is_open in (True, False) if filters.open is None else (filters.open,):
            sort = SORTS[filters.sort]
            pieces.append(
                f"SELECT * FROM (SELECT r.case_id AS id, r.{sort} AS k FROM cases_caserelation r{joins}"  # noqa: S608 - names are ours, values are parameters
                f" WHERE r.scope = %s AND r.is_open = %s{closed}{where}"
                f" ORDER BY r.{sort} DESC, r.case_id DESC LIMIT {int(limit)}) AS w{len(pieces)}"
            )
            params += [scope, is_open, *given]
    # UNION, not UNION ALL: a case reached in two ways is one row.
    return " UNION ".join(pieces), params


def _conditions(by: Actor, filters: Filters, after: str) -> tuple[str, list[Any], str]:
    where = [
        " AND (r.ends_at IS NULL OR r.ends_at > %s)",
        # Read once for a walk, not asked for each row of it.
        " AND r.case_id NOT IN (SELECT f.case_id FROM cases_conflictofinterest f WHERE f.user_id = %s)",
    ]
    params: list[Any] = [moment(clock.now()), by.user_id]
    sort = SORTS[filters.sort]
    if after:
        key, _, last = after.rpartition("~")
        where.append(f" AND (r.{sort}, r.case_id) < (%s, %s)")
        params += [_key_value(filters.sort, key), int(last)]
    if filters.opened_from:
        where.append(" AND r.opened_on >= %s")
        params.append(filters.opened_from)
    if filters.opened_until:
        where.append(" AND r.opened_on <= %s")
        params.append(filters.opened_until)
    if filters.assigned_to:
        where.append(" AND EXISTS (SELECT 1 FROM cases_caserelation a WHERE a.case_id = r.case_id AND a.scope = %s)")
        params.append(scope_number(Relation.ASSIGNED, filters.assigned_to))
    own, given = _case_conditions(filters)
    joins = " JOIN cases_case c ON c.id = r.case_id JOIN cases_person p ON p.id = c.person_id" if own else ""
    return "".join(where + own), params + given, joins


def _case_conditions(filters: Filters) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    params: list[Any] = []
    for name, value in filters.equal.items():
        column, several = CASE_FILTERS[name]
        where.append(f" AND {_holds(column)}" if several else f" AND {column} = %s")
        params.append(_listed(value) if several else value)
    for one in filters.own:
        sql, given = _own_condition(one)
        where.append(f" AND {sql}")
        params += given
    if filters.is_child is not None:
        where.append(" AND c.age_at_opening < 18" if filters.is_child else " AND c.age_at_opening >= 18")
    return where, params


def _holds(column: str) -> str:
    if connection.vendor == "sqlite":
        return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = %s)"  # noqa: S608 - a column of the table above
    return f"{column} @> %s::jsonb"


def _listed(value: str) -> str:
    return value if connection.vendor == "sqlite" else json.dumps([value])


_COMPARED = {"is": "=", "from": ">=", "until": "<="}


def _own_condition(one: OwnCondition) -> tuple[str, list[Any]]:
    """
    A condition on the JSON column, judged row by row along the walk.

    PostgreSQL compares JSON with JSON: a cast could meet, and fail at, another organisation's field of the same code.
    """
    if connection.vendor == "sqlite":
        path = f'$."{one.code}"'
        if one.how == "holds":
            return "EXISTS (SELECT 1 FROM json_each(c.extra, %s) WHERE value = %s)", [path, one.value]
        return f"json_extract(c.extra, %s) {_COMPARED[one.how]} %s", [path, one.value]
    if one.how == "holds":
        return "c.extra -> %s @> %s::jsonb", [one.code, json.dumps([one.value])]
    value = json.dumps(one.value)
    same_kind = "jsonb_typeof(c.extra -> %s) = jsonb_typeof(%s::jsonb)"
    compared = f"c.extra -> %s {_COMPARED[one.how]} %s::jsonb"
    return f"({same_kind} AND {compared})", [one.code, value, one.code, value]


def _key_text(value: object) -> str:
    # SQLite compares texts, so the key must be written as the database writes it.
    return value.isoformat() if isinstance(value, date) and connection.vendor != "sqlite" else str(value)


def _opened_key(by: Actor, text: str) -> str:
    """
    The key of a page with the number of its last row in place of the code; empty when it is none.

    A code that is not in sight, gone or nobody's, is all the same: the page goes on after its moment.
    """
    moment, _, code = text.rpartition("~")
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        return ""
    if read_code(code) != code:
        return ""
    last = visible(by, Permission.CASE_LIST, Case).filter(code=code).values_list("pk", flat=True).first()
    return f"{moment}~{last or 0}"


def _key_value(sort: str, key: str) -> object:
    if connection.vendor == "sqlite":
        return key
    return date.fromisoformat(key) if sort == "opened" else datetime.fromisoformat(key)


# Columns by name, not through models: building the two queries costs the ORM 2 ms a page, answering them 0.3 ms.
_ROWS = """
SELECT c.id, c.code, c.state, c.opened_on, c.touched_at, p.gender, c.age_at_opening, c.trafficking_status,
       c.exploitation_types, c.is_restricted
FROM cases_case c JOIN cases_person p ON p.id = c.person_id
WHERE c.id IN ({marks})
"""
_WORKERS = """
SELECT r.case_id, u.display_name
FROM cases_caserelation r JOIN access_user u ON u.id = r.user_id
WHERE r.kind = %s AND r.case_id IN ({marks})
"""


def _rows(ids: Sequence[int]) -> list[CaseRow]:
    if not ids:
        return []
    marks = ",".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS.format(marks=marks), [Relation.ASSIGNED.value, *ids])
        workers: dict[int, list[str]] = {}
        for case_id, name in cursor.fetchall():
            workers.setdefault(case_id, []).append(name)
        cursor.execute(_ROWS.format(marks=marks), list(ids))
        found = {row[0]: _row(row, workers.get(row[0], [])) for row in cursor.fetchall()}
    return [found[pk] for pk in ids if pk in found]


def _row(row: Sequence[Any], workers: list[str]) -> CaseRow:
    pk, code, state, opened_on, touched_at, gender, age, status, exploitation, is_restricted = row
    return CaseRow(
        id=pk,
        code=code,
        state=state,
        opened_on=opened_on,
        # SQLite keeps moments in UTC without saying so.
        touched_at=touched_at if touched_at.tzinfo else touched_at.replace(tzinfo=UTC),
        gender=gender,
        age_at_opening=age,
        trafficking_status=status,
        exploitation_types=json.loads(exploitation),
        is_restricted=bool(is_restricted),
        workers=tuple(sorted(workers)),
    )


def workers_of(organisation_id: int) -> QuerySet[User]:
    """Colleagues who may be given cases: active, with a role that works on them, and more than invited."""
    return _workers(organisation_id).only("ref", "display_name")


def worker_names(organisation_id: int) -> list[tuple[str, str]]:
    """Reference and name of the same colleagues, for menus and filters of pages that are asked all day."""
    return _worker_names(organisation=organisation_id)


@question(organisation=ID)
def _worker_names(organisation: int) -> QuerySet[User, tuple[str, str]]:
    return _workers(organisation).values_list("ref", "display_name")


def _workers(organisation_id: int) -> QuerySet[User]:
    from naungan.protection.cases.actions.people import WORKING_ROLES  # noqa: PLC0415 - actions import queries

    roles = [role.value for role in WORKING_ROLES]
    working = User.objects.filter(
        organisation_id=organisation_id, is_active=True, grants__role__in=roles, grants__revoked_at__isnull=True
    )
    return working.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).distinct().order_by("display_name")
