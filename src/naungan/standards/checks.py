"""What a check says: a stable code, where, the rule and the fix; never the value itself."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

__all__ = ["MESSAGES", "Message", "Param", "Problem", "Severity", "messages_id", "render"]

Severity = Literal["error", "warning", "note"]
Param = str | int


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of problem: its code, how severe it is, and its sentences in English and Indonesian."""

    code: str
    severity: Severity
    message: str
    fix: str
    message_id: str
    fix_id: str


def _severity(text: str) -> Severity:
    known: dict[str, Severity] = {"error": "error", "warning": "warning", "note": "note"}
    return known[text]


def _load() -> Mapping[str, Message]:
    text = resources.files("naungan.standards").joinpath("data/messages.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    found = {
        row["code"]: Message(
            row["code"],
            _severity(row["severity"]),
            row["message"],
            row["fix"],
            row["message_id"],
            row["fix_id"],
        )
        for row in rows
    }
    return MappingProxyType(found)


MESSAGES: Mapping[str, Message] = _load()


@dataclass(frozen=True, slots=True)
class Problem:
    """
    Something that a check found.

    `message` and `fix` are whole English sentences with their parameters filled in; `render` gives
    them in another language. Neither holds the value that was checked. `suggestion` is the one
    exception: a corrected value that a person may accept (HTCDS check H8), or both readings of an
    ambiguous date divided by ` | `; treat it as data about a person.
    """

    code: str
    severity: Severity
    field: str | None
    message: str
    params: Mapping[str, Param]
    fix: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value_class: str | None = None
    suggestion: str | None = None

    @classmethod
    def of(
        cls,
        code: str,
        params: Mapping[str, Param] | None = None,
        *,
        field: str | None = None,
        value_class: str | None = None,
        suggestion: str | None = None,
    ) -> Problem:
        """
        Make a problem from its code.

        Args:
            code: A code of `MESSAGES`.
            params: What the sentences of the code need.
            field: The API name of the field, if one is concerned.
            value_class: What kind of thing stood there: text, number, date, formula...
            suggestion: A value that may be accepted instead.

        Returns:
            Problem: without a place; `at` adds one.
        """
        kind = MESSAGES[code]
        return cls(
            code=code,
            severity=kind.severity,
            field=field,
            message=kind.message.format_map(params) if params else kind.message,
            params=dict(params) if params else {},
            fix=kind.fix.format_map(params) if params else kind.fix,
            value_class=value_class,
            suggestion=suggestion,
        )

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The values that may be accepted instead; two where something can be read in two ways."""
        return tuple(self.suggestion.split(" | ")) if self.suggestion else ()

    def at(self, *, sheet: str | None = None, row: int | None = None, column: str | None = None) -> Problem:
        """The same problem with the place where it was found."""
        return replace(self, sheet=sheet, row=row, column=column)


def render(problem: Problem, language: str = "en") -> tuple[str, str]:
    """
    Say a problem in a language.

    Args:
        problem: What was found.
        language: `id` for Indonesian; anything else gives English.

    Returns:
        tuple: the message and the fix, whole sentences without the value.
    """
    if not language.lower().startswith("id"):
        return problem.message, problem.fix
    kind = MESSAGES[problem.code]
    return kind.message_id.format_map(problem.params), kind.fix_id.format_map(problem.params)


@lru_cache(maxsize=1)
def _indonesian() -> Mapping[str, tuple[str, str]]:
    return MappingProxyType({code: (kind.message_id, kind.fix_id) for code, kind in MESSAGES.items()})


messages_id: Mapping[str, tuple[str, str]] = _indonesian()
