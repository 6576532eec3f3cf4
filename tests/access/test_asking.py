"""A question that is kept says the same as the query it was made of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import BooleanField, DateTimeField, F, QuerySet

from naungan.access import clock
from naungan.access.asking import ID, answering_once, question
from naungan.access.models import RoleGrant, User
from naungan.access.policy import Role
from naungan.protection.cases.models import Case, Person
from tests.personas import Persona, case_of, make_persona

pytestmark = pytest.mark.django_db


@question(user=ID)
def _users(user: int) -> QuerySet[User]:
    return User.objects.select_related("organisation").annotate(house=F("organisation__name")).filter(pk=user)


@question(user=ID)
def _roles(user: int, most: int) -> QuerySet[RoleGrant, tuple[str, datetime]]:
    return RoleGrant.objects.filter(user_id=user).order_by("role").values_list("role", "granted_at")[:most]


@question(since=DateTimeField(), active=BooleanField())
def _granted(since: datetime, active: bool) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(granted_at__gt=since, user__is_active=active).order_by("pk")


@question(person=ID)
def _people(person: int) -> QuerySet[Person]:
    return Person.objects.filter(pk=person)


def _fields(one: Any) -> dict[str, object]:
    return {name: value for name, value in vars(one).items() if not name.startswith("_")}


def test_an_object_has_every_field_and_what_was_asked_beside_it(amara: Persona) -> None:
    plain = User.objects.annotate(house=F("organisation__name")).get(pk=amara.user.pk)
    asked = _users.first(user=amara.user.pk)

    assert asked is not None
    assert _fields(asked) == _fields(plain)
    assert _fields(asked.organisation) == _fields(plain.organisation)
    assert not asked._state.adding


def test_what_is_selected_along_costs_no_further_query(
    amara: Persona, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    with django_assert_num_queries(1):
        asked = _users.first(user=amara.user.pk)
        assert asked is not None
        assert asked.organisation.name == "Rumah Contoh A"


def test_json_and_dates_come_as_the_model_has_them(amara: Persona) -> None:
    case = case_of(amara, prs_Citizenship=("ID", "MY"))
    plain, asked = Person.objects.get(pk=case.person_id), _people.first(person=case.person_id)

    assert _fields(asked) == _fields(plain)


def test_each_asking_has_its_own_values(amara: Persona, bilal: Persona) -> None:
    asked = [_users.first(user=one.user.pk) for one in (amara, bilal, amara)]
    assert [one.email for one in asked if one] == [amara.user.email, bilal.user.email, amara.user.email]


def test_what_is_no_value_is_written_into_a_statement_of_its_own(team_1: Any) -> None:
    both = make_persona("both", team_1.organisation, Role.CASEWORKER, Role.OBSERVER, team=team_1)

    assert [role for role, _ in _roles(user=both.user.pk, most=1)] == ["caseworker"]
    assert [role for role, _ in _roles(user=both.user.pk, most=5)] == ["caseworker", "observer"]


def test_moments_are_compared_as_moments(amara: Persona) -> None:
    now = clock.now()

    assert [grant.user_id for grant in _granted(since=now - timedelta(minutes=5), active=True)] == [amara.user.pk]
    assert _granted(since=now + timedelta(minutes=5), active=True) == []
    assert _granted(since=now - timedelta(minutes=5), active=False) == []


def test_rows_of_values_are_tuples_with_aware_moments(amara: Persona) -> None:
    ((role, granted_at),) = _roles(user=amara.user.pk, most=9)

    assert role == "caseworker"
    assert granted_at.tzinfo is not None


@question(users=ID)
def _of_several(users: Any) -> QuerySet[User]:
    return User.objects.filter(pk__in=users).order_by("pk")


def test_a_place_takes_several_values_or_none(amara: Persona, bilal: Persona) -> None:
    ids = (amara.user.pk, bilal.user.pk)

    assert [user.pk for user in _of_several(users=ids)] == sorted(ids)
    assert [user.pk for user in _of_several(users=ids[1:])] == [ids[1]]
    assert _of_several(users=()) == []


def test_nothing_found_is_nothing(amara: Persona) -> None:
    assert _users.first(user=0) is None
    assert _users(user=0) == []


@pytest.mark.parametrize("given", [{}, {"user": None}, {"other": 1}])
def test_a_question_without_its_value_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="needs user"):
        _users(**given)


def test_a_question_gives_objects_or_tuples() -> None:
    @question(user=ID)
    def as_mappings(user: int) -> QuerySet[Any, Any]:
        return Case.objects.filter(pk=user).values("code")

    with pytest.raises(TypeError, match="values_list"):
        as_mappings(user=1)


@question(once=True, user=ID)
def _names(user: int) -> QuerySet[User, tuple[str]]:
    return User.objects.filter(pk=user).values_list("display_name")


def test_what_is_asked_once_is_not_asked_again_while_a_page_is_read(
    amara: Persona, bilal: Persona, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    with django_assert_num_queries(2), answering_once():
        for _ in range(3):
            assert _names(user=amara.user.pk) == [(amara.user.display_name,)]
            assert _names(user=bilal.user.pk) == [(bilal.user.display_name,)]


def test_the_next_page_asks_anew(amara: Persona) -> None:
    with answering_once():
        _names(user=amara.user.pk)
    User.objects.filter(pk=amara.user.pk).update(display_name="Amara Baru")

    with answering_once():
        assert _names(user=amara.user.pk) == [("Amara Baru",)]
    assert _names(user=amara.user.pk) == [("Amara Baru",)]


def test_whoever_changes_an_answer_changes_only_their_own(amara: Persona) -> None:
    with answering_once():
        _names(user=amara.user.pk).clear()

        assert _names(user=amara.user.pk) == [(amara.user.display_name,)]
