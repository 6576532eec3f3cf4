"""Opens what somebody sent: says what it is by its content, bounds it, and streams its rows."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from naungan.exchange.formats import workbooks
from naungan.exchange.formats.cells import Cell, SheetRow
from naungan.exchange.formats.errors import UnreadableFile
from naungan.exchange.formats.headings import Kind, is_survey, kind_of_workbook, known_headings
from naungan.exchange.formats.limits import Limits
from naungan.exchange.formats.sniffing import content_of, delimiter_of, encoding_of
from naungan.exchange.formats.texts import csv_rows, flatten, json_objects, text_stream
from naungan.standards.checks import Problem

__all__ = ["EXTRA_SHEET", "Head", "Kind", "Limits", "Upload", "open_upload"]

EXTRA_SHEET = "naungan"
_HEAD_BYTES = 1 << 16
_HEAD_ROWS = 12
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}

Source = Path | bytes
FileType = Literal["workbook", "csv", "json"]


@dataclass(frozen=True, slots=True)
class Head:
    """The first rows of one sheet that may hold a caseload; text files have one sheet without name."""

    sheet: str
    rows: list[list[Cell]]
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """
    A file that was opened and found readable.

    `kind` is what it is: a published template, a CSV or JSON by API names, or survey answers. `heads` are the sheets
    that may hold a caseload, best first. `notes` belong into the import report. `filename` is shown, never trusted.
    """

    kind: Kind
    filename: str
    heads: tuple[Head, ...]
    notes: tuple[Problem, ...]
    type: FileType
    source: Source = field(repr=False)
    limits: Limits = field(default_factory=Limits, repr=False)
    encoding: str | None = None
    delimiter: str | None = None
    has_extra: bool = False

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of the sheets that may hold a caseload."""
        return tuple(head.sheet for head in self.heads)

    def head(self, sheet: str | None = None) -> Head:
        """The first rows of a sheet, or of the best one."""
        return next(head for head in self.heads if sheet is None or head.sheet == sheet)

    def rows(self, sheet: str | None = None) -> Iterator[SheetRow]:
        """
        Stream every row that holds anything, headings included.

        Raises:
            UnreadableFile: a limit is passed or the file turns out to be damaged further down.
        """
        with _opened(self.source) as file:
            if self.type == "workbook":
                yield from workbooks.rows(file, sheet or self.heads[0].sheet, self.limits)
            elif self.type == "csv":
                yield from csv_rows(file, self.encoding or "utf-8", self.delimiter or ",", self.limits)
            else:
                yield from self._json_rows(file)

    def extra_rows(self) -> Iterator[SheetRow]:
        """Stream the rows of the sheet `naungan`, which holds what the form could not."""
        if self.has_extra:
            with _opened(self.source) as file:
                yield from workbooks.rows(file, EXTRA_SHEET, self.limits)

    def _json_rows(self, file: IO[bytes]) -> Iterator[SheetRow]:
        """JSON objects as rows below their keys; keys come in order of first appearance."""
        keys = _json_keys(file, self.encoding or "utf-8", self.limits)
        yield SheetRow(1, list[Cell](keys))
        places = {key: place for place, key in enumerate(keys)}
        for number, value in enumerate(json_objects(file, self.encoding or "utf-8", self.limits), start=2):
            cells: list[Cell] = [None] * len(keys)
            for key, inner in flatten_record(value).items():
                cells[places[key]] = json_cell(inner)
            yield SheetRow(number, cells)


def open_upload(source: Source | str, filename: str = "", *, limits: Limits | None = None) -> Upload:
    """
    Open a file that somebody sent.

    Args:
        source: Its path, or its bytes, which then never touch a disk.
        filename: What the sender called it; shown only, the content decides.
        limits: Bounds other than the usual ones.

    Returns:
        Upload: what it is, its headings, and notes for the report.

    Raises:
        UnreadableFile: with code, message and fix.
    """
    bounds = limits or Limits()
    place = Path(source) if isinstance(source, str) else source
    with _opened(place) as file:
        _check_size(file, bounds)
        head = file.read(_HEAD_BYTES)
        content = content_of(head, _whole(file) if head.startswith(b"\xd0\xcf") else None)
        if content == "workbook":
            return _workbook(place, filename, file, bounds)
        return (_json if content == "json" else _csv)(place, filename, file, bounds)


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        with _memory_file() as file:
            file.write(source)
            file.flush()
            file.seek(0)
            yield file


