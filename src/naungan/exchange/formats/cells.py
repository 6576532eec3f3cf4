"""A cell as it comes out of a file, and the place where it stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Cell = str | int | float | bool | date | datetime | list[str] | None

FORMULA, FORMULA_WITHOUT_VALUE, CELL_ERROR = "f", "F", "e"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number in the file, its cells, and marks by column index for formulas and errors."""

    number: int
    cells: list[Cell]
    marks: Mapping[int, str] = field(default_factory=dict)


def column_letter(index: int) -> str:
    """
    The letter of a column.

    >>> column_letter(0), column_letter(38)
    ('A', 'AM')
    """
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
