"""Bayesian thresholding: all interactions at first, then only those far enough from zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import loglinear, penalised
from naungan.methods.prevalence.chains import LARGEST_R_HAT, Agreement, agreement
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.results import Estimate, Reason
from naungan.methods.prevalence.tables import CaptureTable

__all__ = ["Draws", "draw", "estimate_thresholding"]

CHAINS: Final = 4
SWEEPS: Final = 2_500
WARM_UP: Final = 300
LEAPS: Final = 8
LEAP: Final = 0.25
THRESHOLD: Final = 2.0

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of the parameters `(chains, sweeps, terms)` of a model, and how far the chains agree on the hidden mean."""

    terms: Whole
    parameters: Floats
    agreement: Agreement

    @property
    def distance(self) -> Floats:
        """`(terms,)` how many posterior standard deviations each parameter lies from 0."""
        flat = self.parameters.reshape(-1, self.parameters.shape[2])
        found: Floats = np.abs(flat.mean(axis=0)) / flat.std(axis=0)
        return found


def draw(counts: Whole, terms: Whole, rng: np.random.Generator) -> Draws:
    """
    Draw the parameters of a log-linear model: normal(0, 1) on interactions, flat on the rest.

    Args:
        counts: `(2**lists,)` people per capture pattern; the first is not read. Each list has somebody, and the
            model without interactions has an estimate; otherwise there is no posterior.
        terms: `(terms,)` masks: 0, every list, then the interactions.
        rng: The generator.

    Returns:
        Draws: by Hamiltonian Monte Carlo, started and scaled at the mode.

    Raises:
        ValueError: the mode was not found, so that there is no posterior.

    Source:
        Duane, Kennedy, Pendleton and Roweth (1987), Phys. Lett. B 195, 216-222; Neal (2011), Handbook of MCMC, ch. 5.
    """
    matrix = penalised.design(np.arange(1, counts.size), terms)
    people = counts[1:].astype(np.float64)
    sizes = np.array([int(term).bit_count() for term in terms])
    precision = (sizes >= 2).astype(np.float64)
    mode = penalised.fit(matrix, people, precision=precision)
    if not mode.converged:
        raise ValueError("the model has no posterior on this table")
    scale = np.linalg.cholesky(mode.covariance)
    offset = np.zeros(len(people))

    def density(z: Floats) -> Floats:
        return penalised.log_density(matrix, people, precision, mode.parameters + z @ scale.T, offset)

    def gradient(z: Floats) -> Floats:
        found: Floats = penalised.slope(matrix, people, precision, mode.parameters + z @ scale.T, offset) @ scale
        return found

    now = rng.normal(size=(CHAINS, len(terms)))
    kept = np.empty((CHAINS, SWEEPS, len(terms)))
    for sweep in range(-WARM_UP, SWEEPS):
        now = _leap(now, density, gradient, rng)
        if sweep >= 0:
            kept[:, sweep] = mode.parameters + now @ scale.T
    return Draws(terms, kept, agreement(kept[:, :, 0]))


def _leap(
    now: Floats, density: Callable[[Floats], Floats], gradient: Callable[[Floats], Floats], rng: np.random.Generator
) -> Floats:
    """One Hamiltonian move of every chain, with a step whose length varies so that no orbit closes."""
    length = LEAP * rng.uniform(0.6, 1.2)
    push = rng.normal(size=now.shape)
    energy = density(now) - 0.5 * (push**2).sum(axis=1)
    place = now
    push = push + 0.5 * length * gradient(place)
    for leap in range(LEAPS):
        place = place + length * push
        push = push + (length if leap < LEAPS - 1 else 0.5 * length) * gradient(place)
    gained = density(place) - 0.5 * (push**2).sum(axis=1) - energy
    accepted = np.log(rng.uniform(size=len(now))) < gained
    return np.where(accepted[:, None], place, now)


