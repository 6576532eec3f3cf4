"""Lists of cases: the same rule as for one record, complete pages, honest counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naungan.access import clock
from naungan.access.policy import Permission
from naungan.access.references import new_code
from naungan.access.rules import visible
from naungan.protection.cases.actions import CaseDraft, open_cases, restrict_case, set_deadline
from naungan.protection.cases.models import Case, CustomField
from naungan.protection.cases.queries import Filters, case_page, work_list
from naungan.protection.cases.queries.lists import OwnCondition
from tests.personas import Persona, case_of

PERSONAS = ["amara", "bilal", "chen", "dana", "esra", "sari", "dewi", "tono"]


def all_codes(persona: Persona, filters: Filters, limit: int) -> list[str]:
    """Every code of a list, page after page."""
    codes, after = [], ""
    while True:
        page = case_page(persona.actor(), filters, after=after, limit=limit)
        codes += [row.code for row in page.rows]
        if page.after is None:
            return codes
        after = page.after


@pytest.mark.parametrize("who", PERSONAS)
def test_list_holds_what_the_single_rule_allows(
    request: pytest.FixtureRequest, amara: Persona, chen: Persona, sari: Persona, who: str
) -> None:
    case_of(amara)
    case_of(chen)
    restrict_case(by=sari.actor(), case=case_of(amara), named=[], reason="Ancaman")
    persona: Persona = request.getfixturevalue(who)

    listed = set(all_codes(persona, Filters(open=None), 50))

    assert listed == set(visible(persona.actor(), Permission.CASE_LIST, Case).values_list("code", flat=True))


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 23), limit=st.integers(1, 7), sort=st.sampled_from(["touched", "opened"]))
def test_pages_repeat_nothing_and_miss_nothing(amara: Persona, count: int, limit: int, sort: str) -> None:
    Case.objects.all().delete()
    open_cases(by=amara.actor(), drafts=[CaseDraft(values={}) for _ in range(count)])

    codes = all_codes(amara, Filters(sort=sort), limit)

    assert len(codes) == len(set(codes)) == count


def test_case_reached_in_two_ways_is_one_row(sari: Persona) -> None:
    case_of(sari)

    assert len(case_page(sari.actor()).rows) == 1


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(equal={"gender": "Feminine"}), 1),
        (Filters(equal={"exploitation": "ForcedLabour"}), 1),
        (Filters(equal={"trafficking_status": "ActualVictimOfTrafficking"}), 1),
        (Filters(equal={"state": "on_hold"}), 0),
        (Filters(is_child=True), 1),
        (Filters(opened_from=date(2031, 1, 1)), 0),
        (Filters(own=(OwnCondition("house", "is", "north"),)), 1),
        (Filters(own=(OwnCondition("house", "is", "south"),)), 0),
    ],
)
def test_filter_narrows_the_list(amara: Persona, filters: Filters, found: int) -> None:
    CustomField.objects.create(
        organisation=amara.user.organisation, code="house", kind="picklist", data_class="operational", label_id="Rumah"
    )
    values = {
        "prs_Gender": "Feminine",
        "prs_Birthdate": date(2015, 1, 1),
        "vic_TypeOfExploitation": ("ForcedLabour", "OrganRemoval"),
        "vic_TraffickingStatus": "ActualVictimOfTrafficking",
    }
    draft = CaseDraft(values=values, custom={"house": "north"})
    open_cases(by=amara.actor(), drafts=[draft, CaseDraft(values={"prs_Gender": "Masculine"})])

    assert len(case_page(amara.actor(), filters).rows) == found


def test_list_takes_the_same_queries_for_any_length(amara: Persona) -> None:
    open_cases(by=amara.actor(), drafts=[CaseDraft(values={}) for _ in range(3)])
    by = amara.actor()
    with CaptureQueriesContext(connection) as few:
        case_page(by)
    open_cases(by=amara.actor(), drafts=[CaseDraft(values={}) for _ in range(30)])

    with CaptureQueriesContext(connection) as many:
        case_page(by)

    assert len(many) == len(few) <= 3


def test_count_is_capped(amara: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naungan.protection.cases.queries.lists.COUNT_MOST", 2)
    open_cases(by=amara.actor(), drafts=[CaseDraft(values={}) for _ in range(4)])

    page = case_page(amara.actor(), count=True)

    assert (page.count, page.count_capped) == (2, True)


@pytest.mark.parametrize("after", ["x", "~", "2026-00-00~1", "2026-01-01 00:00:00~zz", "'; DROP TABLE~1"])
def test_page_key_that_is_not_ours_begins_at_the_first_page(amara: Persona, after: str) -> None:
    case_of(amara)

    assert len(case_page(amara.actor(), after=after).rows) == 1


def test_page_key_holds_no_number_of_the_installation(amara: Persona) -> None:
    cases = [case_of(amara) for _ in range(3)]

    key = case_page(amara.actor(), limit=1).after

    assert key is not None
    moment, _, last = key.rpartition("~")
    assert last == cases[-1].code
    assert moment


def test_page_key_with_a_code_of_others_tells_the_same_as_one_of_nobody(amara: Persona, chen: Persona) -> None:
    case_of(amara)
    of_others, of_nobody = case_of(chen).code, new_code()

    pages = [case_page(amara.actor(), after=f"2030-01-01 00:00:00~{code}") for code in (of_others, of_nobody)]

    first, second = ([row.code for row in page.rows] for page in pages)
    assert first == second
    assert first != []


def test_filter_with_a_quote_finds_nothing_and_breaks_nothing(amara: Persona) -> None:
    case_of(amara)

    assert case_page(amara.actor(), Filters(equal={"exploitation": 'x"]'})).rows == []


def test_work_list_of_a_supervisor_shows_what_the_team_owes_soon(amara: Persona, sari: Persona, chen: Persona) -> None:
    case = case_of(amara)
    set_deadline(by=amara.actor(), case=case, kind="review", due_at=clock.now() - timedelta(days=1))
    set_deadline(by=amara.actor(), case=case, kind="plan", due_at=clock.now() + timedelta(days=60))

    assert [item.kind for item in work_list(sari.actor())] == ["review"]
    assert work_list(chen.actor()) == []


def test_work_list_shows_ones_own_soonest_first(amara: Persona) -> None:
    case = case_of(amara)
    for days in (9, 2):
        set_deadline(by=amara.actor(), case=case, kind=f"in_{days}", due_at=clock.now() + timedelta(days=days))

    assert [item.kind for item in work_list(amara.actor())] == ["in_2", "in_9"]
