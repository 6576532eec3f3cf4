"""Noise: the exact discrete Gaussian and noisy maximum of OpenDP; a seeded stand-in, not private, for tests."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import opendp.prelude as dp
from numpy.typing import NDArray

from naungan.methods.release.errors import ReleaseError

__all__ = ["ExactNoise", "Noise", "SeededNoise", "scale_of_rho"]

Counts = NDArray[np.int64]
dp.enable_features("contrib")


class Noise(Protocol):
    """Where noise comes from."""

    @property
    def is_private(self) -> bool:
        """Whether what it makes may be told."""

    def add(self, counts: Counts, *, rho: float, sensitivity: int) -> Counts:
        """Counts with discrete Gaussian noise that costs ρ in zCDP."""

    def best(self, scores: Counts, *, rho: float, sensitivity: int) -> int:
        """The place of the largest noisy score, at a cost of ρ in zCDP."""


def scale_of_rho(rho: float, sensitivity: int) -> float:
    """
    The scale of noise, Gaussian or Gumbel, that costs at most ρ.

    Args:
        rho: zCDP parameter, above 0.
        sensitivity: Δ: how far one person moves the counts (in L2) or any score.

    Returns:
        float: Δ/√(2ρ), rounded up. Safe to publish.

    Source:
        `accounting.gaussian_rho` and `accounting.selection_rho`.
    """
    return sensitivity / math.sqrt(2 * rho) * (1 + 1e-9)


class ExactNoise:
    """
    Noise from the privacy library: whole numbers, exact distributions, the operating system's randomness.

    Source:
        Canonne, Kamath and Steinke 2020, algorithm 3 (discrete Gaussian); McKenna and Sheldon 2020 and Dong et al.
        2020 (noisy maximum); OpenDP 0.16.
    """

    is_private = True

    def add(self, counts: Counts, *, rho: float, sensitivity: int) -> Counts:
        """
        Counts with discrete Gaussian noise.

        Args:
            counts: Whole numbers, any shape.
            rho: What it costs in zCDP.
            sensitivity: L2 sensitivity of the whole table.

        Returns:
            Counts of the same shape. Safe to publish once ρ is charged.

        Raises:
            ReleaseError: `noise-cost` where the library states a higher cost than planned.
        """
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
        measure = dp.m.make_gaussian(*space, scale=scale_of_rho(rho, sensitivity))
        _require_cost(measure, float(sensitivity), rho)
        return np.array(measure(counts.ravel().tolist()), dtype=np.int64).reshape(counts.shape)

    def best(self, scores: Counts, *, rho: float, sensitivity: int) -> int:
        """
        The place of the largest score under noise.

        Args:
            scores: Whole numbers, shape (n_candidates,).
            rho: What it costs in zCDP.
            sensitivity: How far one person moves any score.

        Returns:
            int: a place. Safe to publish once ρ is charged.

        Raises:
            ReleaseError: `noise-cost`.
        """
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.linf_distance(T="i64")
        scale = scale_of_rho(rho, sensitivity)
        measure = dp.m.make_noisy_max(*space, dp.zero_concentrated_divergence(), scale=scale)
        _require_cost(measure, sensitivity, rho)
        return int(measure(scores.tolist()))


class SeededNoise:
    """Noise that anybody can repeat, and so take away again: NOT PRIVATE, for tests and measurements of error only."""

    is_private = False

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def add(self, counts: Counts, *, rho: float, sensitivity: int) -> Counts:
        """Counts with rounded Gaussian noise of the same spread as the exact one."""
        scale = scale_of_rho(rho, sensitivity)
        return counts + np.rint(self._random.normal(0, scale, counts.shape)).astype(np.int64)

    def best(self, scores: Counts, *, rho: float, sensitivity: int) -> int:
        """The place of the largest score under Gumbel noise."""
        scale = scale_of_rho(rho, sensitivity)
        return int(np.argmax(scores + self._random.gumbel(0, scale, scores.shape)))


def _require_cost(measure: dp.Measurement, distance: float, rho: float) -> None:
    """The library's own statement of the cost must not exceed the plan."""
    cost = float(measure.map(distance))  # type: ignore[no-untyped-call] # the library has no types here
    if cost > rho * (1 + 1e-8):
        raise ReleaseError(
            "noise-cost", "The privacy library states a higher cost than was planned.", fix="Report this as an error."
        )
