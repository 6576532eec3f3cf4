"""What the address of a list narrows it to, and what the page says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from naungan.access.models import Organisation
from naungan.protection.cases.actions import CaseDraft, open_cases
from naungan.protection.cases.models import Case, CustomField
from naungan.protection.cases.queries import Filters, case_page
from naungan.protection.cases.queries.lists import OwnCondition
from tests.personas import Persona, case_of


def listed(persona: Persona, query: str) -> str:
    """The page of the list under an address."""
    answer = persona.client().get(f"/cases/?{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def moved(persona: Persona, state: str) -> Case:
    """A case that stands in a state, as its rows say it."""
    case = case_of(persona)
    case.state = state
    case.save()
    is_open = state not in ("closed", "transferred")
    case.relations.update(is_open=is_open)
    return case


@pytest.mark.parametrize("also", ["", "&open=", "&open=closed", "&open=all"])
@pytest.mark.parametrize("state", ["open", "on_hold", "follow_up", "closed", "transferred"])
def test_chosen_state_is_listed_whatever_is_shown_otherwise(amara: Persona, state: str, also: str) -> None:
    case = moved(amara, state)

    assert case.code in listed(amara, f"state={state}{also}")


def test_page_of_a_closed_state_says_that_closed_ones_are_shown(amara: Persona) -> None:
    moved(amara, "closed")

    page = listed(amara, "state=closed&open=all")

    assert '<option value="closed" selected>Closed</option>' in page.split('name="state"')[0]
    assert "Show: All" not in page


@pytest.mark.parametrize("query", ["state=%00", "x:house=%00", "x:%00=1", "state=nonsense", "open=nonsense", "from=x"])
def test_address_without_sense_breaks_nothing(amara: Persona, query: str) -> None:
    case_of(amara)

    assert "<h1" in listed(amara, query)


OWN = {
    "house": ("picklist", "north"),
    "needs": ("multi_picklist", ("shelter", "food")),
    "urgent": ("boolean", True),
    "met_on": ("date", date(2026, 3, 5)),
    "visits": ("number", 12),
}


def own_fields(organisation: Organisation, data_class: str = "operational") -> None:
    """An own field of every kind that can lie in the clear."""
    for code, (kind, _value) in OWN.items():
        CustomField.objects.create(
            organisation=organisation, code=code, kind=kind, data_class=data_class, label_id=code, label_en=code
        )


def case_with_own(persona: Persona, values: Mapping[str, object]) -> Case:
    """A case that says something in own fields."""
    return open_cases(by=persona.actor(), drafts=[CaseDraft(values={}, custom=values)])[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("x:house=north", True),
        ("x:house=south", False),
        ("x:needs=food", True),
        ("x:needs=shelter", True),
        ("x:needs=money", False),
        ("x:urgent=true", True),
        ("x:urgent=false", False),
        ("x:met_on:from=2026-03-05", True),
        ("x:met_on:from=2026-03-06", False),
        ("x:met_on:until=2026-03-05", True),
        ("x:met_on:until=2026-03-04", False),
        ("x:visits:from=9", True),
        ("x:visits:from=13", False),
        ("x:visits:until=100", True),
        ("x:visits:until=9", False),
        ("x:visits:from=1&x:needs=food&x:urgent=true", True),
        ("x:visits:from=1&x:needs=money", False),
    ],
)
def test_list_is_narrowed_by_an_own_field_of_any_kind(amara: Persona, query: str, found: bool) -> None:
    own_fields(amara.user.organisation)
    case = case_with_own(amara, {code: value for code, (_kind, value) in OWN.items()})

    assert (case.code in listed(amara, query)) is found


@pytest.mark.parametrize("query", ["x:urgent=false", "x:visits:until=0", "x:met_on:until=2031-01-01", "x:needs=food"])
def test_case_that_says_nothing_answers_no_own_filter(amara: Persona, query: str) -> None:
    own_fields(amara.user.organisation)
    silent = case_of(amara)

    assert silent.code not in listed(amara, query)


def test_no_is_found_by_its_own_filter(amara: Persona) -> None:
    own_fields(amara.user.organisation)
    case = case_with_own(amara, {"urgent": False})

    assert case.code in listed(amara, "x:urgent=false")


def test_field_of_the_same_code_and_another_kind_elsewhere_disturbs_nothing(amara: Persona, chen: Persona) -> None:
    own_fields(amara.user.organisation)
    CustomField.objects.create(
        organisation=chen.user.organisation, code="visits", kind="picklist", data_class="operational", label_id="v"
    )
    case_with_own(chen, {"visits": "many"})
    case = case_with_own(amara, {"visits": 3})

    assert case.code in listed(amara, "x:visits:from=2")


def test_every_own_field_in_the_clear_has_its_filter_on_the_page(amara: Persona) -> None:
    own_fields(amara.user.organisation)

    page = listed(amara, "x:visits:from=3&x:urgent=true")

    for name in ("x:house", "x:needs", "x:urgent", "x:met_on:from", "x:met_on:until", "x:visits:from"):
        assert f'name="{name}"' in page
    assert "visits, from: 3" in page
    assert "urgent: Yes" in page


def test_sealed_own_field_is_named_as_one_that_cannot_be_filtered(amara: Persona) -> None:
    own_fields(amara.user.organisation, data_class="sensitive")
    case = case_with_own(amara, {"urgent": False})

    page = listed(amara, "x:urgent=true")

    assert 'name="x:urgent"' not in page
    assert "Sealed fields cannot be filtered: house, " in page
    assert case.code in page


@pytest.mark.parametrize("query", ["x:visits:from=many", "x:visits=3", "x:met_on:from=x", "x:urgent=perhaps", "x:no=1"])
def test_own_filter_without_sense_is_left_out(amara: Persona, query: str) -> None:
    own_fields(amara.user.organisation)
    case = case_of(amara)

    assert case.code in listed(amara, query)


def test_own_filters_are_judged_along_the_walk_of_the_index(amara: Persona) -> None:
    own_fields(amara.user.organisation)
    conditions = (OwnCondition("visits", "from", 2), OwnCondition("needs", "holds", "food"))
    with CaptureQueriesContext(connection) as asked:
        case_page(amara.actor(), Filters(own=conditions))
    walk = next(one["sql"] for one in asked if "cases_caserelation r" in one["sql"])

    assert_walks_the_index(walk)


def assert_walks_the_index(walk: str) -> None:
    """Each piece of the statement goes along the index of its scope, in order, and looks cases up by key."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("EXPLAIN QUERY PLAN " + walk.replace("%", "%%"))
            plan = [str(row[-1]) for row in cursor.fetchall()]
            assert any(line.startswith("SEARCH r USING") and "INDEX" in line for line in plan), plan
            assert any("SEARCH c USING INTEGER PRIMARY KEY" in line for line in plan), plan
            return
        # A table of a few rows is read whole unless that is forbidden.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + walk.replace("%", "%%"))
        plan = [str(row[0]) for row in cursor.fetchall()]
        assert any("Index" in line and "cases_caserelation r" in line for line in plan), plan
        assert any("Index" in line and "cases_case c" in line for line in plan), plan