def _memory_file() -> IO[bytes]:
    """A file with a descriptor that the child can inherit; in memory where the system can do that."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("upload"), "w+b")
    return tempfile.TemporaryFile()


def _check_size(file: IO[bytes], limits: Limits) -> None:
    file.seek(0, io.SEEK_END)
    if file.tell() > limits.file_mb << 20:
        raise UnreadableFile("file_too_large", limit=limits.file_mb)
    file.seek(0)


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _workbook(source: Source, filename: str, file: IO[bytes], limits: Limits) -> Upload:
    looked = workbooks.look(file, limits)
    names = [sheet.name for sheet in looked.sheets]
    if {"survey", "choices"} <= set(names) and _is_form_definition(looked):
        raise UnreadableFile("form_definition")
    found = [
        (known_headings(sheet.head), Head(sheet.name, sheet.head, sheet.is_hidden))
        for sheet in looked.sheets
        if sheet.name not in (EXTRA_SHEET, "validation", "about")
    ]
    heads = [head for score, head in sorted(found, key=lambda pair: -pair[0]) if score]
    if not heads:
        raise UnreadableFile("no_case_sheet")
    notes = [Problem.of("macro_ignored")] if looked.has_macro else []
    notes += [Problem.of("external_links")] if looked.has_links else []
    return Upload(
        kind=kind_of_workbook({sheet.name: sheet.head for sheet in looked.sheets}),
        filename=filename,
        heads=tuple(heads),
        notes=tuple(notes),
        type="workbook",
        source=source,
        limits=limits,
        has_extra=EXTRA_SHEET in names,
    )


def _is_form_definition(looked: workbooks.Look) -> bool:
    head = next(sheet.head for sheet in looked.sheets if sheet.name == "survey")
    return bool(head) and {"type", "name"} <= {str(cell).strip().lower() for cell in head[0]}


def _encoding(file: IO[bytes]) -> tuple[str, tuple[Problem, ...]]:
    encoding, is_guessed = encoding_of(_whole(file))
    notes = (Problem.of("encoding_guessed", {"encoding": encoding}),) if is_guessed or encoding == "utf-16" else ()
    return encoding, notes


def _csv(source: Source, filename: str, file: IO[bytes], limits: Limits) -> Upload:
    encoding, notes = _encoding(file)
    try:
        sample = text_stream(file, encoding).read(_HEAD_BYTES)
    except UnicodeDecodeError:
        raise UnreadableFile("encoding_unreadable") from None
    delimiter = delimiter_of(sample)
    if delimiter != ",":
        notes += (Problem.of("delimiter_found", {"delimiter": _DELIMITER_NAMES[delimiter]}),)
    rows: list[list[Cell]] = []
    for row in csv_rows(file, encoding, delimiter, limits):
        rows.extend([] for _ in range(row.number - len(rows) - 1))
        rows.append(row.cells)
        if len(rows) >= _HEAD_ROWS:
            break
    if not known_headings(rows):
        raise UnreadableFile("no_header")
    return Upload(
        kind="survey_csv" if is_survey(rows) else "csv_api",
        filename=filename,
        heads=(Head("", rows),),
        notes=notes,
        type="csv",
        source=source,
        limits=limits,
        encoding=encoding,
        delimiter=delimiter,
    )


def _json(source: Source, filename: str, file: IO[bytes], limits: Limits) -> Upload:
    encoding, notes = _encoding(file)
    keys = _json_keys(file, encoding, limits)
    rows: list[list[Cell]] = [list[Cell](keys)]
    if not known_headings(rows):
        raise UnreadableFile("no_header")
    return Upload(
        kind="survey_json" if is_survey(rows) else "json_api",
        filename=filename,
        heads=(Head("", rows),),
        notes=notes,
        type="json",
        source=source,
        limits=limits,
        encoding=encoding,
    )


def _json_keys(file: IO[bytes], encoding: str, limits: Limits) -> list[str]:
    keys: dict[str, None] = {}
    for value in json_objects(file, encoding, limits):
        keys.update(dict.fromkeys(flatten_record(value)))
        if len(keys) > limits.columns:
            raise UnreadableFile("too_many_columns", limit=limits.columns)
    return list(keys)


def flatten_record(value: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON record with its inner objects spread out, except what only our own export writes."""
    own = {key: inner for key, inner in value.items() if key.startswith("naungan_")}
    return {**flatten({key: inner for key, inner in value.items() if key not in own}), **own}


def json_cell(value: Any) -> Cell:
    """A JSON value as a cell: lists of texts stay lists, anything deeper becomes JSON text."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    return json.dumps(value, ensure_ascii=False)
