"""The sheet or column `naungan`: what a form could not hold, matched to its row and put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from naungan.exchange.formats.cells import Cell, SheetRow
from naungan.exchange.formats.record import Record, decode_extra, form_fields
from naungan.standards.checks import Problem
from naungan.standards.htcds import FIELDS, Value, dump, parse
from naungan.standards.htcds.dumping import Form
from naungan.standards.htcds.values import as_text

__all__ = ["FIRST_EXTRA_ROW", "Extra", "Extras", "fingerprint", "merge"]

# Two lines of explanation and headings come first.
FIRST_EXTRA_ROW = 4
_COLUMNS = 38
_NOTHING = "..."


def fingerprint(texts: Sequence[str]) -> str:
    """Three characters for each of the form's cells, so that a row is known again after a cell was mended."""
    marks = [
        f"{crc32(text.strip().encode('utf-8', 'replace')) & 0xFFF:03x}" if text.strip() else _NOTHING for text in texts
    ]
    return "".join(marks + [_NOTHING] * (_COLUMNS - len(marks)))


def _mark(text: str) -> str:
    return f"{crc32(text.strip().encode('utf-8', 'replace')) & 0xFFF:03x}" if text and not text.isspace() else _NOTHING


def _likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    pairs = [(one[at : at + 3], other[at : at + 3]) for at in range(0, _COLUMNS * 3, 3)]
    filled = [pair for pair in pairs if pair[0] != _NOTHING]
    return sum(1 for left, right in filled if left == right) / len(filled) if filled else 0.0


@dataclass(frozen=True, slots=True)
class Extra:
    """One row of the extra sheet: the counter and fingerprint of its row, the case code, and the JSON text."""

    row_number: int
    counter: int
    fingerprint: str
    code: str
    text: str

    @property
    def is_alone(self) -> bool:
        """Whether the form held nothing at all of the record."""
        return self.fingerprint == _NOTHING * _COLUMNS


class Extras:
    """The extra sheet, waiting for its rows."""

    def __init__(self, rows: Iterable[SheetRow]) -> None:
        self._waiting = {extra.counter: extra for row in rows if (extra := _extra(row)) is not None}

    @property
    def is_any(self) -> bool:
        """Whether anything is still waiting."""
        return bool(self._waiting)

    def take(self, cells: Sequence[Cell]) -> Extra | None:
        """The entry that belongs to a row: same counter in column A, and at least half of its cells as written."""
        counter = cells[0] if cells else None
        if isinstance(counter, bool) or not isinstance(counter, int | float):
            return None
        extra = self._waiting.get(int(counter))
        if extra is None or extra.is_alone:
            return None
        texts = [cell if isinstance(cell, str) else as_text(cell) for cell in cells[1 : _COLUMNS + 1]]
        if _likeness(extra.fingerprint, fingerprint(texts)) < 0.5:
            return None
        return self._waiting.pop(int(counter))

    def rest(self) -> Iterator[Extra]:
        """Entries that no row took."""
        yield from self._waiting.values()


def _extra(row: SheetRow) -> Extra | None:
    if row.number < FIRST_EXTRA_ROW or len(row.cells) < 2:
        return None
    counter, mark = row.cells[0], row.cells[1]
    if isinstance(counter, bool) or not isinstance(counter, int | float) or not isinstance(mark, str):
        return None
    code = as_text(row.cells[2]) if len(row.cells) > 2 else ""
    text = "".join(as_text(cell) for cell in row.cells[3:])
    return Extra(row.number, int(counter), mark, code, text)


def merge(record: Record, text: str, form: Form) -> tuple[list[Problem], set[str]]:
    """
    Put what a form could not hold back into a record.

    Args:
        record: What the cells gave; changed in place.
        text: The JSON of the extra sheet or column.
        form: A form whose cells hold at least what the form that was read holds.

    Returns:
        tuple: problems without place, and the fields whose cells are explained by it.
    """
    try:
        extra = decode_extra(text)
    except (ValueError, RecursionError):
        return [Problem.of("extra_unreadable")], set()
    problems: list[Problem] = []
    settled: set[str] = set()
    for name, value in extra.values.items():
        if name in extra.raw or _is_unchanged(record.values.get(name), name, value, form):
            record.values[name] = value
            settled.add(name)
        else:
            problems.append(Problem.of("extra_stale", field=name))
    for prefix, repetitions in extra.repeated.items():
        problems += _merge_repeated(record, prefix, repetitions, form)
    record.custom.update({code: value for code, value in extra.custom.items() if code not in record.custom})
    for name, word in extra.raw.items():
        problems += _merge_word(record, name, word)
    return problems, settled


def _is_unchanged(cell: Value | None, name: str, value: Value, form: Form) -> bool:
    """Whether the cell still says what was written for the fuller value, which may be nothing."""
    of = FIELDS[name]
    if cell is None:
        return of not in form_fields(form) or not value or dump(of, value, form) is None
    written = [dump(of, value, form)]
    if isinstance(value, tuple) and value:
        written.append(dump(of, value[:1], form))  # the single-select template holds the first entry only
    return any(parse(of, each, source="excel").value == cell for each in written if each is not None)


def _merge_repeated(record: Record, prefix: str, repetitions: list[dict[str, Value]], form: Form) -> list[Problem]:
    shown = record.repeated.get(prefix, [{}])[0]
    first = repetitions[0] if repetitions else {}
    names = list(dict.fromkeys((*first, *shown)))
    stale = [name for name in names if not _is_unchanged(shown.get(name), name, first.get(name, ""), form)]
    merged = {name: shown.get(name) if name in stale else first.get(name) for name in names}
    kept = {name: value for name, value in merged.items() if value is not None}
    record.repeated[prefix] = [kept, *repetitions[1:]] if repetitions or kept else []
    return [Problem.of("extra_stale", field=name) for name in stale]


def _merge_word(record: Record, name: str, word: str) -> list[Problem]:
    field_name = name.rpartition(":")[2]
    of = FIELDS.get(field_name)
    if of is None or name in record.raw:
        return []
    record.raw[name] = word
    return [problem for problem in parse(of, word, source="excel").problems if problem.severity != "note"]
