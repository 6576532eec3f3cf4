"""Looking at many identities in an hour is told to the data protection officer, once, and stops nobody."""

from __future__ import annotations

import pytest

from naungan.access import watching
from naungan.access.models import Notice
from naungan.protection.cases.queries import perhaps_known, reveal_identity, search_people
from tests.personas import Persona, case_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_AN_HOUR", {"search": 3, "reveal": 3})


def _told(officer: Persona) -> int:
    return Notice.objects.filter(user=officer.user, kind="many_looks").count()


def test_many_searches_are_told_once(amara: Persona, dewi: Persona) -> None:
    told = []
    for _ in range(6):
        search_people(amara.actor(), "Siti")
        told.append(_told(dewi))

    assert told == [0, 0, 0, 1, 1, 1]


def test_looking_whether_somebody_is_known_counts_as_a_search(amara: Persona, dewi: Persona) -> None:
    for _ in range(4):
        perhaps_known(amara.actor(), {"prs_FirstName": "Siti", "prs_SecondName": "Rekaan"})

    assert _told(dewi) == 1


def test_many_revealed_identities_are_told(amara: Persona, dewi: Persona) -> None:
    cases = [case_of(amara, prs_FirstName=f"Rekaan {number}") for number in range(4)]
    for case in cases:
        reveal_identity(by=amara.actor(), case=case, reason="case_work")

    notice = Notice.objects.get(user=dewi.user, kind="many_looks")
    assert notice.target == f"/audit/?person={amara.user.ref}"


def test_each_person_is_counted_alone(amara: Persona, sari: Persona, dewi: Persona) -> None:
    for _ in range(2):
        search_people(amara.actor(), "Siti")
        search_people(sari.actor(), "Siti")

    assert _told(dewi) == 0
