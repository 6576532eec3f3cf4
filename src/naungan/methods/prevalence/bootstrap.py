"""Limits that include the choice of the model, made afresh in every replicate, and the chance of being seen at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import lattice
from naungan.methods.prevalence.results import Bootstrap, Limits, Reason, Terms
from naungan.methods.prevalence.samples import even_samples, resample
from naungan.methods.prevalence.selection import Chooser
from naungan.methods.prevalence.tables import CaptureTable

__all__ = [
    "INTERVALS",
    "Draws",
    "Interval",
    "acceleration",
    "bca",
    "calibrated",
    "draw",
    "percentile",
    "quantiles",
    "summary",
    "with_chance",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Advance = Callable[[int, int], None]

INTERVALS = ("bca", "percentile", "calibrated")
WITHOUT_ESTIMATE_LIMIT = 0.05  # above this share of replicates without an estimate there is no upper limit
_FEWEST_OUTSIDE = 10  # replicates beyond a limit, as for the edge of BCa
_BATCH = 4_000
_INNER = 200
_LARGEST_COUNT = 1e15  # beyond it a whole number is a float anyway
_NORMAL = NormalDist()


@dataclass(frozen=True, eq=False)
class Draws:
    """
    What the replicates gave.

    Attributes:
        estimate: People in all, from the table itself.
        totals: Shape (B,), people; NaN where a replicate has no admissible model.
        terms: Shape (B,), chosen interactions as bits over `elements`.
        elements: Masks of the interactions.
        left_out: Shape (m,), people: the estimate with one person of each pattern left out; NaN where none exists.
        weights: Shape (m,), people with each of these patterns.
        people: Shape (B,): as `totals`, with the hidden people drawn around their expected number (`with_chance`).
    """

    estimate: float
    totals: Floats
    terms: Ints
    elements: tuple[int, ...]
    left_out: Floats
    weights: Floats
    people: Floats

    @property
    def finite(self) -> Floats:
        """The replicates that have an estimate."""
        return self.totals[~np.isnan(self.totals)]

    @property
    def without_estimate(self) -> float:
        """Share in [0, 1] of replicates without an estimate."""
        return float(np.isnan(self.totals).mean())


@dataclass(frozen=True)
class Interval:
    """Limits, the levels of the replicates they were read at, and what to say about them."""

    limits: Limits
    levels: Mapping[float, tuple[float, float]]
    reasons: tuple[Reason, ...] = ()


def with_chance(totals: Floats, observed: int, rng: np.random.Generator) -> Floats:
    """
    Draw how many people chance left unseen.

    A replicate holds as many people as the table, so its total says how many are hidden on average; how many are is
    negative binomial given the observed. It matters where few are hidden: their number varies more than its estimate.

    Args:
        totals: Shape (B,), people; NaN where there is no estimate.
        observed: People on at least one list.
        rng: Source of random numbers.

    Returns:
        Floats: shape (B,), people; NaN stays.

    Source:
        Buckland and Garthwaite (1991), Biometrics 47, 255-268: the observed number is drawn too.
    """
    expected = (totals - observed) * rng.gamma(observed, 1.0 / observed, size=len(totals))
    counted = expected < _LARGEST_COUNT
    people = observed + expected
    people[counted] = observed + rng.poisson(np.maximum(expected[counted], 0.0))
    return people


def draw(
    table: CaptureTable,
    choose: Chooser,
    estimate: float,
    *,
    replicates: int,
    seed: int,
    jackknife: bool = True,
    at_a_time: int = _BATCH,
    advance: Advance | None = None,
) -> Draws:
    """
    Draw the replicates, choose and fit in each.

    Args:
        table: The counts.
        choose: From superset sums to chosen models.
        estimate: People in all, from the table itself.
        replicates: B, at least 1.
        seed: Of the random numbers; the same seed gives the same digits.
        jackknife: Also leave one person of each pattern out, for BCa.
        at_a_time: Replicates between two calls of `advance`; the digits do not depend on it.
        advance: Called with replicates done and wanted.

    Returns:
        Draws: a replicate in which a list vanishes is fitted without that list.

    Source:
        Chan, Silverman and Vincent (2021), JASA 116(535), section 3.3.
    """
    rng = np.random.default_rng(seed)
    totals, terms = [], []
    elements: tuple[int, ...] = ()
    for counts in even_samples(table.counts, replicates, rng, at_a_time=at_a_time):
        chosen = choose(lattice.superset_sums(counts))
        totals.append(chosen.total)
        terms.append(chosen.terms)
        elements = chosen.elements
        if advance is not None:
            advance(sum(len(each) for each in totals), replicates)
    there = np.flatnonzero(table.counts)
    left_out = np.full(len(there), np.nan)
    if jackknife:
        fewer = np.repeat(table.counts[None].astype(np.float64), len(there), axis=0)
        fewer[np.arange(len(there)), there] -= 1.0
        left_out = choose(lattice.superset_sums(fewer)).total
    every = np.concatenate(totals)
    return Draws(
        estimate=estimate,
        totals=every,
        terms=np.concatenate(terms),
        elements=elements,
        left_out=left_out,
        weights=table.counts[there].astype(np.float64),
        people=with_chance(every, table.observed, np.random.default_rng([seed, 3])),
    )


def quantiles(values: Floats, levels: Sequence[float]) -> Floats:
    """
    Median-unbiased quantiles.

    Args:
        values: Shape (m,), without NaN.
        levels: In [0, 1].

    Returns:
        Floats: shape (len(levels),), in the unit of the values.

    Source:
        Hyndman and Fan (1996), Am. Stat. 50, 361-365, type 8.
    """
    found: Floats = np.quantile(values, np.asarray(levels), method="median_unbiased")
    return found


def acceleration(draws: Draws) -> tuple[float, bool]:
    """
    The a of BCa from the people left out one at a time.

    Args:
        draws: With its jackknife.

    Returns:
        tuple: a, and whether every table with a person left out had an estimate; those without are passed over.

    Source:
        DiCiccio and Efron (1996), Statist. Sci. 11, 189-228; Chan, Silverman and Vincent (2021), section 3.3.
    """
    there = ~np.isnan(draws.left_out)
    weights, left_out = draws.weights[there], draws.left_out[there]
    if not len(weights):
        return 0.0, False
    moved = (weights @ left_out) / weights.sum() - left_out
    spread = float(weights @ moved**2)
    if spread <= (1e-9 * draws.estimate) ** 2:
        return 0.0, bool(there.all())
    return float(weights @ moved**3) / (6.0 * spread**1.5), bool(there.all())


def percentile(draws: Draws, levels: Sequence[float]) -> Interval:
    """
    Limits at the plain levels of the replicates, chance of being unseen included.

    Args:
        draws: The replicates.
        levels: Nominal levels in (0, 1).

    Returns:
        Interval: people; no upper limit where more than 5 % of the replicates have no estimate.

    Source:
        Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 13; Buckland and Garthwaite (1991),
        Biometrics 47, 255-268.
    """
    return _read(draws, draws.people, {level: (0.5 - level / 2.0, 0.5 + level / 2.0) for level in levels})


def bca(draws: Draws, levels: Sequence[float]) -> Interval:
    """
    Bias-corrected and accelerated limits.

    Args:
        draws: The replicates and the jackknife.
        levels: Nominal levels in (0, 1).

    Returns:
        Interval: people. The percentile limits, and a reason, where all or no replicates are below the estimate.

    Source:
        DiCiccio and Efron (1996), Statist. Sci. 11, 189-228.
    """
    values = draws.finite
    below = int((values < draws.estimate).sum())
    if below in (0, len(values)):
        plain = percentile(draws, levels)
        return Interval(plain.limits, plain.levels, (*plain.reasons, Reason("bca-undefined")))
    bias = _NORMAL.inv_cdf(below / len(values))
    accelerated, complete = acceleration(draws)
    adjusted = {level: _adjusted(bias, accelerated, level) for level in levels}
    reasons = [] if complete else [Reason("jackknife-incomplete")]
    edge = 10.0 / len(values)
    if abs(bias) > 0.5 or any(low < edge or high > 1.0 - edge for low, high in adjusted.values()):
        reasons.append(Reason("bca-unreliable", {"share_below": round(below / len(values), 4)}))
    read = _read(draws, draws.totals, adjusted)
    return Interval(read.limits, read.levels, (*read.reasons, *reasons))


def _adjusted(bias: float, accelerated: float, level: float) -> tuple[float, float]:
    found = []
    for nominal in (0.5 - level / 2.0, 0.5 + level / 2.0):
        reach = bias + _NORMAL.inv_cdf(nominal)
        shrink = 1.0 - accelerated * reach
        # Past the pole the formula turns back; the limit of it from this side is the end of the replicates.
        found.append(_NORMAL.cdf(bias + reach / shrink) if shrink > 0 else (1.0 if reach > 0 else 0.0))
    return found[0], found[1]


def calibrated(
    table: CaptureTable,
    choose: Chooser,
    draws: Draws,
    levels: Sequence[float],
    *,
    seed: int,
    outer: int = 1_000,
    advance: Advance | None = None,
) -> Interval:
    """
    Percentile limits at levels that hold the estimate as often as promised in a bootstrap of the bootstrap.

    Args:
        table: The counts.
        choose: From superset sums to chosen models.
        draws: The first-level replicates.
        levels: Nominal levels in (0, 1).
        seed: Of the random numbers.
        outer: First-level samples that are resampled, each 200 times.
        advance: Called with outer samples done and wanted.

    Returns:
        Interval: people.

    Source:
        Beran (1987), Biometrika 74, 457-468; Loh (1987), JASA 82, 155-162.
    """
    rng = np.random.default_rng([seed, 1])
    ranks: list[float] = []
    at_a_time = max(1, _BATCH // _INNER)
    seen = rng.binomial(round(draws.estimate), table.observed / max(draws.estimate, table.observed), size=outer)
    shares = table.counts / table.observed
    for at in range(0, outer, at_a_time):
        sizes = np.maximum(seen[at : at + at_a_time], 1)
        tables = rng.multinomial(sizes, shares)
        inner = np.concatenate([resample(each, _INNER, rng) for each in tables])
        totals = choose(lattice.superset_sums(inner)).total.reshape(len(tables), _INNER)
        people = np.stack([with_chance(row, int(size), rng) for row, size in zip(totals, sizes, strict=True)])
        people = np.where(np.isnan(people), np.inf, people)
        low, even = (people < round(draws.estimate)).sum(axis=1), (people == round(draws.estimate)).sum(axis=1)
        ranks += ((low + 0.5 * even + 0.5) / (_INNER + 1)).tolist()
        if advance is not None:
            advance(min(at + at_a_time, outer), outer)
    adjusted: dict[float, tuple[float, float]] = {}
    for level in levels:
        low_rank, high_rank = quantiles(np.array(ranks), [0.5 - level / 2.0, 0.5 + level / 2.0])
        adjusted[level] = (float(low_rank), float(high_rank))
    return _read(draws, draws.people, adjusted)


def _read(draws: Draws, numbers: Floats, levels: Mapping[float, tuple[float, float]]) -> Interval:
    values = numbers[~np.isnan(numbers)]
    if not len(values):
        return Interval(dict.fromkeys(levels, (None, None)), levels, (Reason("no-replicate-has-an-estimate"),))
    bounded = draws.without_estimate <= WITHOUT_ESTIMATE_LIMIT
    limits: dict[float, tuple[float | None, float | None]] = {}
    for level, pair in levels.items():
        low, high = quantiles(values, pair)
        limits[level] = (float(low), float(high) if bounded else None)
    share = {"share": round(draws.without_estimate, 4)}
    few = len(draws.totals) * (0.5 - max(levels) / 2.0) < _FEWEST_OUTSIDE
    reasons: tuple[Reason, ...] = ()
    if draws.without_estimate > 0:
        reasons = (Reason("replicates-without-estimate", share),)
    if not bounded:
        reasons = (*reasons, Reason("upper-limit-not-bounded", share))
    if few:
        reasons = (*reasons, Reason("few-replicates", {"replicates": len(draws.totals)}))
    return Interval(limits, levels, reasons)


def summary(table: CaptureTable, draws: Draws, interval: Interval) -> Bootstrap:
    """How the bootstrap went, for the result."""
    values = draws.finite
    below = float((values < draws.estimate).mean()) if len(values) else None
    accelerated = None if np.isnan(draws.left_out).all() else acceleration(draws)[0]
    return Bootstrap(
        replicates=len(draws.totals),
        without_estimate=draws.without_estimate,
        share_below=below,
        z0=None if below in (None, 0.0, 1.0) else _NORMAL.inv_cdf(below),
        acceleration=accelerated,
        levels=interval.levels,
        median=float(np.median(values)) if len(values) else None,
        models=_frequent(table, draws),
    )


def _frequent(table: CaptureTable, draws: Draws) -> tuple[tuple[Terms, float], ...]:
    """The ten models chosen most often, with their share of the replicates."""
    kept = draws.terms[~np.isnan(draws.totals)]
    values, counts = np.unique(kept, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:10]
    found = []
    for at in order:
        masks = tuple(mask for bit, mask in enumerate(draws.elements) if int(values[at]) >> bit & 1)
        names = tuple(table.names_of(mask) for mask in lattice.maximal(masks))
        found.append((names, float(counts[at]) / len(draws.totals)))
    return tuple(found)
