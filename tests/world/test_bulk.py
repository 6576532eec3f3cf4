"""The bulk path makes the rows that the action makes."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import models

from naungan.access import audit
from naungan.access.actor import local_actor
from naungan.access.models import Organisation, User
from naungan.protection.cases import actions, queries
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
from naungan.vault import queries as vault
from naungan.vault.models import IndexEntry, SealedItem, Subject
from naungan.world.building import Roster, build_caseload, build_organisations, chunk_is_there
from naungan.world.bulk import write_chunk
from naungan.world.caseload import Drawn, Span, draw_chunk
from naungan.world.living import live_a_week
from naungan.world.organisations import ORGANISATIONS, PASSWORD, PERSONAS

SPAN = Span(17, 0, 60, date(2026, 11, 20))
# Chance, times, and what a person of the real world would decide: these cannot be equal.
BY_CHANCE = {"id", "ref", "created_at", "touched_at", "starts_at", "at", "pk"}

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def roster() -> Roster:
    return build_organisations(people=60)


def rich_one() -> Drawn:
    """A drawn case that has every part, still open."""
    span = Span(17, 0, 2000, SPAN.today)
    fits = [
        one for one in draw_chunk(span, next(iter(span.chunks()))) if one.state == "open" and len(one.repeated) == 4
    ]
    return fits[0]


def columns(record: models.Model) -> dict[str, object]:
    fields = record._meta.concrete_fields
    skipped = BY_CHANCE | {f.name for f in fields if f.is_relation} - {"organisation"}
    return {f.name: getattr(record, f.attname) for f in fields if f.name not in skipped}


def test_bulk_rows_equal_the_rows_of_the_action(roster: Roster) -> None:
    drawn = rich_one()
    drawn.notes, drawn.due = [(drawn.opened_on, "Catatan.")], []
    house = roster[drawn.organisation]
    write_chunk([drawn], roster)
    bulk = Case.objects.select_related("person").get(code=drawn.code)
    intake = bulk.relations.get(kind="own_intake").user
    worker = bulk.relations.get(kind="assigned").user
    assert intake is not None
    draft = actions.CaseDraft(values=drawn.values, repeated=drawn.repeated)
    team = bulk.relations.get(kind="team").team

    made = actions.open_case(
        by=house.actor(intake), draft=draft, team=team, opened_on=drawn.opened_on, assigned_to=worker
    )

    made = Case.objects.select_related("person").get(pk=made.pk)
    assert {**columns(bulk), "code": ""} == {**columns(made), "code": ""}
    assert columns(bulk.person) == columns(made.person)
    for model in (Perpetrator, TraffickingEvent, SupportPlan):
        assert [columns(row) for row in model.objects.filter(case=bulk)] == [
            columns(row) for row in model.objects.filter(case=made)
        ]
    assert sorted((r.kind, r.scope, r.is_open) for r in bulk.relations.all()) == sorted(
        (r.kind, r.scope, r.is_open) for r in made.relations.all()
    )
    assert {e.kind for e in bulk.entries.all()} == {"note", *(e.kind for e in made.entries.all())}


def test_bulk_sealed_values_equal_those_of_the_action(roster: Roster) -> None:
    drawn = rich_one()
    write_chunk([drawn], roster)
    case = Case.objects.select_related("person").get(code=drawn.code)

    items = vault.read([case.person.subject_id], None)[case.person.subject_id]

    assert items["prs_FirstName"] == drawn.values["prs_FirstName"]
    assert [text for name, text in items.items() if name.startswith("note:")].count(drawn.notes[0][1]) == 1
    assert any(name.startswith("hte:") for name in items)


def test_person_of_the_world_is_found_by_name(roster: Roster) -> None:
    drawn = rich_one()
    write_chunk([drawn], roster)
    case = Case.objects.select_related("person").get(code=drawn.code)
    name = f"{drawn.values['prs_FirstName']} {drawn.values.get('prs_SecondName', '')}"

    hits = vault.search([case.organisation_id], name).hits

    assert case.person.subject_id in [hit.subject_id for hit in hits]


def test_build_twice_changes_nothing(roster: Roster) -> None:
    build_caseload(SPAN, roster)
    live_a_week(SPAN, roster)
    models_counted = (Organisation, User, Person, Case, CaseRelation, Entry, Deadline, Subject, SealedItem, IndexEntry)
    before = [model._default_manager.count() for model in models_counted]

    added = build_caseload(SPAN, build_organisations(people=60))
    lived = live_a_week(SPAN, roster)

    assert (added, lived) == (0, 0)
    assert [model._default_manager.count() for model in models_counted] == before


def test_interrupted_build_goes_on_with_the_missing_chunk(roster: Roster) -> None:
    span = Span(17, 0, 2010, SPAN.today)
    first, second = span.chunks()
    write_chunk(draw_chunk(span, second), roster)

    assert (chunk_is_there(span, first), chunk_is_there(span, second)) == (False, True)


def test_audit_chains_of_the_world_are_sound(roster: Roster) -> None:
    build_caseload(SPAN, roster)
    live_a_week(SPAN, roster)

    assert [audit.verify(house.organisation.pk).broken_at for house in roster.values()] == [None] * len(roster)


def test_week_restricts_and_shares_some_cases(roster: Roster) -> None:
    build_caseload(SPAN, roster)

    live_a_week(SPAN, roster)

    assert Case.objects.filter(is_restricted=True).exists()
    assert Entry.objects.filter(kind="shared").exists()


def test_case_manager_of_the_world_sees_cases_and_work(roster: Roster) -> None:
    build_caseload(SPAN, roster)
    wulan = local_actor(User.objects.get(email="wulan@uptd.example.org"))

    assert queries.case_page(wulan).rows
    assert {row.workers for row in queries.case_page(wulan).rows}


def test_world_has_a_dozen_organisations_and_forty_people(roster: Roster) -> None:
    assert (len(ORGANISATIONS), len(PERSONAS)) == (12, 40)
    assert Organisation.objects.filter(is_fictional=True).count() == 12
    assert User.objects.filter(email__endswith=".example.org").count() == 40


def test_password_of_the_personas_passes_the_validators(roster: Roster) -> None:
    from django.contrib.auth.password_validation import validate_password

    validate_password(PASSWORD, User.objects.get(email="ratih@uptd.example.org"))


def test_large_world_gets_further_workers_who_cannot_sign_in() -> None:
    build_organisations(people=20_000)

    workers = User.objects.filter(email__startswith="petugas")
    assert workers.count() > 30
    assert not any(user.check_password("") or user.has_usable_password() for user in workers[:3])
