"""What would change the answer, apart from chance: other models, other lists, dependence, and the table itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import existence, lattice, penalised, search, selection
from naungan.methods.prevalence.graphs import FEWEST_LISTS, average
from naungan.methods.prevalence.results import VERSION, JsonValue, Terms
from naungan.methods.prevalence.selection import Chooser
from naungan.methods.prevalence.tables import CaptureTable

__all__ = [
    "CURVE",
    "Consistency",
    "CurvePoint",
    "OddsCurve",
    "Prior",
    "Sensitivity",
    "SpreadRow",
    "Step",
    "Variant",
    "examine",
    "identifying_curve",
    "internal_consistency",
    "is_searchable",
    "leave_out_and_join",
    "odds_curve",
    "trajectory",
    "undecided_between",
]

# Odds ratios and factors ξ that the curves try, evenly spaced in their logarithm.
CURVE: Final = (0.25, 0.35, 0.5, 0.71, 1.0, 1.41, 2.0, 2.83, 4.0)
# The spread is judged within this distance of the best BIC (posterior odds of about 1 to 20), shown within the second.
JUDGED_WITHIN: Final = 6.0
SHOWN_WITHIN: Final = 10.0
UNDECIDED_RATIO: Final = 1.5
# More people than live: a fit on its way to infinity, no estimate.
LARGEST: Final = 1e10
ORDERS: Final = 40
STEPS: Final = 16
# Averaging over graphs of six lists takes seconds, so its prior counts are tried up to five.
MOST_LISTS_OF_PRIORS: Final = 5
ALWAYS_SEARCHED: Final = 6

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """One admissible model: its largest terms, people in all, BIC less the best BIC, its share of the BIC weights."""

    model: Terms
    estimate: float
    delta_bic: float
    weight: float


@dataclass(frozen=True, slots=True)
class Variant:
    """Some lists left out or joined: who is then observed, and people in all (None: no estimate)."""

    kind: str  # "without" or "joined"
    lists: tuple[str, ...]
    observed: int
    estimate: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The assumption's value (an odds ratio or ξ) and people in all; None where no estimate exists."""

    value: float
    estimate: float | None


@dataclass(frozen=True, slots=True)
class OddsCurve:
    """People in all if two lists depend on each other with a known odds ratio, the rest of the model as chosen."""

    lists: tuple[str, str]
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class Consistency:
    """People on one list, whose number is known, beside what the other lists say of them; None: no estimate."""

    list_name: str
    known: int
    estimate: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """The estimate from part of the people, over random orders: median and middle 80 %, None where most have none."""

    people: int
    median: float | None
    low: float | None
    high: float | None
    without_estimate: float


@dataclass(frozen=True, slots=True)
class Prior:
    """Averaging over graphs with another prior count per cell."""

    delta: float
    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Sensitivity:
    """
    Everything that was tried on a table.

    Attributes:
        table: The table.
        method: Name of the choice of model that was repeated.
        estimate: What that choice gives for the whole table; None where it gives none.
        model: The largest terms it chose.
        spread: Models within ΔBIC 10, best first.
        variants: Lists left out one by one, pairs of lists joined.
        odds: A curve for each pair of lists.
        identifying: The curve of ξ.
        consistency: Each list from the others.
        steps: The trajectory.
        priors: Averaging over graphs by prior count, where it was done.
        seed: Of the random orders.
    """

    table: CaptureTable
    method: str
    estimate: float | None
    model: Terms
    spread: tuple[SpreadRow, ...]
    variants: tuple[Variant, ...]
    odds: tuple[OddsCurve, ...]
    identifying: tuple[CurvePoint, ...]
    consistency: tuple[Consistency, ...]
    steps: tuple[Step, ...]
    priors: tuple[Prior, ...]
    seed: int
    version: str = field(default=VERSION)

    @property
    def spread_ratio(self) -> float | None:
        """Largest over smallest estimate of the models within ΔBIC 6; None when there are none."""
        judged = [row.estimate for row in self.spread if row.delta_bic <= JUDGED_WITHIN]
        return max(judged) / min(judged) if judged else None

    @property
    def is_undecided(self) -> bool:
        """Whether models that fit about as well differ by more than half."""
        return undecided_between(self.spread) is not None

    def to_json(self) -> dict[str, JsonValue]:
        """The object that `--json` prints: null where there is no estimate."""
        return {
            "method": self.method,
            "observed": self.table.observed,
            "estimate": self.estimate,
            "model": _names(self.model),
            "undecided": self.is_undecided,
            "spread_ratio": self.spread_ratio,
            "spread": [
                {"model": _names(row.model), "estimate": row.estimate, "delta_bic": row.delta_bic, "weight": row.weight}
                for row in self.spread
            ],
            "variants": [
                {"kind": row.kind, "lists": list(row.lists), "observed": row.observed, "estimate": row.estimate}
                for row in self.variants
            ],
            "odds_ratio": [
                {"lists": list(curve.lists), "points": _points(curve.points, "odds_ratio")} for curve in self.odds
            ],
            "identifying": _points(self.identifying, "xi"),
            "internal_consistency": [
                {"list": row.list_name, "known": row.known, "estimate": row.estimate} for row in self.consistency
            ],
            "trajectory": [
                {
                    "people": row.people,
                    "median": row.median,
                    "low": row.low,
                    "high": row.high,
                    "without_estimate": row.without_estimate,
                }
                for row in self.steps
            ],
            "graph_priors": [
                {"delta": row.delta, "estimate": row.estimate, "limits": [row.low, row.high]} for row in self.priors
            ],
            "seed": self.seed,
            "version": self.version,
            "table_hash": self.table.hash,
        }


