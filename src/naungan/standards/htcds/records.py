"""Checks a record by API names against the field table and the pick-lists of the standard (HTCDS check H6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from naungan.standards.checks import Problem
from naungan.standards.htcds.fields import FIELDS, Field

_BOOLEANS = {"TRUE", "FALSE"}


def validate_record(record: Mapping[str, object]) -> list[Problem]:
    """
    Check a record as it stands in an exported CSV row or JSON object.

    Args:
        record: API name to value: text (CSV) or JSON type; several codes joined by `;` or as a list. None and empty
            text mean nothing.

    Returns:
        list: problems; empty when every field is of the standard and live, each code is published, and each value
            has the standard's type and pattern.
    """
    problems: list[Problem] = []
    for name, value in record.items():
        field = FIELDS.get(name)
        if field is None:
            problems.append(Problem.of("unknown_field", field=name))
        elif value is not None and value != "" and value != []:
            problems.extend(_check(field, value))
    return problems


def _check(field: Field, value: object) -> list[Problem]:
    if field.deprecated:
        return [Problem.of("deprecated_field", field=field.api_name)]
    if field.choices and field.kind != "boolean":
        return _check_codes(field, value)
    code = _type_problem(field, value)
    if code is None and field.pattern and not re.fullmatch(field.pattern.strip("^$"), str(value)):
        code = "pattern_mismatch"
    return [Problem.of(code, field=field.api_name)] if code else []


def _check_codes(field: Field, value: object) -> list[Problem]:
    codes = value if isinstance(value, list | tuple) else str(value).split(";") if field.several else [value]
    problems = []
    for code in codes:
        choice = field.choices.get(code) if isinstance(code, str) else None
        if choice is None:
            problems.append(Problem.of("unknown_choice", field=field.api_name))
        elif choice.extension:
            problems.append(Problem.of("extension_code", field=field.api_name))
    return problems


def _type_problem(field: Field, value: object) -> str | None:
    if field.kind == "boolean":
        return None if isinstance(value, bool) or value in _BOOLEANS else "wrong_type"
    if field.kind == "date":
        return None if isinstance(value, str) and _is_date(value) else "wrong_type"
    if field.kind == "number":
        is_number = isinstance(value, int) or (isinstance(value, str) and value.lstrip("-").isdigit())
        return None if is_number else "wrong_type"
    if field.kind == "decimal_degrees":
        return None if _is_decimal(value) else "wrong_type"
    return None if isinstance(value, str) else "wrong_type"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_decimal(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False
