"""Erasing a person: unreadable at once, counted still, and forbidden while the law holds them."""

from __future__ import annotations

import pytest

from naungan.access.errors import Forbidden, NotFound
from naungan.access.models import AuditEntry
from naungan.protection.cases.actions import add_attachment, erase_person, hold_person, lift_hold
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries import case_page, case_record, search_people
from naungan.vault import blobs
from naungan.vault.errors import OnHold
from tests.personas import Persona, case_of


def test_erased_person_is_read_and_found_by_nobody(amara: Persona, dewi: Persona) -> None:
    case = case_of(amara, prs_FirstName="Siti", cas_IncomingReferralDetails="Cerita")

    erase_person(by=dewi.actor(), case=case, reason="request")

    again = Case.objects.select_related("person__subject", "organisation").get(pk=case.pk)
    record = case_record(amara.actor(), again, revealed=True)
    assert "prs_FirstName" not in record.values
    assert "cas_IncomingReferralDetails" not in record.values
    assert search_people(amara.actor(), "Siti").hits == []


def test_erased_person_is_still_counted(amara: Persona, dewi: Persona) -> None:
    case = case_of(amara, prs_Gender="Feminine")

    erase_person(by=dewi.actor(), case=case, reason="request")

    assert [row.gender for row in case_page(amara.actor()).rows] == ["Feminine"]


def test_erasing_destroys_the_files(amara: Persona, dewi: Persona, django_capture_on_commit_callbacks: object) -> None:
    case = case_of(amara)
    file = add_attachment(by=amara.actor(), case=case, name="surat.txt", content=b"Surat")

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # pytest-django's fixture
        erase_person(by=dewi.actor(), case=case, reason="request")

    with pytest.raises(Exception, match=r".*"):
        blobs.read(case.person.subject, file.ref)


def test_legal_hold_forbids_erasing_until_it_is_lifted(amara: Persona, dewi: Persona) -> None:
    case = case_of(amara)
    hold_person(by=dewi.actor(), case=case, reason="court_order")

    with pytest.raises(OnHold):
        erase_person(by=dewi.actor(), case=case, reason="request")

    lift_hold(by=dewi.actor(), case=case)
    erase_person(by=dewi.actor(), case=case, reason="request")
    assert AuditEntry.objects.filter(action="vault.erase").exists()


def test_erasing_is_refused_to_supervisors_and_strangers(amara: Persona, sari: Persona, chen: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(Forbidden):
        erase_person(by=sari.actor(), case=case, reason="request")
    with pytest.raises(NotFound):
        erase_person(by=chen.actor(), case=case, reason="request")


def test_erase_page_asks_the_code_typed(amara: Persona, dewi: Persona) -> None:
    case = case_of(amara, prs_FirstName="Siti")
    page = dewi.client()

    missed = page.post(f"/cases/{case.code}/erase/", {"what": "erase", "reason": "request", "code": "x"})
    done = page.post(f"/cases/{case.code}/erase/", {"what": "erase", "reason": "request", "code": case.code})

    assert (missed.status_code, done.status_code) == (422, 302)


def test_note_on_an_erased_person_says_so(amara: Persona, dewi: Persona) -> None:
    case = case_of(amara)
    erase_person(by=dewi.actor(), case=case, reason="request")

    answer = amara.client().post(f"/cases/{case.code}/notes/", {"text": "Halo"})

    assert answer.status_code == 410
