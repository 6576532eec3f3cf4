"""Count tables that go out: hidden cells, controlled rounding or noise, checked against all that went out before."""

from __future__ import annotations

import heapq
import json
import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array

from naungan.methods.release.coding import Coded
from naungan.methods.release.errors import Refusal, ReleaseError
from naungan.methods.release.noise import Noise
from naungan.methods.release.schema import Schema
from naungan.methods.release.select import Counter

__all__ = [
    "Shown", "Spec", "Table", "count_tables", "derivable", "noisy_tables", "people_at_least", "read_published",
    "read_spec", "round_table", "round_tables", "suppress", "words_of",
]  # fmt: skip


Columns = tuple[int, ...]
Counts = NDArray[np.int64]
_MOST_CELLS = 60_000
_Members = dict[tuple[int, tuple[int, ...]], NDArray[np.int64]]  # table and place → combinations it counts
_Known = tuple[NDArray[np.int64], float, float]  # combinations, and the least and most that they hold together


@dataclass(frozen=True)
class Spec:
    """
    Which tables are asked for.

    Attributes:
        tables: For each table its columns, by place in the coded columns; all margins go out with it.
        method: `suppress`, `round` or `private`.
        threshold: Counts from 1 to one less are hidden.
        base: Of the rounding.
        epsilon: Of the noise; 0 for the others.
    """

    tables: tuple[Columns, ...]
    method: str
    threshold: int = 10
    base: int = 5
    epsilon: float = 0.0


@dataclass(frozen=True)
class Table:
    """Exact counts over some columns, shape (size + 1, ...), the last place being the sum: not safe to publish."""

    columns: Columns
    counts: Counts


@dataclass(frozen=True)
class Shown:
    """
    A table as it goes out.

    Attributes:
        columns: By place in the coded columns.
        values: Shape as `Table.counts`; nan where hidden.
        low, high: What an outsider can derive for each cell, from this and all other tables; equal where shown.
    """

    columns: Columns
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def read_spec(path: Path, schema: Schema, coded_names: Sequence[str]) -> Spec:
    """
    Read which tables are asked for.

    Args:
        path: JSON: {"tables": [["year", "gender"], ...], "method": "suppress" | "round" | "private", "threshold": 10,
            "base": 5, "epsilon": 1}.
        schema: The public schema.
        coded_names: Names of the coded columns.

    Returns:
        Spec.

    Raises:
        ReleaseError: `bad-spec`.
    """
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        names = [[str(name) for name in each] for each in words["tables"]]
        method = str(words.get("method", "suppress"))
        threshold, base = int(words.get("threshold", 10)), int(words.get("base", 5))
        epsilon = float(words.get("epsilon", 0))
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise _bad("The file of tables is not as it should be.") from error
    if method not in ("suppress", "round", "private") or threshold < 2 or base < 2:
        raise _bad("The method, the threshold or the base cannot be used.")
    if method == "private" and not epsilon > 0:
        raise _bad("Tables with noise need an ε above 0.")
    tables = []
    for each in names:
        missing = [name for name in each if name not in coded_names]
        if missing or not each or len(set(each)) != len(each) or len(each) > 4:
            raise _bad("A table names a column that is not there, one twice, or more than four.")
        tables.append(tuple(sorted(coded_names.index(name) for name in each)))
    if not tables or not schema.fields:
        raise _bad("No table is asked for.")
    return Spec(tuple(dict.fromkeys(tables)), method, threshold, base, epsilon)


def _bad(said: str) -> ReleaseError:
    return ReleaseError(
        "bad-spec", said, field="spec",
        fix='Write {"tables": [["year", "gender"]], "method": "suppress", "threshold": 10}.',
    )  # fmt: skip


def count_tables(coded: Coded, spec: Spec) -> list[Table]:
    """
    Exact tables with margins.

    Args:
        coded: Coded records.
        spec: Which tables.

    Returns:
        Tables: not safe to publish.

    Raises:
        Refusal: `too-large`.
    """
    if any(math.prod(coded.sizes[column] for column in columns) > _MOST_CELLS for columns in spec.tables):
        raise Refusal("too-large", "A table has too many cells.", fix="Ask for fewer columns, or broader values.")
    counter = Counter(coded.codes, coded.sizes)
    return [Table(columns, _with_margins(counter.table(columns))) for columns in spec.tables]


