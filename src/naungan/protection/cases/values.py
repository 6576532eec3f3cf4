"""Checks values at the edge of the cases app and brings them to and from their columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from naungan.protection.cases.errors import InvalidValues
from naungan.protection.cases.models import CustomField
from naungan.standards import htcds
from naungan.standards.checks import Problem

SOURCE = "form"


def parse_values(raw: Mapping[str, object], *, source: str = SOURCE) -> tuple[dict[str, object], list[Problem]]:
    """Turn what a person typed into canonical values; a problem names its field, rule and fix."""
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in raw.items():
        parsed = htcds.parse(htcds.FIELDS[name], value, source=source)
        values[name] = parsed.value
        problems.extend(parsed.problems)
    return values, problems


def clean_values(raw: Mapping[str, object], *, source: str = SOURCE) -> dict[str, object]:
    """
    The canonical values of what was typed.

    Raises:
        InvalidValues: at least one value breaks a rule.
    """
    values, problems = parse_values(raw, source=source)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidValues(errors)
    return values


def require_known(values: Mapping[str, object], custom: Mapping[str, object], organisation_id: int) -> None:
    """Refuse fields that the standard does not have, or that the organisation has not added."""
    unknown = [name for name in values if name not in htcds.FIELDS]
    if custom:
        own = custom_fields(organisation_id)
        unknown += [f"x:{code}" for code in custom if code not in own]
    if unknown:
        raise InvalidValues([Problem.of("unknown_field", field=name) for name in unknown])


def custom_fields(organisation_id: int) -> dict[str, CustomField]:
    """The organisation's own fields by code, ended ones too, since old records keep their values."""
    return {field.code: field for field in CustomField.objects.filter(organisation_id=organisation_id).order_by("order", "code")}


def is_sealed(field: CustomField) -> bool:
    """Whether an own field's values belong in the vault."""
    return field.data_class in ("identifying", "sensitive") or field.kind in ("text", "long_text")


def open_custom(custom: Mapping[str, object], organisation_id: int) -> dict[str, object]:
    """The own fields that are kept in the clear, ready for the JSON column."""
    if not custom:
        return {}
    own = custom_fields(organisation_id)
    return {code: _plain(value) for code, value in custom.items() if not is_sealed(own[code]) and value is not None}


def sealed_custom(custom: Mapping[str, object], organisation_id: int) -> dict[str, str | None]:
    """The own fields that belong in the vault, as texts; None clears one."""
    if not custom:
        return {}
    own = custom_fields(organisation_id)
    return {code: to_text(value) for code, value in custom.items() if is_sealed(own[code])}


def to_column(api_name: str, value: object) -> object:
    """A canonical value as its column keeps it: lists for several, empty text for none."""
    several = htcds.FIELDS[api_name].several
    if isinstance(value, tuple | list):
        return list(value) if several else (value[0] if value else "")
    if value is None:
        return _nothing(api_name)
    return [value] if several else value


def from_column(api_name: str, value: object) -> object:
    """A column as a canonical value: a tuple for several, None for nothing."""
    if isinstance(value, list):
        return tuple(value) or None
    return None if value == "" else value


def to_text(value: object) -> str | None:
    """A canonical value as the text that is sealed."""
    if value is None or value == "" or value == ():
        return None
    if isinstance(value, tuple | list):
        return "\x1f".join(str(part) for part in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def from_text(api_name: str, text: str) -> object:
    """A sealed text as its canonical value."""
    return htcds.from_text(htcds.FIELDS[api_name], text)


def age_on(birth: object, day: date) -> int | None:
    """Full years between a birth date and a day; None when either is missing or absurd."""
    if not isinstance(birth, date):
        return None
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return years if 0 <= years <= 120 else None


@lru_cache(maxsize=256)
def _nothing(api_name: str) -> object:
    kind = htcds.FIELDS[api_name].kind
    if htcds.FIELDS[api_name].several:
        return []
    return None if kind in ("date", "boolean", "number", "decimal_degrees") else ""


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
