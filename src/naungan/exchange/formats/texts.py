"""Reads CSV and JSON as streams of rows, whatever their encoding and delimiter."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from naungan.exchange.formats.cells import SheetRow
from naungan.exchange.formats.errors import UnreadableFile
from naungan.exchange.formats.limits import Limits
from naungan.exchange.formats.shielding import unshield

_CHUNK = 1 << 18
_LIST = re.compile(r'\s*\{(?:[^\[\]{}]|\{[^\[\]{}]*\})*?"(?:value|results|records|data)"\s*:\s*\[')
_PREAMBLE_LIMIT = 1 << 16


def text_stream(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """The file as text; bytes that fit nowhere are refused when they are met."""
    file.seek(0)
    return io.TextIOWrapper(io.BufferedReader(_Unclosed(file), _CHUNK), encoding=encoding, errors="strict", newline="")


class _Unclosed(io.RawIOBase):
    """Lends a file to a text reader without letting the reader close it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._file.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def csv_rows(file: IO[bytes], encoding: str, delimiter: str, limits: Limits) -> Iterator[SheetRow]:
    """
    Stream the rows of a CSV file that hold anything; the number of a row is that of a spreadsheet program.

    Raises:
        UnreadableFile: the text cannot be decoded, or a limit is passed.
    """
    csv.field_size_limit(max(csv.field_size_limit(), limits.cell_characters * 4))
    stream = text_stream(file, encoding)
    count = 0
    try:
        for number, cells in enumerate(csv.reader(stream, delimiter=delimiter), start=1):
            if not any(cells):
                continue
            count += 1
            _check_row(cells, count, limits)
            yield SheetRow(number, [unshield(cell) for cell in cells])
    except UnicodeDecodeError:
        raise UnreadableFile("encoding_unreadable") from None
    except csv.Error:
        raise UnreadableFile("cell_too_long", limit=limits.cell_characters) from None


def _check_row(cells: list[str], count: int, limits: Limits) -> None:
    if count > limits.rows:
        raise UnreadableFile("too_many_rows", limit=limits.rows)
    if len(cells) > limits.columns:
        raise UnreadableFile("too_many_columns", limit=limits.columns)
    if max(map(len, cells)) > limits.cell_characters * 4:
        raise UnreadableFile("cell_too_long", limit=limits.cell_characters)


def json_objects(file: IO[bytes], encoding: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """
    Stream the objects of a JSON list, alone or under `value`, `results`, `records` or `data`.

    Raises:
        UnreadableFile: this is no JSON, no list of objects, or too long a list.
    """
    reader = _JsonReader(text_stream(file, encoding))
    count = 0
    try:
        for value in reader.items():
            count += 1
            if count > limits.rows:
                raise UnreadableFile("too_many_rows", limit=limits.rows)
            yield value
    except UnicodeDecodeError:
        raise UnreadableFile("encoding_unreadable") from None
    except RecursionError:
        raise UnreadableFile("bad_json", line=reader.line) from None


class _JsonReader:
    """Decodes one list item after another from a growing buffer, so that the file is never held as a whole."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._buffer = ""
        self._position = 0
        self._is_done = False
        self._decoder = json.JSONDecoder()
        self.line = 1

    def items(self) -> Iterator[dict[str, Any]]:
        if not self._enter():
            yield self._one()
            return
        while True:
            mark = self._next_mark()
            if mark == "]":
                return
            if mark == ",":
                self._position += 1
                continue
            yield self._one()

    def _fill(self) -> bool:
        chunk = self._stream.read(max(_CHUNK, len(self._buffer) - self._position))
        self.line += self._buffer.count("\n", 0, self._position)
        self._buffer = self._buffer[self._position :] + chunk
        self._position = 0
        self._is_done = not chunk
        return bool(chunk)

    def _enter(self) -> bool:
        """Step into the list; False if the file is one object that is itself the record."""
        self._fill()
        self._buffer = self._buffer.lstrip("\ufeff \t\r\n")
        if self._buffer.startswith("["):
            self._position = 1
            return True
        found = _LIST.match(self._buffer, 0, _PREAMBLE_LIMIT)
        if found:
            self._position = found.end()
            return True
        return False

    def _next_mark(self) -> str:
        while True:
            while self._position < len(self._buffer) and self._buffer[self._position] in " \t\r\n":
                self._position += 1
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._fill():
                raise UnreadableFile("bad_json", line=self.line)

    def _one(self) -> dict[str, Any]:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError:
                if not self._fill():
                    line = self.line + self._buffer.count("\n", 0, self._position)
                    raise UnreadableFile("bad_json", line=line) from None
                continue
            if not isinstance(value, dict):
                raise UnreadableFile("bad_json", line=self.line + self._buffer.count("\n", 0, self._position))
            self._position = end
            return value


def flatten(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """An object with its inner objects spread out: `{"a": {"b": 1}}` becomes `{"a/b": 1}`."""
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            flat.update(flatten(inner, f"{prefix}{key}/"))
        else:
            flat[f"{prefix}{key}"] = inner
    return flat
