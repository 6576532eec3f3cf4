"""Two lists: Chapman's estimate, never without what dependence would do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.tables import CaptureTable
from naungan.methods.prevalence.two_lists import estimate_two_lists, odds_table

LISTS = ("A", "B")


def table_of(only_first: int, only_second: int, both: int) -> CaptureTable:
    return CaptureTable.of(LISTS, {"A": only_first, "B": only_second, "A:B": both})


def test_chapman_adds_one_to_each_count_and_takes_one_away() -> None:
    # 48 on the first list, 49 on the second, 11 on both.
    found = estimate_two_lists(table_of(37, 38, 11))

    assert found.estimate == pytest.approx(49 * 50 / 12 - 1)
    assert found.scores["lincoln_petersen"] == pytest.approx(48 * 49 / 11)


def test_limits_take_independence_as_given() -> None:
    found = estimate_two_lists(table_of(37, 38, 11))

    assert found.conditional_on_model
    assert found.reasons[0].code == "two-lists-only"


def test_limits_are_those_of_the_formula() -> None:
    found = estimate_two_lists(table_of(37, 38, 11))

    # By hand: variance 49*50*37*38 / (12^2 * 13), hidden 117.1667, factor exp(1.95996 sqrt(log(1 + v/h^2))).
    low, high = found.limits[0.95]
    assert low == pytest.approx(86 + 117.16667 / 2.00404, rel=5e-5)
    assert high == pytest.approx(86 + 117.16667 * 2.00404, rel=5e-5)


def test_odds_table_is_linear_in_the_odds_ratio() -> None:
    rows = odds_table(table_of(10, 20, 5), (0.5, 1.0, 2.0, 4.0))

    assert [row.estimate for row in rows] == [55.0, 75.0, 115.0, 195.0]


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 500))
def test_limits_hold_the_estimate_and_the_observed(first: int, second: int, both: int) -> None:
    found = estimate_two_lists(table_of(first, second, both))

    low, high = found.limits[0.95]
    assert found.estimate is not None
    assert low is not None
    assert high is not None
    assert found.observed <= low <= found.estimate <= high


def test_lists_that_share_nobody_have_no_estimate() -> None:
    assert estimate_two_lists(table_of(10, 20, 0)).status == "no-estimate"


def test_list_inside_the_other_is_refused() -> None:
    assert estimate_two_lists(table_of(10, 0, 5)).status == "refused"


def test_three_lists_are_refused() -> None:
    with pytest.raises(PrevalenceError, match="two-list"):
        estimate_two_lists(CaptureTable.of(["A", "B", "C"], {"A:B": 4, "C": 3}))
