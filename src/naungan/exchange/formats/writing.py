"""Writes records as streams: into the published workbooks, as CSV, as JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import IO

from naungan.exchange.formats.cells import column_letter
from naungan.exchange.formats.extras import fingerprint
from naungan.exchange.formats.headings import CODE, EXTRA, template_columns
from naungan.exchange.formats.record import Record, encode_extra, form_fields, unheld
from naungan.exchange.formats.shielding import FORMULA_START, shield
from naungan.exchange.formats.templates import Template, template
from naungan.standards.htcds import Field, dump
from naungan.standards.htcds.dumping import Cell, Form

__all__ = ["stream_csv", "stream_json", "stream_template", "write_csv", "write_json", "write_template"]

_FLUSH_ROWS = 200
_LEVEL = 3
_EPOCH = date(1899, 12, 30).toordinal()
_FIRST_SERIAL_DAY = date(1900, 3, 1)
_CELL_LIMIT = 30_000

# Not allowed in XML 1.0, or taken by spreadsheet programs for a coded character.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

_EXPLANATION = (
    "This sheet keeps what the form has no room for. Leave it in the file, and nothing is lost when it is imported.",
    "Lembar ini menyimpan isi yang tidak tertampung formulir. Jangan dihapus, agar tidak ada yang hilang saat diimpor.",
)


def write_template(
    form: Form, records: Iterable[Record], out: IO[bytes], *, extra: bool = True, count: int | None = None
) -> None:
    """Write what `stream_template` gives to a file."""
    for chunk in stream_template(form, records, extra=extra, count=count):
        out.write(chunk)


def stream_template(
    form: Form, records: Iterable[Record], *, extra: bool = True, count: int | None = None
) -> Iterator[bytes]:
    """
    Write records into a published workbook, piece by piece.

    Rows 1 and 2, validations and other sheets stay as published. Values are text that is never taken for a formula,
    dates are dates. What the form cannot hold rides in the sheet `naungan`, with the case codes.

    Args:
        form: `template_plain`, `template_single` or `template_multi`; all give an .xlsx without macro.
        records: Read once; more than 1,000 are allowed.
        extra: Whether to write what the form cannot hold; without it the export loses that.
        count: How many records come, where known; lets the file state its extent.

    Yields:
        bytes: the file; the first piece comes before the first record is read.
    """
    published = template(form)
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, content in published.parts:
            archive.writestr(_entry(name), content)
        yield out.take()
        extras = _ExtraSheet()
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            sheet.write(published.opening(count).encode("utf-8"))
            writer = _RowWriter(form, published)
            last = 2
            for lines in _batches(_numbered(writer, records, extras if extra else None)):
                last += len(lines)
                sheet.write("".join(lines).encode("utf-8", "replace"))
                yield out.take()
            sheet.write("".join(published.blank_rows[last - 2 :]).encode("utf-8"))
            sheet.write(published.closing(last).encode("utf-8"))
        with archive.open(_entry("xl/worksheets/naungan.xml"), "w", force_zip64=True) as sheet:
            for piece in extras.pieces():
                sheet.write(piece)
                yield out.take()
    yield out.take()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _numbered(writer: _RowWriter, records: Iterable[Record], extras: _ExtraSheet | None) -> Iterator[str]:
    for counter, record in enumerate(records, start=1):
        line, texts = writer.row(counter, record)
        if extras is not None:
            extras.add(counter, texts, record, writer.form)
        yield line


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) >= _FLUSH_ROWS:
            yield batch
            batch = []
    yield batch


class _Pieces(io.RawIOBase):
    """What was written since the last `take`; cannot be sought, like a network."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        size = len(self._written)
        self._written += data  # type: ignore[arg-type]  # any buffer
        return len(self._written) - size

    def take(self) -> bytes:
        piece = bytes(self._written)
        self._written.clear()
        return piece


class _RowWriter:
    """Writes one record as one row of a template."""

    def __init__(self, form: Form, published: Template) -> None:
        self.form = form
        self._columns = template_columns()
        self._published = published

    def row(self, counter: int, record: Record) -> tuple[str, list[str]]:
        """The row as XML, and the texts of its cells for the fingerprint."""
        number = counter + 2
        parts = [f'<row r="{number}" spans="1:39" x14ac:dyDescent="0.2"><c r="A{number}"><v>{counter}</v></c>']
        texts: list[str] = []
        values, words = record.values, record.raw
        for letter, of in self._columns:
            name = of.api_name
            value: object = words.get(name)
            if value is None:
                value = values.get(name)
                if value is not None:
                    value = _template_cell(of, value, self.form)
            if value is None or value == "":
                texts.append("")
                continue
            texts.append(value.isoformat() if isinstance(value, date) else str(value))
            parts.append(self._cell(f"{letter}{number}", value))
        parts.append("</row>")
        return "".join(parts), texts

    def _cell(self, place: str, value: object) -> str:
        if isinstance(value, date):
            if value >= _FIRST_SERIAL_DAY:
                return f'<c r="{place}" s="{self._published.date_style}"><v>{value.toordinal() - _EPOCH}</v></c>'
            value = value.isoformat()
        text = str(value)
        style = self._published.quoted_style if text.startswith(FORMULA_START) else self._published.text_style
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{xml_text(text)}</t></is></c>'


def _template_cell(of: Field, value: object, form: Form) -> Cell:
    if of.choices or of.several:
        return _coded_cell(of, value, form)
    if isinstance(value, str | date):
        return value
    return dump(of, value, form)


