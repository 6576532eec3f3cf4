"""Wrong and missed links: what they do, and that what is known of them can be put right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.linkage_errors import (
    ErrorRate,
    correct,
    error_matrix,
    pool,
    what_if,
    with_false_links,
    with_missed_links,
)
from naungan.methods.prevalence.tables import CaptureTable, read_csv

DATA = Path(__file__).parent / "data"
# Medians of 100 simulated tables by an independent prototype: missed 5, 10, 20 %; false 1, 2, 5 %.
PROTOTYPE = {"UKdat_5": (1.08, 1.17, 1.32, 0.96, 0.93, 0.81), "Kosovo": (1.06, 1.15, 1.31, 0.96, 0.91, 0.80)}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROTOTYPE)
def test_what_if_agrees_with_the_prototype(name: str) -> None:
    table = read_csv(DATA / f"{name}.csv")

    lost = what_if(table, seed=1, missed=(0.05, 0.1, 0.2), false=(0.0,)).cells
    joined = what_if(table, seed=1, missed=(0.0,), false=(0.01, 0.02, 0.05)).cells

    # 0.04: two medians of 100 differ by so much by chance.
    assert [cell.ratio for cell in (*lost, *joined)] == pytest.approx(PROTOTYPE[name], abs=0.04)


def test_what_if_without_errors_changes_nothing() -> None:
    found = what_if(read_csv(DATA / "Kosovo.csv"), seed=1, missed=(0.0,), false=(0.0,), draws=3)

    assert found.cells[0].ratio == pytest.approx(1.0)


def test_what_if_of_a_table_without_overlap_has_no_ratio() -> None:
    found = what_if(CaptureTable.of(["A", "B", "C"], {"A": 5, "B": 5, "C": 5}), seed=1, missed=(0.1,), false=(0.0,))

    assert (found.estimate, found.cells[0].ratio) == (None, None)


@given(st.lists(st.integers(0, 40), min_size=15, max_size=15), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_missed_links_keep_every_record(cells: list[int], share: float) -> None:
    counts = np.array([0, *cells])
    sizes = np.array([m.bit_count() for m in range(16)])

    found = with_missed_links(counts, share, np.random.default_rng(1), 3)

    assert (found @ sizes == counts @ sizes).all()
    assert (found.sum(axis=1) >= counts.sum()).all()


@given(st.lists(st.integers(0, 40), min_size=15, max_size=15), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_false_links_keep_every_record_and_lose_people(cells: list[int], share: float) -> None:
    counts = np.array([0, *cells])
    sizes = np.array([m.bit_count() for m in range(16)])

    found = with_false_links(counts, share, np.random.default_rng(1))

    assert found @ sizes == counts @ sizes
    assert found.sum() <= counts.sum()
    assert (found >= 0).all()


def test_error_matrix_is_what_the_simulation_does_on_average() -> None:
    counts = read_csv(DATA / "Kosovo.csv").counts
    rng = np.random.default_rng(2)
    broken = with_missed_links(counts, 0.1, rng, 400)
    drawn = np.mean([with_false_links(one, 0.05, rng) for one in broken], axis=0)

    matrix = error_matrix(4, missed=0.1, false=0.05, alone=broken[:, [1, 2, 4, 8]].mean(axis=0))

    # 0.5 %: means of 400 draws.
    assert matrix @ counts[1:] == pytest.approx(drawn[1:], rel=0.005, abs=0.7)


@pytest.mark.slow
def test_correction_gives_back_the_estimate_of_the_true_table() -> None:
    # The errors are put in on average, so that what comes back differs by rounding only.
    table = read_csv(DATA / "Kosovo.csv")
    matrix = error_matrix(4, missed=0.1, false=0.0, alone=np.ones(4))
    seen = CaptureTable(table.lists, np.array([0, *np.rint(matrix @ table.counts[1:])], dtype=np.int64))

    found = correct(seen, missed=ErrorRate(1_000, 10_000), false=ErrorRate(0, 1_000_000), seed=1, draws=50)

    assert found.raw is not None
    assert found.raw > 1.1 * 14341
    assert found.estimate == pytest.approx(14341.66, rel=0.01)


@pytest.mark.slow
def test_correction_with_a_small_sample_of_checks_has_wider_limits() -> None:
    table = read_csv(DATA / "Kosovo.csv")

    sure = correct(table, missed=ErrorRate(500, 10_000), false=ErrorRate(10, 10_000), seed=1).limits[0.95]
    unsure = correct(table, missed=ErrorRate(1, 20), false=ErrorRate(0, 20), seed=1).limits[0.95]

    assert sure[0] is not None
    assert sure[1] is not None
    assert unsure[0] is not None
    assert unsure[0] < sure[0]
    assert unsure[1] is None or unsure[1] - unsure[0] > 1.2 * (sure[1] - sure[0])


def test_rate_with_more_errors_than_checks_is_refused() -> None:
    with pytest.raises(PrevalenceError, match="wrong"):
        ErrorRate(3, 2)


@pytest.mark.slow
def test_pooled_equal_draws_have_the_limits_of_one_bootstrap() -> None:
    table = read_csv(DATA / "Kosovo.csv")

    found = pool([table] * 4, seed=1, replicates=500)

    # 20,000 replicates of the one table: 12,560 and 16,550; 2 % is the error of 2,000.
    assert found.estimate == pytest.approx(14341.66, rel=1e-5)
    assert found.limits[0.95] == pytest.approx((12560, 16550), rel=0.02)


@pytest.mark.slow
def test_pooled_draws_that_differ_are_wider_than_each() -> None:
    table = read_csv(DATA / "Kosovo.csv")
    rng = np.random.default_rng(4)
    draws = [
        CaptureTable(table.lists, with_missed_links(table.counts, share, rng, 1)[0]) for share in (0.0, 0.1, 0.2, 0.3)
    ]

    found = pool(draws, seed=1, replicates=300)

    mixture, rubin = found.limits[0.95], found.limits_other["rubin"][0.95]
    assert mixture[1] is not None
    assert rubin[1] is not None
    assert mixture[1] > 1.1 * 16550
    assert rubin[1] > 1.1 * 16550


def test_pool_of_different_lists_is_refused() -> None:
    with pytest.raises(PrevalenceError, match="draws"):
        pool([read_csv(DATA / "Kosovo.csv"), read_csv(DATA / "Korea.csv")], seed=1)


def test_pool_of_draws_without_overlap_has_no_estimate() -> None:
    found = pool([CaptureTable.of(["A", "B", "C"], {"A": 5, "B": 5, "C": 5})] * 3, seed=1)

    assert (found.status, found.reasons[0].code) == ("no-estimate", "draws-without-estimate")
