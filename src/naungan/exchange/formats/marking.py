"""Writes the rows that need mending as a workbook: marked cells, a comment with the fix, and a way back."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

import xlsxwriter

from naungan.exchange.formats.cells import column_letter
from naungan.exchange.formats.headings import EXTRA, ROW_ID
from naungan.standards.checks import Problem, render
from naungan.standards.htcds import FIELDS, Field

__all__ = ["MarkedRow", "write_marked"]

_SHEET = "Case Sheet"
_LISTS = "lists"
_LONGEST_COMMENT = 2_000
_TITLES = {"en": "To be mended", "id": "Perlu diperbaiki"}
_SUGGESTION = {"en": "Suggestion", "id": "Saran"}
_ROW_HEADING = {"en": "Problems of the row", "id": "Masalah pada baris"}


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """
    One row in quarantine.

    `texts` are its cells by API name (`x:<code>` for own fields); `others` by heading, for columns that were not
    recognised; `extra` is the JSON that its export carried, if any. `row_id` finds the row again.
    """

    row_id: str
    texts: Mapping[str, str]
    problems: Sequence[Problem] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    extra: str = ""


def write_marked(
    rows: Iterable[MarkedRow], out: IO[bytes], *, custom: Sequence[Field] = (), language: str = "id"
) -> None:
    """
    Write the rows that need mending as a workbook that can be imported again.

    Column A is hidden and holds the row ids; row 1 is hidden and holds API names; row 2 holds labels; data begin in
    row 3. A cell with a problem is coloured and carries the rule, the fix and any suggestion as a comment. Lists
    hang on pick-list columns. Every value is text, never a formula.

    Args:
        rows: Kept in memory, since the columns depend on all of them.
        out: Where to write.
        custom: Own fields.
        language: `id` or `en`.
    """
    kept = list(rows)
    fields = [*FIELDS.values(), *custom]
    used = [each for each in fields if any(each.api_name in row.texts for row in kept)]
    others = list(dict.fromkeys(heading for row in kept for heading in row.others))
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    try:
        _Marker(book, used, others, "id" if language.lower().startswith("id") else "en").write(kept)
    finally:
        book.close()
    out.write(buffer.getvalue())


class _Marker:
    """Lays out one marked workbook."""

    def __init__(
        self, book: xlsxwriter.Workbook, fields: Sequence[Field], others: Sequence[str], language: str
    ) -> None:
        self._book = book
        self._fields = fields
        self._others = others
        self._language = language
        self._sheet = book.add_worksheet(_SHEET)
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self._formats = {
            "error": book.add_format(
                {"num_format": "@", "text_wrap": True, "valign": "top", "bg_color": "#F8CBAD", "border": 2}
            ),
            "warning": book.add_format(
                {"num_format": "@", "text_wrap": True, "valign": "top", "bg_color": "#FFE699", "border": 1}
            ),
        }
        names = [ROW_ID, *(each.api_name for each in fields), *("" for _ in others), EXTRA]
        self._place = {name: at for at, name in enumerate(names) if name}
        self._names = names

    def write(self, rows: Sequence[MarkedRow]) -> None:
        labels = [each.label_in(self._language) for each in self._fields]
        headings = [_ROW_HEADING[self._language], *labels, *self._others, EXTRA]
        for at, (name, label) in enumerate(zip(self._names, headings, strict=True)):
            self._sheet.write_string(0, at, name)
            self._sheet.write_string(1, at, label, self._bold)
        self._sheet.set_row(0, None, None, {"hidden": True})
        self._sheet.set_column(1, len(self._names) - 1, 22)
        self._sheet.set_column(0, 0, 22, None, {"hidden": True})
        self._sheet.set_column(self._place[EXTRA], self._place[EXTRA], 22, None, {"hidden": True})
        self._sheet.freeze_panes(2, 0)
        for number, row in enumerate(rows, start=2):
            self._row(number, row)
        self._hang_lists(len(rows))
        self._book.set_properties({"title": _TITLES[self._language]})

    def _row(self, number: int, row: MarkedRow) -> None:
        marks = self._marks(row)
        self._sheet.write_string(number, 0, row.row_id)
        for name, text in {**row.texts, EXTRA: row.extra}.items():
            if text and name in self._place:
                self._sheet.write_string(number, self._place[name], text, self._plain)
        for at, heading in enumerate(self._others, start=1 + len(self._fields)):
            if row.others.get(heading):
                self._sheet.write_string(number, at, row.others[heading], self._plain)
        for name, problems in marks.items():
            self._mark(number, name, row.texts.get(name, ""), problems)

    def _marks(self, row: MarkedRow) -> dict[str, list[Problem]]:
        first = self._fields[0].api_name if self._fields else EXTRA
        marks: dict[str, list[Problem]] = {}
        for problem in row.problems:
            if problem.severity != "note":
                name = problem.field if problem.field in self._place else first
                marks.setdefault(name or first, []).append(problem)
        return marks

    def _mark(self, number: int, name: str, text: str, problems: Sequence[Problem]) -> None:
        severity = "error" if any(problem.severity == "error" for problem in problems) else "warning"
        place = self._place[name]
        if text:
            self._sheet.write_string(number, place, text, self._formats[severity])
        else:
            self._sheet.write_blank(number, place, None, self._formats[severity])
        comment = "\n\n".join(self._say(problem) for problem in problems)[:_LONGEST_COMMENT]
        self._sheet.write_comment(number, place, comment, {"x_scale": 2.2, "y_scale": 1.6, "author": "Naungan"})

    def _say(self, problem: Problem) -> str:
        message, fix = render(problem, self._language)
        lines = [message, fix]
        if problem.suggestions:
            lines.append(f"{_SUGGESTION[self._language]}: {' / '.join(problem.suggestions)}")
        return "\n".join(lines)

    def _hang_lists(self, count: int) -> None:
        listed = [each for each in self._fields if each.choices and not each.several and each.kind != "boolean"]
        if not listed or not count:
            return
        lists = self._book.add_worksheet(_LISTS)
        lists.hide()
        for column, each in enumerate(listed):
            labels = [choice.label_in(self._language) for choice in each.choices.values()]
            for row, label in enumerate(labels):
                lists.write_string(row, column, label)
            source = f"={_LISTS}!{_letter(column)}$1:{_letter(column)}${len(labels)}"
            place = self._place[each.api_name]
            rule = {"validate": "list", "source": source, "error_type": "warning"}
            self._sheet.data_validation(2, place, count + 1, place, rule)


def _letter(column: int) -> str:
    return f"${column_letter(column)}"