def estimate_thresholding(
    table: CaptureTable,
    *,
    seed: int,
    max_order: int = 2,
    threshold: float = THRESHOLD,
    level: float = 0.95,
    progress: Progress | None = None,
) -> Estimate:
    """
    Estimate a population with the interactions that a Bayesian fit of all of them keeps.

    Args:
        table: At least 3 lists.
        seed: Of the generator.
        max_order: 2, or 3 to try also interactions of three lists whose three pairs were kept.
        threshold: Posterior mean over standard deviation from which an interaction is kept, at least 0.
        level: Of the credible limits, in (0, 1); those at 0.8 stand beside.
        progress: Told the share done, in [0, 1].

    Returns:
        Estimate: posterior median of n + exp(α_∅), people; limits conditional on the interactions kept. Status
            `no-estimate` when the model without interactions has none, or the chains disagree. Not safe to publish
            before disclosure checks.

    Raises:
        PrevalenceError: fewer than 3 lists; an option out of range.

    Source:
        Silverman (2020), J. R. Statist. Soc. A 183(3), 691-736, section 6.
    """
    _check(table, max_order, threshold, level)
    settings = {"max_order": max_order, "threshold": threshold, "prior_sd": 1.0, "chains": CHAINS, "sweeps": SWEEPS}
    used = table.without(*table.empty_lists) if table.t - len(table.empty_lists) >= 2 else table
    _, _, exists = loglinear.independence(used.on_all[None, :].astype(np.float64))
    if not exists[0]:
        reason = Reason("no-overlap" if not table.overlaps.two_or_more else "estimate-at-infinity")
        return Estimate.none(table, "thresholding", "no-estimate", reason, settings=settings, seed=seed)
    rng = np.random.default_rng(seed)
    last = _threshold(used, rng, max_order=max_order, threshold=threshold, progress=progress)
    scores = {"r_hat": last.agreement.r_hat, "effective": last.agreement.effective}
    if not last.agreement.is_reached:
        said = {name: round(value, 3) for name, value in scores.items()}
        reason = Reason("chains-disagree", {**said, "limit": LARGEST_R_HAT})
        none = Estimate.none(table, "thresholding", "no-estimate", reason, settings=settings, seed=seed)
        return replace(none, scores=scores)
    people = table.observed + np.exp(last.parameters[:, :, 0].ravel())
    return Estimate(
        method="thresholding",
        observed=table.observed,
        estimate=float(np.median(people)),
        status="ok",
        lists=table.lists,
        table_hash=table.hash,
        limits={one: _central(people, one) for one in sorted({level, 0.8}, reverse=True)},
        interval="credible",
        model=tuple(used.names_of(int(term)) for term in _largest(last.terms)),
        conditional_on_model=True,
        seed=seed,
        settings=settings,
        scores={**scores, "mean": float(people.mean())},
    )


def _check(table: CaptureTable, max_order: int, threshold: float, level: float) -> None:
    if table.t < 3:
        raise PrevalenceError("method-lists", {"method": "thresholding", "rule": "3-10"})
    if max_order not in (2, 3):
        raise PrevalenceError("option-range", {"option": "max_order", "rule": "2, 3"}, field="max_order")
    if not threshold >= 0:
        raise PrevalenceError("option-range", {"option": "threshold", "rule": ">= 0"}, field="threshold")
    if not 0 < level < 1:
        raise PrevalenceError("option-range", {"option": "level", "rule": "0 < level < 1"}, field="level")


def _threshold(
    table: CaptureTable, rng: np.random.Generator, *, max_order: int, threshold: float, progress: Progress | None
) -> Draws:
    """Fit, keep what is far from 0, fit again; with three-list terms once more."""
    first = [0, *(1 << bit for bit in range(table.t))]
    pairs = [1 << i | 1 << j for i, j in combinations(range(table.t), 2)]
    steps = 2.0 if max_order == 2 or table.t < 4 else 4.0
    found = draw(table.counts, np.array(first + pairs), rng)
    _tell(progress, 1 / steps)
    kept = _far(found, threshold, least=2)
    found = draw(table.counts, np.array(first + kept), rng)
    _tell(progress, 2 / steps)
    if max_order == 2:
        return found
    triples = [
        1 << i | 1 << j | 1 << k
        for i, j, k in combinations(range(table.t), 3)
        if {1 << i | 1 << j, 1 << i | 1 << k, 1 << j | 1 << k} <= set(kept) and table.t > 3
    ]
    if not triples:
        return found
    found = draw(table.counts, np.array(first + kept + triples), rng)
    _tell(progress, 3 / steps)
    return draw(table.counts, np.array(first + kept + _far(found, threshold, least=3)), rng)


def _far(draws: Draws, threshold: float, *, least: int) -> list[int]:
    """Interactions of at least `least` lists whose posterior mean is `threshold` standard deviations from 0."""
    return [
        int(term)
        for term, distance in zip(draws.terms, draws.distance, strict=True)
        if int(term).bit_count() >= least and distance >= threshold
    ]


def _largest(terms: Whole) -> list[int]:
    """Interactions that no other term of the model contains."""
    masks = [int(term) for term in terms if int(term).bit_count() >= 2]
    return [mask for mask in masks if not any(mask != other and mask & other == mask for other in masks)]


def _tell(progress: Progress | None, share: float) -> None:
    if progress is not None:
        progress(share)


def _central(draws: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
