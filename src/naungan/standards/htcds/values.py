"""What a raw value and a canonical value may be, and what comes out of reading one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from naungan.standards.checks import Problem

# Text, number, yes or no, date, Decimal, a list of texts, or None; anything else is refused with a problem.
Raw = object
Value = str | int | bool | Decimal | date | tuple[str, ...]
# excel, csv, survey, form or api.
Source = str


@dataclass(frozen=True, slots=True)
class Parsed:
    """
    A raw value after reading.

    `value` is canonical, or None for an empty or unreadable value. `raw` is set when something could not be taken
    over as it stood (an unknown word, a phone without country, a date that cannot be read): the text to be kept, so
    that nothing is lost. It is data about a person.
    """

    value: Value | None
    problems: tuple[Problem, ...] = ()
    raw: str | None = None

    @property
    def is_refused(self) -> bool:
        """Whether a problem is an error, so that the record must be mended first."""
        return any(problem.severity == "error" for problem in self.problems)


EMPTY = Parsed(None)


def value_class(raw: Raw) -> str:
    """What kind of thing a raw value is, for a report that must not hold the value."""
    if raw is None or raw == "":
        return "empty"
    if isinstance(raw, bool):
        return "yes or no"
    if isinstance(raw, int | float | Decimal):
        return "number"
    if isinstance(raw, datetime | date):
        return "date"
    if isinstance(raw, time):
        return "time"
    return "several" if isinstance(raw, list | tuple) else "text"


def as_text(raw: Raw) -> str:
    """A raw value as the text a person would have typed: whole numbers without `.0`, dates as ISO."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        text = str(int(raw)) if raw.is_integer() and abs(raw) < 1e18 else repr(raw)
        return format(Decimal(text), "f") if "e-" in text else text  # nobody types 1e-05
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == time() else raw.isoformat(" ")
    if isinstance(raw, date | time):
        return raw.isoformat()
    if isinstance(raw, list | tuple):
        return "; ".join(as_text(part) for part in raw)
    return "" if raw is None else str(raw)
