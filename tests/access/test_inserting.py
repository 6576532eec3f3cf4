"""Rows written by the database's fastest way are the same as those that the ORM writes."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from naungan.access.inserting import insert_new, new_object, writing_much
from naungan.access.models import Organisation
from naungan.protection.cases.models import Case, Entry, Person
from naungan.vault import actions as vault

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)


@pytest.fixture
def case() -> Case:
    return _case()


def _case() -> Case:
    organisation = Organisation.objects.create(name="Lembaga Rekaan", kind="NGO")
    subject = vault.open_subject(organisation_id=organisation.pk)
    person = new_object(Person, organisation_id=organisation.pk, created_at=NOW, citizenship=["ID", "MY"])
    person.subject = subject
    insert_new(Person, [person])
    case = new_object(Case, organisation_id=organisation.pk, opened_on=date(2026, 3, 4), touched_at=NOW, created_at=NOW)
    case.person = person
    insert_new(Case, [case])
    return case


def test_new_object_has_the_defaults_of_the_model_and_nothing_shared() -> None:
    one, other = new_object(Case, state="closed"), new_object(Case)

    assert (one.state, other.state, other.version) == ("closed", Case().state, 1)
    assert one.code != other.code
    assert one.exploitation_types is not other.exploitation_types
    assert one.extra == {}


def test_inserted_objects_are_read_back_as_they_were(case: Case) -> None:
    read = Case.objects.select_related("person").get(code=case.code)

    assert read.pk == case.pk
    assert (read.opened_on, read.touched_at, read.extra, read.closed_on) == (date(2026, 3, 4), NOW, {}, None)
    assert (read.person.pk, read.person.citizenship) == (case.person_id, ["ID", "MY"])
    assert not case._state.adding


def test_inserted_objects_learn_their_keys_in_order_and_the_counter_goes_on(case: Case) -> None:
    made = [Entry(case=case, kind="note", at=NOW, details={"number": number}) for number in range(5)]

    with transaction.atomic():
        insert_new(Entry, made)
    last = Entry.objects.create(case=case, kind="note", at=NOW)

    assert {entry.pk: entry.details["number"] for entry in Entry.objects.filter(pk__in=[e.pk for e in made])} == {
        entry.pk: number for number, entry in enumerate(made)
    }
    assert last.pk > max(entry.pk for entry in made)


def test_inserting_nothing_asks_nothing(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # pytest-django's fixture
        insert_new(Entry, [])


def test_writing_much_leaves_everything_as_it_was() -> None:
    before = gc.get_threshold()

    with writing_much(64):
        inside = _cache_size()
    assert gc.get_threshold() == before
    if connection.vendor == "sqlite":
        assert (inside, _cache_size()) == (-64_000, -32_000)


def _cache_size() -> int:
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        return int(cursor.fetchone()[0])
