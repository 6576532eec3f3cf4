"""The workbook of rows to be mended, and its way back."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from naungan.exchange.formats import MarkedRow, write_marked
from naungan.standards.htcds import custom_field
from tests.exchange.formats.samples import load, read, saved, workbook

HEADER = ["prs_FirstName", "prs_Birthdate", "prs_MobilePhone", "prs_Gender", "hobby"]
SHOE = custom_field("shoe", label="Shoe size", label_id="Ukuran sepatu", kind="number")


def marked(**choices: Any) -> bytes:
    """The rows of a bad file, as a workbook to be mended."""
    mapping, rows = read(workbook(HEADER, ["+Contoh", "03/04/1990", "08123456789", "Wanita", "renang"]))
    row = rows[0]
    out = io.BytesIO()
    sent = MarkedRow("row-1", row.raw_by_name(mapping), row.problems, {"hobby": row.raw["E"]}, choices.pop("extra", ""))
    write_marked([sent], out, **choices)
    return out.getvalue()


def test_marked_cells_are_coloured_and_carry_the_fix() -> None:
    sheet = load(marked(language="en")).worksheets[0]

    cells = {sheet.cell(1, column).value: sheet.cell(3, column) for column in range(1, sheet.max_column + 1)}
    assert cells["prs_Birthdate"].fill.fgColor.rgb == "FFF8CBAD"
    assert cells["prs_Birthdate"].comment is not None
    assert "1990-04-03 / 1990-03-04" in cells["prs_Birthdate"].comment.text
    assert "+628123456789" in cells["prs_MobilePhone"].comment.text
    assert cells["prs_FirstName"].comment is None
    assert sheet.column_dimensions["A"].hidden
    assert sheet.row_dimensions[1].hidden


def test_marked_workbook_speaks_indonesian() -> None:
    sheet = load(marked()).worksheets[0]

    assert sheet["B2"].value == "Nama pertama"
    assert "dua cara" in sheet["C3"].comment.text


def test_marked_workbook_holds_no_formula() -> None:
    content = marked()

    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_marked_workbook_comes_back_mended_with_its_row_ids() -> None:
    book = load(marked())
    for place, text in (("C3", "1990-04-03"), ("D3", "Perempuan"), ("E3", "+628123456789")):
        book.worksheets[0][place] = text

    mapping, rows = read(saved(book))

    assert rows[0].row_id == "row-1"
    assert rows[0].is_acceptable
    assert rows[0].values["prs_Gender"] == "Feminine"
    assert rows[0].values["prs_FirstName"] == "+Contoh"
    assert rows[0].raw[next(c.letter for c in mapping.columns if c.heading == "hobby")] == "renang"


def test_marked_workbook_carries_what_the_export_had_beside_the_form() -> None:
    _, rows = read(marked(extra='{"v":{"prs_MiddleName":"Tengah"},"x":{"shoe":42}}'))

    assert rows[0].values["prs_MiddleName"] == "Tengah"
    assert rows[0].custom == {"shoe": 42}


def test_problem_of_the_whole_row_is_marked_on_its_first_cell() -> None:
    from naungan.standards.checks import Problem

    out = io.BytesIO()
    write_marked([MarkedRow("r", {"prs_FirstName": "x"}, [Problem.of("extra_unreadable")])], out)

    assert load(out.getvalue()).worksheets[0]["B3"].comment is not None


@pytest.mark.parametrize(
    "text",
    ["", "bukan json", "[]", '{"v": 3}', '{"v": {"prs_X": 1}}', '{"v": {"prs_Birthdate": {"d": "x"}}}'],
)
def test_damaged_extra_column_is_reported(text: str) -> None:
    _, rows = read(marked(extra=text))

    assert ("extra_unreadable" in [problem.code for problem in rows[0].problems]) == bool(text)
