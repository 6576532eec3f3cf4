"""Bootstrap samples that lie evenly: each is multinomial, together they are closer to it than chance."""

from __future__ import annotations

from math import comb
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from naungan.methods.prevalence.estimate import estimate
from naungan.methods.prevalence.samples import even_samples
from naungan.methods.prevalence.tables import CaptureTable, read_csv

DATA = Path(__file__).parent / "data"
SIX = read_csv(DATA / "UKdat.csv")


def drawn(table: CaptureTable, replicates: int, *, seed: int = 1, at_a_time: int = 4_000) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return np.concatenate(list(even_samples(table.counts, replicates, rng, at_a_time=at_a_time)))


@pytest.mark.parametrize("replicates", [1, 7, 50, 1_000])
def test_every_sample_has_the_people_of_the_table_on_its_patterns_only(replicates: int) -> None:
    samples = drawn(SIX, replicates)

    assert samples.shape == (replicates, 64)
    assert (samples.sum(axis=1) == SIX.observed).all()
    assert (samples >= 0).all()
    assert not samples[:, SIX.counts == 0].any()


@pytest.mark.parametrize(
    "table",
    [
        SIX,
        CaptureTable.of("AB", {"A": 3, "B": 2, "A:B": 200}),
        CaptureTable.of("ABC", {"A": 90_000_000, "B": 240, "A:B": 250, "A:C": 4_000}),
    ],
    ids=["six lists", "one pattern holds nearly all", "millions"],
)
def test_means_and_covariances_are_those_of_the_multinomial(table: CaptureTable) -> None:
    samples = drawn(table, 20_000)

    shares = table.counts / table.observed
    expected = table.observed * (np.diag(shares) - np.outer(shares, shares))
    size = np.sqrt(np.maximum(np.diag(expected), 1e-9))
    assert (np.abs(samples.mean(axis=0) - table.counts) <= 5.0 * size / 20_000**0.5).all()
    found = np.cov(samples, rowvar=False)
    assert (np.abs(found - expected) <= 0.05 * np.outer(size, size) + 1e-9).all()


def test_the_largest_overlap_follows_its_distribution_to_within_two_samples() -> None:
    table = CaptureTable.of("AB", {"A": 40, "B": 50, "A:B": 10})

    values = drawn(table, 5_000)[:, 3]

    exact = [comb(100, k) * 0.1**k * 0.9 ** (100 - k) for k in range(31)]
    frequency = np.bincount(values.astype(int), minlength=31)[:31]
    # By plain chance a frequency of 660 misses by 24, one time in three by more.
    assert np.abs(frequency - 5_000 * np.array(exact)).max() <= 2.0


def test_samples_do_not_depend_on_how_many_are_drawn_at_a_time() -> None:
    assert (drawn(SIX, 1_000, at_a_time=1_000) == drawn(SIX, 1_000, at_a_time=77)).all()


def test_samples_of_two_seeds_know_nothing_of_each_other() -> None:
    overlaps = np.flatnonzero((SIX.counts > 20) & (SIX.counts < 100))

    first, second = drawn(SIX, 4_000)[:, overlaps], drawn(SIX, 4_000, seed=2)[:, overlaps]

    together = np.corrcoef(first, second, rowvar=False)[: len(overlaps), len(overlaps) :]
    assert np.abs(together).max() < 0.08


@pytest.mark.slow
def test_limits_of_six_seeds_lie_within_two_per_cent() -> None:
    found = [estimate(SIX, seed=seed) for seed in range(1, 7)]

    for level in (0.95, 0.8):
        for one in ("percentile", "bca"):
            limits = np.array(
                [{**each.limits_other, "percentile": each.limits}[one][level] for each in found], dtype=np.float64
            )
            assert (limits.max(axis=0) <= 1.02 * limits.min(axis=0)).all()
