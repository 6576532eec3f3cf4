"""HTCDS acceptance checks H1 to H8, as far as files alone decide them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from naungan.exchange.formats import (
    Record,
    count_unheld,
    open_upload,
    propose_mapping,
    write_csv,
    write_json,
    write_template,
)
from naungan.standards.htcds import FIELDS, validate_record
from naungan.standards.htcds.dumping import Form
from tests.exchange.formats.samples import (
    FULL_ROW,
    FULL_VALUES,
    codes,
    csv_of,
    filled,
    load,
    published,
    read,
    rich_record,
)

FORMS: tuple[Form, ...] = ("template_plain", "template_single", "template_multi")


def exported(form: Form, *records: Record) -> bytes:
    out = io.BytesIO()
    if form == "csv":
        write_csv(records, out)
    elif form == "json":
        write_json(records, out)
    else:
        write_template(form, records, out, count=len(records))
    return out.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_h1_every_field_of_a_filled_template_lands_in_its_place(form: str) -> None:
    mapping, rows = read(filled(form, FULL_ROW))

    assert len(rows) == 1
    assert rows[0].values == FULL_VALUES
    assert len(rows[0].values) == 38
    assert rows[0].is_acceptable
    notes = [note.code for note in mapping.notes]
    assert notes.count("address_labels_trusted") == 1
    assert notes.count("misspelt_name_accepted") == 1


@pytest.mark.parametrize("form", FORMS)
def test_h1_template_is_recognised_by_its_content(form: str) -> None:
    assert open_upload(filled(form), filename="whatever.txt").kind == form


def test_h2_cell_with_delimiters_gives_exactly_two_industries() -> None:
    text = "Water supply; sewerage, waste management and remediation; Construction"

    _, rows = read(filled("template_multi", {"Y": text}))

    assert rows[0].values == {"vic_ForcedLabourIndustry": ("E_WaterSupplySewerageWasteManagement", "F_Construction")}


@pytest.mark.parametrize("form", FORMS)
def test_h3_thousand_counters_give_no_case(form: str) -> None:
    _, rows = read(published(form))

    assert rows == []


def test_h4_unknown_word_is_kept_and_reported_and_the_row_lives() -> None:
    _, rows = read(filled("template_multi", {"D": "Contoh", "H": "Wanita"}))

    row = rows[0]
    assert row.values == {"prs_FirstName": "Contoh"}
    assert row.kept == {"prs_Gender": "Wanita"}
    assert row.is_acceptable
    problem = row.problems[0]
    assert (problem.code, problem.sheet, problem.row, problem.column) == ("unknown_choice", "Case Sheet", 3, "H")
    assert "Wanita" not in problem.message + problem.fix


@pytest.mark.parametrize("form", [*FORMS, "csv", "json"])
def test_h5_export_then_import_gives_identical_records(form: Form) -> None:
    records = [
        rich_record(),
        Record({"prs_MiddleName": "hanya"}),
        Record({"prs_FirstName": "Contoh"}),
        Record(dict(FULL_VALUES)),
    ]

    _, rows = read(exported(form, *records))

    found = sorted((row.record for row in rows), key=lambda each: (len(each.values), str(each.values)))
    assert found == sorted(records, key=lambda each: (len(each.values), str(each.values)))


@pytest.mark.parametrize("form", FORMS)
def test_h5_headings_and_first_rows_are_those_of_the_template(form: Form) -> None:
    part = "xl/worksheets/sheet1.xml"
    old = zipfile.ZipFile(io.BytesIO(published(form)))
    new = zipfile.ZipFile(io.BytesIO(exported(form, rich_record())))

    old_sheet, new_sheet = old.read(part), new.read(part)
    end = old_sheet.index(b'<row r="3"')
    assert new_sheet[:end] == old_sheet[:end]
    assert new.read("xl/sharedStrings.xml") == old.read("xl/sharedStrings.xml")


@pytest.mark.parametrize("form", FORMS)
def test_h5_another_program_reads_the_export(form: Form) -> None:
    book = load(exported(form, Record(dict(FULL_VALUES))))

    sheet = book.worksheets[0]
    assert sheet["D3"].value == "Contoh"
    assert sheet["G3"].value.date().isoformat() == "1990-04-23"
    assert sheet["G3"].number_format == "yyyy\\-mm\\-dd"
    assert sheet["N3"].value == "Jalan Contoh 1"
    assert sheet["A1002"].value == 1000
    assert book.sheetnames[-1] == "naungan"


def test_h5_what_the_form_cannot_hold_is_counted() -> None:
    counted = count_unheld("template_multi", [rich_record(), Record(dict(FULL_VALUES))])

    assert counted.records == 1
    assert counted.parts["hte"] == 1
    assert counted.parts["vic_MethodsOfControl"] == 1
    assert counted.parts["custom"] == 1


def test_h5_single_select_form_counts_several_values_as_not_held() -> None:
    record = Record({"prs_Citizenship": ("ID", "MY")})

    assert count_unheld("template_single", [record]).parts == {"prs_Citizenship": 1}
    assert count_unheld("template_multi", [record]).records == 0


def test_h5_cell_changed_after_export_wins_over_the_extra_sheet() -> None:
    book = load(exported("template_multi", rich_record()))
    book.worksheets[0]["W3"] = "False promises"
    out = io.BytesIO()
    book.save(out)

    _, rows = read(out.getvalue())

    assert rows[0].values["vic_MethodsOfControl"] == ("FalsePromises",)
    assert "extra_stale" in codes(rows[0])
    assert rows[0].values["prs_MiddleName"] == "Tengah"


def test_h5_extra_sheet_does_not_stick_to_another_person_in_the_same_row() -> None:
    book = load(exported("template_multi", rich_record()))
    sheet = book.worksheets[0]
    for column in range(2, 40):
        sheet.cell(3, column).value = None
    sheet["D3"], sheet["E3"] = "Orang", "Lain"
    out = io.BytesIO()
    book.save(out)

    _, rows = read(out.getvalue())

    assert rows[0].record == Record({"prs_FirstName": "Orang", "prs_SecondName": "Lain"})
    assert [codes(row) for row in rows[1:]] == [["extra_unmatched"]]
    assert not rows[1].is_acceptable


def test_h6_csv_export_is_valid_and_never_writes_withdrawn_fields() -> None:
    text = exported("csv", rich_record(), Record(dict(FULL_VALUES))).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert set(rows[0]) == {name for name, field in FIELDS.items() if not field.deprecated} | {
        "naungan_code",
        "naungan_extra",
    }
    for row in rows:
        record = {name: value.removeprefix("'") for name, value in row.items() if not name.startswith("naungan_")}
        assert validate_record(record) == []


def test_h6_json_export_is_valid() -> None:
    found = json.loads(exported("json", rich_record(), Record(dict(FULL_VALUES))))

    for row in found["records"]:
        assert validate_record({name: value for name, value in row.items() if not name.startswith("naungan_")}) == []


def test_h6_withdrawn_field_is_read_and_noted() -> None:
    _, rows = read(csv_of("prs_FirstName,vic_Vulnerabilities", "Contoh,Poverty"))

    assert rows[0].values["vic_Vulnerabilities"] == ("Poverty",)
    assert codes(rows[0]) == ["deprecated_field"]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "'=x", "''-y", "'plain"])
@pytest.mark.parametrize("form", [*FORMS, "csv", "json"])
def test_h7_value_that_looks_like_a_formula_is_text_and_comes_back(form: Form, text: str) -> None:
    record = Record({"prs_FirstName": text, "prs_MobilePhone": "+628123456789"})

    _, rows = read(exported(form, record))

    assert rows[0].record == record


def test_h7_workbook_holds_no_formula() -> None:
    content = exported("template_plain", Record({"prs_FirstName": "=1+1"}))

    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert load(content).worksheets[0]["D3"].data_type == "s"


def test_h7_csv_shields_formulas_and_lets_phone_numbers_be() -> None:
    text = exported("csv", Record({"prs_FirstName": "=1+1", "prs_MobilePhone": "+628123456789"})).decode("utf-8-sig")

    row = next(csv.DictReader(io.StringIO(text)))
    assert row["prs_FirstName"] == "'=1+1"
    assert row["prs_MobilePhone"] == "+628123456789"


@pytest.mark.parametrize(
    ("value", "suggestion"), [("+628123456789", None), ("08123456789", "+628123456789"), (8123456789, "+628123456789")]
)
def test_h8_phone_without_country_is_flagged_not_changed(value: Any, suggestion: str | None) -> None:
    _, rows = read(filled("template_plain", {"D": "Contoh", "M": value}))

    found = [problem.suggestion for problem in rows[0].problems]
    assert found == ([suggestion] if suggestion else [])
    assert rows[0].kept.get("prs_MobilePhone", "+628123456789") == str(value)


def test_mapping_of_a_published_template_names_its_rules() -> None:
    upload = open_upload(filled("template_multi"))

    mapping = propose_mapping(upload.head().rows)

    rules = {column.letter: column.rule for column in mapping.columns}
    assert (rules["A"], rules["B"], rules["N"], rules["AJ"]) == ("counter", "name and label", "label", "label")
