"""Cells become numbers by the schema only; whatever else stands in them stops the run without being shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naungan.methods.release import coding
from naungan.methods.release.errors import ReleaseError
from naungan.methods.release.schema import Schema, schema_of
from tests.methods.release.examples import HEAD, fields, own, rows, schema, words, write_rows

SECRET = "Siti Rahmawati, 081234567"


def read(path: Path, by: Schema) -> coding.Coded:
    return coding.encode(coding.read_cells(path, by), by)


def refused(
    tmp_path: Path, given: list[list[str]], head: tuple[str, ...] = HEAD, by: Schema | None = None
) -> ReleaseError:
    with pytest.raises(ReleaseError) as error:
        read(write_rows(tmp_path / "in.csv", given, head), by or schema())
    assert SECRET not in str(error.value)
    assert "Siti" not in repr(error.value.__cause__)
    return error.value


def test_free_text_in_a_coded_cell_stops_with_column_and_row(tmp_path: Path) -> None:
    found = refused(tmp_path, [["2021", "Man", "20", "", ""], ["2022", SECRET, "20", "", ""]])

    assert (found.code, found.field, found.row) == ("outside-schema", "gender", 3)


def test_age_outside_every_band_stops(tmp_path: Path) -> None:
    given = words()
    fields(given)[2]["naungan"] = {"bands": [{"label": "0--17", "from": 0, "to": 17}]}

    found = refused(tmp_path, [["2021", "Man", "44", "", ""]], by=schema_of(given))

    assert (found.code, found.field) == ("outside-schema", "age")


@pytest.mark.parametrize("cell", ["NaN", "inf", "-inf", "1e999"])
def test_word_that_a_computer_takes_for_a_number_stops(tmp_path: Path, cell: str) -> None:
    found = refused(tmp_path, [["2021", "Man", cell, "", ""]])

    assert (found.code, found.field) == ("outside-schema", "age")


@pytest.mark.parametrize("line", ["", "2021", '"Siti",Man,20,', f"2021,Man,20,,,{SECRET}", "\n"])
@pytest.mark.parametrize("rest", ["", "2022,Man,20,,\n"])
def test_row_of_another_width_than_the_header_stops_with_its_number(tmp_path: Path, line: str, rest: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"{','.join(HEAD)}\n2021,Man,20,,\n{line}\n{rest}", "utf-8")

    with pytest.raises(ReleaseError) as error:
        coding.read_cells(path, schema())

    assert (error.value.code, error.value.row) == ("ragged-row", 3)
    assert "Siti" not in str(error.value)


def test_quote_within_a_cell_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f'{",".join(HEAD)}\n2021,Man,20,,"x\n2021,{SECRET},20,,\n', "utf-8")

    with pytest.raises(ReleaseError) as error:
        coding.read_cells(path, schema())

    assert "Siti" not in str(error.value)


def test_blank_of_a_single_column_may_be_an_empty_line(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("gender\nMan\n\nWoman\n", "utf-8")

    table = coding.read_cells(path, schema().only(["gender"]))

    assert table["gender"].to_list() == ["Man", None, "Woman"]


def test_undeclared_column_is_named_by_its_place_only(tmp_path: Path) -> None:
    found = refused(tmp_path, [["2021", "Man", "20", "", "", "x"]], (*HEAD, SECRET))

    assert found.code == "undeclared-column"
    assert "Column 6" in str(found)


def test_missing_column_stops(tmp_path: Path) -> None:
    assert refused(tmp_path, [["2021", "Man", "20", ""]], HEAD[:4]).code == "missing-column"


def test_blank_stops_where_a_value_is_required(tmp_path: Path) -> None:
    assert refused(tmp_path, [["", "Man", "20", "", ""]]).code == "blank-not-allowed"


def test_record_against_a_rule_stops(tmp_path: Path) -> None:
    found = refused(tmp_path, [["2021", "Man", "20", "", "1"]])

    assert (found.code, found.row) == ("rule-broken", 2)


def test_two_rows_of_one_person_stop(tmp_path: Path) -> None:
    given = words()
    own(given)["unit"] = "id"

    found = refused(
        tmp_path,
        [["2021", "Man", "20", "", "", "p1"], ["2022", "Man", "20", "", "", "p1"]],
        (*HEAD, "id"),
        schema_of(given),
    )

    assert (found.code, found.row) == ("too-many-rows-of-a-person", 3)


def test_person_without_a_number_stops(tmp_path: Path) -> None:
    given = words()
    own(given)["unit"] = "id"

    assert refused(tmp_path, [["2021", "Man", "20", "", "", ""]], (*HEAD, "id"), schema_of(given)).field == "id"


def test_declared_cap_of_rows_becomes_the_sensitivity(tmp_path: Path) -> None:
    given = words()
    own(given).update({"unit": "id", "rowsPerPerson": 2})
    path = write_rows(tmp_path / "in.csv", [["2021", "Man", "20", "", "", "p1"]] * 2, (*HEAD, "id"))

    assert read(path, schema_of(given)).rows_per_person == 2


def test_left_out_column_is_never_read(tmp_path: Path) -> None:
    given = words()
    fields(given).append({"name": "name", "naungan": {"leaveOut": True}})
    path = write_rows(tmp_path / "in.csv", [["2021", "Man", "20", "", "", SECRET]], (*HEAD, "name"))

    assert coding.read_cells(path, schema_of(given)).columns == list(HEAD)


def test_values_of_several_part_by_longest_label_first(tmp_path: Path) -> None:
    given = words()
    fields(given)[:] = [
        {
            "name": "industry",
            "constraints": {"enum": ["Water; waste", "Water", "Construction"]},
            "naungan": {"delimiter": "; "},
        }
    ]
    own(given).pop("rules")
    by = schema_of(given)
    path = write_rows(tmp_path / "in.csv", [["Water; waste; Construction"], ["Water"], [""]], ("industry",))

    coded = read(path, by)

    assert coded.codes.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]
    assert coding.decode(coded.codes, by)["industry"].to_list() == ["Water; waste; Construction", "Water", None]


def test_unknown_value_among_several_stops(tmp_path: Path) -> None:
    given = words()
    fields(given)[:] = [{"name": "industry", "constraints": {"enum": ["Water"]}, "naungan": {"delimiter": ";"}}]
    own(given).pop("rules")

    found = refused(tmp_path, [[f"Water; {SECRET}"]], ("industry",), schema_of(given))

    assert found.code == "outside-schema"


def test_dates_fall_into_declared_bands(tmp_path: Path) -> None:
    given = words()
    bands = [{"label": "2021", "from": "2021-01-01", "to": "2021-12-31"}, {"label": "later", "from": "2022-01-01"}]
    fields(given)[:] = [{"name": "registered", "naungan": {"bands": bands}}]
    own(given).pop("rules")
    path = write_rows(tmp_path / "in.csv", [["2021-12-31"], ["2022-01-01"], [""]], ("registered",))

    assert read(path, schema_of(given)).codes.tolist() == [[1], [2], [0]]


def test_declared_missing_text_is_a_blank(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "in.csv", [["2021", "-99", " ", "", ""]])

    assert read(path, schema()).codes.tolist() == [[0, 0, 0, 0, 0]]


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_decoding_gives_the_bands_and_values_back(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    path = write_rows(tmp_path_factory.mktemp("in") / "in.csv", rows(20, seed=seed))
    coded = read(path, schema())

    again = coding.encode(coding.decode(coded.codes, schema()), schema())

    assert again.codes.tolist() == coded.codes.tolist()


def test_rule_excludes_its_cells_and_no_others() -> None:
    excluded = coding.impossible_cells(schema())

    assert {columns: cells.tolist() for columns, cells in excluded.items()} == {(3, 4): [[False, True], [False, False]]}
