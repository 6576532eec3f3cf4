"""Proposes which column stands for which field, says why, and lets a person decide otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from naungan.exchange.formats.cells import Cell, column_letter
from naungan.exchange.formats.errors import UnreadableFile
from naungan.exchange.formats.headings import (
    ADDRESS_COLUMNS,
    EXTRA,
    INSTANCE_IDS,
    MISSPELT,
    OWN_COLUMNS,
    ROW_ID,
    is_bookkeeping,
    known_in,
    labels,
    name_of,
    tidy,
)
from naungan.standards.checks import Problem
from naungan.standards.htcds import FIELDS, Field

__all__ = ["Alternative", "Column", "ColumnMapping", "Rule", "propose_mapping"]

Rule = Literal[
    "name and label", "label", "name", "survey name", "position", "own field", "choice", "own column", "external id",
    "counter", "bookkeeping", "chosen", "ignored", "unknown",
]  # fmt: skip

_OUTGOING_REASON = "cas_ReasonForOutgoingReferral"


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column: its letter, the visible heading and the hidden name it carries, and the field it stands for.

    `choice` is set for a column that a survey server made for one entry of a multiple choice; its cells are 1 or 0.
    """

    letter: str
    index: int
    heading: str
    name: str
    api_name: str | None
    rule: Rule
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the file that a person may choose: column letters and the fields they would stand for."""

    code: str
    changes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """
    What each column stands for.

    `header_rows` counts the rows down to and including the last heading; data begin below. `notes` belong into the
    import report. The mapping can be stored (`as_json`, `from_json`) and changed (`with_changes`).
    """

    columns: tuple[Column, ...]
    header_rows: int
    notes: tuple[Problem, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    @property
    def fields(self) -> dict[str, str]:
        """Column letter to field, for the columns that are imported."""
        return {each.letter: each.api_name for each in self.columns if each.api_name}

    def column_of(self, api_name: str) -> Column | None:
        """The first column that stands for a field."""
        return next((each for each in self.columns if each.api_name == api_name), None)

    def with_changes(self, changes: Mapping[str, str | None]) -> ColumnMapping:
        """
        The mapping after a person's decisions.

        Args:
            changes: Column letter to API name (`x:<code>` for an own field), or None to ignore the column.
        """
        columns = [
            replace(
                each, api_name=changes[each.letter], rule="chosen" if changes[each.letter] else "ignored", choice=None
            )
            if each.letter in changes
            else each
            for each in self.columns
        ]
        settled = {each.letter for each in columns if each.rule in ("chosen", "ignored")}
        notes = tuple(note for note in self.notes if note.column not in settled or note.column is None)
        return replace(self, columns=tuple(columns), notes=notes)

    def choose(self, code: str) -> ColumnMapping:
        """The mapping after choosing one of its alternatives by code."""
        return self.with_changes(next(each.changes for each in self.alternatives if each.code == code))

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads back; holds headings, no data."""
        return {
            "header_rows": self.header_rows,
            "columns": [
                [each.letter, each.index, each.heading, each.name, each.api_name, each.rule, each.choice]
                for each in self.columns
            ],
            "notes": [[note.code, dict(note.params), note.field, note.column] for note in self.notes],
            "alternatives": [[each.code, dict(each.changes)] for each in self.alternatives],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ColumnMapping:
        """Read back what `as_json` gave."""
        return cls(
            columns=tuple(Column(*each) for each in stored["columns"]),
            header_rows=stored["header_rows"],
            notes=tuple(
                Problem.of(code, params, field=field).at(column=column)
                for code, params, field, column in stored["notes"]
            ),
            alternatives=tuple(Alternative(code, changes) for code, changes in stored["alternatives"]),
        )


def propose_mapping(header_rows: Sequence[Sequence[Cell]], custom: Sequence[Field] = ()) -> ColumnMapping:
    """
    Propose what each column stands for.

    Args:
        header_rows: The first rows of the sheet (`Upload.head().rows`).
        custom: The organisation's own fields, recognised by API name, code and label.

    Returns:
        ColumnMapping: every column of the heading, unknown ones too (api_name None, with a note).

    Raises:
        UnreadableFile: no row can be taken for the heading.
    """
    name_row, label_row = _heading_rows(header_rows, custom)
    names = header_rows[name_row] if name_row is not None else []
    visible = header_rows[label_row] if label_row is not None else []
    proposer = _Proposer(custom, has_both=name_row is not None and label_row is not None)
    width = max(len(names), len(visible), max((len(row) for row in header_rows), default=0))
    columns = [proposer.column(index, _at(names, index), _at(visible, index)) for index in range(width)]
    last = max(row for row in (name_row, label_row) if row is not None)
    return proposer.finish(columns, last + 1)


def _at(row: Sequence[Cell], index: int) -> str:
    cell = row[index] if index < len(row) else ""
    return cell.strip() if isinstance(cell, str) else "" if cell is None else str(cell)


def _heading_rows(rows: Sequence[Sequence[Cell]], custom: Sequence[Field]) -> tuple[int | None, int | None]:
    """The row of names and the row of labels; one of them may be missing."""
    own = {tidy(word) for field in custom for word in (field.label, field.label_id, field.api_name, field.api_name[2:])}
    name_counts = [sum(1 for cell in row if name_of(cell) or tidy(cell) in OWN_COLUMNS) for row in rows]
    label_counts = [sum(1 for cell in row if tidy(cell) in labels() or tidy(cell) in own) for row in rows]
    if not rows or max(map(known_in, rows)) + max(label_counts) == 0:
        raise UnreadableFile("no_header")
    name_row = max(range(len(rows)), key=lambda row: name_counts[row])
    if not name_counts[name_row]:
        return None, max(range(len(rows)), key=lambda row: label_counts[row])
    below = name_row + 1
    if below < len(rows) and label_counts[below] >= 2 and label_counts[below] * 3 >= name_counts[name_row]:
        return name_row, below
    labels_elsewhere = max(range(len(rows)), key=lambda row: label_counts[row])
    if label_counts[labels_elsewhere] > name_counts[name_row]:
        return None, labels_elsewhere
    return name_row, None


class _Proposer:
    """Decides column by column and remembers what the report has to say."""

    def __init__(self, custom: Sequence[Field], *, has_both: bool) -> None:
        self._own = {
            tidy(word): field.api_name
            for field in custom
            for word in (field.label_id, field.label, field.api_name[2:], field.api_name)
            if tidy(word)
        }
        self._has_both = has_both
        self._notes: list[Problem] = []
        self._misspelt: str | None = None
        self._by_name: dict[str, str | None] = {}

    def column(self, index: int, name: str, label: str) -> Column:
        letter = column_letter(index)
        heading = label or name
        api_name, rule, choice = self._decide(letter, name, label)
        if tidy(name) == MISSPELT.casefold():
            self._misspelt = letter
        return Column(letter, index, heading, name, api_name, rule, choice)

    def _decide(self, letter: str, name: str, label: str) -> tuple[str | None, Rule, str | None]:
        shown = label if self._has_both else label or name
        by_name, by_label = name_of(name), labels().get(tidy(shown)) or name_of(label)
        if by_name and by_label and by_name != by_label:
            self._by_name[letter] = by_name
            return by_label, "label", None
        if by_name:
            return by_name, "name and label" if by_label else self._name_rule(name, by_name), None
        if by_label:
            if self._has_both and not name:
                note = Problem.of("blank_name_by_label", field=by_label)
                self._notes.append(note.at(column=letter))
            return by_label, "label", None
        return self._other(letter, name or label, label)

    def _name_rule(self, name: str, api_name: str) -> Rule:
        word = tidy(name).rpartition("/")[2]
        is_survey = word != api_name.casefold() and word == (FIELDS[api_name].survey_name or "").casefold()
        return "survey name" if is_survey else "name"

    def _other(self, letter: str, word: str, label: str) -> tuple[str | None, Rule, str | None]:
        folded = tidy(word)
        own = self._own.get(folded) or self._own.get(tidy(label)) or self._own.get(folded.rpartition("/")[2])
        if own:
            return own, "own field", None
        if folded in OWN_COLUMNS:
            return None, "own column", None
        if not folded:
            return None, "counter" if letter == "A" else "ignored", None
        if is_bookkeeping(word):
            return None, "bookkeeping", None
        return self._choice_column(word) or self._unknown(letter)

    def _choice_column(self, word: str) -> tuple[str | None, Rule, str | None] | None:
        for mark in ("/", "."):
            question, found, answer = word.rpartition(mark)
            api_name = name_of(question) if found else None
            if api_name and FIELDS[api_name].several:
                return api_name, "choice", answer
        return None

    def _unknown(self, letter: str) -> tuple[str | None, Rule, str | None]:
        self._notes.append(Problem.of("unknown_column").at(column=letter))
        return None, "unknown", None

    def finish(self, columns: list[Column], header_rows: int) -> ColumnMapping:
        columns = self._outgoing_reason_by_position(columns)
        columns = self._one_column_a_field(_one_external_id(columns))
        while columns and columns[-1].rule == "ignored":
            columns.pop()
        notes = list(self._notes)
        if self._misspelt:
            notes.append(Problem.of("misspelt_name_accepted").at(column=self._misspelt))
        return ColumnMapping(tuple(columns), header_rows, tuple(notes + self._address_note()), self._alternatives())

    def _address_note(self) -> list[Problem]:
        if any(letter in ADDRESS_COLUMNS for letter in self._by_name):
            return [Problem.of("address_labels_trusted")]
        return []

    def _alternatives(self) -> tuple[Alternative, ...]:
        return (Alternative("trust_hidden_names", dict(self._by_name)),) if self._by_name else ()

    def _outgoing_reason_by_position(self, columns: list[Column]) -> list[Column]:
        """Column AJ has no hidden name; without a label too, its place between two known columns tells it."""
        place = next((at for at, each in enumerate(columns) if each.letter == "AJ"), None)
        if place is None or columns[place].rule not in ("ignored", "unknown") or place + 1 >= len(columns):
            return columns
        before, after = columns[place - 1].api_name, columns[place + 1].api_name
        if before == "cas_ReferredPrimaryCaseWorker" and after == "cas_OutgoingReferralDate":
            self._notes = [note for note in self._notes if note.column != "AJ"]
            note = Problem.of("blank_name_by_position", field=_OUTGOING_REASON)
            self._notes.append(note.at(column="AJ"))
            columns[place] = replace(columns[place], api_name=_OUTGOING_REASON, rule="position")
        return columns

    def _one_column_a_field(self, columns: list[Column]) -> list[Column]:
        taken: set[str] = set()
        answered = {each.api_name for each in columns if each.api_name and each.choice is None}
        for at, each in enumerate(columns):
            if each.api_name is None:
                continue
            if each.choice is not None:
                if each.api_name in answered:  # the whole answer stands in a column of its own
                    columns[at] = replace(each, api_name=None, rule="bookkeeping", choice=None)
            elif each.api_name in taken:
                self._notes.append(Problem.of("duplicate_column", field=each.api_name).at(column=each.letter))
                columns[at] = replace(each, api_name=None, rule="unknown")
            else:
                taken.add(each.api_name)
        return columns


def _one_external_id(columns: list[Column]) -> list[Column]:
    """Choose the column that identifies a submission, by the best of the names that servers use."""
    for wanted in INSTANCE_IDS:
        for at, each in enumerate(columns):
            if each.rule == "bookkeeping" and tidy(each.name or each.heading) == wanted:
                columns[at] = replace(each, rule="external id")
                return columns
    return columns


def own_column(mapping: ColumnMapping, name: str) -> int | None:
    """The index of one of our own columns (`naungan_row`, `naungan_extra`, `naungan_code`), if the file has it."""
    for each in mapping.columns:
        if each.rule == "own column" and name in (tidy(each.name), tidy(each.heading)):
            return each.index
    return None


__all__ += ["EXTRA", "ROW_ID", "own_column"]
