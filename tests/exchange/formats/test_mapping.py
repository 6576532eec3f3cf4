"""Proposed mappings, and the changes that a person makes."""

from __future__ import annotations

import json

import pytest

from naungan.exchange.formats import ColumnMapping, UnreadableFile, open_upload, propose_mapping
from naungan.standards.htcds import Choice, custom_field
from tests.exchange.formats.samples import csv_of, filled, read, workbook

SHOE = custom_field("shoe", label="Shoe size", label_id="Ukuran sepatu", kind="number")
COLOUR = custom_field("colour", label="Colour", kind="picklist", choices={"RED": Choice("RED", "Red", "Merah")})


def test_mapping_finds_headings_below_a_title() -> None:
    mapping, rows = read(workbook(["Daftar kasus 2024"], [], ["First Name", "Second Name"], ["Contoh", "Rekaan"]))

    assert mapping.header_rows == 3
    assert rows[0].values == {"prs_FirstName": "Contoh", "prs_SecondName": "Rekaan"}


def test_mapping_understands_indonesian_labels() -> None:
    _, rows = read(
        workbook(["Nama pertama", "Tanggal lahir *", "Jenis eksploitasi"], ["Contoh", "1990-04-23", "Kerja paksa"])
    )

    assert rows[0].values["vic_TypeOfExploitation"] == ("ForcedLabour",)


def test_mapping_of_template_without_its_hidden_row_goes_by_labels() -> None:
    content = filled(
        "template_plain",
        {"D": "Contoh", "N": "Jalan"},
        headings={f"{c}1": None for c in "BCDEFGHIJKLMNOPQRSTUVWXYZ"} | {f"A{c}1": None for c in "ABCDEFGHIJKLM"},
    )

    _, rows = read(content)

    assert rows[0].values == {"prs_FirstName": "Contoh", "prs_MailingStreet": "Jalan"}


def test_mapping_recognises_own_fields_by_label_and_code() -> None:
    content = csv_of("prs_FirstName,Ukuran sepatu,x:colour", "Contoh,42,merah")

    _, rows = read(content, custom=(SHOE, COLOUR))

    assert rows[0].custom == {"shoe": 42, "colour": "RED"}


def test_mapping_can_be_changed_by_a_person() -> None:
    content = csv_of("prs_FirstName,hobby,prs_Gender", "Contoh,Rekaan,x")
    mapping = propose_mapping(open_upload(content).head().rows)

    changed = mapping.with_changes({"B": "prs_SecondName", "C": None})

    assert changed.fields == {"A": "prs_FirstName", "B": "prs_SecondName"}
    assert changed.notes == ()
    assert [column.rule for column in changed.columns] == ["name", "chosen", "ignored"]


def test_mapping_is_stored_and_read_back() -> None:
    mapping = propose_mapping(open_upload(filled("template_multi")).head().rows)

    stored = json.loads(json.dumps(mapping.as_json()))

    assert ColumnMapping.from_json(stored) == mapping


def test_mapping_uses_the_first_of_two_columns_for_one_field() -> None:
    mapping, rows = read(csv_of("prs_FirstName,First Name", "Contoh,Lain"))

    assert [note.code for note in mapping.notes] == ["duplicate_column"]
    assert rows[0].values == {"prs_FirstName": "Contoh"}
    assert rows[0].raw["B"] == "Lain"


def test_mapping_without_any_known_heading_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="headings"):
        propose_mapping([["a", "b"], ["c", "d"]])


def test_bare_words_of_repeated_objects_are_not_guessed() -> None:
    mapping = propose_mapping([["prs_FirstName", "Country", "Date"]])

    assert [column.api_name for column in mapping.columns] == ["prs_FirstName", None, None]


def test_repeated_objects_of_a_csv_are_read() -> None:
    _, rows = read(csv_of("prs_FirstName,hte_City,hte_Date", "Contoh,Kota,2020-01-02"))

    assert rows[0].repeated["hte"][0]["hte_City"] == "Kota"
