"""The acceptance checks H1 to H8 of the standard, through the actions."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest

from naungan.access.models import Organisation
from naungan.exchange import actions
from naungan.exchange.queries.batches import problems_of
from naungan.exchange.states import Form
from naungan.protection.cases.models import Case
from naungan.standards import htcds
from tests.exchange.making import FULL_ROW, bring_in, check, codes, csv_file, people, records, rows_in, workbook
from tests.personas import Persona

pytestmark = pytest.mark.django_db(transaction=True)

EXPECTED: dict[str, object] = {
    "cas_CaseOwner": "Petugas Rekaan", "prs_Salutation": "Ibu", "prs_FirstName": "Wulan",
    "prs_SecondName": "Contohwati", "con_Consent": True, "prs_Birthdate": date(1999, 4, 17), "prs_Gender": "Feminine",
    "prs_Citizenship": ("ID",), "prs_Title": "Bidan", "prs_Email": "wulan@example.org",
    "prs_HomePhone": "+622100000001", "prs_MobilePhone": "+628110000001", "prs_MailingStreet": "Jalan Rekaan 5",
    "prs_MailingCity": "Kota Contoh", "prs_MailingState": "Jawa Barat", "prs_MailingPostalCode": "40111",
    "prs_MailingCountry": "ID", "vic_LocationOfRecruitment": "Bandung rekaan",
    "vic_LocationOfExploitation": "Pelabuhan rekaan", "cas_Status": "Active",
    "cas_ReferringOrganisation": "Yayasan Rekaan", "cas_IncomingReferralDate": date(2026, 2, 3),
    "cas_ReferringPrimaryCaseWorker": "Rujukan Rekaan", "cas_IncomingReferralDetails": "Datang sendiri",
    "cas_ReferredOrganisation": "Balai Rekaan", "cas_ReferredPrimaryCaseWorker": "Penerima Rekaan",
    "cas_OutgoingReferralDate": date(2026, 3, 4), "cas_OutgoingReferralDetails": "Ke balai",
    "cas_ReasonForCaseClosure": "Belum", "vic_ForcedLabourIndustry": ("F_Construction",),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["plain", "single", "multi"])
def test_h1_each_template_with_every_field_lands_whole(kind: str, amara: Persona) -> None:
    batch = bring_in(amara.actor(), workbook(kind, [FULL_ROW]), f"{kind}.xlsx")

    [record] = records(amara.user.organisation_id)
    values = record.values
    assert {name: values.get(name) for name in EXPECTED} == EXPECTED
    assert len(values) == 38
    said = [problem.code for problem in problems_of(batch)]
    assert said.count("address_labels_trusted") == 1
    assert said.count("misspelt_name_accepted") == 1


def test_h2_a_delimiter_inside_a_label_divides_nothing(amara: Persona) -> None:
    cell = "Water supply; sewerage, waste management and remediation; Construction"

    bring_in(amara.actor(), workbook("multi", [{"D": "Wulan", "Y": cell}]))

    assert len(records(amara.user.organisation_id)[0].values["vic_ForcedLabourIndustry"]) == 2  # type: ignore[arg-type]  # a tuple


def test_h3_a_thousand_counters_are_no_cases(amara: Persona) -> None:
    batch = bring_in(amara.actor(), workbook("plain", []))

    assert batch.counts == {}
    assert batch.state == "accepted"
    assert not Case.objects.exists()


def test_h4_an_unknown_word_is_kept_reported_and_loses_no_row(amara: Persona) -> None:
    batch = bring_in(amara.actor(), workbook("single", [{"D": "Wulan", "X": "Kerja paksa di kapal rekaan"}]))

    [record] = records(amara.user.organisation_id)
    [problem] = [problem for problem in problems_of(batch) if problem.code == "unknown_choice"]
    assert record.raw["vic_TypeOfExploitation"] == "Kerja paksa di kapal rekaan"
    assert (problem.sheet, problem.row, problem.column) == ("Case Sheet", 3, "X")


def test_h6_an_export_by_field_names_is_valid_and_has_no_withdrawn_field(amara: Persona) -> None:
    bring_in(amara.actor(), workbook("plain", [FULL_ROW]))
    by = amara.actor()

    rows = list(csv.DictReader(io.StringIO(exported(by, Form.CSV).decode("utf-8-sig"))))
    [from_json] = json.loads(exported(by, Form.JSON))["records"]

    for record in ({k: v for k, v in rows[0].items() if not k.startswith("naungan_")}, without_own(from_json)):
        assert htcds.validate_record(record) == []
    assert not {name for name in rows[0] if name in htcds.FIELDS and htcds.FIELDS[name].deprecated}


def test_h7_a_formula_leaves_as_text_and_a_phone_number_survives(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file([{**people(1)[0], "prs_SecondName": "=1+1"}]))

    text = exported(amara.actor(), Form.CSV).decode()

    assert "'=1+1" in text
    assert ",+628110000001," in text


def test_h8_a_phone_without_country_is_flagged_and_not_changed(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([{**people(1)[0], "prs_MobilePhone": "08123456789"}]))

    [row] = rows_in(batch, "good")
    assert codes(row) == {"phone_without_country"}
    bring = actions.accept_good(by=amara.actor(), batch=batch)
    assert records(bring.organisation_id)[0].raw["prs_MobilePhone"] == "08123456789"


MANY = {
    "prs_FirstName": "Wulan", "prs_MiddleName": "Rekaan", "prs_Birthdate": "1999-04-17", "prs_Gender": "Feminine",
    "prs_NumberOfChildren": "2", "prs_PrimaryLanguage": "ind", "prs_MailingLatitude": "-6.2",
    "vic_MethodsOfControl": "DebtBondage;x_RestrictsMovement", "vic_TypeOfExploitation": "ForcedLabour",
    "hte_Country": "ID", "hte_Type": "Exploitation", "hte_Description": "Kejadian rekaan", "spl_Type": "Health",
    "cco_CaseComment": "Catatan",
    "per_Organisation": "Agen Rekaan", "con_Consent": "TRUE", "vic_AgeWhenTrafficked": "17",
}  # fmt: skip


@pytest.mark.parametrize("form", list(Form))
def test_h5_export_then_import_gives_the_same_records(
    form: Form, amara: Persona, chen: Persona, org_a: Organisation, org_b: Organisation
) -> None:
    bring_in(amara.actor(), csv_file([MANY, *people(2)]))
    bring_in(amara.actor(), workbook("single", [{**FULL_ROW, "X": "Kata rekaan"}]))
    file = exported(amara.actor(), form)

    batch = bring_in(chen.actor(), io.BytesIO(file))

    assert batch.counts == {"accepted": 4}
    assert sorted(map(said, records(org_b.pk))) == sorted(map(said, records(org_a.pk)))


def said(record: object) -> str:
    """Everything that a record says, references aside."""
    from naungan.protection.cases.queries.records import CaseRecord

    assert isinstance(record, CaseRecord)
    parts = {prefix: [dict(part.values) for part in several] for prefix, several in record.parts.items()}
    values = {name: value for name, value in record.values.items() if value is not None}
    return repr((sorted(values.items()), parts, sorted(record.custom.items()), sorted(record.raw.items())))


def exported(by: object, form: Form, *, identity: bool = True) -> bytes:
    """All cases of somebody, in a form."""
    from naungan.access.actor import Actor

    assert isinstance(by, Actor)
    export = actions.start_export(by=by, form=form, choice={"state": "all"}, reason="Uji", with_identity=identity)
    export.refresh_from_db()
    return b"".join(actions.download(by=by, export=export).chunks)


def without_own(record: dict[str, object]) -> dict[str, object]:
    """A record without the columns that only our own files have."""
    return {name: value for name, value in record.items() if not name.startswith("naungan_")}
