"""The rules for names, read once from the tables in `data/`: titles, words, joins, markers, stems, weights."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Final


@dataclass(frozen=True, slots=True)
class Title:
    """One honorific, rank or degree, and where in a name it is one."""

    form: str
    position: str
    needs: int
    also_name: bool


@dataclass(frozen=True, slots=True)
class Join:
    """A first part that is often written together with the next."""

    word: str
    prefix: str
    rest_letters: int
    exceptions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stem:
    """Spellings of one root which the general sound rules do not bring together."""

    place: str
    stem: str
    spellings: tuple[str, ...]


def _rows(table: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath("data", f"{table}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _titles() -> dict[str, Title]:
    return {
        row["form"]: Title(row["form"], row["position"], int(row["needs"]), row["also_name"] == "yes")
        for row in _rows("titles")
    }


def _words() -> dict[str, str]:
    return {form: row["word"] for row in _rows("words") for form in row["forms"].split()}


def _joins() -> tuple[Join, ...]:
    found = [
        Join(row["word"], prefix, int(row["rest_letters"]), frozenset(row["not"].split()))
        for row in _rows("run_together")
        for prefix in row["prefixes"].split()
    ]
    return tuple(sorted(found, key=lambda join: -len(join.prefix)))


def _markers(kind: str) -> frozenset[str]:
    return frozenset(row["form"] for row in _rows("markers") if row["kind"] == kind)


def _at(*positions: str) -> dict[str, Title]:
    return {form: title for form, title in TITLES.items() if title.position in positions and " " not in form}


def _phrases() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Titles of several words, by their first, the longest first."""
    several = sorted((tuple(form.split()) for form in TITLES if " " in form), key=len, reverse=True)
    return {first: tuple(words for words in several if words[0] == first) for first, *_ in several}


TITLES: Final = _titles()
ANYWHERE: Final = _at("any")
LEADING: Final = _at("lead")
TRAILING: Final = _at("tail")
DOTTED: Final = _at("any", "lead", "tail", "tail_dotted")
PHRASES: Final = _phrases()
NAME_LIKE: Final = frozenset(form for form, title in TITLES.items() if title.also_name)
NEVER_NAMES: Final = frozenset(DOTTED) - NAME_LIKE
WORDS: Final = _words()
JOINS: Final = _joins()
JOIN_STARTS: Final = tuple(dict.fromkeys(join.prefix for join in JOINS))
FATHER_MARKERS: Final = _markers("father")
ALIAS_MARKERS: Final = _markers("alias")
RESERVED: Final = frozenset(DOTTED) | FATHER_MARKERS | ALIAS_MARKERS
STEMS: Final = tuple(Stem(row["place"], row["stem"], tuple(row["spellings"].split())) for row in _rows("stems"))
WEIGHTS: Final = {row["word"]: float(row["weight"]) for row in _rows("weights")}
