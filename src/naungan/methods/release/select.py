"""Which tables to measure, and measuring them: one-ways, a forest of pairs, then batches chosen against the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from naungan.methods.release.errors import ReleaseError
from naungan.methods.release.generate import draw_records
from naungan.methods.release.junction import Columns, Model, NoisyTable, cells_with, fit
from naungan.methods.release.noise import Noise, scale_of_rho

__all__ = [
    "Counter", "Measurement", "MemoryStore", "Round", "Settings", "Store", "measure", "one_way_share", "planned_rounds",
    "planned_tables",
]  # fmt: skip

Counts = NDArray[np.int64]
Excluded = Mapping[Columns, NDArray[np.bool_]]
Advance = Callable[[str, int, int], None]

ONE_WAY_SHARE = 0.15
SELECTION_SHARE = 0.08
MOST_CELLS_OF_TREE = 1_000_000
MOST_CELLS_OF_TABLE = 40_000
_SAMPLE = 100_000
_MOST_TRIPLES = 1500
_REFERENCE_PEOPLE = 50_000
_REUSE = 16


@dataclass(frozen=True)
class Measurement:
    """A count table with noise, as it was drawn, and what it cost."""

    columns: Columns
    values: Counts
    rho: float
    sensitivity: int

    def noisy(self) -> NoisyTable:
        """The table as the fit takes it."""
        return NoisyTable(self.columns, self.values.astype(float), scale_of_rho(self.rho, self.sensitivity) ** 2)


@dataclass(frozen=True)
class Round:
    """What one round of the mechanism drew, and the ρ it spent on choosing."""

    number: int
    measured: tuple[Measurement, ...]
    selection_rho: float = 0.0

    @property
    def rho(self) -> float:
        """All that the round cost."""
        return self.selection_rho + sum(each.rho for each in self.measured)


class Store(Protocol):
    """Where rounds are kept, so that a run killed half-way goes on without drawing noise twice."""

    def load(self, number: int) -> Round | None:
        """A round drawn before; None where it was not begun."""

    def begin(self, number: int) -> None:
        """Note that noise of a round is about to be drawn."""

    def save(self, drawn: Round) -> None:
        """Keep a round, atomically."""


class MemoryStore:
    """Rounds kept in memory."""

    def __init__(self) -> None:
        self.rounds: dict[int, Round] = {}

    def load(self, number: int) -> Round | None:
        """A round drawn before."""
        return self.rounds.get(number)

    def begin(self, number: int) -> None:
        """Nothing to note."""

    def save(self, drawn: Round) -> None:
        """Keep it."""
        self.rounds[drawn.number] = drawn


class Counter:
    """Exact counts of coded records: not safe to publish, and only noise may look at them."""

    def __init__(self, codes: NDArray[np.int32], sizes: Sequence[int], sensitivity: int = 1) -> None:
        self.sizes = tuple(sizes)
        self.sensitivity = sensitivity
        self._columns = [np.ascontiguousarray(codes[:, place]) for place in range(len(sizes))]
        self._pairs: dict[Columns, Counts] = {}

    def table(self, columns: Columns) -> Counts:
        """Exact counts, in the shape of the columns' sizes."""
        known = self._pairs.get(columns)
        if known is None:
            known = _count(self._columns, columns, self.sizes)
            if len(columns) <= 2:
                self._pairs[columns] = known
        return known


def _count(stored: Sequence[NDArray[np.int32]], columns: Columns, sizes: Sequence[int]) -> Counts:
    key = stored[columns[0]]
    for column in columns[1:]:
        key = key * np.int32(sizes[column]) + stored[column]
    shape = [sizes[column] for column in columns]
    return np.bincount(key, minlength=math.prod(shape)).reshape(shape)


@dataclass(frozen=True)
class Settings:
    """
    How the budget is spent.

    Attributes:
        rho: All of it.
        people: Declared size of the population; None to go by noisy counts.
        weights: Whole-number weight of a set of columns in the officer's workload.
        earlier: Noisy tables of earlier releases of the same population, with their variance.
        stiffness: Of the fit.
        last_fit: Most steps of the last fit.
    """

    rho: float
    people: int | None = None
    weights: Mapping[Columns, int] = field(default_factory=dict)
    earlier: tuple[NoisyTable, ...] = ()
    stiffness: float = 0.2
    last_fit: int = 300


