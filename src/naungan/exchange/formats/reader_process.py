"""The child process that opens a workbook: little memory, little time, no network, no writing; rows go out as JSON.

Run by its path, `python -I reader_process.py FD JOB`, where FD is an inherited file descriptor and JOB a JSON
object; it imports nothing of the package. Each line written is one JSON value; the first key says what it is.
Formulas are never computed and links never followed: a formula cell gives the value that the spreadsheet program
stored, with a mark.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, TYPE_CHECKING, Final
from xml.parsers import expat

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

HEAD_ROWS: Final = 12
_HEAD_BYTES: Final = 1 << 20
_CHUNK: Final = 1 << 18
_MARK_LIMIT: Final = 300_000
_PART_LIMIT: Final = 2_000
_MIB: Final = 1 << 20

# A formula, or a cell that shows an error; a sheet that writes its tags with a prefix is looked through in any case.
_MARKED: Final = (b"<f", b't="e"', b"t='e'", b":sheetData>")
_REFUSED: Final = (b"<!DOCTYPE", b"<!ENTITY")

EXIT_REFUSED: Final = 3
EXIT_MEMORY: Final = 4

Line = Mapping[str, object]


class Refused(Exception):
    """The workbook breaks a limit or a rule; the code names which."""

    def __init__(self, code: str, **params: int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Job:
    """What the parent asks for; `sheet` is empty for a first look at every sheet."""

    sheet: str
    inflated_mb: int
    rows: int
    columns: int
    memory_mb: int
    cpu_seconds: int


def main() -> int:
    """Read the job, do it, and answer with the exit code that the parent understands."""
    descriptor = int(sys.argv[1])
    job = Job(**json.loads(sys.argv[2]))
    _limit(job)
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")  # type: ignore[union-attr]  # a text stream
    try:
        with os.fdopen(descriptor, "rb") as file:
            encode = json.JSONEncoder(default=_plain, separators=(",", ":"), ensure_ascii=False).encode
            for line in _rows(file, job) if job.sheet else _look(file, job):
                sys.stdout.write(encode(line) + "\n")
        sys.stdout.flush()
    except Refused as refused:
        sys.stdout.write(json.dumps({"refused": refused.code, "params": refused.params}) + "\n")
        sys.stdout.flush()
        return EXIT_REFUSED
    except MemoryError:
        return EXIT_MEMORY
    return 0


def _limit(job: Job) -> None:
    megabytes = job.memory_mb * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (megabytes, megabytes))
    resource.setrlimit(resource.RLIMIT_CPU, (job.cpu_seconds, job.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    raise TypeError(f"A workbook cell has the unexpected type {type(value).__name__}.")


def _open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Refused("damaged_file") from None
    if any(entry.flag_bits & 0x1 for entry in archive.infolist()):
        raise Refused("encrypted_workbook")
    if len(archive.infolist()) > _PART_LIMIT:
        raise Refused("damaged_file")
    return archive


@dataclass(slots=True)
class Part:
    """What a pass over one part of the archive found."""

    is_marked: bool = False
    head: bytes = b""
    is_cut: bool = False


def _measure(archive: zipfile.ZipFile, job: Job, sheet: str = "") -> dict[str, Part]:
    """
    Inflate the parts once, counting; a bomb is refused by its own headers or by what really comes out.

    A first look measures everything; a job for one sheet only that sheet, since the rest was measured before.
    """
    limit = job.inflated_mb * _MIB
    if sum(entry.file_size for entry in archive.infolist()) > limit:
        raise Refused("inflates_too_much", limit=job.inflated_mb)
    found: dict[str, Part] = {}
    total = 0
    for entry in archive.infolist():
        if sheet and entry.filename != sheet:
            continue
        part = found[entry.filename] = Part()
        is_sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
        try:
            for size in _scan(archive, entry, part, is_sheet=is_sheet):
                total += size
                if total > limit:
                    raise Refused("inflates_too_much", limit=job.inflated_mb)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            raise Refused("damaged_file") from None
    return found


def _scan(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, part: Part, *, is_sheet: bool) -> Iterator[int]:
    is_xml = entry.filename.endswith((".xml", ".rels"))
    tail = b""
    head: list[bytes] = []
    kept = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            if is_xml:
                # The exclamation mark is rare, and one sign is found ten times as fast as several.
                seam = tail + chunk[:16]
                if (b"!" in chunk and _holds(_REFUSED, chunk, seam)) or (b"!" in seam and _holds(_REFUSED, seam)):
                    raise Refused("damaged_file")
                if is_sheet and not part.is_marked:
                    part.is_marked = _holds(_MARKED, chunk, seam)
                tail = (tail + chunk)[-16:] if len(chunk) < 16 else chunk[-16:]
            if is_sheet and kept < _HEAD_BYTES:
                head.append(chunk)
                kept += len(chunk)
            elif is_sheet:
                part.is_cut = True
            yield len(chunk)
    part.head = b"".join(head)


def _holds(marks: tuple[bytes, ...], *pieces: bytes) -> bool:
    return any(mark in piece for piece in pieces for mark in marks)


def _look(file: IO[bytes], job: Job) -> Iterator[Line]:
    archive = _open_zip(file)
    parts = _measure(archive, job)
    names = set(parts)
    if "xl/workbook.xml" not in names:
        raise Refused("damaged_file")
    yield {
        "has_macro": any(name.endswith("vbaProject.bin") for name in names),
        "has_links": any(name.startswith("xl/externalLinks/") for name in names),
    }
    workbook = _load(io.BytesIO(_beheaded(archive, parts)))
    for meta in workbook.sheets_metadata:
        if str(meta.typ).endswith("WorkSheet"):
            yield {
                "sheet": meta.name,
                "is_hidden": not str(meta.visible).endswith(".Visible"),
                "head": [cells for _, cells in zip(range(HEAD_ROWS), _cells(workbook, meta.name, job), strict=False)],
            }


def _beheaded(archive: zipfile.ZipFile, parts: Mapping[str, Part]) -> bytes:
    """The workbook with only the first rows of each sheet, so that a first look costs next to nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as small:
        for entry in archive.infolist():
            part = parts[entry.filename]
            end = part.head.rfind(b"</row>") if part.is_cut else -1
            if end > 0:
                small.writestr(entry.filename, part.head[: end + 6] + b"</sheetData></worksheet>")
            elif entry.filename.endswith((".xml", ".rels")):
                small.writestr(entry.filename, archive.read(entry))
    return out.getvalue()


