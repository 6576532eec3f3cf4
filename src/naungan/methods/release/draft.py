"""A draft of a schema from a file, to be reviewed by a person: what it proposes comes from data and stays inside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from naungan.methods.release.coding import read_texts

__all__ = ["draft_schema"]

_FEW = 60
_RARE = 11
_AGES = ((0, 8), (9, 17), (18, 20), (21, 23), (24, 26), (27, 29), (30, 38), (39, 47), (48, None))


def draft_schema(path: Path, *, population: str = "") -> Mapping[str, object]:
    """
    Draft a schema.

    Values held by fewer than eleven rows are not written into the draft: what is public among them is to be added by
    a person who knows it from elsewhere. Columns that look like free text or numbers of persons are left out.

    Args:
        path: CSV or Parquet.
        population: Name of the population; to be filled in where it is empty.

    Returns:
        Words for `write_schema`, marked unconfirmed. Not safe to publish before a person has reviewed it.

    Raises:
        ReleaseError: `unreadable-file`.
    """
    table = read_texts(path)
    return {
        "missingValues": ["", "-99"],
        "fields": [_field(table[name]) for name in table.columns],
        "naungan": {
            "confirmed": False,
            "toConfirm": "That every column and value below is public knowledge; that each rule holds by definition.",
            "population": {"name": population, "size": None, "limit": {"epsilon": 12, "delta": 1e-6}},
            "unit": None,
            "rowsPerPerson": 1,
            "rules": [],
        },
    }


def _field(cells: pl.Series) -> dict[str, object]:
    filled = cells.str.strip_chars()
    filled = filled.filter(filled.is_not_null() & ~filled.is_in(["", "-99"]))
    field: dict[str, object] = {"name": cells.name, "type": "string"}
    numbers = filled.cast(pl.Float64, strict=False)
    if len(filled) and numbers.null_count() == 0 and ("age" in cells.name.lower() or "umur" in cells.name.lower()):
        return {**field, "naungan": {"review": "unconfirmed", "bands": _ages()}}
    counts = filled.value_counts(sort=True)
    often = counts.filter(pl.col("count") >= _RARE)
    if often.height > _FEW or often.height == 0 or int(often["count"].sum()) < 0.5 * len(filled):
        note = "Looks like free text, a date or a number of each person: left out unless values or bands are declared."
        return {**field, "naungan": {"review": "unconfirmed", "leaveOut": True, "note": note}}
    own: dict[str, object] = {"review": "unconfirmed"}
    if often.height < counts.height:
        own["note"] = "Rarer values of the file are not listed; add those that are publicly known."
    values = sorted(str(value) for value in often[cells.name].to_list())
    return {**field, "constraints": {"enum": values}, "naungan": own}


def _ages() -> list[dict[str, object]]:
    return [
        {"label": f"{low}--{high}" if high is not None else f"{low}+", "from": low, "to": high} for low, high in _AGES
    ]
