"""What may be asked of a person, and that each purpose stands for itself."""

from __future__ import annotations

import pytest

from naungan.access.errors import Forbidden, NotFound
from naungan.access.models import Organisation
from naungan.protection.consent import actions
from naungan.protection.consent.actions import Question
from naungan.protection.consent.errors import NotAskable
from naungan.protection.consent.models import Consent
from naungan.vault.models import SealedItem
from tests.personas import Persona, case_of
from tests.protection.consent.saying import asked


def test_each_purpose_is_a_record_of_its_own(amara: Persona) -> None:
    case = case_of(amara)

    actions.ask(by=amara.actor(), case=case, questions=[Question("interview"), Question("research")])

    assert set(Consent.objects.filter(case=case).values_list("purpose", flat=True)) == {"interview", "research"}


@pytest.mark.parametrize("purpose", ["share", "police", "transfer_abroad", "consular_notice"])
def test_passing_on_without_a_receiver_is_refused(amara: Persona, purpose: str) -> None:
    with pytest.raises(NotAskable) as refused:
        actions.ask(by=amara.actor(), case=case_of(amara), questions=[Question(purpose, fields=["needs"])])

    assert refused.value.missing == ["recipient"]


def test_passing_on_nothing_is_refused(amara: Persona, org_b: Organisation) -> None:
    with pytest.raises(NotAskable) as refused:
        actions.ask(by=amara.actor(), case=case_of(amara), questions=[Question("share", org_b)])

    assert refused.value.missing == ["fields"]


def test_one_question_that_lacks_something_leaves_none(amara: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(NotAskable):
        actions.ask(by=amara.actor(), case=case, questions=[Question("interview"), Question("share")])

    assert not Consent.objects.exists()


def test_name_of_a_receiver_outside_is_sealed(amara: Persona) -> None:
    consent = asked(amara, case_of(amara), "share", outside="Klinik Rekaan Melati", fields=["health"])

    rows = SealedItem.objects.filter(name=f"consent:{consent.ref}")
    assert [b"Melati" in bytes(row.ciphertext) for row in rows] == [False]


def test_another_organisation_finds_no_case_to_ask_about(amara: Persona, chen: Persona) -> None:
    with pytest.raises(NotFound):
        actions.ask(by=chen.actor(), case=case_of(amara), questions=[Question("interview")])


def test_an_observer_may_not_ask(amara: Persona, bilal: Persona) -> None:
    with pytest.raises(Forbidden):
        actions.ask(by=bilal.actor(), case=case_of(amara), questions=[Question("interview")])
