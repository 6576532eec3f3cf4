"""From cells to whole numbers and back, by the declared schema only; whatever else stands in a cell stops the run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naungan.methods.release.errors import ReleaseError
from naungan.methods.release.schema import Field, Rule, Schema

__all__ = ["Coded", "Column", "columns_of", "decode", "encode", "impossible_cells", "read_cells"]

Codes = NDArray[np.int32]
_BLANK = ""
_MOST_EXCLUDED = 5_000_000


@dataclass(frozen=True)
class Column:
    """
    One coded column.

    Attributes:
        name: Of the field; `field: value` for one value of a field that holds several.
        field: Place of the field in the schema.
        values: Label of each code; the empty text is blank.
        member: The value whose presence it tells, for a field that holds several; None otherwise.
    """

    name: str
    field: int
    values: tuple[str, ...]
    member: str | None = None


@dataclass(frozen=True)
class Coded:
    """
    Coded records: not safe to publish.

    Attributes:
        columns: What each column means.
        codes: Shape (n_rows, n_columns), column-major.
        rows_per_person: Most rows of one person, c: the sensitivity of every count.
    """

    columns: tuple[Column, ...]
    codes: Codes
    rows_per_person: int = 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """Values of each column."""
        return tuple(len(column.values) for column in self.columns)


def read_texts(path: Path) -> pl.DataFrame:
    """
    Read a CSV (UTF-8, with a header) or Parquet file as it is, every cell as text. Not safe to publish.

    A row of a CSV file with fewer or more cells than the header is refused, an empty line too: filled up with blanks
    it would count as a person. In a file of one column an empty line is a blank cell.

    Raises:
        ReleaseError: `ragged-row` with the row (the header being row 1), `unreadable-file`; they show no cell.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path).cast(pl.String)
        rows = _even_rows(path)
        table = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, OSError, csv.Error, UnicodeDecodeError):
        # The library's own message may quote cells, so neither it nor its chain goes on.
        raise _unreadable() from None
    if table.height != rows:  # two readers part the file differently: quotes are not as they should be
        raise _unreadable()
    return table


def _unreadable() -> ReleaseError:
    return ReleaseError(
        "unreadable-file", "The file cannot be read as a table with a header.",
        fix="Give a CSV file in UTF-8 whose rows all have as many cells as the header, or a Parquet file.",
    )  # fmt: skip


