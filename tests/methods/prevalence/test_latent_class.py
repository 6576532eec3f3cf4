"""Latent classes: the right answer where there is one, and none where the chains disagree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from naungan.methods.prevalence.chains import agreement
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.latent_class import estimate_latent_class, latent_class_draws
from naungan.methods.prevalence.tables import CaptureTable, read_csv

DATA = Path(__file__).parent / "data"


def test_chains_of_independent_draws_agree() -> None:
    draws = np.random.default_rng(1).normal(size=(4, 1000))

    found = agreement(draws)

    assert found.is_reached
    assert found.effective == pytest.approx(4000, rel=0.15)


def test_chains_that_stand_apart_do_not_agree() -> None:
    draws = np.random.default_rng(1).normal(size=(4, 1000)) + np.array([[0.0], [0.0], [0.0], [2.0]])

    assert agreement(draws).r_hat > 1.2


def test_chains_of_different_width_do_not_agree() -> None:
    draws = np.random.default_rng(1).normal(size=(4, 1000)) * np.array([[1.0], [1.0], [1.0], [6.0]])

    assert agreement(draws).r_hat > 1.05


def test_effective_number_falls_with_memory() -> None:
    rng = np.random.default_rng(1)
    draws = np.zeros((4, 20_000))
    for sweep in range(1, 20_000):
        draws[:, sweep] = 0.9 * draws[:, sweep - 1] + rng.normal(size=4)

    # An autoregression with memory 0.9 has (1 - 0.9) / (1 + 0.9) of its draws.
    assert agreement(draws).effective == pytest.approx(80_000 / 19, rel=0.15)


def test_chain_that_never_moved_does_not_agree() -> None:
    assert agreement(np.ones((4, 100))).r_hat == float("inf")


@pytest.mark.slow
def test_korea_agrees_with_the_package_of_the_method() -> None:
    # LCMCR 0.4.14 with four seeds: median 137 to 139, 95 % 123.5 to 205.
    found = estimate_latent_class(read_csv(DATA / "Korea.csv"), seed=1)

    assert found.status == "ok"
    assert found.estimate == pytest.approx(137.5, abs=3)
    assert found.limits[0.95][1] == pytest.approx(203, abs=20)


@pytest.mark.slow
def test_chains_that_disagree_give_no_number() -> None:
    found = estimate_latent_class(read_csv(DATA / "UKdat_5.csv"), seed=1, most_sweeps=2000)

    assert found.estimate is None
    assert found.limits == {}
    assert found.reasons[0].code == "chains-disagree"


@pytest.mark.slow
def test_same_seed_gives_the_same_draws() -> None:
    counts = read_csv(DATA / "Korea.csv").counts

    first = latent_class_draws(counts, seed=7, most_sweeps=400)

    assert (first.population == latent_class_draws(counts, seed=7, most_sweeps=400).population).all()


def test_no_overlap_has_no_estimate() -> None:
    found = estimate_latent_class(CaptureTable.of(["A", "B", "C"], {"A": 5, "B": 5, "C": 5}), seed=1)

    assert found.status == "no-estimate"


def test_two_lists_are_refused() -> None:
    with pytest.raises(PrevalenceError, match="latent-class"):
        estimate_latent_class(CaptureTable.of(["A", "B"], {"A": 5, "A:B": 5}), seed=1)


def test_long_run_can_be_stopped_from_outside() -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        latent_class_draws(read_csv(DATA / "Korea.csv").counts, seed=1, progress=stop)
