"""Whether simulated chains agree: R-hat and the effective number of draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["LARGEST_R_HAT", "Agreement", "agreement"]

# Above this the chains have not mixed (Vehtari et al. 2021, section 4).
LARGEST_R_HAT: Final = 1.01
FEWEST_DRAWS: Final = 4

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well chains agree: R-hat (1 is perfect) and how many independent draws theirs are worth."""

    r_hat: float
    effective: float

    @property
    def is_reached(self) -> bool:
        """R-hat is at most 1.01 and the draws are worth at least 100 per chain of four."""
        return self.r_hat <= LARGEST_R_HAT and self.effective >= 400


def agreement(draws: Floats) -> Agreement:
    """
    Compare chains with each other and each with itself, first half against second.

    Args:
        draws: `(chains, sweeps)`, at least 4 sweeps, of one quantity; here the logarithm of the population.

    Returns:
        Agreement: the larger of the rank-normalised split R-hat of the draws and of their distance from the
            median, and the bulk effective number. Infinite and 0 when a chain never moved.

    Raises:
        ValueError: fewer than 4 sweeps.

    Source:
        Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Bayesian Analysis 16(2), 667-718.
    """
    if draws.shape[1] < FEWEST_DRAWS:
        raise ValueError(f"{FEWEST_DRAWS} sweeps are the least that can be compared")
    halves = _split(draws)
    if np.any(halves.var(axis=1) == 0):
        return Agreement(float("inf"), 0.0)
    bulk = _normal_scores(halves)
    folded = _normal_scores(np.abs(halves - np.median(halves)))
    return Agreement(max(_r_hat(bulk), _r_hat(folded)), _effective(bulk))


def _split(draws: Floats) -> Floats:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normal_scores(draws: Floats) -> Floats:
    """Replace each draw by the normal quantile of its rank among all; ties share their mean rank."""
    _, place, times = np.unique(draws, return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    ranks = (last - (times - 1) / 2.0)[place.reshape(draws.shape)]
    scores: Floats = ndtri((ranks - 0.375) / (draws.size + 0.25))
    return scores


def _r_hat(draws: Floats) -> float:
    sweeps = draws.shape[1]
    within = float(draws.var(axis=1, ddof=1).mean())
    between = float(draws.mean(axis=1).var(ddof=1))
    if within == 0.0:
        return float("inf")
    return float(np.sqrt((sweeps - 1) / sweeps + between / within))


def _effective(draws: Floats) -> float:
    """Geyer's initial monotone sequence on the mean autocovariance of the chains."""
    chains, sweeps = draws.shape
    covariance = np.mean([_autocovariance(chain) for chain in draws], axis=0)
    within = covariance[0] * sweeps / (sweeps - 1)
    spread = within * (sweeps - 1) / sweeps + float(draws.mean(axis=1).var(ddof=1))
    rho = 1.0 - (within - covariance) / spread
    rho[0] = 1.0
    pairs = rho[0 : 2 * (sweeps // 2) : 2] + rho[1 : 2 * (sweeps // 2) : 2]
    ends = np.flatnonzero(pairs < 0)
    pairs = np.minimum.accumulate(pairs[: ends[0]] if len(ends) else pairs)
    time = max(2.0 * float(pairs.sum()) - 1.0, 1.0 / np.log10(chains * sweeps))
    return float(chains * sweeps / time)


def _autocovariance(chain: Floats) -> Floats:
    sweeps = len(chain)
    transformed = np.fft.rfft(chain - chain.mean(), n=2 * sweeps)
    covariance: Floats = np.fft.irfft(np.abs(transformed) ** 2)[:sweeps] / sweeps
    return covariance
