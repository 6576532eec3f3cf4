"""A case as the files carry it, and what a form cannot hold of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from naungan.exchange.formats.errors import UnknownForm
from naungan.exchange.formats.headings import template_columns
from naungan.standards.htcds import FIELDS, REPEATED_PREFIXES, Field, Value, dump, parse
from naungan.standards.htcds.dumping import TEMPLATES, Form

__all__ = ["Record", "Unheld", "count_unheld", "decode_extra", "encode_extra", "form_fields", "unheld"]

_CODED = frozenset(("picklist", "multi_picklist", "country", "language"))


@dataclass(slots=True)
class Record:
    """
    One case with its person.

    Attributes:
        values: API name to canonical value, for the objects that a case has once (person, victim context, case,
            consent, organisation).
        repeated: `hte`, `spl`, `cco`, `per` to the repetitions in order, each an API name to canonical value.
        custom: Code of an organisation's own field to its value.
        raw: API name to words kept as they were written, because a list does not know them or a number has no
            country; for a repetition the key is `hte#1:hte_Country`, counted from 1.
        code: The case code; empty for a new case.
    """

    values: dict[str, Value] = field(default_factory=dict)
    repeated: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    custom: dict[str, Value] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True, slots=True)
class Unheld:
    """How many records a form cannot hold whole, and which parts, by API name, `hte`..., `custom` or `words`."""

    records: int
    parts: Mapping[str, int]


@lru_cache(maxsize=8)
def form_fields(form: Form) -> tuple[Field, ...]:
    """The fields that a form has room for, in its own order."""
    if form in TEMPLATES:
        return tuple(each for _, each in template_columns())
    if form in ("csv", "json"):
        return tuple(each for each in FIELDS.values() if not each.deprecated)
    raise UnknownForm(form)


@lru_cache(maxsize=8)
def _held(form: Form) -> frozenset[str]:
    return frozenset(each.api_name for each in form_fields(form))


def unheld(form: Form, record: Record, custom: Sequence[Field] = ()) -> dict[str, Any]:
    """What the columns of a form cannot give back: `v` values, `r` repetitions, `x` own fields, `w` kept words."""
    found: dict[str, Any] = {}
    values = {name: encode(value) for name, value in record.values.items() if not _is_held(form, name, value, record)}
    if values:
        found["v"] = values
    repeated = {
        prefix: [{name: encode(value) for name, value in each.items()} for each in record.repeated.get(prefix, ())]
        for prefix in REPEATED_PREFIXES
        if not _repetitions_are_held(form, record.repeated.get(prefix, ()))
    }
    if repeated:
        found["r"] = repeated
    columns = {each.api_name for each in custom}
    own = {
        code: encode(value) for code, value in record.custom.items() if f"x:{code}" not in columns or form in TEMPLATES
    }
    if own:
        found["x"] = own
    words = {name: text for name, text in record.raw.items() if not _word_is_held(form, name, text, record)}
    if words:
        found["w"] = words
    return found


def count_unheld(form: Form, records: Iterable[Record], custom: Sequence[Field] = ()) -> Unheld:
    """
    Count what a form cannot hold, to be shown before a download.

    Args:
        form: A template, `csv` or `json`.
        records: The records to be written; read once.
        custom: Own fields that get columns of their own in CSV and JSON.

    Returns:
        Unheld: numbers of records and parts; what is counted rides in the extra sheet or column, so nothing is lost.
    """
    parts: Counter[str] = Counter()
    count = 0
    for record in records:
        extra = unheld(form, record, custom)
        count += bool(extra)
        parts.update([*extra.get("v", ()), *extra.get("r", ())])
        parts.update(name for name, key in (("custom", "x"), ("words", "w")) if key in extra)
    return Unheld(count, dict(parts))


def _is_held(form: Form, name: str, value: Value, record: Record) -> bool:
    if value is None or value in ("", ()):
        return True
    if name not in _held(form) or FIELDS[name].is_repeated:
        return False
    if name in record.raw and form in TEMPLATES:
        return _word_is_held(form, name, record.raw[name], record)
    return comes_back(form, FIELDS[name], value)


def _word_is_held(form: Form, name: str, text: str, record: Record) -> bool:
    if form not in TEMPLATES or name not in _held(form):
        return False
    parsed = parse(FIELDS[name], text, source="excel")
    return parsed.raw == text and parsed.value == record.values.get(name)


def _repetitions_are_held(form: Form, repetitions: Sequence[Mapping[str, Value]]) -> bool:
    if not repetitions:
        return True
    if form in TEMPLATES or len(repetitions) > 1 or not any(repetitions[0].values()):
        return False
    held = _held(form)
    return all(name in held and comes_back(form, FIELDS[name], value) for name, value in repetitions[0].items())


def comes_back(form: Form, of: Field, value: Value) -> bool:
    """Whether a value written for a form is read back as itself."""
    kind = of.kind
    if isinstance(value, str) and kind in ("text", "long_text"):
        if value.isascii() and value.isprintable() and len(value) <= of.max_length:
            return value == value.strip()
    elif kind in _CODED:
        return _codes_come_back(form, of, value)
    elif kind == "boolean":
        return isinstance(value, bool)
    written = dump(of, value, form)
    return parse(of, written, source="excel" if form in TEMPLATES else "csv").value == value


@lru_cache(maxsize=20_000)
def _codes_come_back(form: Form, of: Field, value: Value) -> bool:
    codes = value if isinstance(value, tuple) else (value,)
    if form == "template_single" and len(codes) > 1:
        return False
    if any(code not in of.choices for code in codes):
        return False
    written = dump(of, value, form)
    return written is not None and parse(of, written, source="excel").value == value


def encode(value: Value) -> Any:
    """A canonical value as JSON that keeps its type."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"n": str(value)} if isinstance(value, Decimal) else value


def decode(value: Any) -> Value:
    """
    Read back what `encode` gave.

    Raises:
        ValueError: this is nothing that `encode` gives.
    """
    if isinstance(value, str | int):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if isinstance(value, dict) and len(value) == 1:
        kind, text = next(iter(value.items()))
        if kind == "d":
            return date.fromisoformat(text)
        if kind == "n" and Decimal(text).is_finite():
            return Decimal(text)
    raise ValueError("not a value of an extra column")


def encode_extra(extra: Mapping[str, Any]) -> str:
    """What a form cannot hold, as one line of JSON; empty for nothing."""
    return json.dumps(extra, ensure_ascii=False, separators=(",", ":")) if extra else ""


def decode_extra(text: str) -> Record:
    """
    Read back what `encode_extra` wrote.

    Returns:
        Record: only the parts that the form could not hold.

    Raises:
        ValueError: the text was damaged.
    """
    found = json.loads(text)
    try:
        return Record(
            values={_known(name): decode(value) for name, value in found.get("v", {}).items()},
            repeated={
                prefix: [{_known(name): decode(value) for name, value in each.items()} for each in repetitions]
                for prefix, repetitions in found.get("r", {}).items()
                if prefix in REPEATED_PREFIXES
            },
            custom={str(code): decode(value) for code, value in found.get("x", {}).items()},
            raw={str(name): str(word) for name, word in found.get("w", {}).items()},
        )
    except (AttributeError, TypeError, ArithmeticError) as error:
        raise ValueError("not an extra column") from error


def _known(name: str) -> str:
    if name not in FIELDS:
        raise ValueError("unknown field in an extra column")
    return name
