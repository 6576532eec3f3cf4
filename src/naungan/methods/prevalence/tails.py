"""Tails of the Poisson distribution in logarithms, so that the smallest of several tiny ones is found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence.loglinear import log_factorials

__all__ = ["log_smaller_tail", "smallest_tails"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_PRECISION = 1e-14


def log_smaller_tail(counts: Floats, means: Floats) -> Floats:
    """
    ln min{P(X <= k), P(X >= k)} for X ~ Poisson(mean).

    Args:
        counts: k, whole numbers, shape (m,).
        means: Positive, shape (m,).

    Returns:
        Floats: shape (m,), natural logarithms, at most 0.

    Source:
        Chan, Silverman and Vincent (2021), JASA 116(535), section 3.2, for its use.
    """
    point = _log_point(counts, means)
    below = counts < means
    sums = np.empty_like(means)
    sums[below] = _sum_down(counts[below], means[below])
    sums[~below] = _sum_up(counts[~below], means[~below])
    near = point + np.log(sums)
    other = np.log(np.maximum(-np.expm1(near) + np.exp(point), 1e-300))
    tails: Floats = np.minimum(np.minimum(near, other), 0.0)
    return tails


def smallest_tails(counts: Floats, means: Floats, allowed: Bools, threshold: float) -> tuple[Ints, Bools]:
    """
    For each row the pair whose overlap is the least likely, and whether it is less likely than the threshold.

    Bounds decide most rows: both tails are at least the probability of the count itself, and at most that times the
    sum of a geometric series. Only the rest is summed.

    Args:
        counts: Observed overlaps, shape (R, q).
        means: Fitted overlaps, shape (R, q).
        allowed: Which entries may be chosen, shape (R, q).
        threshold: Probability below which a tail counts as unlikely.

    Returns:
        tuple: column of the smallest tail, shape (R,), and whether it is below the threshold, shape (R,). Where it is
            not, the column means nothing.

    Source:
        Chan, Silverman and Vincent (2021), JASA 116(535), section 3.2, for its use.
    """
    if threshold <= 0:
        return np.zeros(len(counts), dtype=np.int64), np.zeros(len(counts), dtype=np.bool_)
    limit = np.log(threshold)
    means = np.maximum(means, 1e-300)
    lower = np.where(allowed, _log_point(counts, means), np.inf)
    lower[lower >= limit] = np.inf
    distance = np.where(counts < means, means - counts, counts + 1.0 - means)
    ratio = np.maximum(counts + 1.0, means) / np.maximum(distance, 1e-12)
    upper = lower + np.log(ratio)
    rows = np.arange(len(counts))
    best = upper.argmin(axis=1)
    least = upper[rows, best]
    rivals = lower <= least[:, None]
    rivals[rows, best] = lower[rows, best] < np.inf
    open_ = (rivals.sum(axis=1) > 1) | ((least >= min(limit, -1.2)) & rivals.any(axis=1))
    found = least < limit
    if open_.any():
        where = rivals & open_[:, None]
        exact = np.full(counts.shape, np.inf)
        exact[where] = log_smaller_tail(counts[where], means[where])
        best[open_] = exact[open_].argmin(axis=1)
        found[open_] = exact[open_, best[open_]] < limit
    return best.astype(np.int64), found


def _log_point(counts: Floats, means: Floats) -> Floats:
    point: Floats = counts * np.log(means) - means - log_factorials(counts.astype(np.int64))
    return point


def _sum_up(counts: Floats, means: Floats) -> Floats:
    """P(X >= k) / P(X = k) for k >= mean: 1 + m/(k+1) + m^2/((k+1)(k+2)) + ..."""
    return _summed(np.ones_like(means), counts, means, 1)


def _sum_down(counts: Floats, means: Floats) -> Floats:
    """P(X <= k) / P(X = k) for k < mean: 1 + k/m + k(k-1)/m^2 + ..."""
    return _summed(np.ones_like(means), counts, means, -1)


def _summed(sums: Floats, counts: Floats, means: Floats, sign: int) -> Floats:
    going = np.arange(len(sums))
    term = np.ones(len(sums))
    step = 0
    while len(going):
        step += 1
        if sign > 0:
            term = term * (means[going] / (counts[going] + step))
        else:
            term = term * (np.maximum(counts[going] - step + 1, 0.0) / means[going])
        sums[going] += term
        if step % 8 == 0:
            on = term > _PRECISION * sums[going]
            going, term = going[on], term[on]
    return sums
