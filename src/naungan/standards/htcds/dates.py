"""Reads dates: real ones, ISO text, day-first text, and month names in Indonesian and English."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone

from naungan.standards.checks import Problem
from naungan.standards.htcds.values import EMPTY, Parsed, Raw, as_text, value_class

FIRST_YEAR, LAST_YEAR = 1900, 2100

# "In the future" means: in the future everywhere on earth.
_LATEST_ZONE = timezone(timedelta(hours=14))

_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "jan januari january", "feb februari pebruari february peb", "mar maret march mrt", "apr april", "mei may",
        "jun juni june", "jul juli july", "agu agt ags agustus aug august", "sep sept september",
        "okt oktober oct october", "nov nopember november nop", "des desember dec december",
    ),
    start=1,
):  # fmt: skip
    for _name in _names.split():
        _MONTHS[_name] = _number

_TIME = r"(?:[t\s]+(?P<time>\d{1,2}[:.]\d{2}.*))?$"
_ISO = re.compile(r"(?P<year>\d{4})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})" + _TIME)
_NUMERIC = re.compile(r"(?P<first>\d{1,2})\s*[-/.\s]\s*(?P<second>\d{1,2})\s*[-/.\s]\s*(?P<year>\d{4})" + _TIME)
_SHORT = re.compile(r"\d{1,2}\s*[-/.\s]\s*(?:\d{1,2}|[a-z]+)\.?\s*[-/.\s]\s*'?\d{2}$")
_DAY_NAME = re.compile(r"(?P<day>\d{1,2})\.?\s*[-/\s]?\s*(?P<name>[a-z]+)\.?,?\s*[-/\s]?\s*(?P<year>\d{4})" + _TIME)
_NAME_DAY = re.compile(r"(?P<name>[a-z]+)\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})" + _TIME)
_WEEKDAY = re.compile(r"^[a-z'’]+,\s*(?=\d)")


def parse_date(name: str, raw: Raw, *, birth: bool = False, today: date | None = None) -> Parsed:
    """Read a date; a refused one keeps its text in `raw` and, if ambiguous, names both readings as suggestions."""
    if isinstance(raw, datetime):
        return _checked(name, raw.date(), has_time=raw.time() != time(), raw=raw, birth=birth, today=today)
    if isinstance(raw, date):
        return _checked(name, raw, has_time=False, raw=raw, birth=birth, today=today)
    text = as_text(raw).replace("\u00a0", " ").strip()
    if not text:
        return EMPTY
    if not isinstance(raw, str):
        return _refused("date_unreadable", name, raw)
    return _from_text(name, text, birth=birth, today=today)


def _refused(code: str, name: str, raw: Raw, suggestion: str | None = None) -> Parsed:
    params = {"from_year": FIRST_YEAR, "to_year": LAST_YEAR}
    problem = Problem.of(code, params, field=name, value_class=value_class(raw), suggestion=suggestion)
    return Parsed(None, (problem,), as_text(raw))


def _from_text(name: str, text: str, *, birth: bool, today: date | None) -> Parsed:
    lowered = _WEEKDAY.sub("", text.lower())
    found = _ISO.fullmatch(lowered)
    if found:
        return _built(name, text, found, int(found["month"]), int(found["day"]), birth=birth, today=today)
    found = _NUMERIC.fullmatch(lowered)
    if found:
        return _numeric(name, text, found, birth=birth, today=today)
    found = _DAY_NAME.fullmatch(lowered) or _NAME_DAY.fullmatch(lowered)
    if found and found["name"] in _MONTHS:
        return _built(name, text, found, _MONTHS[found["name"]], int(found["day"]), birth=birth, today=today)
    return _refused("date_short_year" if _SHORT.fullmatch(lowered) else "date_unreadable", name, text)


def _numeric(name: str, text: str, found: re.Match[str], *, birth: bool, today: date | None) -> Parsed:
    first, second, year = int(found["first"]), int(found["second"]), int(found["year"])
    if second > 12:  # month first, or a slip: a day-first date cannot be read from it
        return _refused("date_unreadable", name, text)
    if first <= 12 and first != second and first and second:
        readings = f"{date(year, second, first)} | {date(year, first, second)}" if year else None
        return _refused("date_ambiguous", name, text, readings)
    return _built(name, text, found, second, first, birth=birth, today=today)


def _built(
    name: str, text: str, found: re.Match[str], month: int, day: int, *, birth: bool, today: date | None
) -> Parsed:
    try:
        value = date(int(found["year"]), month, day)
    except ValueError:
        return _refused("date_impossible", name, text)
    return _checked(name, value, has_time=bool(found["time"]), raw=text, birth=birth, today=today)


def _checked(name: str, value: date, *, has_time: bool, raw: Raw, birth: bool, today: date | None) -> Parsed:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        return _refused("date_implausible", name, raw)
    if birth and value > (today or datetime.now(_LATEST_ZONE).date()):
        return _refused("date_in_future", name, raw)
    if has_time:
        return Parsed(value, (Problem.of("date_has_time", field=name),))
    return Parsed(value)
