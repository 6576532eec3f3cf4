"""Turns the rows of an upload into checked rows: canonical values, kept words, problems with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from naungan.exchange.formats.cells import CELL_ERROR, FORMULA, Cell, SheetRow, column_letter
from naungan.exchange.formats.extras import Extra, Extras, merge
from naungan.exchange.formats.headings import CODE, EXTRA, ROW_ID
from naungan.exchange.formats.mapping import ColumnMapping, own_column
from naungan.exchange.formats.reading import EXTRA_SHEET, Upload
from naungan.exchange.formats.record import Record
from naungan.standards.checks import Problem
from naungan.standards.htcds import FIELDS, Field, Value, parse
from naungan.standards.htcds.lists import understood
from naungan.standards.htcds.values import Parsed, as_text

__all__ = ["CheckedRow", "check_rows"]

_SOURCES = {
    "csv_api": "csv",
    "json_api": "api",
    "survey_csv": "survey",
    "survey_json": "survey",
}
_TICKED = frozenset(("1", "true", "yes", "ya", "1.0"))
_MARKS = {FORMULA: "formula_value", CELL_ERROR: "cell_error"}


@dataclass(slots=True)
class CheckedRow:
    """
    One row after checking; nothing of it is lost, whatever is wrong with it.

    Attributes:
        sheet, row_number: Where it stands; rows count from 1 as in a spreadsheet program.
        values, repeated, custom: Canonical values, as in `Record`.
        kept: API name to the words that could not be taken over; each has a problem.
        raw: Column letter to text, for every cell that held anything; data about a person.
        problems: What was found, with sheet, row and column.
        external_id: The identity of a survey submission, without `uuid:`.
        row_id: What the hidden column of a marked workbook says.
        code: The case code that an export wrote.
    """

    sheet: str
    row_number: int
    values: dict[str, Value] = field(default_factory=dict)
    repeated: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    custom: dict[str, Value] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    external_id: str = ""
    row_id: str = ""
    code: str = ""

    @property
    def is_acceptable(self) -> bool:
        """Whether no problem is an error, and there is something to accept."""
        has_content = bool(self.values or self.repeated or self.custom or self.kept)
        return has_content and all(problem.severity != "error" for problem in self.problems)

    @property
    def record(self) -> Record:
        """The row as a record."""
        return Record(self.values, self.repeated, self.custom, self.kept, self.code)

    def raw_by_name(self, mapping: ColumnMapping) -> dict[str, str]:
        """The texts of the imported columns by API name, for mending on the screen."""
        fields = mapping.fields
        return {fields[letter]: text for letter, text in self.raw.items() if letter in fields}


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the values of one column go; worked out once, since it is asked for every cell."""

    of: Field
    letter: str
    home: str
    key: str
    kept_key: str
    is_watched: bool
    known: Mapping[str, Parsed]

    @classmethod
    def of_field(cls, of: Field, letter: str) -> _Target:
        name, known = of.api_name, understood(of)
        if of.is_custom:
            return cls(of, letter, "custom", name[2:], name, False, known)
        if of.is_repeated:
            return cls(of, letter, of.prefix, name, f"{of.prefix}#1:{name}", False, known)
        return cls(of, letter, "values", name, name, of.several or of.deprecated, known)


@dataclass(slots=True)
class _Reading:
    """One row while it is read."""

    row: CheckedRow
    found: list[Problem] = field(default_factory=list)
    ticked: dict[str, list[str]] = field(default_factory=dict)


def check_rows(
    upload: Upload,
    mapping: ColumnMapping,
    *,
    custom: Sequence[Field] = (),
    sheet: str | None = None,
) -> Iterator[CheckedRow]:
    """
    Check the rows of an upload one by one, in constant memory.

    Args:
        upload: What `open_upload` gave.
        mapping: Which column is which field.
        custom: The organisation's own fields.
        sheet: Which sheet; without it the best one.

    Returns:
        Iterator: rows that hold more than the counter, in order.

    Raises:
        UnreadableFile: the file breaks a limit further down; stop and keep nothing.
    """
    name = sheet if sheet is not None else upload.heads[0].sheet
    checker = _Checker(upload, mapping, custom, name)
    extras = Extras(upload.extra_rows())
    for row in upload.rows(name):
        if row.number > mapping.header_rows:
            checked = checker.check(row, extras)
            if checked is not None:
                yield checked
    yield from _without_row(extras, name, checker)


