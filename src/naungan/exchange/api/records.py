"""Writes records as JSON: identity only where it was asked for with a reason by a token that may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from naungan.exchange.api.reading import IDENTIFYING
from naungan.protection.cases.queries import CaseRecord, CaseRow
from naungan.protection.cases.queries.records import Part


def plain(value: object) -> object:
    """A canonical value as JSON has it, lossless: several codes a list, days and coordinates texts."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def moment(value: datetime) -> str:
    """An instant in UTC."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def row_body(row: CaseRow) -> dict[str, object]:
    """One line of the list."""
    return {
        "code": row.code,
        "state": row.state,
        "opened_on": row.opened_on.isoformat(),
        "touched_at": moment(row.touched_at),
        "gender": row.gender or None,
        "age_at_opening": row.age_at_opening,
        "trafficking_status": row.trafficking_status or None,
        "exploitation_types": row.exploitation_types,
        "is_restricted": row.is_restricted,
    }


def case_body(record: CaseRecord, *, identity: bool) -> dict[str, object]:
    """A whole case; without `identity` the fields that tell who somebody is are named under `masked`, not shown."""
    case, masked = record.case, set(record.masked)
    shown = {**record.values}
    if not identity:
        masked |= IDENTIFYING & shown.keys()
    parts = {prefix: [_part(one, masked, identity) for one in several] for prefix, several in record.parts.items()}
    return {
        "code": case.code,
        "state": case.state,
        "version": case.version,
        "person": case.person.ref,
        "opened_on": case.opened_on.isoformat(),
        "touched_at": moment(case.touched_at),
        "closed_on": case.closed_on.isoformat() if case.closed_on else None,
        "is_restricted": case.is_restricted,
        "fields": _shown(shown, identity),
        "parts": parts,
        "own": {code: plain(value) for code, value in record.custom.items()},
        "unread": _shown(record.raw, identity),
        "masked": sorted(masked),
    }


def person_fields(record: CaseRecord) -> dict[str, object]:
    """What a case says of its person, identity left out."""
    return _shown({name: value for name, value in record.values.items() if name.startswith("prs_")}, False)


def values_body(values: Mapping[str, object]) -> dict[str, object]:
    """Canonical values by API name."""
    return {name: plain(value) for name, value in values.items()}


def visible_names(names: Sequence[str], *, read: bool, identity: bool) -> list[str]:
    """Of some fields, those whose present values a token may be shown."""
    return [name for name in names if read and (identity or name not in IDENTIFYING)]


def _part(part: Part, masked: set[str], identity: bool) -> dict[str, object]:
    if not identity:
        masked |= IDENTIFYING & part.values.keys()
    return {"ref": part.ref, "fields": _shown(part.values, identity)}


def _shown(values: Mapping[str, object], identity: bool) -> dict[str, object]:
    return {name: plain(value) for name, value in values.items() if identity or name not in IDENTIFYING}
