"""A small public schema and invented records for it."""

from __future__ import annotations

import copy
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from naungan.methods.release.schema import Schema, schema_of

WORDS: dict[str, object] = {
    "title": "Invented people",
    "missingValues": ["", "-99"],
    "fields": [
        {"name": "year", "type": "string", "constraints": {"enum": ["2021", "2022", "2023"], "required": True}},
        {"name": "gender", "type": "string", "constraints": {"enum": ["Woman", "Man"]}},
        {
            "name": "age",
            "type": "string",
            "naungan": {
                "bands": [
                    {"label": "0--17", "to": 17},
                    {"label": "18--29", "from": 18, "to": 29},
                    {"label": "30+", "from": 30},
                ],
                "broader": [{"0--17": "0--29", "18--29": "0--29", "30+": "30+"}],
            },
        },
        {"name": "forced", "type": "string", "constraints": {"enum": ["1"]}},
        {"name": "farm", "type": "string", "constraints": {"enum": ["1"]}},
    ],
    "naungan": {
        "confirmed": "a data officer, 2026-11-24",
        "population": {"name": "Invented", "size": 400, "limit": {"epsilon": 12, "delta": 1e-6}},
        "rules": [{"if": {"farm": ["1"]}, "then": {"forced": ["1"]}, "because": "a kind of forced labour"}],
    },
}


def words() -> dict[str, object]:
    """The words of the schema, to be changed at will."""
    return copy.deepcopy(WORDS)


def schema() -> Schema:
    """The schema itself."""
    return schema_of(words())


def own(given: dict[str, object]) -> dict[str, object]:
    """What a schema's words say under `naungan`."""
    part = given["naungan"]
    assert isinstance(part, dict)
    return part


def fields(given: dict[str, object]) -> list[dict[str, object]]:
    """The fields of a schema's words."""
    part = given["fields"]
    assert isinstance(part, list)
    return part


HEAD = ("year", "gender", "age", "forced", "farm")


def rows(count: int, *, seed: int = 1) -> list[list[str]]:
    """Invented records; the rule holds, men farm more often."""
    draw = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        gender = draw.choice(["Woman", "Man", ""], p=[0.55, 0.4, 0.05])
        forced = draw.random() < (0.7 if gender == "Man" else 0.3)
        farm = forced and draw.random() < (0.8 if gender == "Man" else 0.2)
        year, age = draw.choice(["2021", "2022", "2023"]), str(draw.integers(5, 60)) if draw.random() < 0.8 else ""
        out.append([str(year), str(gender), age, "1" if forced else "", "1" if farm else ""])
    return out


def write_rows(path: Path, given: Sequence[Sequence[str]], head: Sequence[str] = HEAD) -> Path:
    """Write records as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *given])
    return path