def _names(model: Terms) -> list[JsonValue]:
    return [":".join(term) for term in model]


def _points(points: Sequence[CurvePoint], name: str) -> list[JsonValue]:
    return [{name: point.value, "estimate": point.estimate} for point in points]


def examine(
    table: CaptureTable,
    *,
    seed: int,
    chooser: Chooser | None = None,
    method: str = "stepwise",
    max_order: int = 2,
    progress: Progress | None = None,
) -> Sensitivity:
    """
    Try on a table everything that is not chance.

    Args:
        table: At least 2 lists; with 2 only the curves are drawn.
        seed: Of the random orders of the trajectory.
        chooser: The choice of model that is repeated; stepwise at 0.02 when left out.
        method: Its name.
        max_order: Largest terms of the spread of models.
        progress: Told the share done, in [0, 1].

    Returns:
        Sensitivity: exact numbers; not safe to publish before disclosure checks.

    Raises:
        PrevalenceError: `max_order` is out of range, or too large for so many lists.

    Source:
        Sharifi Far et al. (2021), Gerritse et al. (2015), Aleshin-Guendel et al. (2021), Hook and Regal (2000),
        Binette and Steorts (2022); each stands with its own function.
    """
    choose = chooser or selection.stepwise()
    tell = progress or _silent
    total, terms = _chosen(choose, table)
    three = table.t >= 3
    spread = models_spread(table, max_order=max_order) if three and is_searchable(table) else ()
    tell(0.4)
    variants = leave_out_and_join(table, choose) if three else ()
    consistency = internal_consistency(table, choose) if three else ()
    tell(0.5)
    odds = odds_curves(table, terms)
    tell(0.7)
    steps = trajectory(table, choose, seed=seed)
    tell(0.9)
    filled = table.t - len(table.empty_lists)
    priors = graph_priors(table) if FEWEST_LISTS <= filled <= MOST_LISTS_OF_PRIORS else ()
    tell(1.0)
    return Sensitivity(
        table=table,
        method=method,
        estimate=total,
        model=_by_name(table, terms),
        spread=spread,
        variants=variants,
        odds=odds,
        identifying=identifying_curve(table, total),
        consistency=consistency,
        steps=steps,
        priors=priors,
        seed=seed,
    )


def _silent(_share: float) -> None:
    return None


def _chosen(choose: Chooser, table: CaptureTable) -> tuple[float | None, tuple[int, ...]]:
    """People in all (None: no estimate) and the terms of the chosen model, closed under subsets."""
    if not table.overlaps.two_or_more:
        return None, lattice.hierarchy((), table.t)
    found = choose(table.on_all[None, :].astype(np.float64))
    return _number(float(found.total[0])), found.model(0, table.t)


def _number(value: float) -> float | None:
    return value if np.isfinite(value) and value <= LARGEST else None


def _by_name(table: CaptureTable, terms: tuple[int, ...]) -> Terms:
    return tuple(table.names_of(term) for term in lattice.maximal(terms))


def _total(choose: Chooser, table: CaptureTable) -> float | None:
    return _chosen(choose, table)[0]


def is_searchable(table: CaptureTable) -> bool:
    """
    Whether the models near the best one can be listed: up to 6 lists.

    With 7 or 8 there can be millions within reach of the best, and nobody waits for them.
    """
    return table.t <= ALWAYS_SEARCHED