def _even_rows(path: Path) -> int:
    """How many rows follow the header, each with as many cells as it; a row with fewer or more is refused."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        wide = len(next(reader, []))
        number = 1
        for number, row in enumerate(reader, 2):
            if len(row) != wide and not (wide == 1 and not row):
                raise ReleaseError(
                    "ragged-row", f"Row {number} has another number of cells than the header.", row=number,
                    fix="Give every row as many cells as the header has, and take empty lines out.",
                )  # fmt: skip
        return number - 1


def read_cells(path: Path, schema: Schema) -> pl.DataFrame:
    """
    Read a CSV or Parquet file as texts, refusing columns that the schema does not declare.

    Args:
        path: CSV (UTF-8, with a header) or Parquet.
        schema: The public schema.

    Returns:
        Table of texts with the released columns and the unit's column; blanks are null. Not safe to publish.

    Raises:
        ReleaseError: `unreadable-file`, `undeclared-column` (by position: a header may hold a person's name),
            `missing-column`. No error shows a cell.
    """
    table = read_texts(path)
    wanted = [*schema.names, *([schema.unit] if schema.unit else [])]
    for place, name in enumerate(table.columns, 1):
        if name not in wanted and name not in schema.left_out:
            raise ReleaseError(
                "undeclared-column", f"Column {place} of the file is not in the schema.",
                fix="Declare it, mark it leaveOut, or take it out of the file.",
            )  # fmt: skip
    for name in wanted:
        if name not in table.columns:
            raise ReleaseError(
                "missing-column", f"The file has no column `{name}`, which the schema declares.", field=name,
                fix="Add it to the file, or take it out of the schema.",
            )  # fmt: skip
    return table.select(
        pl.when(pl.col(name).str.strip_chars().is_in(list(schema.missing)) | (pl.col(name).str.strip_chars() == ""))
        .then(None)
        .otherwise(pl.col(name).str.strip_chars())
        .alias(name)
        for name in wanted
    )


def columns_of(schema: Schema) -> tuple[Column, ...]:
    """
    The coded columns of a schema; nothing of the data is looked at.

    Args:
        schema: The public schema.

    Returns:
        Columns in the schema's order; a field of several values gives one column a value.
    """
    found: list[Column] = []
    for place, field in enumerate(schema.fields):
        if field.delimiter is None:
            values = field.values if field.required else (_BLANK, *field.values)
            found.append(Column(field.name, place, values))
        else:
            found += [Column(f"{field.name}: {value}", place, (_BLANK, value), value) for value in field.values]
    return tuple(found)


def encode(table: pl.DataFrame, schema: Schema) -> Coded:
    """
    Code cells by the schema.

    Args:
        table: Texts, as `read_cells` gives them.
        schema: The public schema.

    Returns:
        Coded: not safe to publish.

    Raises:
        ReleaseError: `outside-schema`, `blank-not-allowed`, `rule-broken` or `too-many-rows-of-a-person`, with the
            column and the row (the header being row 1), never the cell.
    """
    _require_unit(table, schema)
    columns = columns_of(schema)
    codes = np.zeros((table.height, len(columns)), dtype=np.int32, order="F")
    at = 0
    for field in schema.fields:
        if field.delimiter is None:
            codes[:, at] = _codes(table[field.name], field)
            at += 1
        else:
            codes[:, at : at + len(field.values)] = _memberships(table[field.name], field)
            at += len(field.values)
    coded = Coded(columns, codes, schema.rows_per_person)
    _require_rules(coded, schema)
    return coded


def _require_unit(table: pl.DataFrame, schema: Schema) -> None:
    """Every person told apart, none with more rows than declared."""
    if schema.unit is None:
        return
    unit = table[schema.unit]
    if unit.null_count():
        raise _stop(
            "blank-not-allowed", schema.unit, unit.is_null().arg_max(), "The column that tells persons apart is blank"
        )
    nth = table.select(pl.col(schema.unit).cum_count().over(schema.unit)).to_series()
    over = nth > schema.rows_per_person
    if over.any():
        row = over.arg_max()
        raise ReleaseError(
            "too-many-rows-of-a-person",
            f"Row {(row or 0) + 2}: a person has more than {schema.rows_per_person} row(s), which the schema declares.",
            field=schema.unit, row=(row or 0) + 2,
            fix="Bring the rows of a person together, or declare rowsPerPerson; the noise then grows with it.",
        )  # fmt: skip


def _stop(code: str, name: str, row: int | None, said: str) -> ReleaseError:
    line = (row or 0) + 2
    return ReleaseError(
        code, f"Column `{name}`, row {line}: {said}.", field=name, row=line,
        fix="Mend the cell, or add what is missing to the schema if it is publicly known.",
    )  # fmt: skip


def _codes(cells: pl.Series, field: Field) -> NDArray[np.int32]:
    shift = 0 if field.required else 1
    if field.required and cells.null_count():
        raise _stop(
            "blank-not-allowed", field.name, cells.is_null().arg_max(), "blank, where the schema requires a value"
        )
    if field.bands:
        found = _in_bands(cells, field)
    else:
        found = _known(cells, field.values)
    found = np.where(cells.is_null().to_numpy(), -shift, found)
    if (found < -shift).any():
        raise _stop(
            "outside-schema", field.name, int((found < -shift).argmax()), "not a value that the schema declares"
        )
    return np.asarray(found + shift, dtype=np.int32)


def _known(cells: pl.Series, values: Sequence[str]) -> NDArray[np.int64]:
    """Place of each cell among the values; -2 where it is none of them."""
    places = {value: place for place, value in enumerate(values)}
    return cells.replace_strict(places, default=-2, return_dtype=pl.Int64).fill_null(-2).to_numpy()


def _in_bands(cells: pl.Series, field: Field) -> NDArray[np.int64]:
    """Place of the band of each cell; a band's own label is taken too; -2 where there is none."""
    found = _known(cells, field.values)
    of_dates = any(isinstance(end, date) for band in field.bands for end in (band.start, band.end))
    points = cells.str.to_date("%Y-%m-%d", strict=False) if of_dates else cells.cast(pl.Float64, strict=False)
    known = points.is_not_null() if of_dates else points.is_finite()  # a cell may read "NaN" or "inf"
    for place, band in enumerate(field.bands):
        inside = known
        if band.start is not None:
            inside = inside & (points >= band.start)
        if band.end is not None:
            inside = inside & (points <= band.end)
        found = np.where(inside.fill_null(False).to_numpy(), place, found)
    return found


def _memberships(cells: pl.Series, field: Field) -> NDArray[np.int32]:
    """One column a value of a field that holds several; longest labels first, for a delimiter may stand in one."""
    out = np.zeros((len(cells), len(field.values)), dtype=np.int32)
    assert field.delimiter is not None
    known: dict[str, tuple[int, ...]] = {}
    for row, cell in enumerate(cells.to_list()):
        if cell is None:
            if field.required:
                raise _stop("blank-not-allowed", field.name, row, "blank, where the schema requires a value")
            continue
        places = known.get(cell)
        if places is None:
            parted = _part(cell, field.values, field.delimiter)
            if parted is None:
                raise _stop("outside-schema", field.name, row, "not values that the schema declares")
            places = known[cell] = parted
        out[row, list(places)] = 1
    return out


def _part(cell: str, values: Sequence[str], delimiter: str) -> tuple[int, ...] | None:
    ranked = sorted(range(len(values)), key=lambda place: -len(values[place]))
    mark, rest, found = delimiter.strip() or delimiter, cell, []
    while rest:
        for place in ranked:
            value = values[place]
            if rest == value or (rest.startswith(value) and rest[len(value) :].lstrip().startswith(mark)):
                found.append(place)
                rest = rest[len(value) :].lstrip().removeprefix(mark).lstrip()
                break
        else:
            return None
    return tuple(found)


def decode(codes: Codes | NDArray[np.int64], schema: Schema) -> pl.DataFrame:
    """
    Records of codes as a table of texts.

    Args:
        codes: Shape (n_rows, n_columns) in the order of `columns_of`.
        schema: The public schema.

    Returns:
        Table with one text column a field; blanks are null. As safe to publish as the codes.
    """
    out: dict[str, pl.Series] = {}
    columns = columns_of(schema)
    for place, field in enumerate(schema.fields):
        own = [at for at, column in enumerate(columns) if column.field == place]
        if field.delimiter is None:
            labels = np.array([value or None for value in columns[own[0]].values], dtype=object)
            out[field.name] = pl.Series(field.name, labels[codes[:, own[0]]].tolist(), dtype=pl.String)
        else:
            joined = [
                field.delimiter.join(value for value, has in zip(field.values, row, strict=True) if has) or None
                for row in codes[:, own].tolist()
            ]
            out[field.name] = pl.Series(field.name, joined, dtype=pl.String)
    return pl.DataFrame(out)


def impossible_cells(schema: Schema) -> dict[tuple[int, ...], NDArray[np.bool_]]:
    """
    What the declared rules exclude.

    Args:
        schema: The public schema.

    Returns:
        Columns in rising order → table of booleans over their values, true where no record can be.

    Raises:
        ReleaseError: `bad-schema` where a rule spans too many cells.
    """
    columns = columns_of(schema)
    out: dict[tuple[int, ...], NDArray[np.bool_]] = {}
    for rule in schema.rules:
        over, excluded = _excluded(rule, schema, columns)
        if over in out:
            excluded = excluded | out[over]
        out[over] = excluded
    return out


def _excluded(rule: Rule, schema: Schema, columns: tuple[Column, ...]) -> tuple[tuple[int, ...], NDArray[np.bool_]]:
    given = [_marks(name, values, schema, columns) for name, values in rule.given.items()]
    then = [_marks(name, values, schema, columns) for name, values in rule.then.items()]
    over = tuple(sorted({place for place, _ in [*given, *then]}))
    shape = [len(columns[place].values) for place in over]
    if np.prod(shape, dtype=float) > _MOST_EXCLUDED:
        raise ReleaseError("bad-schema", "A rule spans too many combinations.", fix="Join fewer columns in it.")
    return over, _all(given, over, shape) & ~_all(then, over, shape)


def _marks(
    name: str, values: frozenset[str], schema: Schema, columns: tuple[Column, ...]
) -> tuple[int, NDArray[np.bool_]]:
    """The coded column of a condition, and which of its codes meet it."""
    field = schema.names.index(name)
    for place, column in enumerate(columns):
        if column.field == field and (column.member is None or column.member in values):
            return place, np.array([value in values for value in column.values])
    raise ReleaseError(
        "bad-schema", "A rule on a column of several values cannot ask for a blank.", field=name,
        fix="Name the value that must be there.",
    )  # fmt: skip


def _all(conditions: list[tuple[int, NDArray[np.bool_]]], over: tuple[int, ...], shape: list[int]) -> NDArray[np.bool_]:
    met = np.ones(shape, dtype=bool)
    for place, marks in conditions:
        onto = [1] * len(over)
        onto[over.index(place)] = len(marks)
        met = met & marks.reshape(onto)
    return met


def _require_rules(coded: Coded, schema: Schema) -> None:
    for number, rule in enumerate(schema.rules, 1):
        over, excluded = _excluded(rule, schema, coded.columns)
        broken = excluded[tuple(coded.codes[:, place] for place in over)]
        if broken.any():
            row = int(broken.argmax()) + 2
            raise ReleaseError(
                "rule-broken", f"Row {row} breaks rule {number} of the schema, which is declared to hold always.",
                row=row, fix="Mend the record, or take the rule out.",
            )  # fmt: skip
