"""Capture tables: how many people were on exactly which lists, checked as they come in."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence.errors import PrevalenceError

__all__ = [
    "MAX_LISTS",
    "MAX_PEOPLE",
    "CaptureTable",
    "Overlaps",
    "from_draws",
    "from_records",
    "read_csv",
    "read_records",
    "read_strata",
]

MAX_LISTS = 10
MAX_PEOPLE = 100_000_000
COUNT_NAMES = ("count", "jumlah")
_BAD_IN_NAMES = set(":,;")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Overlaps:
    """
    Where the information is.

    Attributes:
        two_or_more: People on at least two lists.
        three_or_more: People on at least three lists.
        empty_pairs: Pairs of lists, by name, that share nobody.
        pairs: Number of pairs of lists.
        empty_overlaps: Sets of two or more lists that share nobody.
    """

    two_or_more: int
    three_or_more: int
    empty_pairs: tuple[tuple[str, str], ...]
    pairs: int
    empty_overlaps: int


@dataclass(frozen=True, eq=False)
class CaptureTable:
    """
    How many people were on exactly which lists.

    Attributes:
        lists: Names of the t lists, 2 to 10 of them.
        counts: Shape (2**t,), int64, people; entry m counts the people on exactly the lists whose bits are
            set in m (bit i is `lists[i]`). Entry 0, the people on no list, is always 0.

    Raises:
        PrevalenceError: names missing or repeated, too few or too many lists, counts negative or too large.

    >>> CaptureTable(("A", "B"), np.array([0, 10, 20, 5])).observed
    35
    """

    lists: tuple[str, ...]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "lists", _checked_names(self.lists))
        raw = np.asarray(self.counts)
        if raw.shape != (2 ** len(self.lists),):
            raise PrevalenceError("row-length", {"row": "?"}, field="counts")
        if raw.dtype.kind not in "iu" and not np.array_equal(raw, np.floor(raw)):
            raise PrevalenceError("count-not-whole", {"row": "?"}, field="counts")
        if (raw < 0).any():
            raise PrevalenceError("count-negative", {"row": "?"}, field="counts")
        if raw[0] != 0:
            raise PrevalenceError("nobody-pattern", {"row": "?"}, field="counts")
        if float(raw.astype(np.float64).sum()) > MAX_PEOPLE:
            raise PrevalenceError("count-too-large", {"limit": MAX_PEOPLE}, field="counts")
        counts = raw.astype(np.int64)
        counts.flags.writeable = False
        object.__setattr__(self, "counts", counts)
        if not counts.any():
            raise PrevalenceError("no-people", field="counts")

    @classmethod
    def of(cls, lists: Sequence[str], patterns: Mapping[Iterable[str] | str, int]) -> CaptureTable:
        """
        A table from patterns by list names, `{"A": 10, "A:B": 5}` or `{("A", "B"): 5}`.

        Args:
            lists: Names of the lists.
            patterns: People by exact pattern; names joined by `:` or in a tuple.

        Returns:
            CaptureTable: with 0 for every pattern that is not named.

        Raises:
            PrevalenceError: a list is unknown, or a rule of the table is broken.
        """
        names = tuple(lists)
        counts = np.zeros(2 ** max(len(names), 1), dtype=np.int64)
        for pattern, people in patterns.items():
            parts = pattern.split(":") if isinstance(pattern, str) else list(pattern)
            unknown = [part for part in parts if part not in names]
            if unknown:
                raise PrevalenceError("term-unknown", {"term": ":".join(parts)}, field=unknown[0])
            counts[sum(1 << names.index(part) for part in set(parts))] = people
        return cls(names, counts)

    @property
    def t(self) -> int:
        """Number of lists."""
        return len(self.lists)

    @cached_property
    def observed(self) -> int:
        """People on at least one list."""
        return int(self.counts.sum())

    @cached_property
    def on_all(self) -> NDArray[np.int64]:
        """Shape (2**t,): people on all lists of m, whatever else (N*); entry 0 is everybody."""
        sums = self.counts.copy()
        for bit in range(self.t):
            halves = sums.reshape(-1, 2, 1 << bit)
            halves[:, 0] += halves[:, 1]
        return sums

    @cached_property
    def overlaps(self) -> Overlaps:
        """How many people are on several lists, and which overlaps are empty."""
        sizes = np.array([mask.bit_count() for mask in range(2**self.t)])
        empty = [mask for mask in range(2**self.t) if sizes[mask] >= 2 and self.on_all[mask] == 0]
        pairs = [self.names_of(mask) for mask in empty if sizes[mask] == 2]
        return Overlaps(
            two_or_more=int(self.counts[sizes >= 2].sum()),
            three_or_more=int(self.counts[sizes >= 3].sum()),
            empty_pairs=tuple((first, second) for first, second in pairs),
            pairs=self.t * (self.t - 1) // 2,
            empty_overlaps=len(empty),
        )

    @cached_property
    def hash(self) -> str:
        """SHA-256 of names and counts in canonical form, so that another office can tell that it has the same table."""
        text = "\n".join([*self.lists, *(f"{mask} {people}" for mask, people in enumerate(self.counts) if people)])
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    @property
    def contained(self) -> tuple[tuple[str, str], ...]:
        """Pairs (inner, outer) of lists where everybody on the inner one is on the outer one too."""
        found = []
        for inner in range(self.t):
            for outer in range(self.t):
                size = self.on_all[1 << inner]
                if inner != outer and size > 0 and self.on_all[1 << inner | 1 << outer] == size:
                    found.append((self.lists[inner], self.lists[outer]))
        return tuple(found)

    @property
    def empty_lists(self) -> tuple[str, ...]:
        """Lists that nobody is on."""
        return tuple(name for bit, name in enumerate(self.lists) if self.on_all[1 << bit] == 0)

    def names_of(self, mask: int) -> tuple[str, ...]:
        """The names of the lists of a bitmask, in the order of the table."""
        return tuple(name for bit, name in enumerate(self.lists) if mask >> bit & 1)

    def mask_of(self, names: Iterable[str]) -> int:
        """
        The bitmask of lists by name.

        Raises:
            PrevalenceError: a name is not a list of the table.
        """
        parts = list(names)
        for name in parts:
            if name not in self.lists:
                raise PrevalenceError("term-unknown", {"term": ":".join(parts)}, field=name)
        return sum(1 << self.lists.index(name) for name in set(parts))

    def without(self, *names: str) -> CaptureTable:
        """The table without some lists; people who were on those alone are no longer observed."""
        return self._mapped([None if name in names else name for name in self.lists])

    def joined(self, *names: str, into: str | None = None) -> CaptureTable:
        """The table with some lists made one, named as `into` or by the names joined with `+`."""
        new = into or "+".join(names)
        return self._mapped([new if name in names else name for name in self.lists])

    def _mapped(self, targets: Sequence[str | None]) -> CaptureTable:
        lists = tuple(dict.fromkeys(target for target in targets if target is not None))
        counts = np.zeros(2 ** max(len(lists), 1), dtype=np.int64)
        for mask in np.flatnonzero(self.counts):
            hit = {targets[bit] for bit in range(self.t) if int(mask) >> bit & 1}
            counts[sum(1 << lists.index(name) for name in hit if name is not None)] += self.counts[mask]
        counts[0] = 0
        return CaptureTable(lists, counts)


def _checked_names(lists: Sequence[str]) -> tuple[str, ...]:
    names = tuple(str(name).strip() for name in lists)
    for column, name in enumerate(names, start=1):
        if not name or not name.isprintable() or _BAD_IN_NAMES & set(name):
            raise PrevalenceError("list-name", {"column": column}, field=str(column))
        if len(name) > _LONGEST_NAME:
            raise PrevalenceError("list-name-long", {"column": column, "limit": _LONGEST_NAME}, field=str(column))
        if name in names[: column - 1]:
            raise PrevalenceError("list-twice", {"name": name}, field=name)
    if len(names) < 2:
        raise PrevalenceError("one-list")
    if len(names) > MAX_LISTS:
        raise PrevalenceError("too-many-lists", {"lists": len(names), "limit": MAX_LISTS})
    return names


def _rows(source: Path | str) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with its number in the file; from a path, or from text with a line break."""
    if isinstance(source, str) and "\n" in source:
        text = source.removeprefix("\ufeff")
    else:
        try:
            text = Path(source).read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise PrevalenceError("table-unreadable") from error
    if "\0" in text:
        raise PrevalenceError("table-unreadable")
    head = text.lstrip().split("\n", 1)[0]
    mark = max(",;\t", key=head.count)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            rows.append(next(reader))
        except StopIteration:
            break
        except csv.Error as error:
            # Without a quotation mark the only thing left to complain of is a cell beyond csv.field_size_limit.
            raise PrevalenceError("quote-open" if '"' in text else "cell-too-long", {"row": line}) from error
    kept = [(number, [cell.strip() for cell in row]) for number, row in enumerate(rows, start=1)]
    kept = [(number, row) for number, row in kept if any(row)]
    if len(kept) < 2:
        raise PrevalenceError("table-empty")
    return kept