def _without_row(extras: Extras, sheet: str, checker: _Checker) -> Iterator[CheckedRow]:
    """Records of which the form could hold nothing, and leftovers whose row is gone."""
    for extra in extras.rest():
        if extra.is_alone:
            row = CheckedRow(sheet, extra.counter + 2, code=extra.code)
            checker.add_extra(row, extra.text)
            if row.values or row.repeated or row.custom or row.kept or row.problems:
                yield row
        elif extra.text:
            problem = Problem.of("extra_unmatched").at(sheet=EXTRA_SHEET, row=extra.row_number, column="A")
            yield CheckedRow(EXTRA_SHEET, extra.row_number, raw={"D": extra.text}, problems=(problem,), code=extra.code)


class _Checker:
    """Holds what is the same for every row of a file."""

    def __init__(self, upload: Upload, mapping: ColumnMapping, custom: Sequence[Field], sheet: str) -> None:
        own = {each.api_name: each for each in custom}
        self._sheet = sheet
        self._source = _SOURCES.get(upload.kind, "excel")
        self._width = max((each.index for each in mapping.columns), default=0) + 1
        self._letters = [column_letter(index) for index in range(upload.limits.columns)]
        self._choices = {
            each.index: (each.api_name, each.choice) for each in mapping.columns if each.choice is not None
        }
        self._targets: dict[int, _Target] = {}
        for column in mapping.columns:
            of = FIELDS.get(column.api_name or "") or own.get(column.api_name or "")
            if of is not None and column.choice is None:
                self._targets[column.index] = _Target.of_field(of, self._letters[column.index])
        self._column_of = {target.of.api_name: target.letter for target in self._targets.values()}
        skipped = ("counter", "bookkeeping", "own column", "external id")
        self._skipped = {each.index for each in mapping.columns if each.rule in skipped}
        self._external = next((each.index for each in mapping.columns if each.rule == "external id"), None)
        self._own = {name: own_column(mapping, name) for name in (CODE, ROW_ID, EXTRA)}
        self._has_template = upload.kind.startswith("template")
        self._losses = _MacroLosses() if self._has_template else None

    def check(self, row: SheetRow, extras: Extras) -> CheckedRow | None:
        reading = _Reading(CheckedRow(self._sheet, row.number))
        raw, skipped, letters, targets = reading.row.raw, self._skipped, self._letters, self._targets
        for index, cell in enumerate(row.cells):
            if cell is None or cell == "" or index in skipped:
                continue
            text = cell if isinstance(cell, str) else as_text(cell)
            if text.isspace():
                continue
            raw[letters[index]] = text
            target = targets.get(index)
            if target is None:
                self._read_other(reading, index, cell)
            else:
                self._read(reading, target, cell)
        for index, mark in row.marks.items():
            if index in self._targets:
                self._mark(reading, index, mark)
        self._read_own(reading.row, row.cells)
        extra_text = self._text_at(row.cells, self._own[EXTRA])
        matched = self._matching(row, extras)
        if matched is not None:
            extra_text, reading.row.code = matched.text, matched.code
        if not (reading.row.raw or reading.found or extra_text):
            return None
        return self._finish(reading, row, extra_text)

    def _matching(self, row: SheetRow, extras: Extras) -> Extra | None:
        if not (self._has_template and extras.is_any):
            return None
        return extras.take(row.cells)

    def _read(self, reading: _Reading, target: _Target, cell: Cell) -> None:
        known = target.known.get(cell) if cell.__class__ is str else None
        parsed = known or parse(target.of, cell, source=self._source)
        if parsed.problems:
            place = {"sheet": self._sheet, "column": target.letter}
            reading.found.extend(problem.at(row=reading.row.row_number, **place) for problem in parsed.problems)
        if parsed.raw is not None:
            reading.row.kept[target.kept_key] = parsed.raw
        value = parsed.value
        if value is None:
            return
        if target.home == "values":
            reading.row.values[target.key] = value
            if target.is_watched:
                self._watch(reading, target, value)
        elif target.home == "custom":
            reading.row.custom[target.key] = value
        else:
            reading.row.repeated.setdefault(target.home, [{}])[0][target.key] = value

    def _watch(self, reading: _Reading, target: _Target, value: Value) -> None:
        if target.of.deprecated:
            self._say(reading, "deprecated_field", target.letter, target.key)
        if self._losses and self._losses.is_first(target.of, value):
            self._say(reading, "macro_loss_possible", target.letter, target.key)

    def _say(self, reading: _Reading, code: str, letter: str, name: str | None = None) -> None:
        problem = Problem.of(code, field=name)
        reading.found.append(problem.at(sheet=self._sheet, row=reading.row.row_number, column=letter))

    def _read_other(self, reading: _Reading, index: int, cell: Cell) -> None:
        choice = self._choices.get(index)
        if choice is not None:
            api_name, word = choice
            if api_name and word and as_text(cell).strip().casefold() in _TICKED:
                reading.ticked.setdefault(api_name, []).append(word)
        elif index >= self._width:
            self._say(reading, "values_beyond_header", self._letters[index])

    def _mark(self, reading: _Reading, index: int, mark: str) -> None:
        code = _MARKS.get(mark, "formula_without_value")
        letter = self._letters[index]
        if mark == CELL_ERROR or letter not in reading.row.raw:
            code = "cell_error" if mark == CELL_ERROR else "formula_without_value"
        problem = Problem.of(code, field=self._targets[index].of.api_name, value_class="formula")
        reading.found.append(problem.at(sheet=self._sheet, row=reading.row.row_number, column=letter))

    def _read_own(self, row: CheckedRow, cells: Sequence[Cell]) -> None:
        row.external_id = self._text_at(cells, self._external).removeprefix("uuid:")
        row.row_id = self._text_at(cells, self._own[ROW_ID])
        row.code = self._text_at(cells, self._own[CODE])

    def _text_at(self, cells: Sequence[Cell], index: int | None) -> str:
        return as_text(cells[index]).strip() if index is not None and index < len(cells) else ""

    def _finish(self, reading: _Reading, row: SheetRow, extra_text: str) -> CheckedRow:
        checked = reading.row
        for name, words in reading.ticked.items():
            self._tick(reading, name, words)
        checked.problems = tuple(reading.found)
        if extra_text:
            self.add_extra(checked, extra_text)
        return checked

    def _tick(self, reading: _Reading, name: str, words: list[str]) -> None:
        parsed = parse(FIELDS[name], words, source=self._source)
        if isinstance(parsed.value, tuple):
            reading.row.values[name] = parsed.value
        if parsed.raw is not None:
            reading.row.kept[name] = parsed.raw
        reading.found.extend(
            problem.at(sheet=self._sheet, row=reading.row.row_number, column=None) for problem in parsed.problems
        )

    def add_extra(self, checked: CheckedRow, text: str) -> None:
        """Put back what the form could not hold; a cell that was changed since wins over it."""
        problems, settled = merge(checked.record, text, "template_multi" if self._has_template else "csv")
        place = [
            problem.at(sheet=checked.sheet, row=checked.row_number, column=self._column_of.get(problem.field or ""))
            for problem in problems
        ]
        kept = tuple(each for each in checked.problems if not (each.field in settled and each.code == "unknown_choice"))
        checked.problems = (*kept, *place)


class _MacroLosses:
    """
    Notices once a field that the template's macro may have dropped an entry.

    The macro adds an entry only if its words are not part of the cell, so "Niger" cannot follow "Nigeria".
    """

    def __init__(self) -> None:
        self._inner: dict[str, dict[str, frozenset[str]]] = {}
        self._said: set[str] = set()

    def is_first(self, of: Field, value: Value) -> bool:
        """Whether a value could hide a lost entry and its field was not reported yet."""
        if of.api_name in self._said or not isinstance(value, tuple):
            return False
        inner = self._inner.get(of.api_name)
        if inner is None:
            inner = self._inner[of.api_name] = _contained(of)
        if not any(code in inner and inner[code].difference(value) for code in value):
            return False
        self._said.add(of.api_name)
        return True


def _contained(of: Field) -> dict[str, frozenset[str]]:
    labels = {code: choice.label for code, choice in of.choices.items() if not choice.extension}
    found = {
        code: frozenset(other for other, inner in labels.items() if other != code and inner in label)
        for code, label in labels.items()
    }
    return {code: others for code, others in found.items() if others}