def models_spread(table: CaptureTable, *, max_order: int = 2, within: float = SHOWN_WITHIN) -> tuple[SpreadRow, ...]:
    """
    Every admissible model near the best, best first.

    Args:
        table: At least 3 lists.
        max_order: Largest terms, as for `search.models_within`.
        within: Largest ΔBIC.

    Returns:
        tuple: weights are exp(-ΔBIC/2), made to sum to 1 over the rows; empty when no model is admissible.

    Source:
        Kass and Raftery (1995), J. Am. Statist. Assoc. 90, 773-795.
    """
    found = search.models_within(table, within, max_order=max_order)
    if not found:
        return ()
    best = min(row.criterion for row in found)
    weights = np.exp(-0.5 * np.array([row.criterion - best for row in found]))
    rows = [
        SpreadRow(_by_name(table, row.terms), row.total, row.criterion - best, float(weight))
        for row, weight in zip(found, weights / weights.sum(), strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: row.delta_bic))


def undecided_between(spread: Sequence[SpreadRow]) -> tuple[float, float] | None:
    """
    The least and the largest answer of models that fit about as well, where the data do not decide between them.

    Args:
        spread: From `models_spread`.

    Returns:
        tuple | None: people; None where the models within ΔBIC 6 differ by at most half, or there are none.

    Source:
        Kass and Raftery (1995), J. Am. Statist. Assoc. 90, 773-795: within 6, posterior odds of at most 20.
    """
    judged = [row.estimate for row in spread if row.delta_bic <= JUDGED_WITHIN]
    if not judged or max(judged) <= UNDECIDED_RATIO * min(judged):
        return None
    return min(judged), max(judged)


def leave_out_and_join(table: CaptureTable, choose: Chooser) -> tuple[Variant, ...]:
    """
    Estimate anew without each list, and with each pair of lists as one.

    Args:
        table: At least 3 lists.
        choose: The choice of model.

    Returns:
        tuple: lists left out first. People on a left-out list alone are no longer observed, yet still counted in
            the estimate: all rows estimate the same population.

    Source:
        Sharifi Far, King, Bird, Overstall, Worthington and Jewell (2021), Crime & Delinquency 67(13-14).
    """
    rows = []
    for name in table.lists:
        smaller = table.without(name) if table.t > 2 and _somebody_else(table, name) else None
        rows.append(_variant("without", (name,), smaller, choose))
    if table.t > 3:
        rows += [_variant("joined", pair, table.joined(*pair), choose) for pair in combinations(table.lists, 2)]
    return tuple(rows)


def _somebody_else(table: CaptureTable, name: str) -> bool:
    return table.observed > int(table.counts[table.mask_of([name])])


def _variant(kind: str, lists: tuple[str, ...], table: CaptureTable | None, choose: Chooser) -> Variant:
    if table is None:
        return Variant(kind, lists, 0, None)
    return Variant(kind, lists, table.observed, _total(choose, table))


def internal_consistency(table: CaptureTable, choose: Chooser) -> tuple[Consistency, ...]:
    """
    Estimate each list, whose size is known, from the others.

    Args:
        table: At least 3 lists.
        choose: The choice of model.

    Returns:
        tuple: one row a list. The people on list j are a whole population; those on other lists too are its table.

    Source:
        Hook and Regal (2000), Am. J. Epidemiol. 152, 771-779; Binette and Steorts (2022), JRSS A 185(2), 640-676.
    """
    rows = []
    for bit, name in enumerate(table.lists):
        inside = table.counts.reshape(-1, 2, 1 << bit)[:, 1].reshape(-1).copy()
        known = int(inside.sum())
        inside[0] = 0
        others = tuple(other for other in table.lists if other != name)
        estimate = _total(choose, CaptureTable(others, inside)) if inside.any() else None
        rows.append(Consistency(name, known, estimate))
    return tuple(rows)


def odds_curves(table: CaptureTable, terms: tuple[int, ...]) -> tuple[OddsCurve, ...]:
    """A curve for every pair of lists, with the other terms of the model."""
    pairs = combinations(table.lists, 2)
    return tuple(OddsCurve(pair, odds_curve(table, pair, terms=terms)) for pair in pairs)


