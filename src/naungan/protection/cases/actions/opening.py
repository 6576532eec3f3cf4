"""Opens cases: one from a form, or many from a file, by the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from naungan.access import audit, clock, inserting
from naungan.access.actor import Actor
from naungan.access.models import Team, User
from naungan.access.policy import Permission, Relation, Role
from naungan.access.references import new_ref
from naungan.access.rules import require
from naungan.protection.cases import parts
from naungan.protection.cases import values as checked
from naungan.protection.cases.errors import CannotAssign
from naungan.protection.cases.fields import COLUMNS, DERIVED, is_repeated
from naungan.protection.cases.models import Case, Entry, Person
from naungan.protection.cases.relations import Holder, relate_all
from naungan.protection.cases.states import FROM_HTCDS, LIVE, State
from naungan.vault import actions as vault

_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    home: {
        name: column.attribute
        for name, column in COLUMNS.items()
        if column.home == home and not is_repeated(name) and name not in DERIVED
    }
    for home in ("person", "case")
}


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case about to be opened: canonical values by API name, repeated objects, own fields, unknown words."""

    values: Mapping[str, object]
    repeated: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    custom: Mapping[str, object] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    code: str = ""


def open_case(
    *,
    by: Actor,
    draft: CaseDraft,
    team: Team | None = None,
    opened_on: date | None = None,
    assigned_to: User | None = None,
) -> Case:
    """Open one case; whoever opens it keeps sight of it as their own intake, and works on it unless told otherwise."""
    return open_cases(by=by, drafts=[draft], team=team, opened_on=opened_on, assigned_to=assigned_to)[0]


@transaction.atomic
def open_cases(
    *,
    by: Actor,
    drafts: Sequence[CaseDraft],
    team: Team | None = None,
    opened_on: date | None = None,
    assigned_to: User | None = None,
    batch: str = "",
) -> list[Case]:
    """Open cases together, in a fixed number of statements; all of them or none."""
    require(by, Permission.IMPORT if batch else Permission.CASE_OPEN)
    _check_place(by, team, assigned_to)
    for draft in drafts:
        checked.require_known(draft.values, draft.custom, by.organisation_id)
    people = _people(by, drafts)
    cases = _cases(by, drafts, people, opened_on or clock.today(), batch)
    _relate(by, cases, team, assigned_to)
    sealed = [
        (person.subject, parts.sealed_items(case, draft))
        for person, case, draft in zip(people, cases, drafts, strict=True)
    ]
    facets = {p.subject.pk: parts.facets_of(d.values) for p, d in zip(people, drafts, strict=True)}
    vault.seal_many(sealed, facets=facets)
    kind = "imported" if batch else "opened"
    _note(by, cases, kind)
    audit.append_many(
        by=by,
        organisation_id=by.organisation_id,
        lines=[audit.Line(f"case.{kind}", case.code, {"batch": batch} if batch else {}) for case in cases],
    )
    return cases


def _check_place(by: Actor, team: Team | None, assigned_to: User | None) -> None:
    if team is not None and (team.organisation_id != by.organisation_id or team.ended_at is not None):
        raise CannotAssign("team")
    if assigned_to is not None and (assigned_to.organisation_id != by.organisation_id or not assigned_to.is_active):
        raise CannotAssign("person")


def _people(by: Actor, drafts: Sequence[CaseDraft]) -> list[Person]:
    subjects = vault.open_subjects(len(drafts), organisation_id=by.organisation_id)
    moment = clock.now()
    made = []
    for subject, draft in zip(subjects, drafts, strict=True):
        person = inserting.new_object(
            Person,
            organisation_id=by.organisation_id,
            created_at=moment,
            **_columns("person", draft.values),
        )
        person.subject = subject
        made.append(person)
    inserting.insert_new(Person, made)
    return made


def _cases(by: Actor, drafts: Sequence[CaseDraft], people: Sequence[Person], opened_on: date, batch: str) -> list[Case]:
    moment = clock.now()
    made = []
    for draft, person in zip(drafts, people, strict=True):
        state = FROM_HTCDS.get(str(draft.values.get("cas_Status") or "Active"), State.OPEN)
        day = draft.values.get("cas_IncomingReferralDate")
        opened = day if batch and isinstance(day, date) and day <= opened_on else opened_on
        case = inserting.new_object(
            Case,
            organisation_id=by.organisation_id,
            state=state.value,
            opened_on=opened,
            closed_on=None if state in LIVE else moment.date(),
            touched_at=moment,
            created_at=moment,
            age_at_opening=checked.age_on(draft.values.get("prs_Birthdate"), opened),
            extra=checked.open_custom(draft.custom, by.organisation_id),
            batch=batch,
            **_columns("case", draft.values),
        )
        case.person = person
        if draft.code:
            case.code = draft.code
        made.append(case)
    inserting.insert_new(Case, made)
    parts.add_parts(made, drafts)
    return made


def _note(by: Actor, cases: Sequence[Case], kind: str) -> None:
    columns = ("ref", "case_id", "kind", "at", "by_id", "details", "has_text")
    at = inserting.moment(cases[0].created_at) if cases else None
    inserting.insert_rows(Entry, columns, [(new_ref(), case.pk, kind, at, by.user_id, "{}", False) for case in cases])


def _columns(home: str, values: Mapping[str, object]) -> dict[str, object]:
    attributes = _ATTRIBUTES[home]
    return {attributes[name]: checked.to_column(name, value) for name, value in values.items() if name in attributes}


def _relate(by: Actor, cases: Sequence[Case], team: Team | None, assigned_to: User | None) -> None:
    organisation = by.organisation_id
    worker = assigned_to.pk if assigned_to else by.user_id if _works_on_cases(by) else None
    home_team = team.pk if team else _own_team(by)
    holders: list[Holder] = [
        (Relation.HOLDER, organisation, None, None),
        (Relation.OWN_INTAKE, organisation, None, by.user_id),
    ]
    if home_team:
        holders.append((Relation.TEAM, organisation, home_team, None))
    if worker:
        holders.append((Relation.ASSIGNED, organisation, None, worker))
    relate_all(cases, holders)


def _works_on_cases(by: Actor) -> bool:
    return by.has(Role.CASEWORKER, Role.SUPERVISOR, Role.INTAKE)


def _own_team(by: Actor) -> int | None:
    teams = [grant.team_id for grant in by.live_grants if grant.team_id is not None]
    return teams[0] if teams else None
