"""Opening a case: what lies in columns, what in the vault, and who may see it afterwards."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from naungan.access.errors import Forbidden
from naungan.access.models import AuditEntry
from naungan.protection.cases.actions import CaseDraft, open_case, open_cases
from naungan.protection.cases.errors import InvalidValues
from naungan.protection.cases.models import Case, Person
from naungan.protection.cases.queries import case_record
from tests.personas import Persona, case_of


def test_open_case_values_come_back(amara: Persona) -> None:
    case = case_of(
        amara, prs_FirstName="Tini", prs_Gender="Feminine", vic_MethodsOfControl=("DebtBondage", "x_RestrictsMovement")
    )

    record = case_record(amara.actor(), case, revealed=True)

    assert record.values["prs_FirstName"] == "Tini"
    assert record.values["prs_Gender"] == "Feminine"
    assert record.values["vic_MethodsOfControl"] == ("DebtBondage", "x_RestrictsMovement")


def test_open_case_identity_is_masked_until_revealed(amara: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")

    record = case_record(amara.actor(), case)

    assert "prs_FirstName" not in record.values
    assert "prs_FirstName" in record.masked


@pytest.mark.parametrize("field", ["prs_FirstName", "cas_IncomingReferralDetails", "vic_LocationOfExploitation"])
def test_open_case_texts_are_in_no_column(amara: Persona, field: str) -> None:
    case_of(amara, **{field: "Zebrakuning Kanarikata"})  # type: ignore[arg-type]  # values by name, not the team

    with connection.cursor() as cursor:
        for model in (Case, Person, AuditEntry):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            assert "Kanarikata" not in repr(cursor.fetchall())


def test_open_case_age_is_counted_at_opening(amara: Persona) -> None:
    draft = CaseDraft(values={"prs_Birthdate": date(2009, 6, 2)})

    case = open_case(by=amara.actor(), draft=draft, opened_on=date(2026, 6, 1))

    assert case.age_at_opening == 16


def test_open_case_writes_one_audit_entry(amara: Persona) -> None:
    case = case_of(amara)

    assert [entry.action for entry in AuditEntry.objects.filter(ref=case.code)] == ["case.opened"]


def test_open_case_by_observer_is_refused(bilal: Persona) -> None:
    with pytest.raises(Forbidden):
        case_of(bilal)


def test_open_case_with_unknown_field_changes_nothing(amara: Persona) -> None:
    with pytest.raises(InvalidValues) as refused:
        case_of(amara, prs_FirstName="Tini", prs_Nickname="T")

    assert refused.value.problems[0].field == "prs_Nickname"
    assert not Person.objects.exists()


def test_open_case_keeps_every_event_and_plan(amara: Persona) -> None:
    draft = CaseDraft(
        values={"hte_Country": "MY"},
        repeated={
            "hte": [{"hte_Country": "ID", "hte_City": "Ambon"}],
            "spl": [{"spl_Objectives": "Belajar menjahit", "spl_Type": ("Livelihood",)}],
            "cco": [{"cco_CaseComment": "Datang sendiri"}],
        },
    )

    case = open_case(by=amara.actor(), draft=draft)

    parts = case_record(amara.actor(), case).parts
    assert sorted(str(part.values["hte_Country"]) for part in parts["hte"]) == ["ID", "MY"]
    assert parts["spl"][0].values["spl_Objectives"] == "Belajar menjahit"
    assert parts["cco"][0].values["cco_CaseComment"] == "Datang sendiri"


def test_open_cases_many_take_a_fixed_number_of_statements(
    amara: Persona, django_assert_max_num_queries: object
) -> None:
    drafts = [CaseDraft(values={"prs_FirstName": "Tini"}) for _ in range(40)]

    with django_assert_max_num_queries(60):  # type: ignore[operator]  # pytest-django's fixture has no type
        open_cases(by=amara.actor(), drafts=drafts, batch="B1")

    assert Case.objects.count() == 40


def test_case_codes_have_a_check_that_notices_one_wrong_letter(amara: Persona) -> None:
    from naungan.access.references import read_code

    case = case_of(amara)
    wrong = ("Z" if case.code[0] != "Z" else "Y") + case.code[1:]

    assert read_code(case.code.lower().replace("-", " ")) == case.code
    assert read_code(wrong) is None


def test_unreadable_identity_of_an_import_is_masked_too(amara: Persona) -> None:
    case = open_case(by=amara.actor(), draft=CaseDraft(values={}, raw={"prs_Birthdate": "dua kanarikata"}))

    record = case_record(amara.actor(), case)

    assert record.raw == {}
    assert "prs_Birthdate" in record.masked
