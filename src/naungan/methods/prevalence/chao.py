"""Chao's lower bounds: how many there are at the very least when people differ in how easily they are found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import lattice
from naungan.methods.prevalence.tables import CaptureTable

__all__ = ["ChaoBounds", "bias_corrected", "bounds", "chao_mh", "chao_mth"]

Floats = NDArray[np.float64]

_CLOSE = 1e-12  # of the squared step in standard errors; the error left by that step is about its square


@dataclass(frozen=True)
class ChaoBounds:
    """
    Lower bounds in people, None where one cannot be had.

    Attributes:
        bias_corrected: Lists of one size, corrected for small counts; exists for every table with two lists.
        mh: Lists of one size (model Mh).
        mth: Lists of different sizes (model Mth).
    """

    bias_corrected: float
    mh: float | None
    mth: float | None


def bounds(table: CaptureTable) -> ChaoBounds:
    """
    All three bounds of a table; none holds if lists repel each other.

    Args:
        table: The counts.

    Returns:
        ChaoBounds: people, at least; None where one cannot be had.

    Source:
        Chao (1987), Biometrics 43, 783-791; Rivest and Baillargeon (2007), Biometrics 63, 999-1006.
    """
    return ChaoBounds(bias_corrected(table), chao_mh(table), chao_mth(table))


def _capture_counts(table: CaptureTable) -> NDArray[np.int64]:
    """Shape (t + 1,): people on exactly k lists."""
    return np.bincount(lattice.sizes(table.t), weights=table.counts, minlength=table.t + 1).astype(np.int64)


def bias_corrected(table: CaptureTable) -> float:
    """
    n + ((t - 1)/t) f1 (f1 - 1) / (2 (f2 + 1)).

    Args:
        table: The counts.

    Returns:
        float: people, at least. Finite even without overlaps, where it says little.

    Source:
        Chao (1987), Biometrics 43, 783-791; (1989), Biometrics 45, 427-438.

    >>> import numpy as np
    >>> round(bias_corrected(CaptureTable(("A", "B"), np.array([0, 10, 10, 4]))), 2)
    43.0
    """
    ones, twos = (int(count) for count in _capture_counts(table)[1:3])
    return table.observed + (table.t - 1) / table.t * ones * (ones - 1) / (2.0 * (twos + 1))


def chao_mh(table: CaptureTable) -> float | None:
    """
    Lower bound for people who differ, lists of one size.

    Log means are gamma + beta |w| + eta_|w| with eta_1 = eta_2 = 0; eta_k = sum_j c_j (k - j)_+ with c_j >= 0, the
    negative ones dropped one after another.

    Args:
        table: The counts.

    Returns:
        float | None: people, at least; None where the fit does not exist.

    Source:
        Rivest and Baillargeon (2007), Biometrics 63, 999-1006.
    """
    size = lattice.sizes(table.t)[1:].astype(np.float64)
    return _fitted(table, np.column_stack([np.ones(len(size)), size]), size)


def chao_mth(table: CaptureTable) -> float | None:
    """
    Lower bound for people who differ and lists of different sizes; otherwise as `chao_mh`.

    Args:
        table: The counts.

    Returns:
        float | None: people, at least; None where the fit does not exist.

    Source:
        Rivest and Baillargeon (2007), Biometrics 63, 999-1006.
    """
    masks = np.arange(1, 2**table.t)
    size = lattice.sizes(table.t)[1:].astype(np.float64)
    on = (masks[:, None] >> np.arange(table.t) & 1).astype(np.float64)
    on = on[:, table.on_all[[1 << bit for bit in range(table.t)]] > 0]
    return _fitted(table, np.column_stack([np.ones(len(size)), on]), size)


def _fitted(table: CaptureTable, base: Floats, size: Floats) -> float | None:
    """The bound: knots with a negative slope are dropped, the most negative first, and the rest fitted again."""
    counts = table.counts[1:].astype(np.float64)
    if not (counts[size >= 2] > 0).any():
        return None
    there = np.ones(len(counts), dtype=np.bool_)
    if table.empty_lists:
        there = ~np.array(
            [any(mask >> table.lists.index(n) & 1 for n in table.empty_lists) for mask in range(1, 2**table.t)]
        )
    knots = list(range(2, table.t))
    while True:
        design = np.column_stack([base, *(np.maximum(size - knot, 0.0) for knot in knots)])
        alpha = _poisson(design[there], counts[there])
        slopes = alpha[base.shape[1] :]
        if not len(slopes) or slopes.min() >= 0.0:
            break
        knots.pop(int(slopes.argmin()))
    hidden = math.exp(min(alpha[0], 600.0))
    moves = np.abs(design[there].T @ (counts[there] - np.exp(design[there] @ alpha)))
    if hidden > 1e12 or moves.max() > 1e-6 * max(1.0, table.observed):
        return None
    return table.observed + hidden


def _poisson(design: Floats, counts: Floats) -> Floats:
    """Maximum likelihood for Poisson counts with a log link; a slope may run to minus infinity, where it is dropped."""
    weights = counts + 0.5
    alpha: Floats = np.linalg.lstsq(design * np.sqrt(weights)[:, None], np.log(weights) * np.sqrt(weights), rcond=None)[
        0
    ]
    for _ in range(200):
        means = np.exp(np.minimum(design @ alpha, 600.0))
        score = design.T @ (counts - means)
        information = design.T @ (design * means[:, None])
        information[np.diag_indices_from(information)] *= 1.0 + 1e-12
        information[np.diag_indices_from(information)] += 1e-12
        step = np.linalg.solve(information, score)
        decrement = float(step @ score)
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        here = counts @ (design @ alpha) - means.sum()
        while True:
            there = design @ (alpha + step)
            if counts @ there - np.exp(np.minimum(there, 600.0)).sum() >= here - 1e-9 * (1.0 + abs(here)):
                break
            step = step / 4.0
            if np.abs(step).max() < 1e-14:
                break
        alpha = alpha + step
        if decrement < _CLOSE:
            break
    return alpha
