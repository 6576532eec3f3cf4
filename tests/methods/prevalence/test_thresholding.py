"""Bayesian thresholding, beside the package of its author and beside importance sampling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from naungan.methods.prevalence import penalised
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.tables import CaptureTable, read_csv
from naungan.methods.prevalence.thresholding import draw, estimate_thresholding

DATA = Path(__file__).parent / "data"
# MultipleSystemsEstimation 1.2.0, 10,000 sweeps of one chain: table, order, estimate, 95 % limits, kept terms.
PUBLISHED = [
    ("Korea", 2, 152.9, 134.1, 201.2, {"b:c", "c:d"}),
    ("Kosovo", 2, 13971, 12236, 16389, {"EXH:ABA", "EXH:OSCE", "ABA:OSCE", "EXH:HRW", "OSCE:HRW"}),
    ("Kosovo", 3, 11814, 10015, 14568, {"EXH:ABA:OSCE", "EXH:OSCE:HRW"}),
    ("UKdat", 2, 12346, 10891, 14408, {"LA:NG", "LA:PF", "NG:GP", "PF:GP", "GO:GP", "PF:NCA"}),
]


@pytest.mark.slow
@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row[0]}-{row[1]}")
def test_estimate_agrees_with_the_package_of_the_author(row: tuple[str, int, float, float, float, set[str]]) -> None:
    name, order, estimate, low, high, kept = row

    found = estimate_thresholding(read_csv(DATA / f"{name}.csv"), seed=1, max_order=order)

    # 1.5 % and 4 %: the Monte Carlo error of one chain of 10,000 dependent sweeps.
    assert found.estimate == pytest.approx(estimate, rel=0.015)
    assert found.limits[0.95][0] == pytest.approx(low, rel=0.02)
    assert found.limits[0.95][1] == pytest.approx(high, rel=0.04)
    assert {":".join(term) for term in found.model} == kept


@pytest.mark.slow
def test_draws_have_the_quantiles_of_importance_sampling() -> None:
    counts = read_csv(DATA / "Korea.csv").counts
    terms = np.array([0, 1, 2, 4, 3, 6])
    matrix = penalised.design(np.arange(1, 8), terms)
    precision = np.array([0.0, 0, 0, 0, 1, 1])
    mode = penalised.fit(matrix, counts[1:].astype(float), precision=precision)
    rng = np.random.default_rng(3)
    normal = rng.normal(size=(200_000, 6)) @ np.linalg.cholesky(mode.covariance).T
    wide = np.sqrt(6 / rng.chisquare(6, size=200_000))[:, None]  # Student's t with 6 degrees of freedom
    tried = mode.parameters + normal * wide
    squared = np.einsum("ri,ij,rj->r", tried - mode.parameters, np.linalg.inv(mode.covariance), tried - mode.parameters)
    weight = penalised.log_density(matrix, counts[1:].astype(float), precision, tried, np.zeros(7))
    weight += 6.0 * np.log1p(squared / 6)
    order = np.argsort(tried[:, 0])
    share = np.cumsum(np.exp(weight - weight.max())[order])

    found = draw(counts, terms, np.random.default_rng(1))

    for level in (0.1, 0.5, 0.9):
        exact = tried[order[np.searchsorted(share, level * share[-1])], 0]
        assert np.quantile(found.parameters[:, :, 0], level) == pytest.approx(exact, abs=0.03)


@pytest.mark.slow
def test_same_seed_gives_the_same_digits() -> None:
    counts = read_csv(DATA / "Korea.csv").counts
    terms = np.array([0, 1, 2, 4])

    first, again = (draw(counts, terms, np.random.default_rng(5)).parameters for _ in range(2))

    assert (first == again).all()


@pytest.mark.slow
def test_threshold_zero_keeps_every_pair() -> None:
    found = estimate_thresholding(read_csv(DATA / "Korea.csv"), seed=1, threshold=0)

    assert len(found.model) == 3


def test_no_overlap_has_no_estimate() -> None:
    found = estimate_thresholding(CaptureTable.of(["A", "B", "C"], {"A": 5, "B": 5, "C": 5}), seed=1)

    assert (found.status, found.reasons[0].code) == ("no-estimate", "no-overlap")


def test_penalised_fit_without_a_prior_is_the_closed_form() -> None:
    # Lists b and d of Korea are independent given c: the total is 123 + 41 * 5 / 6.
    counts = read_csv(DATA / "Korea.csv").counts
    matrix = penalised.design(np.arange(1, 8), np.array([0, 1, 2, 4, 3, 6]))

    found = penalised.fit(matrix, counts[1:].astype(float))

    assert 123 + np.exp(found.parameters[0]) == pytest.approx(123 + 41 * 5 / 6, rel=1e-9)


def test_penalised_fit_of_a_model_without_estimate_does_not_converge() -> None:
    counts = read_csv(DATA / "Korea.csv").counts
    matrix = penalised.design(np.arange(1, 8), np.array([0, 1, 2, 4, 3, 5]))

    assert not penalised.fit(matrix, counts[1:].astype(float)).converged


@pytest.mark.parametrize("options", [{"max_order": 4}, {"threshold": -1.0}, {"level": 1.0}])
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(PrevalenceError):
        estimate_thresholding(read_csv(DATA / "Korea.csv"), seed=1, **options)  # type: ignore[arg-type]
