"""The twelve traps of the published Excel templates, one test or more each."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from naungan.exchange.formats import Record, open_upload, propose_mapping, write_template
from naungan.standards.htcds.dumping import Form
from tests.exchange.formats.samples import ADDRESS, codes, filled, load, read, with_part, workbook

ADDRESS_BY_LABEL = {
    "prs_MailingStreet": "Jalan Contoh 1",
    "prs_MailingCity": "Kota Contoh",
    "prs_MailingState": "Jawa Barat",
    "prs_MailingPostalCode": "40115",
    "prs_MailingCountry": "ID",
}


def test_trap_1_address_labels_are_trusted_and_said_so_once() -> None:
    mapping, rows = read(filled("template_plain", ADDRESS))

    assert rows[0].values == ADDRESS_BY_LABEL
    assert [note.code for note in mapping.notes].count("address_labels_trusted") == 1
    assert mapping.fields["N"] == "prs_MailingStreet"


def test_trap_1_other_reading_is_offered() -> None:
    upload = open_upload(filled("template_plain", ADDRESS))

    other = propose_mapping(upload.head().rows).choose("trust_hidden_names")

    assert [other.fields[letter] for letter in "NOPQR"] == [
        "prs_MailingCity",
        "prs_MailingCountry",
        "prs_MailingState",
        "prs_MailingStreet",
        "prs_MailingPostalCode",
    ]


@pytest.mark.parametrize("name", ["vic_TraffickinStatusDecisionMakingOrg", "vic_TraffickingStatusDecisionMakingOrg"])
def test_trap_2_misspelt_and_right_name_are_both_accepted(name: str) -> None:
    mapping, rows = read(workbook([name, "prs_FirstName"], ["Police", "Contoh"]))

    assert rows[0].values["vic_TraffickingStatusDecisionMakingOrg"] == "Police"
    assert ("misspelt_name_accepted" in [note.code for note in mapping.notes]) == ("Traffickin" + "S" in name)


def test_trap_2_published_spelling_is_exported() -> None:
    out = io.BytesIO()
    write_template("template_multi", [Record({"prs_FirstName": "Contoh"})], out)

    sheet = load(out.getvalue()).worksheets[0]
    assert sheet["T1"].value == "vic_TraffickinStatusDecisionMakingOrg"


def test_trap_3_column_without_name_is_known_by_its_label() -> None:
    mapping, rows = read(filled("template_single", {"D": "Contoh", "AJ": "Other"}))

    assert rows[0].values["cas_ReasonForOutgoingReferral"] == "Other"
    assert "blank_name_by_label" in [note.code for note in mapping.notes]


def test_trap_3_column_without_name_and_label_is_known_by_its_place() -> None:
    mapping, rows = read(filled("template_single", {"AJ": "Other"}, headings={"AJ2": None}))

    assert rows[0].values == {"cas_ReasonForOutgoingReferral": "Other"}
    assert "blank_name_by_position" in [note.code for note in mapping.notes]


@pytest.mark.parametrize("form", ["template_plain", "template_single", "template_multi"])
def test_trap_4_counter_is_not_data(form: str) -> None:
    _, rows = read(filled(form, {}, {"D": "Contoh"}))

    assert [(row.row_number, row.values) for row in rows] == [(4, {"prs_FirstName": "Contoh"})]
    assert "A" not in rows[0].raw


@pytest.mark.parametrize(
    ("letter", "text", "field", "value"),
    [
        ("W", "Debt bondage ", "vic_MethodsOfControl", ("DebtBondage",)),
        ("W", "DEBT BONDAGE", "vic_MethodsOfControl", ("DebtBondage",)),
        ("AB", "Follow up", "cas_Status", "FollowUp"),
        ("AB", "Follow Up", "cas_Status", "FollowUp"),
        ("AF", "Migration Or Change Of Location", "cas_ReasonForIncomingReferral", "MigrationOrChangeOfLocation"),
        ("AF", "Migration or Change of Location", "cas_ReasonForIncomingReferral", "MigrationOrChangeOfLocation"),
        ("H", "TransgenderFeminine", "prs_Gender", "TransgenderFeminine"),
        ("H", "Transgender Feminine\u00a0", "prs_Gender", "TransgenderFeminine"),
    ],
)
def test_trap_5_lists_are_compared_tolerantly(letter: str, text: str, field: str, value: object) -> None:
    _, rows = read(filled("template_single", {letter: text}))

    assert rows[0].values == {field: value}
    assert rows[0].problems == ()


@pytest.mark.parametrize(
    "label",
    [
        "Water supply; sewerage, waste management and remediation",
        "Wholesale and retail trade; repair of motor vehicles and motorcycles",
        "Public administration and defence; compulsory social security",
        "Activities of households as employers; undifferentiated goods- and services- producing activities of "
        "households for own use",
    ],
)
def test_trap_6_delimiter_inside_a_label_does_not_split_it(label: str) -> None:
    _, rows = read(filled("template_multi", {"Y": f"Construction; {label}; Education"}))

    value = rows[0].values["vic_ForcedLabourIndustry"]
    assert isinstance(value, tuple)
    assert len(value) == 3


def test_trap_7_possible_loss_by_the_macro_is_noted_once_a_field() -> None:
    _, rows = read(filled("template_multi", {"I": "Nigeria"}, {"I": "Guinea-Bissau"}, {"I": "Indonesia"}))

    assert [codes(row) for row in rows] == [["macro_loss_possible"], [], []]
    assert rows[0].values["prs_Citizenship"] == ("NG",)


def test_trap_7_nothing_is_noted_when_nothing_can_be_missing() -> None:
    _, rows = read(filled("template_multi", {"I": "Nigeria; Niger"}))

    assert rows[0].problems == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [("Turkey", ("TR",)), ("TR", ("TR",)), ("Türkiye", ("TR",)), ("Congo; Korea, Republic of", ("CG", "KR"))],
)
def test_trap_8_countries_are_known_by_name_and_code(text: str, value: tuple[str, ...]) -> None:
    _, rows = read(filled("template_multi", {"I": text}))

    assert rows[0].values["prs_Citizenship"] == value


def test_trap_8_every_country_of_the_published_list_is_known() -> None:
    book = load(filled("template_multi"))
    names = [book["validation"][f"E{row}"].value for row in range(4, 253)]

    _, rows = read(filled("template_multi", *({"I": name} for name in names)))

    assert len(rows) == 249
    assert all(row.values for row in rows)
    assert not any(codes(row, "error", "warning") for row in rows)


@pytest.mark.parametrize("value", [date(2020, 5, 16), "2020-05-16", "16/05/2020", "16 Mei 2020"])
def test_trap_9_dates_are_accepted_real_iso_and_day_first(value: Any) -> None:
    _, rows = read(filled("template_multi", {"AD": value, "AK": value, "G": value}))

    assert set(rows[0].values.values()) == {date(2020, 5, 16)}


def test_trap_9_ambiguous_date_is_refused_with_its_place() -> None:
    _, rows = read(filled("template_multi", {"D": "Contoh", "AD": "03/04/2020"}))

    problem = rows[0].problems[0]
    assert (problem.code, problem.sheet, problem.row, problem.column) == ("date_ambiguous", "Case Sheet", 3, "AD")
    assert not rows[0].is_acceptable
    assert rows[0].kept == {"cas_IncomingReferralDate": "03/04/2020"}


@pytest.mark.parametrize("form", ["template_single", "template_multi"])
def test_trap_10_validations_survive_export(form: Form) -> None:
    import zipfile

    from tests.exchange.formats.samples import published

    out = io.BytesIO()
    write_template(form, [Record({"prs_FirstName": "Contoh"})], out, count=1)

    part = "xl/worksheets/sheet1.xml"
    old = zipfile.ZipFile(io.BytesIO(published(form))).read(part)
    new = zipfile.ZipFile(out).read(part)
    assert new[new.index(b"</sheetData>") :] == old[old.index(b"</sheetData>") :]
    assert new.count(b"<x14:dataValidation ") == 13


def test_trap_10_lists_reach_down_to_the_last_row_of_a_long_export() -> None:
    import zipfile

    out = io.BytesIO()
    write_template("template_multi", (Record({"prs_FirstName": str(n)}) for n in range(1500)), out)

    sheet = zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml")
    assert b"<xm:sqref>H3:H1502</xm:sqref>" in sheet
    assert b"<xm:sqref>AD3:AD1502 AK3:AK1502</xm:sqref>" in sheet
    assert b"<xm:sqref>S3:S1048576</xm:sqref>" in sheet


@pytest.mark.parametrize(
    ("text", "value"), [("TRUE", True), ("No", False), ("Tidak", False), (1, True), (False, False)]
)
def test_trap_11_consent_words_are_understood(text: Any, value: bool) -> None:
    _, rows = read(filled("template_plain", {"F": text}))

    assert rows[0].values == {"con_Consent": value}


def test_trap_12_macro_is_never_needed_and_its_presence_is_noted() -> None:
    content = with_part(filled("template_multi", {"D": "Contoh"}), "xl/vbaProject.bin", b"\x00macro")

    upload = open_upload(content)

    assert [note.code for note in upload.notes] == ["macro_ignored"]


def test_trap_12_export_of_the_macro_form_is_a_plain_workbook() -> None:
    import zipfile

    out = io.BytesIO()
    write_template("template_multi", [Record()], out)

    with zipfile.ZipFile(out) as archive:
        assert b"macroEnabled" not in archive.read("[Content_Types].xml")
        assert not any("vba" in name for name in archive.namelist())
