"""Finding and revealing people: against a reason, inside one's scope, each look on the chain."""

from __future__ import annotations

import pytest

from naungan.access.errors import Forbidden, NotFound
from naungan.access.models import AuditEntry
from naungan.protection.cases.queries import find_case, reveal_identity, search_people, who_saw
from tests.personas import Persona, case_of


@pytest.mark.parametrize(
    "typed", ["Siti Aminah", "siti aminah", "Sity Aminah", "Aminah Siti", "Hj. Siti Aminah", "Amin"]
)
def test_search_finds_a_misspelt_name(amara: Persona, typed: str) -> None:
    case = case_of(amara, prs_FirstName="Siti", prs_SecondName="Aminah")

    assert [hit.code for hit in search_people(amara.actor(), typed).hits] == [case.code]


@pytest.mark.parametrize("typed", ["Stii Aminah", "Siti Aimnah", "Siti Amiinah", "Aminha"])
def test_search_finds_a_name_typed_with_a_slip(amara: Persona, typed: str) -> None:
    case = case_of(amara, prs_FirstName="Siti", prs_SecondName="Aminah")

    assert [hit.code for hit in search_people(amara.actor(), typed).hits] == [case.code]


@pytest.mark.parametrize("typed", ["Tjahjono", "Cahyono", "Djoko", "Joko Tjahjono"])
def test_search_finds_old_and_new_spelling(amara: Persona, typed: str) -> None:
    case = case_of(amara, prs_FirstName="Joko", prs_SecondName="Cahyono")

    assert [hit.code for hit in search_people(amara.actor(), typed).hits] == [case.code]


def test_search_finds_a_telephone_in_any_writing(amara: Persona) -> None:
    case = case_of(amara, prs_MobilePhone="+6281200001234")

    assert [hit.code for hit in search_people(amara.actor(), "0812 0000 1234").hits] == [case.code]


def test_search_never_shows_another_organisation(amara: Persona, chen: Persona) -> None:
    case_of(amara, prs_FirstName="Siti", prs_SecondName="Aminah")

    found = search_people(chen.actor(), "Siti Aminah")

    assert (found.hits, found.capped) == ([], False)


def test_search_by_code_works_for_those_who_may_list(amara: Persona, tono: Persona, chen: Persona) -> None:
    case = case_of(amara)

    assert search_people(tono.actor(), case.code.lower()).code == case.code
    assert search_people(chen.actor(), case.code).code == ""


def test_search_by_name_is_refused_to_coordinators(amara: Persona, tono: Persona) -> None:
    with pytest.raises(Forbidden):
        search_people(tono.actor(), "Siti")


def test_search_audit_counts_and_holds_no_word(amara: Persona) -> None:
    case_of(amara, prs_FirstName="Kanarikata")

    search_people(amara.actor(), "Kanarikata")

    entries = AuditEntry.objects.filter(action__startswith="identity.")
    assert [entry.action for entry in entries.order_by("number")] == ["identity.search", "identity.found"]
    assert "anarikata" not in repr(list(entries.values())).lower()


def test_reveal_needs_a_reason_of_the_list(amara: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")

    with pytest.raises(ValueError, match="reason"):
        reveal_identity(by=amara.actor(), case=case, reason="curious")


def test_reveal_is_refused_to_observers(amara: Persona, bilal: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")

    with pytest.raises(Forbidden):
        reveal_identity(by=bilal.actor(), case=case, reason="case_work")


def test_find_case_outside_the_scope_is_not_found(amara: Persona, chen: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(NotFound):
        find_case(chen.actor(), case.code)


def test_find_case_of_the_team_is_forbidden_to_read(amara: Persona, tono: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(Forbidden):
        find_case(tono.actor(), case.code)


def test_statement_lists_role_and_reason_and_no_staff_name(amara: Persona, sari: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")
    reveal_identity(by=amara.actor(), case=case, reason="contact", words="Menelepon jam tiga")

    lines = who_saw(sari.actor(), case)

    assert [(line.role, line.reason, line.person) for line in lines] == [
        ("caseworker", "contact: Menelepon jam tiga", "")
    ]


def test_statement_names_staff_by_decision_of_the_protection_officer(amara: Persona, dewi: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")
    reveal_identity(by=amara.actor(), case=case, reason="contact")

    assert who_saw(dewi.actor(), case, with_names=True)[0].person == "Amara"


def test_statement_with_names_is_refused_to_supervisors(amara: Persona, sari: Persona) -> None:
    with pytest.raises(Forbidden):
        who_saw(sari.actor(), case_of(amara), with_names=True)
