"""A schema is read strictly, and a draft is never used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from naungan.methods.release.errors import ReleaseError
from naungan.methods.release.schema import confirm, read_schema, schema_of, write_schema
from tests.methods.release.examples import fields, own, schema, words

Change = Callable[[dict[str, object]], object]

FAULTS: dict[str, Change] = {
    "no field": lambda w: fields(w).clear(),
    "a field without a name": lambda w: fields(w)[0].pop("name"),
    "a name twice": lambda w: fields(w)[1].update({"name": "year"}),
    "no values": lambda w: fields(w)[1].pop("constraints"),
    "a value twice": lambda w: fields(w)[1].update({"constraints": {"enum": ["A", "A"]}}),
    "a value that is a list": lambda w: fields(w)[1].update({"constraints": {"enum": [["A"]]}}),
    "bands that overlap": lambda w: fields(w)[2].update(
        {"naungan": {"bands": [{"label": "a", "to": 9}, {"label": "b", "from": 9}]}}
    ),
    "bands of two kinds": lambda w: fields(w)[2].update(
        {"naungan": {"bands": [{"label": "a", "to": 9}, {"label": "b", "from": "2020-01-01"}]}}
    ),
    "a value that a spreadsheet runs": lambda w: fields(w)[1].update(
        {"constraints": {"enum": ["Man", '=HYPERLINK("http://x")']}}
    ),
    "a value that a spreadsheet may run": lambda w: fields(w)[1].update(
        {"constraints": {"enum": ["-2+3+cmd|' /C calc'!A0"]}}
    ),
    "a title that a spreadsheet runs": lambda w: fields(w)[1].update({"title": "@SUM(A1)"}),
    "more people than records can be drawn": lambda w: own(w).update({"population": {"name": "P", "size": 10**12}}),
    "a band without a label": lambda w: fields(w)[2].update({"naungan": {"bands": [{"to": 9}]}}),
    "a band that ends in words": lambda w: fields(w)[2].update({"naungan": {"bands": [{"label": "a", "to": "old"}]}}),
    "a rule on an unknown column": lambda w: own(w).update({"rules": [{"if": {"x": ["1"]}, "then": {"farm": ["1"]}}]}),
    "a rule on an unknown value": lambda w: own(w).update(
        {"rules": [{"if": {"farm": ["2"]}, "then": {"forced": ["1"]}}]}
    ),
    "a rule without then": lambda w: own(w).update({"rules": [{"if": {"farm": ["1"]}, "then": {}}]}),
    "a size below one": lambda w: own(w).update({"population": {"name": "a", "size": 0}}),
    "a limit below zero": lambda w: own(w).update({"population": {"name": "a", "limit": {"epsilon": -1}}}),
    "fields that are no list": lambda w: w.update({"fields": "all"}),
    "all left out": lambda w: [each.update({"naungan": {"leaveOut": True}}) for each in fields(w)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_schema_is_refused(fault: str) -> None:
    given = words()
    FAULTS[fault](given)

    with pytest.raises(ReleaseError) as refused:
        schema_of(given)

    assert refused.value.code == "bad-schema"


def test_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text("year, gender", encoding="utf-8")

    with pytest.raises(ReleaseError):
        read_schema(tmp_path / "schema.json")


def test_draft_is_refused_until_confirmed(tmp_path: Path) -> None:
    given = words()
    own(given)["confirmed"] = False
    draft = schema_of(given)
    with pytest.raises(ReleaseError) as refused:
        draft.require_confirmed()
    assert refused.value.code == "draft-schema"

    write_schema(confirm(draft, by="the data officer"), tmp_path / "schema.json")

    read_schema(tmp_path / "schema.json").require_confirmed()


def test_written_schema_reads_the_same(tmp_path: Path) -> None:
    write_schema(words(), tmp_path / "schema.json")

    assert read_schema(tmp_path / "schema.json") == schema()
    assert json.loads((tmp_path / "schema.json").read_text("utf-8")) == words()


def test_fewer_columns_lose_the_rules_over_the_others() -> None:
    fewer = schema().only(["gender", "farm"])

    assert fewer.names == ("gender", "farm")
    assert fewer.rules == ()
    assert set(fewer.left_out) == {"year", "age", "forced"}


@pytest.mark.parametrize("value", ["-5", "+62", "-5 to 0", "A = B", "no (yes)"])
def test_value_that_no_spreadsheet_runs_is_taken(value: str) -> None:
    given = words()
    fields(given)[1]["constraints"] = {"enum": [value]}

    assert schema_of(given).fields[1].values == (value,)


def test_schema_nested_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text("[" * 100_000, "utf-8")

    with pytest.raises(ReleaseError) as refused:
        read_schema(tmp_path / "schema.json")

    assert refused.value.code == "bad-schema"
