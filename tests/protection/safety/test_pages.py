"""The pages of safety, as a case manager goes through them."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from naungan.access import clock
from naungan.protection.cases.models import Case
from naungan.protection.safety.models import Measure, SafetyPlan
from tests.personas import Persona, case_of
from tests.protection.safety.planning import endangered, planned


def page(name: str, case: Case, *more: str) -> str:
    """The address of a page of safety."""
    return reverse(name, args=[case.code, *more])


def test_a_plan_is_made_and_stands_beside_the_case(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    sent = {"address_known-likelihood": "3", "address_known-impact": "3", "steps": "Rumah aman", "agreed": "on"}

    browser.post(page("safety_plan", case), sent)

    assert "High risk" in browser.get(reverse("case_page", args=[case.code])).content.decode()


def test_a_plan_that_lacks_something_comes_back_with_what_was_typed(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)

    answer = browser.post(page("safety_plan", case), {"debt-likelihood": "2", "steps": "Kata sandi payung"})

    said = answer.content.decode()
    assert answer.status_code == 422
    assert "Say how grave it would be." in said
    assert "Kata sandi payung" in said
    assert not SafetyPlan.objects.exists()


def test_a_new_plan_begins_with_the_one_before(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    planned(amara, case, steps="Kata sandi payung")

    assert "Kata sandi payung" in browser.get(page("safety_plan", case)).content.decode()


def test_a_danger_is_reported_and_the_review_is_due(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    planned(amara, case)

    now = timezone.localtime(clock.now()).strftime("%Y-%m-%dT%H:%M")
    browser.post(page("danger_report", case), {"trigger": "threat", "at": now, "words": "Telepon"})

    assert "Review is due" in browser.get(page("safety", case)).content.decode()


def test_a_danger_to_come_is_refused(amara: Persona) -> None:
    later = timezone.localtime(clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    answer = amara.client().post(
        page("danger_report", case_of(amara)), {"trigger": "threat", "at": later, "words": "Telepon"}
    )

    assert answer.status_code == 422
    assert "Give a moment that is past." in answer.content.decode()


def test_the_home_page_leads_to_the_plan_and_offers_no_tick(amara: Persona) -> None:
    case = case_of(amara)
    endangered(amara, case)

    said = amara.client().get("/").content.decode()

    assert "Review the safety plan" in said
    assert "/done/" not in said


def test_a_measure_is_recorded_and_ended(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    browser.post(page("measure_add", case), {"kind": "shelter", "from_on": clock.today().isoformat()})
    measure = Measure.objects.get()

    browser.post(page("measure_end", case, measure.ref))

    measure.refresh_from_db()
    assert measure.until_on == clock.today()


def test_a_measure_that_ends_before_it_begins_comes_back(amara: Persona) -> None:
    today = clock.today()
    sent = {"kind": "escort", "from_on": today.isoformat(), "until_on": (today - timedelta(days=1)).isoformat()}

    answer = amara.client().post(page("measure_add", case_of(amara)), sent)

    assert answer.status_code == 422
    assert "Give a day that is not before the first one." in answer.content.decode()


def test_an_observer_reads_the_plan_and_finds_no_button(amara: Persona, bilal: Persona) -> None:
    case = case_of(amara)
    planned(amara, case, steps="Kata sandi payung")

    said = bilal.client().get(page("safety", case)).content.decode()

    assert "Kata sandi payung" in said
    assert "Report a danger" not in said
