"""A withdrawal starts 72 hours, says who must confirm, and ends only when all have."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from naungan.access import clock
from naungan.access.errors import NotFound
from naungan.access.models import Organisation
from naungan.access.rules import standing
from naungan.protection.cases.actions import finish_deadline, move_case
from naungan.protection.cases.models import Case, Deadline
from naungan.protection.cases.queries import work_list
from naungan.protection.cases.states import Step
from naungan.protection.consent import actions
from naungan.protection.consent.errors import AnswerRefused, MomentRefused, StepNotAllowed
from naungan.protection.consent.models import Confirmation, Consent
from naungan.protection.consent.queries import consents_of, standing_consent
from tests.personas import Persona, case_of
from tests.protection.cases.test_moving import closing
from tests.protection.consent.saying import answered, asked, given, shared, withdrawn, yes

JAKARTA = ZoneInfo("Asia/Jakarta")
FRIDAY = datetime(2026, 11, 27, 17, 0, tzinfo=JAKARTA)


def test_a_withdrawal_on_friday_at_17_ends_on_monday_at_17(amara: Persona) -> None:
    case = case_of(amara)
    consent = given(amara, case)

    with clock.fixed(FRIDAY):
        taken_back = actions.withdraw(by=amara.actor(), case=case, ref=consent.ref)

    assert taken_back.deadline is not None
    assert taken_back.deadline.due_at == datetime(2026, 11, 30, 17, 0, tzinfo=JAKARTA)


def test_the_clock_counts_from_when_the_person_said_so(amara: Persona) -> None:
    case = case_of(amara)
    consent = given(amara, case)
    said_at = clock.now()

    with clock.fixed(said_at + timedelta(hours=5)):
        taken_back = actions.withdraw(by=amara.actor(), case=case, ref=consent.ref, at=said_at)

    assert taken_back.deadline is not None
    assert taken_back.deadline.due_at == said_at + timedelta(hours=72)


def test_it_stands_on_the_work_list(amara: Persona) -> None:
    case = case_of(amara)
    _withdrawn(amara, case)

    assert [item.kind for item in work_list(amara.actor())] == ["consent_withdrawn"]


def test_a_withdrawn_consent_lets_nothing_be_done(amara: Persona) -> None:
    case = case_of(amara)
    _withdrawn(amara, case)

    assert standing_consent(case, "interview") is None


def test_the_receiver_and_the_holder_must_confirm(amara: Persona, org_a: Organisation, org_b: Organisation) -> None:
    case = case_of(amara)
    consent = shared(amara, case, org_b)

    actions.withdraw(by=amara.actor(), case=case, ref=consent.ref)

    assert {one.organisation for one in consent.confirmations.all()} == {org_a, org_b}


def test_a_receiver_outside_must_confirm_too(amara: Persona) -> None:
    case = case_of(amara)
    consent = asked(amara, case, "share", outside="Klinik Rekaan", fields=["health"])
    _agree(amara, case, consent)

    actions.withdraw(by=amara.actor(), case=case, ref=consent.ref)

    assert consent.confirmations.filter(organisation=None).count() == 1


def test_the_clock_runs_until_the_last_has_confirmed(amara: Persona, org_b: Organisation) -> None:
    case = case_of(amara)
    consent = actions.withdraw(by=amara.actor(), case=case, ref=shared(amara, case, org_b).ref)
    first, last = consent.confirmations.all()

    actions.confirm(by=amara.actor(), case=case, ref=first.ref, answer="stopped")
    still = [item.kind for item in work_list(amara.actor())]
    actions.confirm(by=amara.actor(), case=case, ref=last.ref, answer="stopped")

    assert (still, work_list(amara.actor())) == (["consent_withdrawn"], [])


def test_whoever_keeps_must_name_the_law(amara: Persona) -> None:
    case = case_of(amara)
    waited = _withdrawn(amara, case)

    with pytest.raises(AnswerRefused) as refused:
        actions.confirm(by=amara.actor(), case=case, ref=waited.ref, answer="kept", ground="  ")
    actions.confirm(by=amara.actor(), case=case, ref=waited.ref, answer="kept", ground="UU 21/2007 Pasal 44")

    shown = consents_of(standing(amara.actor(), case), revealed=False)[0]
    assert refused.value.shared == ["ground"]
    assert shown.grounds == {waited.ref: "UU 21/2007 Pasal 44"}


def test_a_confirmation_is_given_once(amara: Persona) -> None:
    case = case_of(amara)
    waited = _withdrawn(amara, case)
    actions.confirm(by=amara.actor(), case=case, ref=waited.ref, answer="stopped")

    with pytest.raises(NotFound):
        actions.confirm(by=amara.actor(), case=case, ref=waited.ref, answer="stopped")


def test_no_tick_ends_the_clock(amara: Persona) -> None:
    case = case_of(amara)
    _withdrawn(amara, case)

    with pytest.raises(NotFound):
        finish_deadline(by=amara.actor(), ref=Deadline.objects.get(kind="consent_withdrawn").ref)


def test_closing_the_case_does_not_end_the_clock(sari: Persona) -> None:
    case = case_of(sari)
    _withdrawn(sari, case)
    move_case(by=sari.actor(), case=case, step=Step.FOLLOW_UP)
    move_case(by=sari.actor(), case=case, step=Step.CLOSE, given=closing())

    assert Deadline.objects.get(kind="consent_withdrawn").done_at is None


def test_what_was_withdrawn_is_not_asked_for_again_by_the_calendar(amara: Persona) -> None:
    case = case_of(amara)
    _withdrawn(amara, case)

    assert not Deadline.objects.filter(kind="consent", done_at=None).exists()


def test_a_refusal_cannot_be_withdrawn(amara: Persona) -> None:
    case = case_of(amara)
    consent = asked(amara, case)

    with pytest.raises(StepNotAllowed):
        actions.withdraw(by=amara.actor(), case=case, ref=consent.ref)


@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(days=-2)])
def test_a_withdrawal_lies_between_the_consent_and_now(amara: Persona, shift: timedelta) -> None:
    case = case_of(amara)
    consent = given(amara, case)

    with pytest.raises(MomentRefused):
        actions.withdraw(by=amara.actor(), case=case, ref=consent.ref, at=clock.now() + shift)

    assert Consent.objects.get(pk=consent.pk).state == "given"


def test_another_organisation_cannot_confirm(amara: Persona, chen: Persona) -> None:
    case = case_of(amara)
    waited = _withdrawn(amara, case)

    with pytest.raises(NotFound):
        actions.confirm(by=chen.actor(), case=case, ref=waited.ref, answer="stopped")


def _withdrawn(by: Persona, case: Case) -> Confirmation:
    return withdrawn(by, case).confirmations.get()


def _agree(by: Persona, case: Case, consent: Consent) -> None:
    answered(by, case, consent, yes(fields=consent.fields))
