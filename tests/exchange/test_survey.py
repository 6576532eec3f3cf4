"""Answers of the survey form: new records, each a decision where somebody may be known already."""

from __future__ import annotations

import io
import json

import pytest

from naungan.access.errors import NotFound
from naungan.access.models import AuditEntry
from naungan.exchange import actions
from naungan.exchange.models import ImportBatch
from naungan.protection.cases import actions as cases
from naungan.protection.cases.models import Case, Entry
from tests.exchange.making import bring_in, check, fresh, records, rows_in
from tests.personas import Persona, case_of

pytestmark = pytest.mark.django_db(transaction=True)


def answers(*submissions: dict[str, str]) -> io.BytesIO:
    """Submissions as ODK Central exports them in JSON."""
    listed = [
        {"__id": f"uuid:{number}", "__system": {"submitterName": "Petugas"}, **submission}
        for number, submission in enumerate(submissions)
    ]
    return io.BytesIO(json.dumps({"value": listed}).encode())


WULAN = {"prs_First_Name": "Wulandari", "prs_Second_Name": "Contohwati", "vic_Methods_of_Control": "DebtBondage"}


def test_submission_about_somebody_new_is_ready(amara: Persona) -> None:
    batch = bring_in(amara.actor(), answers(WULAN))

    assert batch.kind == "survey_json"
    assert batch.counts == {"accepted": 1}
    assert records(batch.organisation_id)[0].values["vic_MethodsOfControl"] == ("DebtBondage",)


def test_same_submission_in_a_later_export_is_skipped(amara: Persona) -> None:
    bring_in(amara.actor(), answers(WULAN))
    Case.objects.update(batch="")

    batch = bring_in(amara.actor(), answers({**WULAN, "prs_Title": "diperbaiki"}, {"prs_First_Name": "Lain"}))

    assert batch.counts == {"accepted": 1, "skipped": 1}
    assert Case.objects.count() == 2


def test_submission_about_somebody_known_waits_for_a_decision(amara: Persona) -> None:
    case = case_of(amara, prs_FirstName="Wulandari", prs_SecondName="Contohwati")

    batch = check(amara.actor(), answers(WULAN))

    [row] = rows_in(batch, "quarantined")
    assert row.candidates == [case.code]
    assert AuditEntry.objects.filter(action="identity.search", ref=batch.ref).count() == 1


def test_somebody_known_to_another_organisation_is_not_disclosed(amara: Persona, chen: Persona) -> None:
    case_of(chen, prs_FirstName="Wulandari", prs_SecondName="Contohwati")

    batch = check(amara.actor(), answers(WULAN))

    assert batch.counts == {"good": 1}


def test_case_of_a_colleague_out_of_sight_is_not_disclosed(amara: Persona) -> None:
    from naungan.access.policy import Role
    from tests.personas import make_persona

    lina = make_persona("lina", amara.user.organisation, Role.CASEWORKER)
    case_of(lina, prs_FirstName="Wulandari", prs_SecondName="Contohwati")

    batch = check(amara.actor(), answers(WULAN))

    assert batch.counts == {"good": 1}


def waiting(amara: Persona) -> tuple[ImportBatch, Case]:
    """A submission that may be about somebody with a case."""
    case = case_of(amara, prs_FirstName="Wulandari", prs_SecondName="Contohwati")
    return check(amara.actor(), answers({**WULAN, "prs_Title": "Guru"})), case


def test_match_fills_what_the_case_does_not_say(amara: Persona) -> None:
    batch, case = waiting(amara)

    actions.match_row(by=amara.actor(), batch=batch, row=rows_in(batch, "quarantined")[0], code=case.code)

    [record] = records(batch.organisation_id)
    assert record.values["vic_MethodsOfControl"] == ("DebtBondage",)
    assert record.values["prs_Title"] == "Guru"
    assert fresh(batch).counts == {"matched": 1}


def test_match_keeps_what_differs_beside_the_case(amara: Persona) -> None:
    case_of(amara, prs_FirstName="Wulandari", prs_SecondName="Contohwati", prs_Title="Bidan")
    batch = check(amara.actor(), answers({**WULAN, "prs_Title": "Guru"}))
    row = rows_in(batch, "quarantined")[0]

    actions.match_row(by=amara.actor(), batch=batch, row=row, code=row.candidates[0])

    assert records(batch.organisation_id)[0].values["prs_Title"] == "Bidan"
    assert Entry.objects.filter(kind="note").count() == 1


def test_create_makes_a_second_case(amara: Persona) -> None:
    batch, _case = waiting(amara)

    actions.create_anyway(by=amara.actor(), batch=batch, row=rows_in(batch, "quarantined")[0])
    actions.accept_good(by=amara.actor(), batch=batch)

    assert Case.objects.count() == 2


def test_skip_leaves_the_case_as_it_is(amara: Persona) -> None:
    batch, case = waiting(amara)

    actions.skip_row(by=amara.actor(), batch=batch, row=rows_in(batch, "quarantined")[0])

    case.refresh_from_db()
    assert case.version == 1
    assert fresh(batch).counts == {"skipped": 1}


def test_match_with_a_case_that_is_no_candidate_is_refused(amara: Persona) -> None:
    batch, _case = waiting(amara)
    other = case_of(amara, prs_FirstName="Sama Sekali Lain")

    with pytest.raises(NotFound):
        actions.match_row(by=amara.actor(), batch=batch, row=rows_in(batch, "quarantined")[0], code=other.code)


def test_csv_of_the_survey_server_divides_choices_by_blanks(amara: Persona) -> None:
    text = "KEY,prs_First_Name,vic_Methods_of_Control\nuuid:9,Wulan,DebtBondage PsychologicalAbuse\n"

    batch = bring_in(amara.actor(), io.BytesIO(text.encode()))

    assert batch.kind == "survey_csv"
    assert len(records(batch.organisation_id)[0].values["vic_MethodsOfControl"]) == 2  # type: ignore[arg-type]  # a tuple


def test_match_adds_events_comments_and_own_fields_too(amara: Persona, esra: Persona) -> None:
    cases.add_field(by=esra.actor(), code="kamar", kind="text", data_class="sensitive", label_id="Kamar")
    case = case_of(amara, prs_FirstName="Wulandari")
    row = {"hte_Country": "MY", "hte_Description": "Rekaan", "cco_CaseComment": "Catatan", "x:kamar": "Melati"}
    text = ",".join(["naungan_code", "prs_FirstName", *row]) + "\n" + ",".join([case.code, "Wulandari", *row.values()])
    batch = check(amara.actor(), io.BytesIO(text.encode()))

    actions.match_row(by=amara.actor(), batch=batch, row=rows_in(batch, "quarantined")[0], code=case.code)

    [record] = records(batch.organisation_id)
    assert [dict(part.values) for part in record.parts["hte"]] == [{"hte_Country": "MY", "hte_Description": "Rekaan"}]
    assert [dict(part.values) for part in record.parts["cco"]] == [{"cco_CaseComment": "Catatan"}]
    assert record.custom == {"kamar": "Melati"}
