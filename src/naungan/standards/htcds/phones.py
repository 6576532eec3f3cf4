"""Reads phone numbers in the international form (E.164) and suggests one where the country is missing."""

from __future__ import annotations

import re

import phonenumbers

from naungan.standards.checks import Problem
from naungan.standards.htcds.values import EMPTY, Parsed, Raw, as_text

_SIGNS = re.compile(r"[\s().\-/\u00a0\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_INDONESIAN_MOBILE = re.compile(r"\+628[1-9]\d{7,10}")
_DIGITS = re.compile(r"\d{3,17}")

HOME_REGION = "ID"


def parse_phone(name: str, raw: Raw) -> Parsed:
    """Read a phone number; without country it is kept in `raw` with the full form as suggestion, never changed."""
    text = as_text(raw).strip()
    if not text:
        return EMPTY
    if _INDONESIAN_MOBILE.fullmatch(text):
        return Parsed(text)
    bare = _SIGNS.sub("", text)
    if _E164.fullmatch(bare):
        return Parsed(bare, tuple(_notes(name, bare, is_tidied=bare != text)))
    code = "phone_without_country" if _DIGITS.fullmatch(bare) else "phone_unreadable"
    problem = Problem.of(code, field=name, value_class="text", suggestion=_suggestion(bare))
    return Parsed(None, (problem,), text)


def _notes(name: str, number: str, *, is_tidied: bool) -> list[Problem]:
    notes = [Problem.of("phone_tidied", field=name)] if is_tidied else []
    try:
        is_possible = phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        is_possible = False
    return notes if is_possible else [*notes, Problem.of("phone_improbable", field=name)]


def _suggestion(digits: str) -> str | None:
    if not _DIGITS.fullmatch(digits):
        return None
    attempts = [(f"+{digits[2:]}", None)] if digits.startswith("00") else [(digits, HOME_REGION), (f"+{digits}", None)]
    for text, region in attempts:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) or (
            region and phonenumbers.is_possible_number(number) and digits[0] == "0"
        ):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
