"""
The bulk path: writes a chunk of drawn cases with a few statements, a million people in minutes.

It makes the same rows as `cases.actions.open_cases` (`tests/world/test_bulk.py` compares them column by column),
but each case has its own day, worker and history. It asks no permission and is for invented people only.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone

from naungan.access import audit, clock
from naungan.access.models import User
from naungan.access.policy import Relation
from naungan.access.references import new_ref
from naungan.protection.cases import values as checked
from naungan.protection.cases.fields import COLUMNS, DERIVED, Column, is_repeated
from naungan.protection.cases.models import (
    Case,
    CaseRelation,
    Deadline,
    Entry,
    Perpetrator,
    Person,
    SupportPlan,
    TraffickingEvent,
)
from naungan.protection.cases.parts import sealed_values
from naungan.protection.cases.scope import scope_number
from naungan.protection.cases.states import LIVE, State
from naungan.standards import htcds
from naungan.vault import actions as vault
from naungan.vault import store
from naungan.vault.models import Subject
from naungan.world.building import Desk, House, Roster
from naungan.world.caseload import Drawn

__all__ = ["write_chunk"]

Items = dict[str, str | bytes | None]
_PARTS: Mapping[str, type[models.Model]] = {"per": Perpetrator, "hte": TraffickingEvent, "spl": SupportPlan}


@transaction.atomic
def write_chunk(drawn: Sequence[Drawn], roster: Roster) -> None:
    """Write one chunk: people, cases, relations, sealed items, timeline, deadlines and the audit chain."""
    first = {model: _last_id(model) + 1 for model in (Person, Case)}
    ordered = sorted(drawn, key=lambda one: (one.organisation, one.index))
    at = 0
    for key, group in groupby(ordered, lambda one: one.organisation):
        mine = list(group)
        _write_house(roster[key], mine, {model: start + at for model, start in first.items()})
        at += len(mine)
    if connection.vendor == "postgresql":
        _move_sequences()


def _write_house(house: House, drawn: Sequence[Drawn], first: Mapping[type[models.Model], int]) -> None:
    """Write what belongs to one organisation."""
    tables = _Tables()
    with clock.fixed(_earlier(_moment(drawn[-1].opened_on, 0.99))):
        subjects = vault.open_subjects(len(drawn), organisation_id=house.organisation.pk)
        for at, (one, subject) in enumerate(zip(drawn, subjects, strict=True)):
            ids: dict[type[models.Model], int] = {model: start + at for model, start in first.items()}
            ids[Subject] = subject.pk
            _add(tables, house, _Placed.of(house, one), ids)
        tables.write()
        vault.seal_many(list(zip(subjects, tables.items, strict=True)))
    _note_in_chain(house, drawn)


class _Tables:
    """Rows waiting to be written, by model, with the defaults of the columns that nobody sets."""

    def __init__(self) -> None:
        self.rows: dict[type[models.Model], list[dict[str, object]]] = defaultdict(list)
        self.items: list[Items] = []

    def add(self, model: type[models.Model], **values: object) -> None:
        self.rows[model].append(values)

    def write(self) -> None:
        for model, rows in self.rows.items():
            columns = list(rows[0])
            others = _defaults(model, frozenset(columns))
            fixed = tuple(others.values())
            store.insert_rows(model, [*columns, *others], (tuple(row.values()) + fixed for row in rows))


@dataclass(slots=True)
class _Placed:
    """A drawn case with the people it is given to and its moments."""

    drawn: Drawn
    desk: Desk
    intake: User
    opened_at: datetime
    touched_at: datetime
    opened_stored: object
    touched_stored: object

    @classmethod
    def of(cls, house: House, drawn: Drawn) -> _Placed:
        opened = _moment(drawn.opened_on, drawn.desk)
        last = max(drawn.opened_on, drawn.notes[-1][0], drawn.closed_on or drawn.opened_on)
        touched = _earlier(_moment(last, drawn.desk))
        desk = house.desks[int(drawn.desk * len(house.desks))]
        opened = min(opened, touched)
        return cls(drawn, desk, _intake(house, drawn), opened, touched, store.moment(opened), store.moment(touched))


def _add(tables: _Tables, house: House, placed: _Placed, ids: Mapping[type[models.Model], int]) -> None:
    drawn, organisation, case_id = placed.drawn, house.organisation.pk, ids[Case]
    items: Items = dict(sealed_values(drawn.values))
    opened_at, touched_at = placed.opened_stored, placed.touched_stored
    tables.add(
        Person,
        id=ids[Person],
        organisation_id=organisation,
        subject_id=ids[Subject],
        ref=new_ref(),
        created_at=opened_at,
        **_columns("person", drawn.values),
    )
    tables.add(
        Case,
        id=case_id,
        code=drawn.code,
        person_id=ids[Person],
        organisation_id=organisation,
        state=drawn.state,
        opened_on=_day(drawn.opened_on),
        touched_at=touched_at,
        created_at=opened_at,
        closed_on=_day(drawn.closed_on),
        closure_reason=drawn.closure_reason,
        closed_with_contact=drawn.desk < 0.6 if drawn.closed_on else None,
        retention_until=_day(_years_after(drawn.closed_on, 5)),
        age_at_opening=checked.age_on(drawn.values.get("prs_Birthdate"), drawn.opened_on),
        **_columns("case", drawn.values),
    )
    _add_relations(tables, placed, case_id, organisation)
    _add_parts(tables, placed, case_id, items)
    _add_entries(tables, placed, case_id, items)
    for kind, day in drawn.due:
        tables.add(
            Deadline,
            ref=new_ref(),
            case_id=case_id,
            organisation_id=organisation,
            user_id=placed.desk.user.pk,
            kind=kind,
            due_at=store.moment(_moment(day, 0.9)),
        )
    tables.items.append({name: text for name, text in items.items() if text is not None})


def _add_relations(tables: _Tables, placed: _Placed, case_id: int, organisation: int) -> None:
    holders = (
        (Relation.HOLDER, organisation, None, None),
        (Relation.OWN_INTAKE, placed.intake.pk, None, placed.intake.pk),
        (Relation.TEAM, placed.desk.team.pk, placed.desk.team.pk, None),
        (Relation.ASSIGNED, placed.desk.user.pk, None, placed.desk.user.pk),
    )
    for kind, owner, team, user in holders:
        tables.add(
            CaseRelation,
            case_id=case_id,
            kind=kind.value,
            organisation_id=organisation,
            team_id=team,
            user_id=user,
            scope=scope_number(kind, owner),
            starts_at=placed.opened_stored,
            is_open=State(placed.drawn.state) in LIVE,
            touched_at=placed.touched_stored,
            opened_on=_day(placed.drawn.opened_on),
        )


def _add_parts(tables: _Tables, placed: _Placed, case_id: int, items: Items) -> None:
    for prefix, several in placed.drawn.repeated.items():
        for values in several:
            ref = new_ref()
            if prefix == "cco":
                at = placed.opened_stored
                tables.add(
                    Entry, ref=ref, case_id=case_id, kind="comment", at=at, by_id=None, details="{}", has_text=True
                )
                items[f"note:{ref}"] = htcds.to_text(values.get("cco_CaseComment"))
                continue
            tables.add(_PARTS[prefix], ref=ref, case_id=case_id, **_columns(prefix, values))
            items.update(sealed_values(values, ref))


def _add_entries(tables: _Tables, placed: _Placed, case_id: int, items: Items) -> None:
    drawn, worker = placed.drawn, placed.desk.user.pk

    def line(kind: str, at: datetime, by: int, *, details: str = "{}", words: str = "") -> None:
        ref = new_ref()
        moment = placed.opened_stored if at == placed.opened_at else store.moment(min(at, placed.touched_at))
        tables.add(
            Entry, ref=ref, case_id=case_id, kind=kind, at=moment, by_id=by, details=details, has_text=bool(words)
        )
        if words:
            items[f"note:{ref}"] = words

    line("opened", placed.opened_at, placed.intake.pk)
    for day, text in drawn.notes:
        line("note", _moment(day, drawn.desk), worker, words=text)
    if drawn.closed_on:
        line("moved", placed.touched_at, worker, details='{"from": "follow_up", "to": "closed"}')


def _note_in_chain(house: House, drawn: Sequence[Drawn]) -> None:
    """One entry a case, in the order of the days, by whoever took it in."""
    for _, group in groupby(drawn, lambda one: _quarter(one.opened_on)):
        quarter = list(group)
        with clock.fixed(_earlier(_moment(quarter[-1].opened_on, 0.99))):
            audit.append_many(
                by=house.actor(_intake(house, quarter[0])),
                organisation_id=house.organisation.pk,
                lines=[audit.Line("case.opened", one.code, {}) for one in quarter],
            )


def _intake(house: House, drawn: Drawn) -> User:
    """Who took a case in: another colleague each quarter."""
    return house.intakes[_quarter(drawn.opened_on) % len(house.intakes)]


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _columns(home: str, values: Mapping[str, object]) -> dict[str, object]:
    """The columns of one object, all of them, as the database keeps them."""
    columns = _EMPTY[home].copy()
    for name, value in values.items():
        column = COLUMNS.get(name)
        if column and column.home == home and name not in DERIVED and is_repeated(name) == (home in _PARTS):
            columns[column.attribute] = _stored(column, checked.to_column(name, value))
    return columns


_HOMES: Mapping[str, type[models.Model]] = {"person": Person, "case": Case, **_PARTS}
_AS_JSON = frozenset(
    column
    for column in COLUMNS.values()
    if isinstance(_HOMES[column.home]._meta.get_field(column.attribute), models.JSONField)
)


def _stored(column: Column, value: object) -> object:
    if column in _AS_JSON:
        return json.dumps(value)
    return _day(value) if isinstance(value, date) else value


_EMPTY: dict[str, dict[str, object]] = defaultdict(dict)
for _name, _column in COLUMNS.items():
    if _name not in DERIVED and is_repeated(_name) == (_column.home in _PARTS):
        _EMPTY[_column.home][_column.attribute] = _stored(_column, checked.to_column(_name, None))


def _defaults(model: type[models.Model], given: frozenset[str]) -> dict[str, object]:
    """What the model puts into the columns that are not given."""
    fields = [f for f in model._meta.concrete_fields if f.column and f.column not in given and not _is_counted(f)]
    return {str(f.column): _plain(f) for f in fields}


def _plain(field: models.Field[object, object]) -> object:
    value = field.get_default()
    return json.dumps(value) if isinstance(value, list | dict) else value


def _is_counted(field: models.Field[object, object]) -> bool:
    return isinstance(field, models.AutoField)


def _last_id(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def _move_sequences() -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Person, Case]):
            cursor.execute(statement)


def _day(value: date | None) -> object:
    return connection.ops.adapt_datefield_value(value) if value else None


def _moment(day: date, share: float) -> datetime:
    """A moment of a working day."""
    minutes = int(share * 500)
    return timezone.make_aware(datetime.combine(day, time(8 + minutes // 60, minutes % 60)))


def _earlier(moment: datetime) -> datetime:
    """The moment, or now when that is before it."""
    return min(moment, timezone.now())


def _years_after(day: date | None, years: int) -> date | None:
    return day.replace(year=day.year + years, day=min(day.day, 28)) if day else None