def _load(file: IO[bytes]) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # noqa: PLC0415 - after the limits

    try:
        return CalamineWorkbook.from_filelike(file)
    except PasswordError:
        raise Refused("encrypted_workbook") from None
    except (CalamineError, OSError, ValueError):
        raise Refused("damaged_file") from None


def _cells(workbook: CalamineWorkbook, name: str, job: Job) -> Iterator[list[object]]:
    from python_calamine import CalamineError  # noqa: PLC0415 - after the limits

    try:
        sheet = workbook.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError):
        raise Refused("damaged_file") from None
    if sheet.total_width > job.columns:
        raise Refused("too_many_columns", limit=job.columns)
    margin: list[object] = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield [*margin, *row] if margin else list(row)


def _rows(file: IO[bytes], job: Job) -> Iterator[Line]:
    archive = _open_zip(file)
    name = _part_of(archive, job.sheet)
    part = _measure(archive, job, name).get(name)
    marks = _read_marks(archive, name) if part and part.is_marked else {}
    file.seek(0)
    workbook = _load(file)
    count = 0
    for number, row in enumerate(_cells(workbook, job.sheet, job), start=1):
        cells = row
        while cells and cells[-1] == "":
            cells.pop()
        mark = marks.get(number)
        if not cells and not mark:
            continue
        count += 1
        if count > job.rows:
            raise Refused("too_many_rows", limit=job.rows)
        yield {"n": number, "c": cells, "m": mark} if mark else {"n": number, "c": cells}


def _read_marks(archive: zipfile.ZipFile, name: str) -> dict[int, dict[int, str]]:
    """Which cells hold a formula (`f` with a stored value, `F` without) or an error (`e`), by row and column."""
    reader = _MarkReader()
    with archive.open(name) as stream:
        reader.read(stream)
    return reader.marks


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    from xml.etree import ElementTree  # noqa: PLC0415 - parts with a DTD were refused, so no entity can expand

    related = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        raise Refused("damaged_file") from None
    wanted = next((item.get(related) for item in book.iter() if item.get("name") == sheet and item.get(related)), None)
    target = next((item.get("Target", "") for item in links if item.get("Id") == wanted), "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


class _MarkReader:
    """Reads a sheet's XML for formulas and errors only."""

    def __init__(self) -> None:
        self.marks: dict[int, dict[int, str]] = {}
        self._count = 0
        self._cell: tuple[int, int] | None = None
        self._row = 0
        self._column = 0
        self._is_error = self._has_formula = self._has_value = self._in_value = False

    def read(self, stream: IO[bytes]) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise Refused("damaged_file") from None

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._has_formula = True
        elif name in ("v", "t"):
            self._in_value = True

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r", "")
        self._column = column_number(reference) if reference else self._column + 1
        self._cell = (self._row, self._column)
        self._is_error = attributes.get("t") == "e"
        self._has_formula = self._has_value = self._in_value = False

    def _text(self, text: str) -> None:
        if self._in_value and text:
            self._has_value = True

    def _end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name in ("v", "t"):
            self._in_value = False
        elif name == "c" and self._cell and (self._is_error or self._has_formula):
            self._count += 1
            if self._count > _MARK_LIMIT:
                raise Refused("too_many_formulas", limit=_MARK_LIMIT)
            row, column = self._cell
            mark = "e" if self._is_error else "f" if self._has_value else "F"
            self.marks.setdefault(row, {})[column - 1] = mark


def column_number(reference: str) -> int:
    """The number of a column, from 1, of a cell reference such as `AB12`."""
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


if __name__ == "__main__":
    sys.exit(main())