def people_at_least(coded: Coded, persons: int) -> int:
    """
    How many rows are of at least so many persons: thresholds and bases speak of persons, counts are of rows.

    Args:
        coded: Coded records.
        persons: At least 1.

    Returns:
        int: persons times the most rows of a person. Safe to publish.
    """
    return persons * coded.rows_per_person


def _with_margins(counts: Counts) -> Counts:
    out = counts
    for axis in range(counts.ndim):
        out = np.concatenate([out, out.sum(axis=axis, keepdims=True)], axis=axis)
    return np.asarray(out, dtype=np.int64)


def suppress(
    tables: Sequence[Table], sizes: Sequence[int], *, threshold: int, earlier: Sequence[Shown] = ()
) -> list[Shown]:
    """
    Hide small counts, then as many others as it takes that no hidden one can be worked out.

    Hidden is every count from 1 to `threshold` - 1. Then linear programs over all tables of this and earlier releases
    find what an outsider can derive for each hidden count; while one is known to less than `threshold` - 1, another
    cell of its lines is hidden, the smallest first.

    Args:
        tables: Exact tables with margins.
        sizes: Values of each coded column.
        threshold: At least 2.
        earlier: Tables that went out before, over the same people.

    Returns:
        Shown, with the derivable interval of each cell. Safe to publish by the threshold rule, against
        everything given here; it is no bound against other knowledge, so the ledger notes it as `no-bound`.

    Raises:
        Refusal: `difference` where earlier tables give a small count away whatever is hidden now; `too-large`.

    Source:
        Hundepool et al. 2012, "Statistical disclosure control", chapter 4 (secondary suppression; the attacker's
        linear programs).
    """
    small = [(table.counts > 0) & (table.counts < threshold) for table in tables]
    hidden = [each.copy() for each in small]
    waiting = [(0.0, number, at) for number, marks in enumerate(small) for at in _places(marks)]
    seen: list[NDArray[np.float64]] = []
    while (weakest := _weakest(*_attacker(tables, hidden, sizes, earlier, seen), waiting, threshold)) is not None:
        if not _hide_another(tables, hidden, weakest):
            raise Refusal(
                "difference", "A small count can be worked out from this and earlier releases, whatever is hidden.",
                fix="Take the table out, use fewer or broader columns, or publish counts with noise.",
            )  # fmt: skip
    lows, highs = derivable(tables, hidden, sizes, earlier)
    return [
        Shown(table.columns, np.where(hid, np.nan, table.counts.astype(float)), low, high)
        for table, hid, low, high in zip(tables, hidden, lows, highs, strict=True)
    ]


def _weakest(
    problem: _Attacker, members: _Members, waiting: list[tuple[float, int, tuple[int, ...]]], threshold: int
) -> tuple[int, tuple[int, ...]] | None:
    """
    Of the small counts that are known too well, the one known best; None where all are safe.

    Intervals only widen while more is hidden. So the width of a count as it was last worked out is the least that it
    has now, and only those that may be the best known are worked out again; what is wide enough once is dropped, also
    where two worlds that an earlier program found are already far enough apart.
    """
    least = threshold - 1 - 1e-6
    while waiting:
        _, number, at = heapq.heappop(waiting)
        width = problem.width(members[number, at], enough=least)
        if width >= least:
            continue
        heapq.heappush(waiting, (width, number, at))
        if waiting[0] == (width, number, at):
            return number, at
    return None


def _hide_another(
    tables: Sequence[Table], hidden: Sequence[NDArray[np.bool_]], weak: tuple[int, tuple[int, ...]]
) -> bool:
    """Hide the best partner of a weak cell: where it stands alone in a line, else anywhere; False for none."""
    number, place = weak
    counts, hid = tables[number].counts, hidden[number]
    spots = np.argwhere(~hid & (counts > 0))
    lines = [
        np.flatnonzero((np.delete(spots, axis, 1) == np.delete(place, axis)).all(axis=1)) for axis in range(hid.ndim)
    ]
    alone = [
        int(hid[tuple(slice(None) if n == axis else at for n, at in enumerate(place))].sum())
        for axis in range(hid.ndim)
    ]
    for axis in sorted(range(hid.ndim), key=alone.__getitem__):
        if len(lines[axis]):
            hid[_smallest(counts, spots[lines[axis]])] = True
            return True
    if len(spots):
        hid[_smallest(counts, spots)] = True
        return True
    for other in range(len(tables)):
        spare = np.argwhere(~hidden[other] & (tables[other].counts > 0))
        if len(spare):
            hidden[other][_smallest(tables[other].counts, spare)] = True
            return True
    return False


