"""Reads any raw value of a field into its canonical form; import, forms and the API all come here."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from unicodedata import is_normalized, normalize

from naungan.standards.checks import Param, Problem
from naungan.standards.htcds.dates import parse_date
from naungan.standards.htcds.fields import Field, Kind
from naungan.standards.htcds.lists import parse_choice, parse_choices
from naungan.standards.htcds.phones import parse_phone
from naungan.standards.htcds.values import EMPTY, Parsed, Raw, Source, Value, as_text, value_class

__all__ = ["Parsed", "Raw", "Source", "Value", "parse"]

_YES = frozenset(("true", "yes", "ya", "y", "1", "benar", "iya", "betul"))
_NO = frozenset(("false", "no", "tidak", "n", "0", "tdk", "bukan", "salah"))
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_EMAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]{2,}")
_INTEGER = re.compile(r"[+-]?\d{1,15}(?:[.,]0+)?")
_DEGREES = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,15})?")


def parse(field: Field, raw: Raw, *, source: Source = "form") -> Parsed:
    """
    Read one raw value.

    Args:
        field: The field it was given for; of the standard, or an organisation's own.
        raw: Text, number, yes or no, date, a list of texts, or None.
        source: Where it came from; survey answers divide several entries by blanks.

    Returns:
        Parsed: the canonical value (text `str`; picklist `str` code; multi_picklist `tuple` of codes; date
            `datetime.date`; boolean `bool`; number `int`; decimal_degrees `Decimal`), the problems, and the text
            to keep where it could not be taken over. Never raises for a bad value.
    """
    if raw is None or raw == "" or raw == [] or raw == ():
        return EMPTY
    return _READERS[field.kind](field, raw, source)


def _one(field: Field, code: str, raw: Raw, **params: Param) -> Parsed:
    problem = Problem.of(code, params, field=field.api_name, value_class=value_class(raw))
    return Parsed(None, (problem,), as_text(raw).strip())


def _text(field: Field, raw: Raw, source: Source) -> Parsed:
    if isinstance(raw, str):
        if raw.isprintable() and len(raw) <= field.max_length and (raw.isascii() or is_normalized("NFC", raw)):
            text = raw.strip()
            return Parsed(text) if text else EMPTY
        text = normalize("NFC", raw)
    elif isinstance(raw, dict | list | tuple | set):
        return _one(field, "not_text", raw)
    else:
        text = as_text(raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = _CONTROLS.sub("", text)
    problems = [Problem.of("control_characters", field=field.api_name)] if len(clean) < len(text) else []
    clean = clean.strip()
    if len(clean) > field.max_length:
        return _one(field, "too_long", raw, length=len(clean), limit=field.max_length)
    if isinstance(raw, float) and abs(raw) >= 1e15:
        problems.append(Problem.of("digits_lost", field=field.api_name, value_class="number"))
    return Parsed(clean or None, tuple(problems))


def _date(field: Field, raw: Raw, source: Source) -> Parsed:
    return parse_date(field.api_name, raw, birth=field.api_name == "prs_Birthdate")


def _boolean(field: Field, raw: Raw, source: Source) -> Parsed:
    if isinstance(raw, bool):
        return Parsed(raw)
    word = as_text(raw).replace("\u00a0", " ").strip().casefold()
    if not word:
        return EMPTY
    if word in _YES or word in _NO:
        return Parsed(word in _YES)
    return _one(field, "boolean_unreadable", raw)


def _number(field: Field, raw: Raw, source: Source) -> Parsed:
    text = as_text(raw).replace("\u00a0", " ").strip()
    if not text:
        return EMPTY
    if isinstance(raw, bool) or not _INTEGER.fullmatch(text):
        return _one(field, "number_unreadable", raw)
    number = int(re.split(r"[.,]", text)[0])
    return _in_range(field, raw, number, "number_out_of_range")


def _degrees(field: Field, raw: Raw, source: Source) -> Parsed:
    text = as_text(raw).replace("\u00a0", " ").replace("\u2212", "-").strip()
    if not text:
        return EMPTY
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if isinstance(raw, bool) or not _DEGREES.fullmatch(text):
        return _one(field, "degrees_unreadable", raw)
    try:
        return _in_range(field, raw, Decimal(text), "degrees_out_of_range")
    except InvalidOperation:
        return _one(field, "degrees_unreadable", raw)


def _in_range(field: Field, raw: Raw, number: int | Decimal, code: str) -> Parsed:
    low, high = field.low, field.high
    if (low is not None and number < low) or (high is not None and number > high):
        return _one(field, code, raw, low=low or 0, high=high or 0)
    return Parsed(number)


def _phone(field: Field, raw: Raw, source: Source) -> Parsed:
    return parse_phone(field.api_name, raw)


def _email(field: Field, raw: Raw, source: Source) -> Parsed:
    text = as_text(raw).replace("\u00a0", " ").strip().removeprefix("mailto:")
    if not text:
        return EMPTY
    if len(text) > field.max_length or not _EMAIL.fullmatch(text):
        return _one(field, "email_unreadable", raw)
    return Parsed(text)


_READERS: dict[Kind, Callable[[Field, Raw, Source], Parsed]] = {
    "text": _text,
    "long_text": _text,
    "picklist": parse_choice,
    "multi_picklist": parse_choices,
    "country": parse_choice,
    "language": parse_choice,
    "date": _date,
    "boolean": _boolean,
    "number": _number,
    "decimal_degrees": _degrees,
    "phone": _phone,
    "email": _email,
}
