"""Bayesian latent classes: four chains of a Gibbs sampler, and no number unless they agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence.chains import LARGEST_R_HAT, Agreement, agreement
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.results import Estimate, Reason
from naungan.methods.prevalence.tables import CaptureTable

__all__ = ["LatentClassDraws", "estimate_latent_class", "latent_class_draws"]

CHAINS: Final = 4
CLASSES: Final = 10
# Prior of the concentration: Gamma(0.25, rate 0.25), as in the paper.
SHAPE: Final = 0.25
RATE: Final = 0.25
# The chains run until they agree, doubling up to the most; the first half of each run is thrown away.
FIRST_SWEEPS: Final = 10_000
MOST_SWEEPS: Final = 80_000
# Chains start far apart: hidden people as a multiple of the observed.
STARTS: Final = (0.1, 1.0, 5.0, 20.0)
_TINY: Final = 1e-12

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class LatentClassDraws:
    """Draws of the population `(chains, sweeps)` after the first half, and how far the chains agree on its log."""

    population: Whole
    agreement: Agreement


@dataclass(slots=True)
class _State:
    """Where the chains stand: hidden people, weights and capture probabilities of the classes, concentration."""

    hidden: Whole  # (chains,)
    log_weight: Floats  # (chains, classes)
    capture: Floats  # (chains, classes, lists)
    concentration: Floats  # (chains,)


def latent_class_draws(
    counts: Whole, *, seed: int, most_sweeps: int = MOST_SWEEPS, progress: Progress | None = None
) -> LatentClassDraws:
    """
    Draw the population size from the posterior of a truncated Dirichlet process of latent classes.

    Args:
        counts: `(2**lists,)` people per capture pattern, bit i = list i; the first is not read.
        seed: Of the generator; the same seed gives the same draws.
        most_sweeps: Where the chains stop although they do not agree.
        progress: Told the share done, in [0, 1]; raise in it to stop.

    Returns:
        LatentClassDraws: Not an estimate unless `agreement.is_reached`: mixtures that fit alike may differ in N.

    Raises:
        ValueError: nobody was observed.

    Source:
        Manrique-Vallier (2016), Biometrics 72, 1246-1254. Why chains may never agree: Link (2003), Biometrics 59.
    """
    seen = np.flatnonzero(counts[1:]) + 1
    if not len(seen):
        raise ValueError("a table without people has no posterior")
    lists = int(counts.size).bit_length() - 1
    patterns = ((np.concatenate([seen, [0]])[:, None] >> np.arange(lists)) & 1).astype(np.float64)
    people = counts[seen]
    rng = np.random.default_rng(seed)
    state = _start(rng, int(people.sum()), lists)
    draws = np.empty((CHAINS, 0), dtype=np.int64)
    reached = min(FIRST_SWEEPS, most_sweeps)
    while True:
        fresh = np.empty((CHAINS, reached - draws.shape[1]), dtype=np.int64)
        for sweep in range(fresh.shape[1]):
            _sweep(rng, state, patterns, people)
            fresh[:, sweep] = state.hidden
            if progress is not None and sweep % 500 == 0:
                progress((draws.shape[1] + sweep) / most_sweeps)
        draws = np.concatenate([draws, fresh], axis=1)
        kept = draws[:, draws.shape[1] // 2 :] + int(people.sum())
        judged = agreement(np.log(kept.astype(np.float64)))
        if judged.is_reached or reached >= most_sweeps:
            return LatentClassDraws(kept, judged)
        reached = min(2 * reached, most_sweeps)


def _start(rng: np.random.Generator, observed: int, lists: int) -> _State:
    hidden = np.array([max(1, round(observed * times)) for times in STARTS], dtype=np.int64)
    return _State(
        hidden,
        np.full((CHAINS, CLASSES), -np.log(CLASSES)),
        rng.uniform(0.02, 0.5, size=(CHAINS, CLASSES, lists)),
        np.full(CHAINS, 0.2),
    )


def _sweep(rng: np.random.Generator, state: _State, patterns: Floats, people: Whole) -> None:
    """One sweep: classes of all, capture probabilities, weights, concentration, hidden people."""
    on, off = np.log(state.capture), np.log1p(-state.capture)
    fit = (on - off) @ patterns.T + off.sum(axis=2)[:, :, None] + state.log_weight[:, :, None]
    fit = np.exp(fit - fit.max(axis=1, keepdims=True)).transpose(0, 2, 1)
    everybody = np.concatenate([np.broadcast_to(people, (CHAINS, len(people))), state.hidden[:, None]], axis=1)
    members = rng.multinomial(everybody, fit / fit.sum(axis=2, keepdims=True))
    size = members.sum(axis=1)
    caught = np.einsum("cpk,pj->ckj", members, patterns)
    state.capture = np.clip(rng.beta(1.0 + caught, 1.0 + size[:, :, None] - caught), _TINY, 1.0 - 1e-9)
    _draw_weights(rng, state, size)
    missed = np.exp(state.log_weight + np.log1p(-state.capture).sum(axis=2)).sum(axis=1)
    state.hidden = rng.negative_binomial(int(people.sum()), np.clip(1.0 - missed, 1e-9, 1.0))


def _draw_weights(rng: np.random.Generator, state: _State, size: Whole) -> None:
    """Break the stick: V_k ~ Beta(1 + n_k, α + people in later classes), in logarithms; then the concentration."""
    later = size.sum(axis=1, keepdims=True) - np.cumsum(size, axis=1)
    one = rng.standard_gamma(1.0 + size[:, :-1])
    rest = rng.standard_gamma(state.concentration[:, None] + later[:, :-1])
    log_one, log_rest = np.log(np.maximum(one, _TINY)), np.log(np.maximum(rest, 1e-300))
    log_both = np.logaddexp(log_one, log_rest)
    left = np.concatenate([np.zeros((CHAINS, 1)), np.cumsum(log_rest - log_both, axis=1)], axis=1)
    state.log_weight = left + np.concatenate([log_one - log_both, np.zeros((CHAINS, 1))], axis=1)
    state.concentration = rng.gamma(SHAPE + CLASSES - 1, 1.0 / (RATE - left[:, -1]))


def estimate_latent_class(
    table: CaptureTable,
    *,
    seed: int,
    level: float = 0.95,
    most_sweeps: int = MOST_SWEEPS,
    progress: Progress | None = None,
) -> Estimate:
    """
    Estimate a population whose people differ in how easily they are found, by latent classes.

    Args:
        table: At least 3 lists.
        seed: Of the generator.
        level: Of the credible limits, in (0, 1); those at 0.8 stand beside.
        most_sweeps: Where the four chains stop although they do not agree.
        progress: Told the share done, in [0, 1].

    Returns:
        Estimate: the posterior median, people. Status `no-estimate` when the chains do not agree (R-hat above
            1.01, or fewer than 400 effective draws) or nobody is on two lists. Not safe to publish before
            disclosure checks.

    Raises:
        PrevalenceError: fewer than 3 lists; level or most_sweeps out of range.

    Source:
        Manrique-Vallier (2016), Biometrics 72, 1246-1254.
    """
    if table.t < 3:
        raise PrevalenceError("method-lists", {"method": "latent-class", "rule": "3-10"})
    if not 0 < level < 1:
        raise PrevalenceError("option-range", {"option": "level", "rule": "0 < level < 1"}, field="level")
    if most_sweeps < 100:
        raise PrevalenceError("option-range", {"option": "most_sweeps", "rule": ">= 100"}, field="most_sweeps")
    settings = {"chains": CHAINS, "classes": CLASSES, "shape": SHAPE, "rate": RATE, "most_sweeps": most_sweeps}
    if not table.overlaps.two_or_more:
        return Estimate.none(table, "latent-class", "no-estimate", Reason("no-overlap"), settings=settings, seed=seed)
    draws = latent_class_draws(table.counts, seed=seed, most_sweeps=most_sweeps, progress=progress)
    medians = np.median(draws.population, axis=1)
    scores = {
        "r_hat": draws.agreement.r_hat,
        "effective": draws.agreement.effective,
        "lowest_chain_median": float(medians.min()),
        "highest_chain_median": float(medians.max()),
        "sweeps": draws.population.shape[1],
    }
    if not draws.agreement.is_reached:
        said = {name: round(scores[name], 3) for name in ("r_hat", "effective")}
        reason = Reason("chains-disagree", {**said, "limit": LARGEST_R_HAT})
        none = Estimate.none(table, "latent-class", "no-estimate", reason, settings=settings, seed=seed)
        return replace(none, scores=scores)
    levels = sorted({level, 0.8}, reverse=True)
    return Estimate(
        method="latent-class",
        observed=table.observed,
        estimate=float(np.median(draws.population)),
        status="ok",
        lists=table.lists,
        table_hash=table.hash,
        limits={one: _central(draws.population, one) for one in levels},
        interval="credible",
        reasons=(Reason("mixtures-not-identifiable"),),
        seed=seed,
        settings=settings,
        scores=scores,
    )


def _central(draws: Whole, level: float) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
