"""Checks values at the edge of the cases app and brings them to and from their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from django.db.models import QuerySet

from naungan.access.asking import ID, question
from naungan.protection.cases.errors import InvalidValues
from naungan.protection.cases.models import CustomChoice, CustomField
from naungan.standards import htcds
from naungan.standards.checks import Problem


def fields_of(organisation_id: int) -> dict[str, htcds.Field]:
    """
    Every field that an organisation's cases have: the standard's, with the words it added, then its own.

    Ended fields and words are among them, since old records keep their values; forms leave them out.
    """
    words = added_words(organisation_id)
    found = dict(htcds.FIELDS)
    for name in words.keys() & htcds.FIELDS.keys():
        known = htcds.FIELDS[name]
        found[name] = replace(known, own_choices={**known.choices, **words[name]})
    for code, own in custom_fields(organisation_id).items():
        found[f"x:{code}"] = htcds.custom_field(
            code,
            label=own.label_en or own.label_id,
            label_id=own.label_id,
            kind=own.kind,  # type: ignore[arg-type]  # the model's choices are kinds of the standard
            choices=words.get(f"x:{code}", {}),
            data_class=htcds.DataClass(own.data_class),
        )
    return found


def added_words(organisation_id: int) -> dict[str, dict[str, htcds.Choice]]:
    """The words an organisation added, by field and code; `maps_to` says what the standard's forms export."""
    found: dict[str, dict[str, htcds.Choice]] = {}
    for row in words_of(organisation_id):
        found.setdefault(row.field, {})[row.code] = htcds.Choice(
            code=row.code,
            label=row.label_en or row.label_id,
            label_id=row.label_id,
            extension=True,
            maps_to=row.maps_to or None,
        )
    return found


def ended_words(organisation_id: int, today: date) -> set[tuple[str, str]]:
    """The (field, code) of words that are no longer offered."""
    return {(row.field, row.code) for row in words_of(organisation_id) if row.ends_on and row.ends_on <= today}


def words_of(organisation_id: int) -> list[CustomChoice]:
    """The words an organisation added, ended ones too, as they are listed."""
    return _words(organisation=organisation_id)


@question(once=True, organisation=ID)
def _words(organisation: int) -> QuerySet[CustomChoice]:
    return CustomChoice.objects.filter(organisation_id=organisation).order_by("order", "code")


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
    return {field.code: field for field in _own_fields(organisation=organisation_id)}


@question(once=True, organisation=ID)
def _own_fields(organisation: int) -> QuerySet[CustomField]:
    return CustomField.objects.filter(organisation_id=organisation).order_by("order", "code")


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
    return {code: htcds.to_text(value) for code, value in custom.items() if is_sealed(own[code])}


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
