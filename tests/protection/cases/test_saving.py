"""Saving a case: two people at one record lose nothing, and nobody writes what they may not see."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from naungan.access.errors import Forbidden, NotFound
from naungan.access.models import AuditEntry
from naungan.protection.cases.actions import CaseDraft, open_case, remove_part, save_fields, save_part
from naungan.protection.cases.errors import EditConflict
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries import case_record, find_case
from naungan.vault import queries as vault
from tests.personas import Persona, case_of


def test_save_fields_changes_columns_and_sealed_texts(amara: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")

    save_fields(by=amara.actor(), case=case, values={"prs_FirstName": "Tinah", "prs_Gender": "Feminine"}, version=1)

    record = case_record(amara.actor(), case_again(amara, case.code), revealed=True)
    assert (record.values["prs_FirstName"], record.values["prs_Gender"]) == ("Tinah", "Feminine")


def test_save_fields_empty_value_clears_the_field(amara: Persona) -> None:
    case = case_of(amara, vic_LocationOfRecruitment="Desa Contoh", prs_Gender="Feminine")

    save_fields(by=amara.actor(), case=case, values={"vic_LocationOfRecruitment": None, "prs_Gender": None}, version=1)

    record = case_record(amara.actor(), case_again(amara, case.code))
    assert "vic_LocationOfRecruitment" not in record.values
    assert "prs_Gender" not in record.values


def test_save_fields_on_an_old_version_shows_both_texts(amara: Persona) -> None:
    case = case_of(amara, vic_LocationOfRecruitment="Desa Satu")
    save_fields(by=amara.actor(), case=case, values={"vic_LocationOfRecruitment": "Desa Dua"}, version=1)

    with pytest.raises(EditConflict) as conflict:
        save_fields(by=amara.actor(), case=case, values={"vic_LocationOfRecruitment": "Desa Tiga"}, version=1)

    assert conflict.value.theirs["vic_LocationOfRecruitment"] == "Desa Dua"
    assert conflict.value.mine["vic_LocationOfRecruitment"] == "Desa Tiga"
    assert case_again(amara, case.code).version == 2


def test_save_fields_same_value_on_an_old_version_is_no_conflict(amara: Persona) -> None:
    case = case_of(amara, vic_LocationOfRecruitment="Desa Satu")
    save_fields(by=amara.actor(), case=case, values={"vic_LocationOfRecruitment": "Desa Dua"}, version=1)

    save_fields(by=amara.actor(), case=case, values={"vic_LocationOfRecruitment": "Desa Dua"}, version=1)

    assert case_again(amara, case.code).version == 2


def test_save_fields_by_somebody_outside_is_not_found(amara: Persona, chen: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(NotFound):
        save_fields(by=chen.actor(), case=case, values={"prs_Gender": "Feminine"}, version=1)


def test_save_fields_by_observer_is_forbidden(amara: Persona, bilal: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(Forbidden):
        save_fields(by=bilal.actor(), case=case, values={"prs_Gender": "Feminine"}, version=1)


def test_save_fields_audit_names_fields_and_no_value(amara: Persona) -> None:
    case = case_of(amara)

    save_fields(by=amara.actor(), case=case, values={"prs_FirstName": "Tini"}, version=1)

    entry = AuditEntry.objects.get(ref=case.code, action="case.save")
    assert entry.details == {"fields": "prs_FirstName", "version": 2}


def test_save_part_adds_changes_and_removes_an_event(amara: Persona) -> None:
    case = case_of(amara)
    values = {"hte_Country": "MY", "hte_City": "Kota Contoh"}

    ref = save_part(by=amara.actor(), case=case, prefix="hte", values=values, version=1)
    save_part(by=amara.actor(), case=case, prefix="hte", values={"hte_City": "Kota Lain"}, version=2, ref=ref)

    part = case_record(amara.actor(), case_again(amara, case.code)).parts["hte"][0]
    assert part.values["hte_City"] == "Kota Lain"
    remove_part(by=amara.actor(), case=case, prefix="hte", ref=ref)
    assert case_record(amara.actor(), case_again(amara, case.code)).parts["hte"] == []


def case_again(persona: Persona, code: str) -> Case:
    return find_case(persona.actor(), code)


def test_new_value_takes_out_the_word_that_no_list_knew(amara: Persona) -> None:
    draft = CaseDraft(values={"prs_FirstName": "Tini"}, raw={"prs_Gender": "perempuan?", "prs_MaritalStatus": "janda"})
    case = open_case(by=amara.actor(), draft=draft)

    save_fields(by=amara.actor(), case=case, values={"prs_Gender": "Feminine"}, version=1)

    assert case_record(amara.actor(), case_again(amara, case.code)).raw == {"prs_MaritalStatus": "janda"}


def test_saving_columns_leaves_the_vault_alone(
    amara: Persona, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = case_of(amara, prs_FirstName="Tini")

    with django_assert_max_num_queries(14) as asked:
        save_fields(by=amara.actor(), case=case, values={"vic_AgeWhenTrafficked": 17}, version=1)

    assert not [query for query in asked.captured_queries if "UPDATE vault" in query["sql"].replace('"', "")]


def test_sex_is_found_by_after_it_was_changed(amara: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini", prs_Gender="Masculine", prs_Birthdate=date(1999, 1, 2))

    save_fields(by=amara.actor(), case=case, values={"prs_Gender": "Feminine"}, version=1)

    asked = vault.Criteria(name="Tini", sex="Feminine")
    found = vault.search([case.organisation_id], asked)
    assert [hit.subject_id for hit in found.hits] == [case.person.subject_id]