def read_csv(source: Path | str) -> CaptureTable:
    """
    Read a table of patterns and counts.

    Args:
        source: A CSV file (UTF-8; comma, semicolon or tab), or its text. Header: the names of the lists, in any
            language, and last `count` or `jumlah`. One row a pattern: 0 or 1 for each list, then a whole number of
            people. A pattern that is not there has no people.

    Returns:
        CaptureTable: names as written.

    Raises:
        PrevalenceError: with the row and the rule that was broken; nothing is guessed.
        OSError: the file cannot be opened.

    Source:
        RFC 4180 for the file; Fienberg (1972), Biometrika 59, 591-603, for the table.

    >>> read_csv("polisi,LSM,jumlah\\n1,0,10\\n0,1,20\\n1,1,5\\n").lists
    ('polisi', 'LSM')
    """
    rows = _rows(source)
    return _table_of(rows[0][1], rows[1:])


def read_strata(source: Path | str, column: str) -> Mapping[str, CaptureTable]:
    """
    Read a table of patterns and counts that has one more column, the stratum of each row.

    Args:
        source: As for `read_csv`.
        column: Name of the column that says the stratum (for instance sex, province, year).

    Returns:
        Mapping: a table for each stratum, in the order of the file.

    Raises:
        PrevalenceError: as for `read_csv`, or there is no such column.

    Source:
        Sekar and Deming (1949), J. Am. Statist. Assoc. 44, 101-115, for strata estimated apart.
    """
    rows = _rows(source)
    head = rows[0][1]
    if column not in head:
        raise PrevalenceError("column-missing", {"name": column}, field=column)
    at = head.index(column)
    strata: dict[str, list[tuple[int, list[str]]]] = {}
    for number, row in rows[1:]:
        if len(row) != len(head):
            raise PrevalenceError("row-length", {"row": number})
        if not row[at]:
            raise PrevalenceError("record-blank", {"row": number, "name": column}, field=column)
        strata.setdefault(row[at], []).append((number, row[:at] + row[at + 1 :]))
    return {name: _table_of(head[:at] + head[at + 1 :], kept) for name, kept in strata.items()}