def planned_tables(rho: float, people: float, columns: int) -> tuple[int, ...]:
    """
    How many tables each round after the one-ways measures: a forest, then batches that grow with the budget.

    The noise of a count matters in proportion to the people counted, so the plan goes by ρ · people².

    Args:
        rho: The whole budget.
        people: Declared, or counted with noise.
        columns: Coded columns.

    Returns:
        Tables a round; empty for one column. Does not depend on data but through the noisy total.
    """
    if columns < 2:
        return ()
    strength = rho * (people / _REFERENCE_PEOPLE) ** 2
    most = columns * (columns - 1) // 2 + columns
    extra = min(math.ceil(58 * max(strength, 1e-9) ** 0.37 * columns / 20), most)
    batches = max(1, min(6, round(extra / 10)))
    sizes = [extra // batches + (1 if number < extra % batches else 0) for number in range(batches)]
    return (columns - 1, *(size for size in sizes if size))


def planned_rounds(rho: float, people: float, columns: int, *, is_reusing: bool) -> tuple[int, ...]:
    """
    The tables of each round, as `planned_tables`, or as suits a release that reuses an earlier one.

    Args:
        rho: The whole budget.
        people: Declared, or counted with noise.
        columns: Coded columns.
        is_reusing: Whether earlier tables go in. They carry the rough shape, and what is left wrong is mostly what no
            table has measured yet, so that many more are looked at.

    Returns:
        Tables a round. Does not depend on data but through the noisy total.
    """
    if not is_reusing:
        return planned_tables(rho, people, columns)
    plan = planned_tables(_REUSE * rho, people, columns)
    return (plan[0] // 2 + 1, *plan[1:]) if plan else plan


def one_way_share(columns: int, *, is_reusing: bool) -> float:
    """
    The part of ρ that the tables of one column take; less where an earlier release has them.

    Args:
        columns: Coded columns.
        is_reusing: Whether earlier tables go in.

    Returns:
        float: in (0, 1]. Does not depend on data.
    """
    if columns < 2:
        return 1.0
    return ONE_WAY_SHARE / 3 if is_reusing else ONE_WAY_SHARE


@dataclass
class _Run:
    """What a run knows so far; everything but `counter` is already private."""

    counter: Counter
    excluded: Excluded
    settings: Settings
    noise: Noise
    store: Store
    chance: np.random.Generator
    advance: Advance
    left: float
    tables: list[Measurement] = field(default_factory=list)
    chosen: list[Columns] = field(default_factory=list)
    potentials: dict[Columns, NDArray[np.float64]] = field(default_factory=dict)
    model: Model | None = None
    people: float = 0.0

    def draw(self, number: int, work: Callable[[], Round]) -> Round:
        """A round of the store, or a new one; its cost leaves the budget either way."""
        drawn = self.store.load(number)
        if drawn is None:
            self.store.begin(number)
            drawn = work()
            self.store.save(drawn)
        if drawn.rho > self.left * (1 + 1e-9):
            raise ReleaseError("over-budget", "A round would cost more than is left.", fix="Report this as an error.")
        self.left = max(0.0, self.left - drawn.rho)
        self.tables += drawn.measured
        return drawn

    def table(self, columns: Columns, rho: float) -> Measurement:
        exact = self.counter.table(columns)
        change = self.counter.sensitivity
        return Measurement(columns, self.noise.add(exact, rho=rho, sensitivity=change), rho, change)

    def refit(self, rounds: int) -> None:
        known = [each.noisy() for each in self.tables]
        self.people = max(1.0, _total(known))
        self.model, self.potentials = fit(
            self.counter.sizes, [*known, *_scaled(self.settings.earlier, known, self.people)],
            total=self.people, impossible=self.excluded, stiffness=self.settings.stiffness,
            start=self.potentials, rounds=rounds,
        )  # fmt: skip


def measure(
    counter: Counter,
    excluded: Excluded,
    settings: Settings,
    *,
    noise: Noise,
    store: Store,
    chance: np.random.Generator,
    advance: Advance = lambda what, done, of: None,
) -> tuple[Model, list[Measurement]]:
    """
    Spend the budget: measure all columns, a forest of pairs, then batches of pairs and triples, and fit the model.

    Args:
        counter: The exact counts; looked at only through `noise`.
        excluded: Cells that the rules exclude.
        settings: Budget, workload and earlier tables.
        noise: Where noise comes from.
        store: Where rounds are kept.
        chance: For sampling the model, which needs no secrecy.
        advance: Told what is done, how far, of how much.

    Returns:
        The fitted model and every table measured. Safe to publish when the noise is private and ρ was charged before.

    Raises:
        ReleaseError: `too-few-people` when the noisy total is below one.

    Source:
        McKenna, Miklau and Sheldon 2021 (MST); McKenna, Mullins, Sheldon and Miklau 2022 (AIM); the batches, the
        expected noise after fitting, and the plan by ρ · people² are this program's own.
    """
    run = _Run(counter, excluded, settings, noise, store, chance, advance, settings.rho)
    columns = len(counter.sizes)
    share = one_way_share(columns, is_reusing=bool(settings.earlier))
    advance("one column", 0, columns)
    each = share * settings.rho / columns
    run.draw(0, lambda: Round(0, tuple(run.table((column,), each) for column in range(columns))))
    run.people = _total([table.noisy() for table in run.tables])
    if run.people < 1:
        raise ReleaseError(
            "too-few-people", "The noisy number of people is below one: this budget cannot tell them from nobody.",
            fix="Give a larger ε, or bring more people together; the budget of this run is spent.",
        )  # fmt: skip
    run.refit(60)
    _batches(run)
    run.refit(settings.last_fit)
    assert run.model is not None
    return run.model, run.tables


def _batches(run: _Run) -> None:
    """The forest, the batches, and what is left over spent on measuring again."""
    settings = run.settings
    people = settings.people or run.people
    plan = planned_rounds(settings.rho, people, len(run.counter.sizes), is_reusing=bool(settings.earlier))
    choosing = SELECTION_SHARE * settings.rho / max(sum(plan) + len(plan), 1)
    for number, size in enumerate(plan, 1):
        waiting = sum(plan[number - 1 :])
        each = (run.left - choosing * (waiting + len(plan) - number + 1)) / waiting
        is_forest = number == 1 and not settings.earlier
        ways = (2,) if number <= max(1, len(plan) // 2) else (2, 3)
        run.advance("tables", sum(plan[: number - 1]), sum(plan))
        before = len(run.tables)
        run.draw(number, lambda n=number, s=size, e=each, w=ways, f=is_forest: _batch(run, n, s, e, choosing, w, f))  # type: ignore[misc]
        run.chosen += [table.columns for table in run.tables[before:]]
        run.refit(60)
    last = len(plan) + 1
    again = run.chosen or [(column,) for column in range(len(run.counter.sizes))]
    if run.left > 0.01 * settings.rho:
        part = run.left * (1 - 1e-6) / len(again)
        run.draw(last, lambda: Round(last, tuple(run.table(columns, part) for columns in again)))


def _batch(
    run: _Run, number: int, size: int, each: float, choosing: float, ways: tuple[int, ...], forest: bool
) -> Round:
    """Choose up to `size` tables against one model, then measure them."""
    candidates = _candidates(run, ways)
    scores, noise, top = _scores(run, candidates, scale_of_rho(each, run.counter.sensitivity))
    picked: list[int] = []
    spent = 0.0
    allowed = _Admissible(run, forest)
    left = [place for place in range(len(candidates)) if allowed.may(candidates[place])]
    while left and len(picked) < size:
        offered = np.array([*(scores[place] for place in left), 0], dtype=np.int64)
        best = run.noise.best(offered, rho=choosing, sensitivity=run.counter.sensitivity * top)
        spent += choosing
        if best == len(left):
            break  # nothing promises more than its noise costs
        picked.append(left.pop(best))
        allowed.take(candidates[picked[-1]])
        left = [place for place in left if allowed.may(candidates[place])]
    parts = _parts(noise[picked])
    return Round(
        number,
        tuple(run.table(candidates[place], each * part) for place, part in zip(picked, parts, strict=True)), spent,
    )  # fmt: skip


def _parts(noise: Counts) -> list[float]:
    """
    How ρ is divided among the tables of a batch, one part a table on average: by the weighted noise to the power 2/3.

    The sum of aₖ·σₖ with the sum of 1/σₖ² held is least where 1/σₖ² goes by aₖ to the power 2/3: a table of four cells
    needs far less than one of thousands.
    """
    weights = np.maximum(noise, 1) ** (2 / 3)
    return [float(each) for each in weights / weights.mean() * (1 - 1e-9)] if len(weights) else []


class _Admissible:
    """Which candidates keep the tree small; depends on the schema and on what was chosen, never on data."""

    def __init__(self, run: _Run, forest: bool) -> None:
        self.sizes = run.counter.sizes
        self.regions = [*run.excluded, *(table.columns for table in run.settings.earlier), *run.chosen]
        self.forest = forest
        self.group = list(range(len(self.sizes)))
        self._known: dict[Columns, bool] = {}
        self._base = cells_with(self.sizes, self.regions)

    def may(self, columns: Columns) -> bool:
        if self.forest:
            return self.group[columns[0]] != self.group[columns[1]]
        known = self._known.get(columns)
        if known is None:
            known = cells_with(self.sizes, [*self.regions, columns]) <= max(MOST_CELLS_OF_TREE, self._base)
            self._known[columns] = known
        return known

    def take(self, columns: Columns) -> None:
        self.regions.append(columns)
        if self.forest:
            old, new = self.group[columns[1]], self.group[columns[0]]
            self.group = [new if group == old else group for group in self.group]
        else:  # what did not fit before does not fit now; what did may not any more
            self._known = {known: False for known, fits in self._known.items() if not fits}


def _candidates(run: _Run, ways: tuple[int, ...]) -> list[Columns]:
    """Columns worth looking at: all pairs, and triples over two measured pairs; small tables, not yet chosen."""
    sizes, chosen = run.counter.sizes, set(run.chosen)
    columns = range(len(sizes))
    found: list[Columns] = [pair for pair in combinations(columns, 2) if pair not in chosen]
    if 3 in ways:
        pairs = {columns for columns in [*chosen, *(t.columns for t in run.settings.earlier)] if len(columns) == 2}
        triples = [
            triple
            for triple in combinations(columns, 3)
            if triple not in chosen and sum(pair in pairs for pair in combinations(triple, 2)) >= 2
        ]
        triples.sort(key=lambda triple: math.prod(sizes[column] for column in triple))
        found += triples[:_MOST_TRIPLES]
    return [each for each in found if math.prod(sizes[column] for column in each) <= MOST_CELLS_OF_TABLE]


def _scores(run: _Run, candidates: Sequence[Columns], scale: float) -> tuple[Counts, Counts, int]:
    """
    Weighted gap between the exact and the model's counts, less the noise expected to stay after fitting;
    that noise, weighted; the largest weight.

    All in whole numbers, so that one person moves a score by at most c times the largest weight, exactly.
    """
    assert run.model is not None
    size = int(min(_SAMPLE, max(5000, 20 * run.people)))
    sample = draw_records(run.model, size, run.chance).astype(np.int32)
    stored = [np.ascontiguousarray(sample[:, place]) for place in range(sample.shape[1])]
    times = run.people / size
    weights = [run.settings.weights.get(each, 1) for each in candidates]
    scores, noise = np.zeros(len(candidates), dtype=np.int64), np.zeros(len(candidates), dtype=np.int64)
    for place, columns in enumerate(candidates):
        expected = _count(stored, columns, run.counter.sizes) * times
        gap = int(np.abs(run.counter.table(columns) - np.rint(expected).astype(np.int64)).sum())
        noise[place] = weights[place] * round(float(np.minimum(0.8 * scale, expected + 0.15 * scale).sum()))
        scores[place] = weights[place] * gap - noise[place]
    return scores, noise, max(weights, default=1)


def _total(tables: Sequence[NoisyTable]) -> float:
    """People, from all tables, each weighted by one over the variance of its sum."""
    weights = [1 / (table.variance * table.values.size) for table in tables]
    sums = [weight * float(table.values.sum()) for weight, table in zip(weights, tables, strict=True)]
    return sum(sums) / sum(weights) if weights else 0.0


def _scaled(earlier: Iterable[NoisyTable], new: Sequence[NoisyTable], people: float) -> list[NoisyTable]:
    """Earlier tables brought to today's number of people, with a variance that also holds how much the world moved."""
    old = list(earlier)
    if not old:
        return []
    times = people / max(_total(old), 1.0)
    scaled = [NoisyTable(table.columns, times * table.values, times**2 * table.variance) for table in old]
    moved = _movement(scaled, new)
    return [
        NoisyTable(
            table.columns, table.values, table.variance + moved * float(np.mean(np.maximum(table.values, 0) ** 2))
        )
        for table in scaled
    ]


def _movement(old: Sequence[NoisyTable], new: Sequence[NoisyTable]) -> float:
    """
    The squared relative movement of a count, from the columns measured then and now; 0 where noise explains it.

    Each cell tells (difference² - noise) / count², and is weighted by one over the variance of that. Less than two
    standard errors is taken for noise: an estimate that is noise itself would drown what the earlier tables know.
    """
    now = {table.columns: table for table in new}
    signal, weight = 0.0, 0.0
    for table in old:
        other = now.get(table.columns)
        if len(table.columns) == 1 and other is not None:
            noise = table.variance + other.variance
            size = np.maximum((table.values + other.values) ** 2 / 4 - noise / 4, 0)
            signal += float((size * ((table.values - other.values) ** 2 - noise)).sum()) / noise**2
            weight += float((size**2).sum()) / noise**2
    if weight <= 0 or signal < 2 * math.sqrt(2 * weight):
        return 0.0
    return signal / weight
