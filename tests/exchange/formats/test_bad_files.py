"""Files that are broken, disguised or hostile: a clear refusal, or a clear note, and nothing half read."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
import zlib
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from naungan.exchange.formats import Limits, UnreadableFile, check_rows, open_upload, propose_mapping
from tests.exchange.formats.samples import codes, csv_of, filled, published, read, saved, with_part, workbook

OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
HEADER = ["prs_FirstName", "prs_Birthdate", "prs_MobilePhone", "prs_Gender"]


def refusal(content: bytes, limits: Limits | None = None) -> UnreadableFile:
    def attempt() -> None:
        upload = open_upload(content, "kasus.xlsx", limits=limits)
        list(check_rows(upload, propose_mapping(upload.head().rows)))

    with pytest.raises(UnreadableFile) as caught:
        attempt()
    assert caught.value.message
    assert caught.value.fix
    return caught.value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n", "file_empty"),
        (OLE2 + b"\x00" * 600 + "Workbook".encode("utf-16-le"), "old_workbook"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\x00" * 60, "old_workbook"),
        (OLE2 + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted_workbook"),
        (b"PK\x03\x04 not a zip", "damaged_file"),
        (b"<html><table><tr><td>prs_FirstName</td></tr></table></html>", "other_spreadsheet"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "other_spreadsheet"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (b"name,age\r\nx,1\r\n", "no_header"),
        (b'{"value": [{"prs_First_Name": "x"}, ', "bad_json"),
        (b"[1, 2]", "bad_json"),
        (b"abc\x00\x01\x02" * 40, "not_a_table"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_reason_and_fix(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_survey_form_itself_is_refused() -> None:
    from importlib import resources

    form = resources.files("naungan.standards.htcds").joinpath("data/templates/survey_form.xlsx").read_bytes()

    assert refusal(form).code == "form_definition"


def test_workbook_without_caseload_is_refused() -> None:
    assert refusal(workbook(["name", "age"], ["x", 1])).code == "no_case_sheet"


def _bomb(megabytes: int, *, lie: bool = False) -> bytes:
    """A small workbook whose sheet inflates to a large one; `lie` makes its header claim one kilobyte."""
    out = io.BytesIO()
    row = b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + b"a" * 4000 + b"</t></is></c></row>"
    with zipfile.ZipFile(io.BytesIO(workbook(HEADER))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != "xl/worksheets/sheet1.xml":
                new.writestr(entry.filename, old.read(entry))
                continue
            with new.open("xl/worksheets/sheet1.xml", "w") as sheet:
                sheet.write(old.read(entry).replace(b"</sheetData></worksheet>", b""))
                for _ in range(megabytes * 250):
                    sheet.write(row)
    content = out.getvalue()
    if lie:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
        content = content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    return content


@pytest.mark.slow
def test_sheet_of_500_mb_is_refused_by_its_header() -> None:
    content = _bomb(500)

    assert len(content) < 5 << 20
    found = refusal(content)
    assert found.code == "inflates_too_much"
    assert "400" in found.message


@pytest.mark.slow
def test_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    assert refusal(_bomb(40, lie=True), Limits(inflated_mb=20)).code in ("inflates_too_much", "damaged_file")


def test_workbook_that_inflates_beyond_the_limit_is_refused() -> None:
    assert refusal(published("template_single"), Limits(inflated_mb=0)).code == "inflates_too_much"


def test_sheet_that_asks_for_a_giant_grid_is_refused() -> None:
    content = with_part(
        workbook(HEADER, ["Contoh"]),
        "xl/worksheets/sheet1.xml",
        {b"</sheetData>": b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'},
    )

    assert refusal(content).code in ("reading_too_big", "too_many_columns")


@pytest.mark.slow
def test_reading_that_takes_too_long_is_ended() -> None:
    assert refusal(published("template_single"), Limits(wall_seconds=0)).code == "reading_too_long"


def test_workbook_with_a_document_type_is_refused() -> None:
    content = with_part(
        workbook(HEADER),
        "xl/workbook.xml",
        {b"<workbook ": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><workbook '},
    )

    assert refusal(content).code == "damaged_file"


def test_workbook_with_damaged_part_is_refused() -> None:
    content = bytearray(workbook(HEADER, *(["Contoh"] for _ in range(500))))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 100
    content[start : start + 40] = b"\x00" * 40

    assert refusal(bytes(content)).code == "damaged_file"


def test_file_beyond_the_size_limit_is_refused_unread() -> None:
    assert refusal(b"prs_FirstName\r\n" + b"a" * 2000, Limits(file_mb=0)).code == "file_too_large"


@pytest.mark.parametrize(
    "content",
    [workbook(HEADER, ["a"], ["b"], ["c"]), csv_of("prs_FirstName,prs_Gender", "a,", "b,", "c,")],
)
def test_file_with_too_many_rows_is_refused(content: bytes) -> None:
    assert refusal(content, Limits(rows=3)).code == "too_many_rows"


@pytest.mark.parametrize("content", [workbook([*HEADER, *"x" * 9]), csv_of(",".join([*HEADER, *"x" * 9]))])
def test_file_with_too_many_columns_is_refused(content: bytes) -> None:
    assert refusal(content, Limits(columns=10)).code == "too_many_columns"


def test_formula_without_stored_value_is_an_error_and_never_computed() -> None:
    _, rows = read(workbook(HEADER, ["Contoh", "=TODAY()", '=HYPERLINK("http://example.org")']))

    assert codes(rows[0]) == ["formula_without_value", "formula_without_value"]
    assert [problem.column for problem in rows[0].problems] == ["B", "C"]
    assert not rows[0].is_acceptable


def test_formula_with_stored_value_gives_it_with_a_warning() -> None:
    content = with_part(
        workbook(HEADER, ["=A9"]),
        "xl/worksheets/sheet1.xml",
        {b'<c r="A2"><f>A9</f><v />': b'<c r="A2" t="str"><f>A9</f><v>Contoh</v>'},
    )

    _, rows = read(content)

    assert rows[0].values == {"prs_FirstName": "Contoh"}
    assert codes(rows[0]) == ["formula_value"]
    assert rows[0].is_acceptable


def test_cell_with_an_error_is_reported() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet["A2"], sheet["D2"] = "Contoh", "#REF!"
    sheet["D2"].data_type = "e"

    _, rows = read(saved(book))

    assert [(problem.code, problem.column) for problem in rows[0].problems] == [("cell_error", "D")]


def test_external_links_are_noted_and_not_followed() -> None:
    content = with_part(
        filled("template_plain", {"D": "Contoh"}), "xl/externalLinks/externalLink1.xml", b"<externalLink/>"
    )

    upload = open_upload(content)

    assert [note.code for note in upload.notes] == ["external_links"]


NAMES = "prs_FirstName,prs_SecondName\r\nZoë,Ñandú\r\n"


@pytest.mark.parametrize(
    ("encoding", "notes"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ["encoding_guessed"]),
        ("utf-16-le", ["encoding_guessed"]),
        ("cp1252", ["encoding_guessed"]),
    ],
)
def test_text_in_any_usual_encoding_is_read(encoding: str, notes: list[str]) -> None:
    content = NAMES.encode(encoding)

    upload = open_upload(content)
    _, rows = read(content)

    assert [note.code for note in upload.notes] == notes
    assert rows[0].values == {"prs_FirstName": "Zoë", "prs_SecondName": "Ñandú"}


@pytest.mark.parametrize(("delimiter", "notes"), [(",", []), (";", ["delimiter_found"]), ("\t", ["delimiter_found"])])
def test_csv_with_any_usual_delimiter_is_read(delimiter: str, notes: list[str]) -> None:
    content = NAMES.replace(",", delimiter).encode()

    assert [note.code for note in open_upload(content).notes] == notes
    assert read(content)[1][0].values["prs_SecondName"] == "Ñandú"


def test_old_workbook_with_a_new_name_is_told_apart_by_content(tmp_path: Path) -> None:
    path = tmp_path / "kasus.xlsx"
    path.write_bytes(OLE2 + b"\x00" * 600)

    with pytest.raises(UnreadableFile, match=r"old format \(.xls\)"):
        open_upload(path, "kasus.xlsx")


def test_csv_with_the_name_of_a_workbook_is_read(tmp_path: Path) -> None:
    path = tmp_path / "kasus.xls"
    path.write_bytes(NAMES.encode())

    assert open_upload(path, "kasus.xls").kind == "csv_api"


def test_bad_cells_are_reported_with_sheet_row_column_and_fix() -> None:
    _, rows = read(workbook(HEADER, ["Contoh", "31 Februari 2020", "08123456789", "Wanita"]))

    places = [(problem.code, problem.sheet, problem.row, problem.column) for problem in rows[0].problems]
    assert places == [
        ("date_impossible", "Sheet", 2, "B"),
        ("phone_without_country", "Sheet", 2, "C"),
        ("unknown_choice", "Sheet", 2, "D"),
    ]
    assert all(problem.fix for problem in rows[0].problems)
    assert rows[0].raw == {"A": "Contoh", "B": "31 Februari 2020", "C": "08123456789", "D": "Wanita"}


def test_problems_never_hold_the_value() -> None:
    _, rows = read(workbook(HEADER, ["Contoh", "31 Februari 1987", "08123456789", "Wanita"]))

    told = json.dumps([[p.message, p.fix, dict(p.params), p.value_class] for p in rows[0].problems])
    assert not any(word in told for word in ("Februari", "1987", "8123456789", "Wanita"))


def test_cells_beyond_the_heading_are_kept_and_reported() -> None:
    _, rows = read(csv_of("prs_FirstName,prs_SecondName", "Contoh,Rekaan,lebih"))

    assert codes(rows[0]) == ["values_beyond_header"]
    assert rows[0].raw["C"] == "lebih"


def test_child_process_has_no_secret_of_ours_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}
    start = subprocess.Popen

    def spy(words: list[str], *, env: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
        seen.update(env)
        return start(words, env=env, **options)

    monkeypatch.setenv("NAUNGAN_SECRET_KEY", "canary")
    monkeypatch.setattr(subprocess, "Popen", spy)
    open_upload(workbook(HEADER))

    assert set(seen) == {"LANG", "MALLOC_ARENA_MAX"}


def test_compressed_noise_is_no_workbook() -> None:
    assert refusal(b"PK\x03\x04" + zlib.compress(b"x" * 5000)).code == "damaged_file"