def _smallest(counts: Counts, spots: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(int(at) for at in spots[counts[tuple(spots.T)].argmin()])


def derivable(
    tables: Sequence[Table],
    hidden: Sequence[NDArray[np.bool_]],
    sizes: Sequence[int],
    earlier: Sequence[Shown] = (),
    *,
    asked: Sequence[NDArray[np.bool_]] = (),
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """
    What an outsider can derive for each hidden cell: the smallest and largest count that fit all shown ones.

    The unknowns are the counts of every combination over the columns of the tables, none below zero. A hidden cell
    holds somebody, for zeros are shown: the outsider knows that as well.

    Args:
        tables: Exact tables with margins; only cells that are not hidden are used.
        hidden: Which cells are hidden.
        sizes: Values of each coded column.
        earlier: Tables that went out before: exact ones, or intervals where they were rounded.
        asked: Cells of the earlier tables to be worked out as well; none when left out.

    Returns:
        Lower and upper bounds, shaped as the tables, then as the earlier ones that were asked for. Safe to publish
        where the tables with these cells hidden are; they show what those tell.

    Raises:
        Refusal: `too-large` where the columns of all tables have too many combinations.

    Source:
        Fischetti and Salazar 2001, "Solving the cell suppression problem on tabular data with linear constraints".
    """
    over, shape = _joint(sizes, [*tables, *earlier])
    problem, members = _attacker(tables, hidden, sizes, earlier, [])
    lows, highs = [], []
    for number, (table, marks) in enumerate(zip(tables, hidden, strict=True)):
        low, high = table.counts.astype(float), table.counts.astype(float)
        for at in _places(marks):
            low[at], high[at] = problem.bounds(members[number, at])
        lows.append(low)
        highs.append(high)
    for shown, marks in zip(earlier, asked, strict=False):
        low, high = shown.low.copy(), shown.high.copy()
        for at in _places(marks):
            low[at], high[at] = problem.bounds(_members(over, shape, shown.columns, at))
        lows.append(low)
        highs.append(high)
    return lows, highs


def _attacker(
    tables: Sequence[Table],
    hidden: Sequence[NDArray[np.bool_]],
    sizes: Sequence[int],
    earlier: Sequence[Shown],
    seen: list[NDArray[np.float64]],
) -> tuple[_Attacker, _Members]:
    """The outsider before tables with some cells hidden; `seen` holds worlds that fitted when fewer were."""
    over, shape = _joint(sizes, [*tables, *earlier])
    known: list[_Known] = []
    members: _Members = {}
    for number, (table, hid) in enumerate(zip(tables, hidden, strict=True)):
        for at in np.ndindex(*table.counts.shape):
            count = float(table.counts[at])
            members[number, at] = _members(over, shape, table.columns, at)
            known.append((members[number, at], 1.0, math.inf) if hid[at] else (members[number, at], count, count))
    return _Attacker([*known, *_known_before(earlier, over, shape)], math.prod(shape), seen), members


def _known_before(earlier: Sequence[Shown], over: Columns, shape: tuple[int, ...]) -> Iterator[_Known]:
    """What earlier tables tell: a count, an interval of a rounded one, or that a hidden one holds somebody."""
    for shown in earlier:
        for at in np.ndindex(*shown.values.shape):
            low, high = float(shown.low[at]), float(shown.high[at])
            members = _members(over, shape, shown.columns, at)
            yield (members, 1.0, math.inf) if math.isnan(low) else (members, low, high)


def _places(marks: NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
    for at in np.argwhere(marks):
        yield tuple(int(each) for each in at)


def _members(over: Columns, shape: tuple[int, ...], columns: Columns, at: tuple[int, ...]) -> NDArray[np.int64]:
    """The combinations that a cell counts; the last place of an axis is its sum."""
    fixed = {column: place for column, place in zip(columns, at, strict=True) if place < shape[over.index(column)]}
    chosen = [np.array([fixed[c]]) if c in fixed else np.arange(shape[n]) for n, c in enumerate(over)]
    return np.asarray(np.ravel_multi_index(np.ix_(*chosen), shape).ravel(), dtype=np.int64)


class _Attacker:
    """
    The outsider's linear program: shown counts are equations, hidden ones hold somebody, nothing is below zero.

    `seen` gathers the worlds that its programs find, each of which fits all that is known.
    """

    def __init__(self, known: Sequence[_Known], cells: int, seen: list[NDArray[np.float64]] | None = None) -> None:
        self.seen = [] if seen is None else seen
        zero = np.zeros(cells, dtype=bool)
        for members, _, most in known:
            if most == 0:
                zero[members] = True
        self.place = np.where(zero, -1, np.cumsum(~zero) - 1)
        self.size = int((~zero).sum())
        lines: dict[bytes, tuple[NDArray[np.int64], float, float]] = {}
        for members, least, most in known:
            left = self.place[members]
            left = left[left >= 0]
            if len(left) or least > 0:
                _, low, high = lines.get(left.tobytes(), (left, 0.0, math.inf))
                lines[left.tobytes()] = (left, max(low, least), min(high, most))
        rows = list(lines.values())
        self.is_possible = all(len(m) and low <= high for m, low, high in rows)
        exact = [(m, high) for m, low, high in rows if low == high]
        under = [(m, 1.0, high) for m, low, high in rows if low < high < math.inf]
        over = [(m, -1.0, -low) for m, low, high in rows if 0 < low < high]
        self.equal = _matrix([(m, 1.0) for m, _ in exact], self.size), np.array([count for _, count in exact])
        self.less = (
            _matrix([(m, s) for m, s, _ in (*under, *over)], self.size),
            np.array([limit for _, _, limit in (*under, *over)]),
        )

    def bounds(self, members: NDArray[np.int64]) -> tuple[float, float]:
        left = self.place[members]
        left = left[left >= 0]
        if not len(left):
            return 0.0, 0.0
        cost = np.zeros(self.size)
        cost[left] = 1.0
        return self._solve(cost), -self._solve(-cost)

    def width(self, members: NDArray[np.int64], *, enough: float) -> float:
        """How many people lie between the bounds; infinite where worlds already seen lie `enough` apart."""
        left = self.place[members]
        left = left[left >= 0]
        told = [float(world[left].sum()) for world in self.seen]
        if told and max(told) - min(told) >= enough:
            return math.inf
        low, high = self.bounds(members)
        return round(high - low, 6)

    def _solve(self, cost: NDArray[np.float64]) -> float:
        given: dict[str, object] = {}
        if len(self.equal[1]):
            given |= {"A_eq": self.equal[0], "b_eq": self.equal[1]}
        if len(self.less[1]):
            given |= {"A_ub": self.less[0], "b_ub": self.less[1]}
        found = linprog(cost, bounds=(0, None), method="highs", **given) if self.is_possible else None
        if found is not None and found.status == 3:  # unbounded: nothing shown limits it
            return -math.inf
        if found is None or found.status != 0:
            raise Refusal(
                "tables-disagree", "Tables of this and earlier releases do not fit one set of people.",
                fix="Name only releases of exactly the same people as earlier ones.",
            )  # fmt: skip
        self.seen.append(found.x)
        return float(found.fun)


def _matrix(rows: Sequence[tuple[NDArray[np.int64], float]], columns: int) -> csr_array:
    """Sums over some unknowns, each with a sign."""
    at = np.concatenate([np.full(len(m), n) for n, (m, _) in enumerate(rows)]) if rows else np.zeros(0, dtype=int)
    over = np.concatenate([m for m, _ in rows]) if rows else np.zeros(0, dtype=int)
    signs = np.concatenate([np.full(len(m), sign) for m, sign in rows]) if rows else np.zeros(0)
    return csr_array(coo_array((signs, (at, over)), shape=(len(rows), max(columns, 1))))


def round_tables(
    tables: Sequence[Table], sizes: Sequence[int], *, base: int, threshold: int, earlier: Sequence[Shown] = ()
) -> list[Shown]:
    """
    Round tables, and check by linear programs that they and earlier ones do not narrow a small count together.

    Args:
        tables: Exact, with margins.
        sizes: Values of each coded column.
        base: Of the rounding, at least 2.
        threshold: Counts from 1 to one less are small.
        earlier: Tables that went out before, over the same people.

    Returns:
        Shown: an outsider can narrow no small count to fewer than `base` values. Safe to publish by that rule,
        against everything given here; it is no bound against other knowledge, so the ledger notes it as `no-bound`.

    Raises:
        Refusal: `difference`, `no-rounding`, `too-large`, `tables-disagree`.

    Source:
        `round_table` and `derivable`.
    """
    rounded = [round_table(table, base=base) for table in tables]
    hidden = [(table.counts > 0) & (table.counts < threshold) for table in tables]
    over, shape = _joint(sizes, [*tables, *earlier])
    problem = _Attacker(list(_known_before([*_intervals(rounded), *earlier], over, shape)), math.prod(shape))
    out = []
    for shown, hid in zip(rounded, hidden, strict=True):
        low, high = shown.low.copy(), shown.high.copy()
        for at in _places(hid):
            low[at], high[at] = problem.bounds(_members(over, shape, shown.columns, at))
            if high[at] - low[at] < base - 1 - 1e-6:
                raise Refusal(
                    "difference", "A small count can be worked out from rounded and earlier tables together.",
                    fix="Take a table out, choose a larger base, or publish counts with noise.",
                )  # fmt: skip
        out.append(Shown(shown.columns, shown.values, low, high))
    return out


def _intervals(rounded: Sequence[Shown]) -> list[Shown]:
    """Rounded tables as what they tell: intervals, no counts."""
    return [Shown(each.columns, np.full(each.values.shape, np.nan), each.low, each.high) for each in rounded]


def _joint(sizes: Sequence[int], tables: Sequence[Table | Shown]) -> tuple[Columns, tuple[int, ...]]:
    """The columns of all tables, and how many values each has."""
    over = tuple(sorted({column for table in tables for column in table.columns}))
    shape = tuple(sizes[column] for column in over)
    if math.prod(shape) > _MOST_CELLS:
        raise Refusal(
            "too-large", "The columns of all tables together have too many combinations to check.",
            fix="Ask for fewer columns at once, or declare broader values.",
        )  # fmt: skip
    return over, shape


def round_table(table: Table, *, base: int) -> Shown:
    """
    Round every count of a table by chance to a multiple of the base so that margins still add up.

    Args:
        table: Exact, with margins.
        base: At least 2.

    Returns:
        Shown: each count is known to an outsider within less than twice the base either way. Not safe to publish
        before `round_tables` has looked at all tables together.

    Raises:
        Refusal: `no-rounding` where no such table was found.

    Source:
        Cox 1987, "A constructive procedure for unbiased controlled rounding"; solved here as a small integer program.
    """
    inside = tuple(slice(0, -1) for _ in range(table.counts.ndim))
    exact = table.counts[inside].ravel()
    rows: list[NDArray[np.int64]] = []
    sums: list[float] = []
    shape = table.counts[inside].shape
    numbers = np.arange(len(exact)).reshape(shape)
    for count in range(1, table.counts.ndim + 1):
        for axes in combinations(range(table.counts.ndim), count):
            for at in product(*(range(shape[axis]) for axis in range(table.counts.ndim) if axis not in axes)):
                kept = iter(at)
                chosen = tuple(slice(None) if axis in axes else next(kept) for axis in range(table.counts.ndim))
                rows.append(numbers[chosen].ravel())
                sums.append(float(exact[rows[-1]].sum()))
    chance = np.random.default_rng(secrets.randbits(128))
    for reach in (1, 2):
        rounded = _rounding(exact, rows, np.array(sums), base, reach, chance)
        if rounded is not None:
            values = _with_margins(rounded.reshape(shape)).astype(float)
            wide = base * reach - 1.0
            return Shown(table.columns, values, np.maximum(values - wide, 0), values + wide)
    raise Refusal("no-rounding", "No rounding keeps all margins.", fix="Choose another base, or fewer columns.")


def _rounding(
    exact: Counts,
    rows: Sequence[NDArray[np.int64]],
    sums: NDArray[np.float64],
    base: int,
    reach: int,
    chance: np.random.Generator,
) -> Counts | None:
    """
    Multiples of the base, each less than `reach` bases away, whose sums are so too; the nearest to one that is drawn.

    Each count is drawn upwards with its remainder over the base, so that every table within the stated intervals may
    have led to the one that is shown. The nearest multiples would tell more.
    """
    floor = exact // base
    low, high = np.maximum(floor - (reach - 1), 0), np.where(exact % base == 0, floor + reach - 1, floor + reach)
    at = np.concatenate([np.full(len(row), n) for n, row in enumerate(rows)])
    matrix = csr_array(
        coo_array((np.full(len(at), float(base)), (at, np.concatenate(rows))), shape=(len(rows), len(exact)))
    )
    slack = base * reach - 1.0
    is_up = chance.random(len(exact)) < (exact % base) / base
    away = np.where(is_up, -1.0, 1.0) * (1 + chance.random(len(exact)))
    found = milp(
        away, integrality=np.ones(len(exact)), bounds=Bounds(low, high),
        constraints=LinearConstraint(matrix, sums - slack, sums + slack), options={"time_limit": 20.0},
    )  # fmt: skip
    return None if found.x is None else np.rint(found.x).astype(np.int64) * base


def noisy_tables(tables: Sequence[Table], *, rho: float, sensitivity: int, noise: Noise) -> list[Shown]:
    """
    Counts with exact discrete Gaussian noise, and margins as sums of the noisy cells.

    Args:
        tables: Exact, with margins.
        rho: Of all tables together; charge it before.
        sensitivity: Most rows of one person.
        noise: Where noise comes from.

    Returns:
        Shown: intervals hold the true count in 95 of 100 cells. Safe to publish once ρ is charged.

    Source:
        `noise.ExactNoise.add`.
    """
    out = []
    each = rho / len(tables)
    for table in tables:
        inside = tuple(slice(0, -1) for _ in range(table.counts.ndim))
        drawn = _with_margins(noise.add(table.counts[inside], rho=each, sensitivity=sensitivity)).astype(float)
        cells = _with_margins(np.ones(table.counts[inside].shape, dtype=np.int64))
        wide = 1.959964 * sensitivity / math.sqrt(2 * each) * np.sqrt(cells)
        out.append(Shown(table.columns, drawn, np.maximum(drawn - wide, 0), np.maximum(drawn + wide, 0)))
    return out


def read_published(path: Path, coded_names: Sequence[str]) -> list[Shown]:
    """
    Exact or rounded tables of an earlier release, from the `tables.json` of its folder.

    Args:
        path: The file.
        coded_names: Names of the coded columns of today's schema.

    Returns:
        Shown, of those tables whose columns are still there; of rounded ones only the intervals. Public already.

    Raises:
        ReleaseError: `bad-earlier`.
    """
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        given = list(words["tables"]) if words["method"] in ("suppress", "round") else []
        out = []
        for each in given:
            if all(name in coded_names for name in each["columns"]):
                columns = tuple(coded_names.index(name) for name in each["columns"])
                values = np.array(each["values"], dtype=float)
                ends = [np.array(each[end], dtype=float) if end in each else values for end in ("low", "high")]
                told = values if words["method"] == "suppress" else np.full(values.shape, np.nan)
                out.append(Shown(columns, told, *ends))
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise ReleaseError(
            "bad-earlier",
            "The folder is not a release of tables.",
            field="earlier",
            fix="Give a folder with tables.json.",
        ) from error
    return out


def words_of(shown: Sequence[Shown], names: Sequence[str], method: str) -> Mapping[str, object]:
    """
    Tables as JSON, with null where hidden; rounded ones with the interval that each count is known to lie in.

    Args:
        shown: Tables as they go out.
        names: Of the coded columns.
        method: `suppress`, `round` or `private`.

    Returns:
        Mapping: method, and of each table columns and values. As safe to publish as the tables.
    """
    tables = []
    for each in shown:
        table: dict[str, object] = {"columns": [names[c] for c in each.columns], "values": _nulls(each.values.tolist())}
        if method == "round":
            table |= {"low": each.low.tolist(), "high": each.high.tolist()}
        tables.append(table)
    return {"method": method, "tables": tables}


def _nulls(values: object) -> object:
    if isinstance(values, list):
        return [_nulls(each) for each in values]
    return None if isinstance(values, float) and math.isnan(values) else values