def _table_of(head: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> CaptureTable:
    if head[-1].casefold() not in COUNT_NAMES:
        raise PrevalenceError("no-count-column", field=head[-1] or None)
    lists = _checked_names(head[:-1])
    counts = np.zeros(2 ** len(lists), dtype=np.int64)
    seen: dict[int, int] = {}
    for number, row in rows:
        if len(row) != len(head):
            raise PrevalenceError("row-length", {"row": number})
        mask = _mask_of_row(lists, row, number)
        if mask in seen:
            raise PrevalenceError("pattern-twice", {"row": number, "other": seen[mask]})
        seen[mask] = number
        people = _people(row[-1], number)
        if mask == 0 and people > 0:
            raise PrevalenceError("nobody-pattern", {"row": number})
        counts[mask] = people
    return CaptureTable(lists, counts)


def _mask_of_row(lists: Sequence[str], row: Sequence[str], number: int) -> int:
    mask = 0
    for bit, (name, cell) in enumerate(zip(lists, row[:-1], strict=True)):
        if cell not in ("0", "1"):
            raise PrevalenceError("pattern-cell", {"row": number, "name": name}, field=name)
        mask |= int(cell) << bit
    return mask


def _people(cell: str, number: int) -> int:
    if not cell:
        raise PrevalenceError("count-missing", {"row": number}, field="count")
    digits = cell.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise PrevalenceError("count-not-whole", {"row": number}, field="count")
    digits = digits.lstrip("0") or "0"
    if cell.startswith("-") and digits != "0":
        raise PrevalenceError("count-negative", {"row": number}, field="count")
    if len(digits) > len(str(MAX_PEOPLE)) or int(digits) > MAX_PEOPLE:
        raise PrevalenceError("count-too-large", {"limit": MAX_PEOPLE}, field="count")
    return int(digits)


def from_records(records: Iterable[tuple[str, str]], *, lists: Sequence[str] | None = None) -> CaptureTable:
    """
    Count the patterns of records that are linked already.

    Args:
        records: (list, cluster) of each record; records of one person have one cluster. Cluster numbers are
            compared, never kept.
        lists: Names and order of the lists; sorted names of the records when left out.

    Returns:
        CaptureTable: one person a cluster.

    Raises:
        PrevalenceError: a cluster has two records of one list (linkage must be one to one), or a list is unknown.

    Source:
        Sekar and Deming (1949), J. Am. Statist. Assoc. 44, 101-115: one person, one pattern.
    """
    return _counted(list(enumerate(records, start=1)), lists)


def _counted(rows: Sequence[tuple[int, tuple[str, str]]], lists: Sequence[str] | None) -> CaptureTable:
    """Records with their row numbers, as a table."""
    names = tuple(lists) if lists is not None else tuple(sorted({name for _, (name, _) in rows}))
    if not rows:
        raise PrevalenceError("table-empty")
    names = _checked_names(names)
    bits = {name: 1 << bit for bit, name in enumerate(names)}
    people: dict[str, int] = {}
    for number, (name, cluster) in rows:
        if name not in bits:
            raise PrevalenceError("term-unknown", {"term": name}, field=name)
        before = people.get(cluster, 0)
        if before & bits[name]:
            raise PrevalenceError("record-twice", {"row": number, "name": name}, field=name)
        people[cluster] = before | bits[name]
    counts = np.bincount(np.fromiter(people.values(), dtype=np.int64), minlength=2 ** len(names))
    return CaptureTable(names, counts)


def read_records(source: Path | str, *, list_column: str = "list", cluster_column: str = "cluster") -> CaptureTable:
    """
    Read linked records, one row a record.

    Args:
        source: A CSV file or its text; header with both columns, others are not looked at.
        list_column: Name of the column that says which list the record is from.
        cluster_column: Name of the column that says which person it is.

    Returns:
        CaptureTable: one person a cluster.

    Raises:
        PrevalenceError: a column or a value is missing, or a person is on one list twice.

    Source:
        RFC 4180 for the file; Sekar and Deming (1949), JASA 44, 101-115, for one person, one pattern.
    """
    rows = _rows(source)
    head = rows[0][1]
    for name in (list_column, cluster_column):
        if name not in head:
            raise PrevalenceError("column-missing", {"name": name}, field=name)
    at, of = head.index(list_column), head.index(cluster_column)
    found = []
    for number, row in rows[1:]:
        if len(row) != len(head):
            raise PrevalenceError("row-length", {"row": number})
        for name, cell in ((list_column, row[at]), (cluster_column, row[of])):
            if not cell:
                raise PrevalenceError("record-blank", {"row": number, "name": name}, field=name)
        found.append((number, (row[at], row[of])))
    return _counted(found, None)


def from_draws(lists_of: Sequence[str], draws: Iterable[Sequence[str]]) -> tuple[CaptureTable, ...]:
    """
    Count the patterns of K draws of the linkage, for pooling.

    Args:
        lists_of: The list of each record, shape (n_records,).
        draws: For each draw the cluster of each record, shape (n_records,) each.

    Returns:
        tuple: K tables over the same lists.

    Raises:
        PrevalenceError: a draw does not have one cluster a record, or links two records of one list.

    Source:
        Sadinle (2018), Ann. Appl. Stat. 12(2), 1013-1038.
    """
    names = tuple(sorted(set(lists_of)))
    tables = []
    for clusters in draws:
        if len(clusters) != len(lists_of):
            raise PrevalenceError("draws-differ")
        tables.append(from_records(zip(lists_of, clusters, strict=True), lists=names))
    if not tables:
        raise PrevalenceError("table-empty")
    return tuple(tables)
