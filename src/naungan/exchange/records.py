"""Brings cases into the shape in which files carry them, with or without what tells who somebody is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import cast

from naungan.access.models import Organisation
from naungan.exchange.formats import Record
from naungan.exchange.words import OwnWords
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries.records import CaseRecord, records_of
from naungan.standards import htcds

CHUNK_CASES = 500


def chunks_of_cases(ids: Sequence[int]) -> Iterator[list[Case]]:
    """Cases by id in that order, some hundred at a time, so that memory stays flat."""
    for start in range(0, len(ids), CHUNK_CASES):
        wanted = ids[start : start + CHUNK_CASES]
        found = Case.objects.select_related("person__subject", "organisation").in_bulk(wanted)
        yield [found[pk] for pk in wanted if pk in found]


def files_records(
    cases: list[Case], own: Sequence[htcds.Field], words: OwnWords, *, identity: bool, with_organisation: bool
) -> Iterator[Record]:
    """
    Whole cases as records of a file.

    Without identity everything sealed is left out: names, contacts, exact places, and all free text,
    since a text can name anybody.
    """
    fields = {each.api_name[2:]: each for each in own}
    for record in records_of(cases, identity=identity):
        made = _record(record, fields, identity=identity)
        words.publish(made)
        if with_organisation:
            made.values.update(_organisation(record.case.organisation))
        yield made


def _record(record: CaseRecord, own: Mapping[str, htcds.Field], *, identity: bool) -> Record:
    parts = {
        prefix: [shown for part in several if (shown := _shown(part.values, identity=identity))]
        for prefix, several in record.parts.items()
    }
    return Record(
        values=_shown(record.values, identity=identity),
        repeated={prefix: several for prefix, several in parts.items() if several},
        custom={
            code: _own_value(own[code], value)
            for code, value in record.custom.items()
            if code in own and value is not None and (identity or not own[code].sealed)
        },
        raw=dict(record.raw) if identity else {},
        code=record.case.code,
    )


def _shown(values: Mapping[str, object], *, identity: bool) -> dict[str, htcds.Value]:
    return {
        name: cast(htcds.Value, value)
        for name, value in values.items()
        if value is not None and (identity or not htcds.FIELDS[name].sealed)
    }


def _own_value(field: htcds.Field, value: object) -> htcds.Value:
    if field.several:
        return tuple(str(one) for one in cast(Iterable[object], value)) if not isinstance(value, str) else (value,)
    if field.kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return cast(htcds.Value, value)


def _organisation(holder: Organisation) -> dict[str, htcds.Value]:
    known: dict[str, object] = {
        "org_Name": holder.name,
        "org_Type": holder.kind,
        "org_Phone": holder.phone,
        "org_ShippingStreet": holder.street,
        "org_ShippingCity": holder.city,
        "org_ShippingState": holder.state,
        "org_ShippingPostalCode": holder.postal_code,
        "org_ShippingCountry": holder.country,
        "org_ShippingLatitude": holder.latitude,
        "org_ShippingLongitude": holder.longitude,
    }
    return {name: cast(htcds.Value, value) for name, value in known.items() if name in htcds.FIELDS and value}
