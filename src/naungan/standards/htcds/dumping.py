"""Writes canonical values back: in the published spellings of a form, as CSV or JSON, and as sealed text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from naungan.standards.htcds.fields import Field, Kind
from naungan.standards.htcds.values import Value

Form = Literal["template_plain", "template_single", "template_multi", "csv", "json", "survey"]
Cell = str | int | float | bool | date | list[str] | None

TEMPLATES: frozenset[Form] = frozenset({"template_plain", "template_single", "template_multi"})
_SEPARATOR = "\x1f"


def dump(field: Field, value: object, form: Form) -> Cell:
    """
    Write one canonical value for a form.

    Args:
        field: The field it belongs to.
        value: Canonical, as `parse` gives it; lists are taken for tuples.
        form: In templates labels are written as published, dates stay dates; in `csv` codes are joined by `;`; in
            `json` several codes are a list; in `survey` codes are joined by blanks.

    Returns:
        Cell: None for nothing. Extension codes are mapped back to the published code; a code that the standard has
            no place for gives None (in several: is left out). The single-select template holds the first entry only.
    """
    if value is None or value == "" or value == () or value == []:
        return None
    if field.several or field.kind in ("picklist", "country", "language"):
        return _codes(field, value, form)
    if isinstance(value, bool):
        return _boolean(value, form)
    if isinstance(value, date):
        return value if form in TEMPLATES else value.isoformat()
    if isinstance(value, Decimal):
        return float(value) if form == "json" else format(value, "f")
    if isinstance(value, int):
        return value if form == "json" else str(value)
    return str(value)


def published_codes(field: Field, value: object) -> tuple[str, ...]:
    """The codes of the standard that a value is written as, without repetition."""
    codes = value if isinstance(value, tuple | list) else (value,)
    found: dict[str, None] = {}
    for code in codes:
        choice = field.choices.get(str(code))
        target = choice.maps_to if choice and choice.extension and not field.is_custom else str(code)
        if target:
            found[target] = None
    return tuple(found)


def _codes(field: Field, value: object, form: Form) -> Cell:
    codes = published_codes(field, value)
    if not codes:
        return None
    if form not in TEMPLATES:
        if form == "json":
            return list(codes) if field.several else codes[0]
        return (" " if form == "survey" else ";").join(codes)
    if form == "template_single":
        return _label(field, codes[0], keep_blanks=True)
    return "; ".join(_label(field, code, keep_blanks=False) for code in codes)


def _label(field: Field, code: str, *, keep_blanks: bool) -> str:
    choice = field.choices.get(code)
    label = (choice.excel_label or choice.label) if choice else code
    return label if keep_blanks else label.strip()


def _boolean(value: bool, form: Form) -> Cell:
    if form == "json":
        return value
    return ("Yes" if value else "No") if form in TEMPLATES else ("TRUE" if value else "FALSE")


def to_text(value: object) -> str | None:
    """
    Write a canonical value as one text for sealing; `from_text` reads it back.

    >>> to_text(("Police", "Other")) == "Police" + chr(31) + "Other"
    True
    """
    if value.__class__ is str:  # by far the most frequent
        return str(value) or None
    if value is None or value == "" or value == () or value == []:
        return None
    if isinstance(value, tuple | list):
        return _SEPARATOR.join(str(part) for part in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def from_text(field: Field, text: str) -> Value | None:
    """Read back what `to_text` wrote for a field."""
    return from_kind_text(field.kind, text)


def from_kind_text(kind: Kind | str, text: str) -> Value | None:
    """Read back what `to_text` wrote for a value of a kind."""
    if text == "":
        return None
    if kind == "multi_picklist":
        return tuple(text.split(_SEPARATOR))
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "boolean":
        return text == "true"
    if kind == "number":
        return int(text)
    return Decimal(text) if kind == "decimal_degrees" else text
