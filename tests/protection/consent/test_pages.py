"""The pages of consents, as a case manager on a telephone goes through them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from naungan.access import clock
from naungan.access.models import AuditEntry, Organisation
from naungan.protection.cases.models import Case
from naungan.protection.consent.models import Consent
from naungan.protection.consent.printing import words_of_form
from naungan.protection.consent.purposes import TOLD
from tests.personas import Persona, case_of
from tests.protection.consent.saying import NO, answered, asked, given, shared, withdrawn

TALK = {
    "given_on": "",
    "language": "ind",
    "how": "written",
    "told": list(TOLD),
    "is_child": "no",
    "given_by": "self",
}


def page(name: str, case: Case, *more: str) -> str:
    """The address of a page of consents."""
    return reverse(name, args=[case.code, *more])


def test_from_the_case_to_a_recorded_yes(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)

    asking = browser.post(page("consent_ask", case), {"purposes": ["interview"]}, follow=True)
    consent = Consent.objects.get()
    row = {f"{consent.ref}-answer": "yes", f"{consent.ref}-until": clock.today() + timedelta(days=30)}
    browser.post(page("consent_answer", case), {**TALK, "given_on": clock.today(), **row})

    assert asking.status_code == 200
    assert "Given" in browser.get(reverse("case_page", args=[case.code])).content.decode()


def test_a_yes_without_the_talk_comes_back_with_what_is_missing(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    consent = asked(amara, case)
    row = {f"{consent.ref}-answer": "yes", f"{consent.ref}-until": clock.today() + timedelta(days=30)}

    answer = browser.post(
        page("consent_answer", case), {**TALK, "given_on": clock.today(), "told": [], "how": "spoken", **row}
    )

    said = answer.content.decode()
    assert answer.status_code == 422
    assert "Tell the person each of these things" in said
    assert "Name somebody who saw or heard it" in said
    consent.refresh_from_db()
    assert consent.state == "requested"


def test_passing_on_without_a_receiver_comes_back(amara: Persona) -> None:
    answer = amara.client().post(
        page("consent_ask", case_of(amara)), {"purposes": ["share"], "fields_asked": ["needs"]}
    )

    assert answer.status_code == 422
    assert "Say to whom it goes." in answer.content.decode()


def test_withdrawing_says_until_when_all_must_have_stopped(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    consent = given(amara, case)

    now = timezone.localtime(clock.now()).strftime("%Y-%m-%dT%H:%M")
    answer = browser.post(page("consent_withdraw", case, consent.ref), {"at": now}, follow=True)

    assert "Has not confirmed yet" in answer.content.decode()


def test_a_confirmation_is_noted_on_the_page(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    waited = withdrawn(amara, case).confirmations.get()

    answer = browser.post(page("consent_confirm", case, waited.ref), {"answer": "stopped"}, follow=True)

    assert "Stopped and deleted," in answer.content.decode()


def test_keeping_without_a_law_is_said_and_saves_nothing(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    waited = withdrawn(amara, case).confirmations.get()

    answer = browser.post(page("consent_confirm", case, waited.ref), {"answer": "kept"}, follow=True)

    assert "must name the article of the law" in answer.content.decode()
    waited.refresh_from_db()
    assert waited.answer == ""


def test_names_stay_covered_until_the_identity_is_revealed(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    given(amara, case, how="spoken", witness="Pak Rekaan Saksi")

    before = browser.get(page("consents", case)).content.decode()
    browser.post(reverse("case_reveal", args=[case.code]), {"reason": "case_work"})
    after = browser.get(page("consents", case)).content.decode()

    assert ("Pak Rekaan Saksi" in before, "Pak Rekaan Saksi" in after) == (False, True)


def test_an_observer_reads_and_finds_no_button(amara: Persona, bilal: Persona) -> None:
    case = case_of(amara)
    given(amara, case)

    said = bilal.client().get(page("consents", case)).content.decode()

    assert "Interview" in said
    assert "The person takes it back" not in said


def test_reading_consents_is_on_the_chain(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    before = AuditEntry.objects.filter(action="case.read", ref=case.code).count()

    browser.get(page("consents", case))

    assert AuditEntry.objects.filter(action="case.read", ref=case.code).count() == before + 1


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["You may change your mind", "Thumb print"]), ("id", ["Anda boleh berubah pikiran", "Cap jempol"])],
)
def test_the_form_to_sign_speaks_both_languages_and_names_nobody(
    amara: Persona, org_b: Organisation, language: str, words: list[str]
) -> None:
    case = case_of(amara, prs_FirstName="Tini")
    consent = asked(amara, case, "share", recipient=org_b, fields=["health"])

    said = str(words_of_form(case, [(consent, "")], language))

    assert [word for word in [*words, case.code, org_b.name] if word not in said] == []
    assert "Tini" not in said


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_form_is_a_tagged_pdf(amara: Persona, language: str) -> None:
    browser, case = amara.client(), case_of(amara)
    asked(amara, case)

    content = browser.get(page("consent_form", case), {"language": language}).content

    assert content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in content


def test_without_a_question_there_is_nothing_to_print_or_answer(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    answered(amara, case, asked(amara, case), NO)

    for name in ("consent_form", "consent_answer"):
        assert "Nothing is waiting for an answer." in browser.get(page(name, case), follow=True).content.decode()


def test_the_page_costs_the_same_for_one_consent_and_many(amara: Persona, org_b: Organisation) -> None:
    browser, case = amara.client(), case_of(amara)
    shared(amara, case, org_b)
    few = _statements(browser, page("consents", case))
    for _ in range(8):
        shared(amara, case, org_b)
        withdrawn(amara, case)

    assert _statements(browser, page("consents", case)) <= few + 2


def _statements(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as asked_of_database:
        browser.get(address)
    return len(asked_of_database)


def test_card_beside_a_case_is_opened_by_a_verb_and_reached_from_its_head(amara: Persona) -> None:
    browser, case = amara.client(), case_of(amara)
    browser.cookies["language"] = "id"

    shown = browser.get(reverse("case_page", args=[case.code])).content.decode()

    assert 'Buka<span class="hidden-visually"> Persetujuan' in shown
    assert 'href="#beside">Langkah berikutnya dan tenggat' in shown
    assert 'id="beside"' in shown