def odds_curve(
    table: CaptureTable, pair: tuple[str, str], *, terms: tuple[int, ...], ratios: Sequence[float] = CURVE
) -> tuple[CurvePoint, ...]:
    """
    People in all if the dependence of two lists were known.

    Args:
        table: At least 2 lists.
        pair: The two.
        terms: Masks of the model, closed under subsets. The term of the pair, and terms above it, are replaced by
            the known odds ratio.
        ratios: Odds ratios, above 0; 1 is independence given the other lists.

    Returns:
        tuple: a point for each; None where no estimate exists.

    Source:
        Gerritse, van der Heijden and Bakker (2015), J. Off. Stat. 31(3), 357-379.

    >>> table = CaptureTable.of(["A", "B"], {"A": 10, "B": 20, "A:B": 5})
    >>> [round(point.estimate) for point in odds_curve(table, ("A", "B"), terms=(0, 1, 2), ratios=(1.0, 2.0))]
    [75, 115]
    """
    both = table.mask_of(pair)
    kept = tuple(term for term in terms if term & both != both)
    if existence.diagnose(table.counts > 0, kept) != existence.FINE:
        return tuple(CurvePoint(ratio, None) for ratio in ratios)
    gone = [term for term in kept if table.on_all[term] == 0]
    cells = np.array([m for m in range(1, table.counts.size) if not any(m & term == term for term in gone)])
    matrix = penalised.design(cells, np.array([term for term in kept if term not in gone]))
    people = table.counts[cells].astype(np.float64)
    shared = ((cells & both) == both).astype(np.float64)
    points = []
    for ratio in ratios:
        fit = penalised.fit(matrix, people, offset=np.log(ratio) * shared)
        total = table.observed + float(np.exp(min(fit.parameters[0], 600.0)))
        points.append(CurvePoint(ratio, total if fit.converged else None))
    return tuple(points)


def identifying_curve(
    table: CaptureTable, total: float | None, factors: Sequence[float] = CURVE
) -> tuple[CurvePoint, ...]:
    """
    People in all if the assumption that no data can test were wrong by a factor.

    Every model without the term of all lists says that the hidden mean is the product of the fitted means of odd
    patterns over that of even ones, times ξ = 1.

    Args:
        table: The table.
        total: The estimate with ξ = 1, people; None where there is none.
        factors: ξ, above 0.

    Returns:
        tuple: n + ξ (N̂ - n) for each.

    Source:
        Aleshin-Guendel, Sadinle and Wakefield (2021), arXiv 2101.09304.
    """
    if total is None:
        return tuple(CurvePoint(factor, None) for factor in factors)
    return tuple(CurvePoint(factor, table.observed + factor * (total - table.observed)) for factor in factors)


def trajectory(table: CaptureTable, choose: Chooser, *, seed: int, orders: int = ORDERS) -> tuple[Step, ...]:
    """
    The estimate as people are added in random order.

    Args:
        table: The table.
        choose: The choice of model.
        seed: Of the orders.
        orders: How many random orders.

    Returns:
        tuple: about 16 steps up to everybody. With lists that only grow, the estimate per person observed is level;
            where it climbs or falls at the end, the model chosen still depends on how many people there are.

    Source:
        Binette and Steorts (2022), JRSS A 185(2), 640-676.
    """
    rng = np.random.default_rng(seed)
    cells = np.flatnonzero(table.counts)
    sizes = np.unique(np.linspace(0, table.observed, STEPS + 1).round().astype(np.int64))[1:]
    rows = []
    left = np.repeat(table.counts[cells][None, :], orders, axis=0)
    taken = np.zeros_like(left)
    for before, size in zip([0, *sizes[:-1].tolist()], sizes.tolist(), strict=True):
        for order in range(orders):
            more = rng.multivariate_hypergeometric(left[order], size - before, method="marginals")
            left[order] -= more
            taken[order] += more
        counts = np.zeros((orders, table.counts.size))
        counts[:, cells] = taken
        totals = choose(lattice.superset_sums(counts)).total
        rows.append(_step(int(size), totals))
    return tuple(rows)


def _step(people: int, totals: Floats) -> Step:
    """Those without an estimate count as larger than all others, so that leaving them out flatters nobody."""
    there = np.isfinite(totals)
    ordered = np.sort(np.where(there, totals, np.inf))
    low, median, high = (ordered[round(share * (len(ordered) - 1))] for share in (0.1, 0.5, 0.9))
    missing = float(1.0 - there.mean())
    return Step(people, _number(float(median)), _number(float(low)), _number(float(high)), missing)


def graph_priors(table: CaptureTable) -> tuple[Prior, ...]:
    """Averaging over graphs with one person over all cells, half a person in each, and one in each."""
    rows = []
    for delta in (2.0 ** -(table.t - len(table.empty_lists)), 0.5, 1.0):
        found = average(table, delta=delta)
        low, high = found.limits.get(0.95, (None, None))
        rows.append(Prior(delta, found.estimate, low, high))
    return tuple(rows)
