"""Noise has the spread that its cost says, and costs what the library says."""

from __future__ import annotations

import numpy as np
import pytest

from naungan.methods.release.noise import ExactNoise, Noise, SeededNoise, scale_of_rho


@pytest.mark.parametrize("noise", [ExactNoise(), SeededNoise(3)])
@pytest.mark.parametrize("sensitivity", [1, 3])
def test_counts_get_noise_of_the_stated_scale(noise: Noise, sensitivity: int) -> None:
    exact = np.arange(3000, dtype=np.int64).reshape(30, 100)

    drawn = noise.add(exact, rho=0.02, sensitivity=sensitivity) - exact

    # The standard error of a spread over 3000 draws is 1.3 %; 7 % is more than five of them.
    assert np.std(drawn) == pytest.approx(5 * sensitivity, rel=0.07)
    assert abs(np.mean(drawn)) < 0.5 * sensitivity


@pytest.mark.parametrize("noise", [ExactNoise(), SeededNoise(4)])
def test_best_is_mostly_the_largest_score(noise: Noise) -> None:
    scores = np.array([0, 50, 0], dtype=np.int64)

    picks = [noise.best(scores, rho=0.02, sensitivity=1) for _ in range(100)]

    # Scale 5: the odds are e^10 to 2, so that a miss in 100 draws has a chance below 1 in 100.
    assert picks.count(1) >= 98


@pytest.mark.parametrize("noise", [ExactNoise(), SeededNoise(5)])
def test_best_of_equals_is_any_of_them(noise: Noise) -> None:
    picks = {noise.best(np.zeros(3, dtype=np.int64), rho=0.02, sensitivity=1) for _ in range(60)}

    assert picks == {0, 1, 2}


def test_only_the_exact_noise_calls_itself_private() -> None:
    assert ExactNoise().is_private
    assert not SeededNoise(1).is_private


def test_scale_never_costs_more_than_rho() -> None:
    for rho in (1e-6, 0.003, 0.3, 2.0):
        assert 1 / (2 * scale_of_rho(rho, 1) ** 2) <= rho
