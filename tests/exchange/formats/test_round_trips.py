"""Any record that can exist survives export and import, in every form."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from naungan.exchange.formats import (
    Record,
    check_rows,
    open_upload,
    propose_mapping,
    write_csv,
    write_json,
    write_template,
)
from naungan.exchange.formats.record import decode_extra, encode_extra, unheld
from naungan.exchange.formats.shielding import shield, unshield
from naungan.standards.htcds import FIELDS, Field, Value, parse
from naungan.standards.htcds.dumping import Form

FORMS: tuple[Form, ...] = ("template_plain", "template_single", "template_multi", "csv", "json")


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Canonical values of a field."""
    if field.kind in ("picklist", "country", "language"):
        return st.sampled_from(list(field.choices))
    if field.several:
        return st.lists(st.sampled_from(list(field.choices)), min_size=1, max_size=4, unique=True).map(tuple)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "date": st.dates(date(1900, 1, 1), date(2020, 12, 31)),
        "boolean": st.booleans(),
        "number": st.integers(0, 50),
        "decimal_degrees": st.decimals(-90, 90, places=5, allow_nan=False).map(
            lambda number: Decimal(repr(float(number)))
        ),
        "phone": st.just("+628123456789"),
        "email": st.just("contoh@example.org"),
    }
    text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
    if field.kind in simple:
        return simple[field.kind]
    return text.map(lambda raw: parse(field, raw).value).filter(lambda value: value is not None)


LIVE = list(FIELDS.values())
SINGLE = {field.api_name: values_of(field) for field in LIVE if not field.is_repeated}
REPEATED = {
    prefix: {field.api_name: values_of(field) for field in LIVE if field.prefix == prefix}
    for prefix in ("hte", "spl", "cco", "per")
}


def some_of(strategies: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """A few fields with their values."""
    return st.lists(st.sampled_from(list(strategies)), min_size=1, max_size=12, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: strategies[name] for name in names})
    )


RECORDS = st.builds(
    Record,
    values=some_of(SINGLE),
    repeated=st.fixed_dictionaries(
        {},
        optional={
            prefix: st.lists(some_of(strategies), min_size=1, max_size=3) for prefix, strategies in REPEATED.items()
        },
    ),
    custom=st.dictionaries(
        st.sampled_from(["a", "b"]), st.one_of(st.booleans(), st.integers(), st.dates(), st.just("+x"))
    ),
    raw=st.just({}),
    code=st.sampled_from(["", "NGA-0001"]),
)


def written(form: Form, records: list[Record]) -> bytes:
    out = io.BytesIO()
    if form == "csv":
        write_csv(records, out)
    elif form == "json":
        write_json(records, out)
    else:
        write_template(form, records, out)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(records=st.lists(RECORDS, min_size=12, max_size=12))
def test_records_survive_export_and_import(form: Form, records: list[Record]) -> None:
    upload = open_upload(written(form, records))

    rows = list(check_rows(upload, propose_mapping(upload.head().rows)))

    found = sorted(repr(ordered(row.record)) for row in rows)
    assert found == sorted(repr(ordered(record)) for record in records)


def ordered(record: Record) -> Record:
    """The record with its fields in one order and plain decimals, so that two can be compared as text."""
    return Record(
        plain(record.values),
        {key: [plain(each) for each in value] for key, value in sorted(record.repeated.items())},
        plain(record.custom),
        dict(sorted(record.raw.items())),
        record.code,
    )


def plain(values: dict[str, Value]) -> dict[str, Value]:
    return {
        name: Decimal(repr(float(value))) if isinstance(value, Decimal) else value
        for name, value in sorted(values.items())
    }


@given(st.text(max_size=20))
def test_shielded_text_comes_back_and_starts_no_formula(text: str) -> None:
    assert unshield(shield(text)) == text


@given(RECORDS)
def test_extra_column_gives_back_what_a_form_cannot_hold(record: Record) -> None:
    text = encode_extra(unheld("template_single", record))

    if text:
        found = decode_extra(text)
        assert found.custom == record.custom
        assert all(record.values[name] == value for name, value in found.values.items())
