"""Averaging over decomposable graphs: every graph and every hidden number in one matrix product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.results import Estimate, Limits, Reason
from naungan.methods.prevalence.tables import CaptureTable

__all__ = [
    "FEWEST_LISTS",
    "MOST_LISTS",
    "GraphPosterior",
    "average",
    "decomposable_graphs",
    "graph_posterior",
    "hidden_grid",
]

FEWEST_LISTS: Final = 3
MOST_LISTS: Final = 6
# The grid of the hidden number: from one person to thirty times the observed, as in the package of the method.
MOST_TIMES_OBSERVED: Final = 30
MOST_POINTS: Final = 20_000
# Graphs whose best point lies this far (natural log) below the best of all are left out: 20,000 graphs on
# 20,000 points would still add less than 1e-11 of the whole.
NEGLIGIBLE: Final = 45.0
# When more than this lies in the last hundredth of the grid there is no upper limit; when more than the second
# number, no estimate either: the table does not bound the hidden number.
OPEN_LIMIT: Final = 1e-3
OPEN_ESTIMATE: Final = 0.05
_COARSE_POINTS: Final = 200
_BLOCK: Final = 512

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GraphPosterior:
    """
    What is believed of the hidden number after seeing the table, all graphs together.

    Attributes:
        hidden: `(points,)` numbers of hidden people.
        probability: `(points,)` their posterior probabilities, which sum to 1.
        graph_weights: `(graphs,)` posterior probability of each graph, in the order of `decomposable_graphs`.
        edges: `(graphs,)` the edges of each graph as a mask; bit k is the k-th pair in lexical order.
    """

    hidden: Whole
    probability: Floats
    graph_weights: Floats
    edges: Whole

    def quantile(self, share: float) -> int:
        """The least hidden number whose cumulative probability reaches `share`, in [0, 1]."""
        place = int(np.searchsorted(np.cumsum(self.probability), share))
        return int(self.hidden[min(place, len(self.hidden) - 1)])

    @property
    def at_the_end(self) -> float:
        """Probability of the last hundredth of the grid: when it is not small, the grid cut the answer short."""
        return float(self.probability[-max(len(self.hidden) // 100, 1) :].sum())


@dataclass(frozen=True, slots=True)
class GraphTable:
    """Every decomposable graph on some lists: masks of edges `(graphs,)`, coefficients `(graphs, 2**lists)`."""

    edges: Whole
    coefficients: Floats


@lru_cache(maxsize=MOST_LISTS)
def decomposable_graphs(lists: int) -> GraphTable:
    """
    Enumerate the decomposable (chordal) graphs on some lists.

    Args:
        lists: How many lists, 3 to 6; 8, 61, 822 and 18,154 graphs.

    Returns:
        GraphTable: per graph its edges, and for each set of lists (as a mask) how often it is a clique, less how
            often it is a separator. The complete graph comes last.

    Raises:
        ValueError: fewer than 3 lists or more than 6.

    Source:
        Perfect elimination: Fulkerson and Gross (1965), Pacific J. Math. 15, 835-855. Cliques and separators:
        Lauritzen (1996), Graphical Models, section 2.1.

    >>> len(decomposable_graphs(4).edges)
    61
    """
    if not FEWEST_LISTS <= lists <= MOST_LISTS:
        raise ValueError(f"graphs are averaged over {FEWEST_LISTS} to {MOST_LISTS} lists, not {lists}")
    pairs = list(combinations(range(lists), 2))
    edges: Whole = np.arange(1 << len(pairs), dtype=np.int64)
    near = _neighbours(edges, lists, pairs)
    coefficients = np.zeros((len(edges), 1 << lists))
    left: Whole = np.full(len(edges), (1 << lists) - 1, dtype=np.int64)
    rows = np.arange(len(edges))
    for _ in range(lists):
        chosen, found = _simplicial(near, left, lists)
        around = near[rows, chosen] & left
        bit = np.left_shift(np.int64(1), chosen)
        np.add.at(coefficients, (rows[found], (around | bit)[found]), 1.0)
        np.add.at(coefficients, (rows[found], around[found]), -1.0)
        left = np.where(found, left & ~bit, left)
    chordal = left == 0
    return GraphTable(edges[chordal], np.ascontiguousarray(coefficients[chordal]))


def _neighbours(edges: Whole, lists: int, pairs: list[tuple[int, int]]) -> Whole:
    near = np.zeros((len(edges), lists), dtype=np.int64)
    for k, (i, j) in enumerate(pairs):
        present = (edges >> k) & 1
        near[:, i] |= present << j
        near[:, j] |= present << i
    return near


def _simplicial(near: Whole, left: Whole, lists: int) -> tuple[Whole, NDArray[np.bool_]]:
    """In each graph, a remaining list whose remaining neighbours all know each other."""
    chosen = np.zeros(len(left), dtype=np.int64)
    found = np.zeros(len(left), dtype=np.bool_)
    for v in range(lists):
        around = near[:, v] & left
        complete = (left >> v) & 1 == 1
        for u in range(lists):
            inside = (around >> u) & 1 == 1
            complete &= ~inside | (around & ~(near[:, u] | (1 << u)) == 0)
        fresh = complete & ~found
        chosen[fresh] = v
        found |= fresh
    return chosen, found


def hidden_grid(observed: int) -> Whole:
    """
    The hidden numbers that are looked at: 1 to 30 times the observed, every one up to 20,000 points.

    Args:
        observed: People on at least one list, at least 1.

    Returns:
        NDArray[int64]: `(points,)`, ascending; evenly spaced (and rounded) when there are more than 20,000.
    """
    last = MOST_TIMES_OBSERVED * observed
    if last <= MOST_POINTS:
        return np.arange(1, last + 1, dtype=np.int64)
    return np.unique(np.rint(np.linspace(1, last, MOST_POINTS))).astype(np.int64)


def graph_posterior(counts: Whole, *, delta: float, grid: Whole) -> GraphPosterior:
    """
    Weigh every decomposable graph and every hidden number by the table.

    Args:
        counts: `(2**lists,)` people per capture pattern, bit i = list i; the first (nobody) is not read.
        delta: Prior count per cell, above 0. Small means that the table speaks alone.
        grid: `(points,)` hidden numbers, ascending, at least 0.

    Returns:
        GraphPosterior: under a hyper-Dirichlet prior, p(N) ∝ 1/N and all graphs alike.

    Raises:
        ValueError: as `decomposable_graphs`.

    Source:
        Madigan and York (1997), Biometrika 84, 19-31; hyper-Dirichlet: Dawid and Lauritzen (1993), Ann. Statist. 21.
    """
    lists = int(counts.size).bit_length() - 1
    graphs = decomposable_graphs(lists)
    fixed, zero = _margins(counts, delta)
    coarse = grid[np.unique(np.rint(np.geomspace(1, len(grid), _COARSE_POINTS)).astype(np.int64)) - 1]
    rough = graphs.coefficients @ _scores(counts, fixed, zero, delta, coarse) + _base(counts, coarse)
    kept = np.flatnonzero(rough.max(axis=1) > rough.max() - NEGLIGIBLE)
    coefficients = graphs.coefficients[kept]
    top = float(rough.max())
    joint = np.zeros(len(grid))
    weights = np.zeros(len(kept))
    for start in range(0, len(grid), _BLOCK):
        part = slice(start, start + _BLOCK)
        scores = _scores(counts, fixed, zero, delta, grid[part])
        likelihood = np.exp(coefficients @ scores + _base(counts, grid[part]) - top)
        joint[part] = likelihood.sum(axis=0)
        weights += likelihood.sum(axis=1)
    everything = np.zeros(len(graphs.edges))
    everything[kept] = weights / weights.sum()
    return GraphPosterior(grid, joint / joint.sum(), everything, graphs.edges)


def _margins(counts: Whole, delta: float) -> tuple[Floats, Floats]:
    """For each set of lists: the part of its score that no hidden number changes, and the observed in its zero cell."""
    patterns = np.arange(counts.size)
    lists = int(counts.size).bit_length() - 1
    seen = counts.astype(np.float64).copy()
    seen[0] = 0.0
    fixed = np.zeros(counts.size)
    zero = np.zeros(counts.size)
    for group in range(counts.size):
        margin = np.bincount(patterns & group, weights=seen, minlength=counts.size)
        cells = np.unique(patterns & group)
        prior = delta * 2.0 ** (lists - group.bit_count())
        fixed[group] = (_log_gamma(margin[cells[1:]] + prior) - _log_gamma(prior)).sum() - _log_gamma(prior)
        zero[group] = margin[0]
    return fixed + _log_gamma(delta * counts.size), zero


def _scores(counts: Whole, fixed: Floats, zero: Floats, delta: float, hidden: Whole) -> Floats:
    """`(2**lists, points)` log marginal likelihood of each set of lists at each hidden number."""
    lists = int(counts.size).bit_length() - 1
    sizes = np.array([group.bit_count() for group in range(counts.size)])
    prior = delta * 2.0 ** (lists - sizes)
    total = float(counts[1:].sum()) + hidden + delta * counts.size
    at_zero: Floats = _log_gamma(zero[:, None] + hidden[None, :] + prior[:, None])
    scores: Floats = fixed[:, None] + at_zero - _log_gamma(total)[None, :]
    return scores


def _base(counts: Whole, hidden: Whole) -> Floats:
    """`(points,)` what the multinomial coefficient and the prior p(N) ∝ 1/N give each hidden number."""
    total = float(counts[1:].sum()) + hidden
    base: Floats = _log_gamma(total + 1.0) - _log_gamma(hidden + 1.0) - np.log(total)
    return base


def average(table: CaptureTable, *, delta: float | None = None, level: float = 0.95) -> Estimate:
    """
    Estimate a population by averaging over all decomposable graphs.

    Args:
        table: 3 to 6 lists that somebody is on.
        delta: Prior count per cell, above 0; one person over the whole table (2**-lists) when left out. The answer
            depends on it, often strongly; `sensitivity` shows how.
        level: Of the credible limits, in (0, 1); those at 0.8 stand beside.

    Returns:
        Estimate: the posterior median, people; limits that include which graph holds. Status `no-estimate` when
            nobody is on two lists or when the hidden number has no end. Not safe to publish before disclosure checks.

    Raises:
        PrevalenceError: fewer than 3 lists or more than 6; delta or level out of range.

    Source:
        Madigan and York (1997), Biometrika 84, 19-31.
    """
    used = table.without(*table.empty_lists) if table.t - len(table.empty_lists) >= 2 else table
    if not FEWEST_LISTS <= used.t <= MOST_LISTS:
        raise PrevalenceError("method-lists", {"method": "graphs", "rule": f"{FEWEST_LISTS}-{MOST_LISTS}"})
    prior = 2.0**-used.t if delta is None else delta
    if not (prior > 0 and np.isfinite(prior)):
        raise PrevalenceError("option-range", {"option": "delta", "rule": "> 0"}, field="delta")
    if not 0 < level < 1:
        raise PrevalenceError("option-range", {"option": "level", "rule": "0 < level < 1"}, field="level")
    settings: dict[str, str | int | float | bool | None] = {
        "delta": prior,
        "prior_of_n": "1/N",
        "most_times_observed": MOST_TIMES_OBSERVED,
    }
    if not table.overlaps.two_or_more:
        return Estimate.none(table, "graphs", "no-estimate", Reason("no-overlap"), settings=settings)
    belief = graph_posterior(used.counts, delta=prior, grid=hidden_grid(table.observed))
    if belief.at_the_end > OPEN_ESTIMATE:
        return Estimate.none(table, "graphs", "no-estimate", Reason("posterior-open"), settings=settings)
    best = int(belief.graph_weights.argmax())
    open_ended = belief.at_the_end > OPEN_LIMIT
    return Estimate(
        method="graphs",
        observed=table.observed,
        estimate=float(table.observed + belief.quantile(0.5)),
        status="ok",
        lists=table.lists,
        table_hash=table.hash,
        limits=_limits(belief, table.observed, level, open_ended=open_ended),
        interval="credible",
        model=_edges(used, int(belief.edges[best])),
        reasons=(Reason("posterior-open-limit"),) if open_ended else (),
        settings=settings,
        scores={
            "mean": float(table.observed + (belief.hidden * belief.probability).sum()),
            "mode": int(table.observed + belief.hidden[belief.probability.argmax()]),
            "graphs": len(belief.graph_weights),
            "weight_of_best_graph": float(belief.graph_weights[best]),
        },
    )


def _limits(belief: GraphPosterior, observed: int, level: float, *, open_ended: bool) -> Limits:
    found: dict[float, tuple[float | None, float | None]] = {}
    for one in sorted({level, 0.8}, reverse=True):
        low = float(observed + belief.quantile((1 - one) / 2))
        high = None if open_ended else float(observed + belief.quantile((1 + one) / 2))
        found[one] = (low, high)
    return found


def _edges(table: CaptureTable, edges: int) -> tuple[tuple[str, ...], ...]:
    return tuple(pair for k, pair in enumerate(combinations(table.lists, 2)) if edges >> k & 1)


def _log_gamma(values: NDArray[np.floating] | float) -> Floats:
    """ln Γ of positive numbers, any shape."""
    from scipy.special import gammaln  # noqa: PLC0415 - slow to import, and only this method needs it

    found: Floats = gammaln(values)
    return found
