"""Keeps problems as codes and places, and says them again with the sheet's name when somebody looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from naungan.exchange.formats.reading import EXTRA_SHEET
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.standards.checks import MESSAGES, Problem
from naungan.vault import queries as vault

SHEETS = "sheets"
# The number under which rows of the sheet `naungan` are kept that belong to no row of a caseload.
EXTRA = 999
_SEPARATOR = "\x1f"

# code, field, column, kind of value, parameters of the sentence, and for a file's own problems the place.
Kept = Sequence[object]


def keep(problem: Problem) -> list[object]:
    """A problem as it is stored with its row: no value and no suggestion."""
    return [problem.code, problem.field, problem.column, problem.value_class, dict(problem.params)]


def keep_of_file(problem: Problem, sheet: int | None = None) -> list[object]:
    """A problem of the file as a whole (without sheet) or of a sheet's headings."""
    return [*keep(problem), sheet, problem.row]


def sheet_names(batch: ImportBatch) -> list[str]:
    """The names of the sheets of a batch in their order; empty once the batch is forgotten."""
    found = vault.read([batch.rows_subject_id], [SHEETS]).get(batch.rows_subject_id, {}).get(SHEETS, "")
    return found.split(_SEPARATOR)


def joined(names: Sequence[str]) -> str:
    """Sheet names as one text to be sealed."""
    return _SEPARATOR.join(names)


def of_row(row: ImportRow, kept: Kept, names: Sequence[str]) -> Problem:
    """A problem of a row with its place."""
    column = kept[2]
    return _said(kept).at(
        sheet=_name(names, row.sheet), row=row.number, column=column if isinstance(column, str) else None
    )


def of_file(kept: Kept, names: Sequence[str]) -> Problem:
    """A problem of the file as a whole."""
    column, sheet, row = kept[2], kept[5], kept[6]
    return _said(kept).at(
        sheet=_name(names, sheet) if isinstance(sheet, int) else None,
        row=row if isinstance(row, int) else None,
        column=column if isinstance(column, str) else None,
    )


def _said(kept: Kept) -> Problem:
    code, field, _, value_class, params = kept[:5]
    assert isinstance(code, str) and isinstance(params, Mapping)  # noqa: PT018 - as `keep` wrote it
    return Problem.of(
        code if code in MESSAGES else "unknown_field",
        params,
        field=field if isinstance(field, str) else None,
        value_class=value_class if isinstance(value_class, str) else None,
    )


def _name(names: Sequence[str], sheet: int) -> str | None:
    if sheet == EXTRA:
        return EXTRA_SHEET
    return (names[sheet] if sheet < len(names) else "") or None
