"""The page on which a case is opened: it says who may be known already, and opens nothing that is empty."""

from __future__ import annotations

from datetime import date

import pytest

from naungan.access.models import AuditEntry
from naungan.protection.cases.actions import restrict_case
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries import case_record
from tests.personas import Persona, case_of

SITI = {"prs_FirstName": "Siti", "prs_SecondName": "Kenariwati", "prs_Birthdate": "1998-04-17"}


def siti(persona: Persona, **more: object) -> Case:
    """A case of somebody who may come again."""
    birth = date(1998, 4, 17)
    return case_of(persona, prs_FirstName="Siti", prs_SecondName="Kenariwati", prs_Birthdate=birth, team=None, **more)


def test_same_person_is_shown_before_a_second_case_is_opened(amara: Persona) -> None:
    known = siti(amara)

    answer = amara.client().post("/cases/open/", SITI)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert f'href="/cases/{known.code}/"' in page
    assert 'value="Kenariwati"' in page
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        {**SITI, "prs_FirstName": "Sity"},
        {"prs_FirstName": "Kenariwati", "prs_SecondName": "Siti"},
        {"prs_FirstName": "Lain", "prs_MobilePhone": "+6281200001234"},
    ],
)
def test_same_person_written_otherwise_is_shown(amara: Persona, typed: dict[str, str]) -> None:
    known = siti(amara, prs_MobilePhone="+6281200001234")

    assert known.code in amara.client().post("/cases/open/", typed).content.decode()


def test_somebody_else_is_opened_anyway(amara: Persona) -> None:
    known = siti(amara)

    answer = amara.client().post("/cases/open/", {**SITI, "seen": known.code})

    assert answer.status_code == 302
    assert Case.objects.count() == 2


def test_case_that_was_not_shown_yet_is_shown_before_anything_is_opened(amara: Persona) -> None:
    first, second = siti(amara), siti(amara)

    answer = amara.client().post("/cases/open/", {**SITI, "seen": first.code})

    assert answer.status_code == 409
    assert second.code in answer.content.decode()


@pytest.mark.parametrize(
    "typed",
    [{**SITI, "prs_Birthdate": "1960-01-01"}, {"prs_FirstName": "Merpatiwan"}, {**SITI, "prs_FirstName": "Budi"}],
)
def test_other_people_are_opened_at_once(amara: Persona, typed: dict[str, str]) -> None:
    siti(amara)

    assert amara.client().post("/cases/open/", typed).status_code == 302


def test_people_of_another_organisation_are_never_shown(amara: Persona, chen: Persona) -> None:
    other = siti(chen)

    answer = amara.client().post("/cases/open/", SITI)

    assert answer.status_code == 302
    assert other.code not in amara.client().get(answer["Location"]).content.decode()


def test_case_that_one_may_not_see_is_not_shown(amara: Persona, sari: Persona) -> None:
    hidden = siti(sari)
    restrict_case(by=sari.actor(), case=hidden, named=[], reason="Ancaman")

    answer = amara.client().post("/cases/open/", SITI)

    assert answer.status_code == 302


def test_look_is_on_the_chain_and_holds_no_word(amara: Persona) -> None:
    known = siti(amara)

    amara.client().post("/cases/open/", SITI)

    entries = AuditEntry.objects.filter(action__startswith="identity.").order_by("number")
    assert [(entry.action, entry.ref) for entry in entries] == [("identity.search", ""), ("identity.found", known.code)]
    assert "enariwati" not in repr(list(entries.values()))


@pytest.mark.parametrize("typed", [{}, {"prs_Gender": "Feminine"}, {"con_Consent": "true"}, {"prs_FirstName": "  "}])
def test_form_without_anything_to_find_the_case_by_opens_nothing(amara: Persona, typed: dict[str, str]) -> None:
    answer = amara.client().post("/cases/open/", typed)

    assert answer.status_code == 422
    assert "Nothing here lets the case be found again." in answer.content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"prs_FirstName": "Penelepon 12 Mei"},
        {"prs_MobilePhone": "+6281200001234"},
        {"cas_ReferringOrganisation": "LBH"},
    ],
)
def test_one_thing_is_enough(amara: Persona, typed: dict[str, str]) -> None:
    assert amara.client().post("/cases/open/", typed).status_code == 302

    record = case_record(amara.actor(), Case.objects.get(), revealed=True)
    assert {name: record.values[name] for name in typed} == typed
