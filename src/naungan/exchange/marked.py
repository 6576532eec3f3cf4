"""Puts rows of the quarantine into the shape in which the marked workbook carries them out and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from naungan.exchange import places
from naungan.exchange.content import RowContent, field_of
from naungan.exchange.files import SheetMapping, mapping_of
from naungan.exchange.formats import MarkedRow, Record
from naungan.exchange.formats.record import comes_back, encode_extra, unheld
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.sealing import open_row
from naungan.exchange.states import RowState
from naungan.standards import htcds
from naungan.standards.htcds.values import as_text
from naungan.vault.store import data_key

_FORM: htcds.dumping.Form = "template_multi"


def row_id(batch: ImportBatch, row: ImportRow) -> str:
    """What the hidden column of the marked workbook says of a row."""
    return f"{batch.ref}-{row.pk}"


def read_row_id(batch: ImportBatch, text: str) -> int | None:
    """The row that a hidden cell names, if it is one of this batch."""
    ref, _, number = text.strip().rpartition("-")
    return int(number) if ref == batch.ref and number.isdecimal() else None


def marked_rows(batch: ImportBatch, own: Sequence[htcds.Field]) -> Iterator[MarkedRow]:
    """Every row in quarantine."""
    sheets, names, key = mapping_of(batch), places.sheet_names(batch), data_key(batch.rows_subject)
    rows = ImportRow.objects.filter(batch=batch, state=RowState.QUARANTINED.value, sealed__isnull=False)
    for row in rows.order_by("sheet", "number").iterator(500):
        assert row.sealed is not None
        content = RowContent.from_plain(open_row(key, (row.sheet, row.number), row.sealed))
        problems = [places.of_row(row, kept, names) for kept in row.problems]
        suggested = [replace(p, suggestion=content.suggestions.get(p.field or "")) for p in problems]
        yield MarkedRow(
            row_id=row_id(batch, row),
            texts=_texts(content, own),
            problems=suggested,
            others=_others(content, sheets[row.sheet]) if row.sheet < len(sheets) else dict(content.cells),
            extra=_extra(content),
        )


def _texts(content: RowContent, own: Sequence[htcds.Field]) -> dict[str, str]:
    fields = {each.api_name: each for each in own} | dict(htcds.FIELDS)
    values = {**content.flat_values(), **{f"x:{code}": value for code, (_, value) in content.custom.items()}}
    texts = {name: _text(fields[name], value) for name, value in values.items() if name in fields}
    kept = {field_of(name): word for name, word in {**content.kept, **content.refused}.items() if "#2" not in name}
    return {name: text for name, text in {**texts, **kept}.items() if text}


def _text(field: htcds.Field, value: object) -> str:
    return as_text(htcds.dump(field, value, _FORM))


def _others(content: RowContent, sheet: SheetMapping) -> dict[str, str]:
    known = sheet.mapping.fields
    headings = {column.letter: column.heading or column.letter for column in sheet.mapping.columns}
    return {headings.get(letter, letter): text for letter, text in content.cells.items() if letter not in known}


def _extra(content: RowContent) -> str:
    values = cast(dict[str, htcds.Value], dict(content.values))
    repeated = {prefix: [dict(one) for one in several] for prefix, several in content.repeated.items()}
    found = unheld(_FORM, Record(values=values, repeated=cast(dict[str, list[dict[str, htcds.Value]]], repeated)))
    kept: dict[str, object] = {}
    if held := {name: part for name, part in found.get("v", {}).items() if not _comes_back(name, values[name])}:
        kept["v"] = held
    if several := {prefix: part for prefix, part in found.get("r", {}).items() if not _is_plain(repeated[prefix])}:
        kept["r"] = several
    return encode_extra(kept)


def _comes_back(name: str, value: htcds.Value) -> bool:
    return comes_back(_FORM, htcds.FIELDS[name], value)


def _is_plain(several: Sequence[Mapping[str, object]]) -> bool:
    return len(several) == 1 and all(_comes_back(n, cast(htcds.Value, v)) for n, v in several[0].items())