@lru_cache(maxsize=20_000)
def _coded_cell(of: Field, value: object, form: Form) -> Cell:
    return dump(of, value, form)


def xml_text(text: str) -> str:
    """A text as XML character data that every reader gives back as it was."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if not text.isprintable():
        text = _ILLEGAL.sub("\ufffd", text).replace("\r", "&#13;")
    return _CODED.sub("_x005F_", text) if "_x" in text else text


class _ExtraSheet:
    """The sheet `naungan`, kept packed until the case sheet is written."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(6)
        self._packed: list[bytes] = []
        self._row = 3
        self._add(
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            f'<row r="1">{_text_cells(1, _EXPLANATION[:1])}</row><row r="2">{_text_cells(2, _EXPLANATION[1:])}</row>'
            f'<row r="3">{_text_cells(3, ("row", "cells", CODE, EXTRA))}</row>'
        )

    def add(self, counter: int, texts: Sequence[str], record: Record, form: Form) -> None:
        """Keep what the form cannot hold of a record, if there is anything, and its code."""
        extra = encode_extra(unheld(form, record))
        if not (extra or record.code):
            return
        self._row += 1
        cells = [fingerprint(texts), record.code]
        cells += [extra[at : at + _CELL_LIMIT] for at in range(0, len(extra), _CELL_LIMIT)]
        row = self._row
        self._add(f'<row r="{row}"><c r="A{row}"><v>{counter}</v></c>{_text_cells(row, cells, first=1)}</row>')

    def pieces(self) -> Iterator[bytes]:
        """The sheet's XML."""
        self._add("</sheetData></worksheet>")
        self._packed.append(self._packer.flush())
        unpacker = zlib.decompressobj()
        for piece in self._packed:
            yield unpacker.decompress(piece)
        yield unpacker.flush()

    def _add(self, xml: str) -> None:
        packed = self._packer.compress(xml.encode("utf-8", "replace"))
        if packed:
            self._packed.append(packed)


def _text_cells(row: int, texts: Sequence[str], *, first: int = 0) -> str:
    return "".join(
        f'<c r="{column_letter(first + at)}{row}" t="inlineStr">'
        f'<is><t xml:space="preserve">{xml_text(text)}</t></is></c>'
        for at, text in enumerate(texts)
        if text
    )


def write_csv(records: Iterable[Record], out: IO[bytes], *, custom: Sequence[Field] = ()) -> None:
    """Write what `stream_csv` gives to a file."""
    for chunk in stream_csv(records, custom=custom):
        out.write(chunk)


def stream_csv(records: Iterable[Record], *, custom: Sequence[Field] = ()) -> Iterator[bytes]:
    """
    Write records as CSV by API names, one row each, without loss.

    Columns: `naungan_code`; every live field of the standard in its order, of repeated objects the first repetition;
    the own fields as `x:<code>`; `naungan_extra`, JSON with what the columns cannot hold (further repetitions,
    extension codes, kept words, withdrawn fields). Several codes are joined by `;`, dates are ISO, yes and no are
    TRUE and FALSE. UTF-8 with a mark, so that spreadsheet programs show names rightly.
    """
    fields = form_fields("csv")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([CODE, *(each.api_name for each in fields), *(each.api_name for each in custom), EXTRA])
    yield b"\xef\xbb\xbf" + _drain(buffer)
    for number, record in enumerate(records, start=1):
        cells = [str(_flat_cell(record, each, "csv") or "") for each in (*fields, *custom)]
        writer.writerow([shield(cell) for cell in (record.code, *cells, encode_extra(unheld("csv", record, custom)))])
        if number % _FLUSH_ROWS == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _flat_cell(record: Record, of: Field, form: Form) -> Cell:
    if of.is_custom:
        value = record.custom.get(of.api_name[2:])
    elif of.is_repeated:
        repetitions = record.repeated.get(of.prefix)
        value = repetitions[0].get(of.api_name) if repetitions else None
    else:
        value = record.values.get(of.api_name)
    return None if value is None else dump(of, value, form)


def write_json(records: Iterable[Record], out: IO[bytes], *, custom: Sequence[Field] = ()) -> None:
    """Write what `stream_json` gives to a file."""
    for chunk in stream_json(records, custom=custom):
        out.write(chunk)


def stream_json(records: Iterable[Record], *, custom: Sequence[Field] = ()) -> Iterator[bytes]:
    """
    Write records as JSON by API names, `{"standard": "HTCDS 2.0", "records": [...]}`, without loss.

    One object a record; keys are the columns of `stream_csv`, empty ones left out. Several codes are a list, numbers
    and yes and no are JSON's own, `naungan_extra` is an object.
    """
    fields = (*form_fields("json"), *custom)
    yield b'{"standard": "HTCDS 2.0", "records": ['
    lines: list[str] = []
    for number, record in enumerate(records):
        line = json.dumps(_json_object(record, fields, custom), ensure_ascii=False, separators=(",", ":"))
        lines.append((",\n" if number else "\n") + line)
        if len(lines) >= _FLUSH_ROWS:
            yield "".join(lines).encode("utf-8", "replace")
            lines = []
    yield ("".join(lines) + "\n]}\n").encode("utf-8", "replace")


def _json_object(record: Record, fields: Sequence[Field], custom: Sequence[Field]) -> dict[str, object]:
    found: dict[str, object] = {CODE: record.code} if record.code else {}
    for each in fields:
        cell = _flat_cell(record, each, "json")
        if cell is not None:
            found[each.api_name] = cell
    extra = unheld("json", record, custom)
    if extra:
        found[EXTRA] = extra
    return found
