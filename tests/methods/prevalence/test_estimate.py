"""The one entry: what comes out for good tables, for sparse ones, and for those that must be refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from naungan.methods.prevalence import bootstrap, coverage, lattice, limits, selection
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.estimate import Options, estimate
from naungan.methods.prevalence.results import Estimate
from naungan.methods.prevalence.tables import CaptureTable, read_csv
from tests.methods.prevalence.sparse import table_from

DATA = Path(__file__).parent / "data"
UK5 = read_csv(DATA / "UKdat_5.csv")
KOREA = read_csv(DATA / "Korea.csv")


def codes(found: Estimate) -> set[str]:
    return {reason.code for reason in found.reasons}


def test_same_seed_gives_the_same_digits_and_another_seed_others() -> None:
    first, second, third = (estimate(UK5, replicates=200, seed=seed) for seed in (5, 5, 6))

    assert first.to_json() == second.to_json()
    assert first.limits != third.limits


@pytest.mark.slow
def test_limits_change_by_less_than_two_percent_between_seeds() -> None:
    first, second = (estimate(UK5, seed=seed).limits[0.95] for seed in (1, 2))

    assert first == pytest.approx(second, rel=0.02)


def test_interval_that_is_not_shown_stands_beside() -> None:
    found = estimate(UK5, interval="bca", replicates=400)

    assert found.interval == "bca"
    assert {"percentile", "log-normal-conditional"} <= set(found.limits_other)
    assert not found.conditional_on_model


def test_bca_far_from_the_middle_is_called_unreliable() -> None:
    found = estimate(UK5, interval="bca", replicates=400)

    assert "bca-unreliable" in codes(found)
    assert found.bootstrap is not None
    assert found.bootstrap.levels[0.95][1] < 0.95


def test_without_a_bootstrap_the_limits_are_called_conditional() -> None:
    found = estimate(UK5, replicates=0)

    assert found.conditional_on_model
    assert found.interval == "log-normal-conditional"
    assert "profile-conditional" in found.limits_other


def test_fixed_model_stays_conditional_with_a_bootstrap() -> None:
    found = estimate(KOREA, method="fixed", terms=[("b", "c")], replicates=100)

    assert found.conditional_on_model
    assert found.model == (("b", "c"),)


@pytest.mark.slow
def test_calibrated_limits_are_read_at_other_levels() -> None:
    table = table_from(11, 3, 200)

    found = estimate(table, interval="calibrated", replicates=300)

    assert found.interval == "calibrated"
    assert found.bootstrap is not None
    assert found.bootstrap.levels[0.95] != (0.025, 0.975)


def test_choice_held_to_the_best_model_is_conditional_and_narrower() -> None:
    free = estimate(KOREA, method="bic", replicates=500)
    held = estimate(KOREA, method="bic", replicates=500, n_top=1)

    assert held.conditional_on_model
    assert (held.limits[0.95][1] or 0) < (free.limits[0.95][1] or 0)


def test_empty_overlap_that_is_chosen_is_said() -> None:
    found = estimate(UK5, method="fixed", terms=[("LA", "GP")], replicates=0)

    assert "terms-at-minus-infinity" in codes(found)


@pytest.mark.parametrize(
    ("patterns", "code"),
    [
        ({"A": 10, "B": 20, "C": 5}, "no-overlap"),
        ({"A:B": 20, "B": 50, "C": 40, "B:C": 5}, "list-contained"),
        ({"A": 9, "B": 8, "A:B": 3}, "two-lists-refused"),
    ],
)
def test_table_that_cannot_bear_an_estimate_is_refused(patterns: dict[Iterable[str] | str, int], code: str) -> None:
    found = estimate(CaptureTable.of("ABC", patterns), replicates=0)

    assert (found.status, found.estimate) == ("refused", None)
    assert code in codes(found)


def test_two_people_contained_by_chance_are_a_warning() -> None:
    table = CaptureTable.of("ABCD", {"A:B": 2, "B": 50, "C": 40, "B:C": 5, "D": 30, "C:D": 6})

    found = estimate(table, replicates=0)

    assert found.status == "ok"
    assert "list-contained-small" in codes(found)


@pytest.mark.slow
def test_estimate_outside_its_own_limits_is_said() -> None:
    patterns: dict[Iterable[str] | str, int] = {"A:B": 4, "D:E:F:G:H:I": 7, "A:C:I": 2}
    patterns |= zip("ABCDEFGHI", (50, 40, 40, 17, 17, 17, 7, 7, 7), strict=True)
    table = CaptureTable.of("ABCDEFGHI", patterns)

    found = estimate(table, level=0.9, replicates=300)

    assert (found.limits[0.9][1] or 0) < (found.estimate or 0)
    assert "estimate-outside-limits" in codes(found)


def test_list_without_people_is_left_out_and_named() -> None:
    with_empty = CaptureTable.of("ABCD", {"A": 30, "B": 40, "C": 20, "A:B": 8, "B:C": 5})
    without = with_empty.without("D")

    found = estimate(with_empty, replicates=0)

    assert found.estimate == estimate(without, replicates=0).estimate
    assert "list-empty" in codes(found)
    assert found.lists == ("A", "B", "C", "D")


def test_term_that_names_an_empty_list_says_what_it_can_of_the_others() -> None:
    table = CaptureTable.of("ABCD", {"A": 30, "B": 40, "C": 20, "A:B": 8, "B:C": 5})

    found = estimate(table, method="fixed", terms=[("A", "B", "D"), ("C", "D")], replicates=0)

    assert found.model == (("A", "B"),)
    assert "list-empty" in codes(found)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"method": "magic"}, "method-unknown"),
        ({"interval": "wald"}, "option-range"),
        ({"level": 1.0}, "option-range"),
        ({"threshold": 1.5}, "option-range"),
        ({"replicates": -1}, "option-range"),
        ({"max_order": 3}, "option-range"),
        ({"method": "fixed", "terms": [("LA", "XX")]}, "term-unknown"),
        ({"method": "fixed", "terms": [("LA", "LA")]}, "term-too-short"),
        ({"method": "fixed", "terms": [UK5.lists]}, "term-all-lists"),
    ],
)
def test_option_out_of_its_rule_is_refused(options: dict[str, object], code: str) -> None:
    with pytest.raises(PrevalenceError) as caught:
        estimate(UK5, **options)  # type: ignore[arg-type]  # wrong on purpose

    assert caught.value.code == code


def _draws(totals: list[float], estimate_: float, left_out: list[float] | None = None) -> bootstrap.Draws:
    out = [estimate_] if left_out is None else left_out
    return bootstrap.Draws(
        estimate_,
        np.array(totals),
        np.zeros(len(totals), dtype=np.int64),
        (),
        np.array(out),
        np.ones(len(out)),
        np.array(totals),
    )


def test_replicates_all_on_one_side_fall_back_to_percentile_and_say_so() -> None:
    draws = _draws([float(n) for n in range(200, 300)], 100.0)

    found = bootstrap.bca(draws, [0.95])

    assert found.limits == bootstrap.percentile(draws, [0.95]).limits
    assert "bca-undefined" in {reason.code for reason in found.reasons}


def test_more_than_one_replicate_in_twenty_without_an_estimate_removes_the_upper_limit() -> None:
    draws = _draws([100.0 + n for n in range(90)] + [np.nan] * 10, 120.0)

    found = bootstrap.percentile(draws, [0.95])

    assert found.limits[0.95][0] is not None
    assert found.limits[0.95][1] is None
    assert "upper-limit-not-bounded" in {reason.code for reason in found.reasons}


def test_few_replicates_without_an_estimate_are_counted() -> None:
    draws = _draws([100.0 + n for n in range(98)] + [np.nan] * 2, 120.0)

    found = bootstrap.percentile(draws, [0.95])

    assert found.limits[0.95][1] is not None
    assert found.reasons[0].params["share"] == 0.02


def test_person_whose_loss_leaves_no_estimate_is_said() -> None:
    draws = _draws([90.0, 110.0] * 50, 100.0, [99.0, np.nan, 101.0])

    assert "jackknife-incomplete" in {reason.code for reason in bootstrap.bca(draws, [0.95]).reasons}


def test_bca_without_bias_or_acceleration_is_the_percentile_interval() -> None:
    draws = _draws([float(n) for n in range(1000)], 500.0, [500.0, 500.0])

    low, high = bootstrap.bca(draws, [0.9]).limits[0.9]

    assert (low, high) == pytest.approx(bootstrap.percentile(draws, [0.9]).limits[0.9])


def test_list_that_vanishes_in_a_replicate_is_left_out_there() -> None:
    counts = np.zeros((1, 16))
    counts[0, [1, 2, 3, 4, 6]] = [30, 40, 8, 20, 5]

    both = selection.stepwise()(lattice.superset_sums(counts)).total[0]

    three = CaptureTable(("A", "B", "C"), counts[0, :8].astype(int))
    assert both == pytest.approx(estimate(three, replicates=0).estimate, rel=1e-7)


def test_chance_of_being_unseen_adds_the_negative_binomial_spread() -> None:
    totals = np.full(200_000, 130.0)

    people = bootstrap.with_chance(totals, 100, np.random.default_rng(1))

    # Thirty hidden on average beside a hundred seen: variance 30 + 30 squared / 100; four standard errors of each.
    assert people.mean() == pytest.approx(130.0, abs=0.06)
    assert people.var() == pytest.approx(39.0, rel=0.02)


def test_chance_leaves_replicates_without_an_estimate_and_huge_ones_alone() -> None:
    people = bootstrap.with_chance(np.array([np.nan, 1e200, 100.0]), 100, np.random.default_rng(1))

    assert np.isnan(people[0])
    assert np.isfinite(people[1])
    assert people[2] == 100.0


@pytest.mark.slow
def test_default_limits_hold_where_few_are_hidden() -> None:
    table = table_from(1, 4, 200)  # 36 hidden: how many chance leaves unseen varies more than their expected number

    found = coverage.simulate(table, Options(replicates=300), tables=300)

    assert 0.92 <= found.held["percentile"][0.95].held <= 0.99  # 0.87 without the chance of being unseen


@pytest.mark.slow
def test_coverage_counts_every_simulated_table_once() -> None:
    found = coverage.simulate(KOREA, Options(replicates=60, seed=2), tables=30)

    held = found.held["percentile"][0.95]
    assert found.truth == 269
    assert held.held + held.above + held.below + found.without_estimate == pytest.approx(1.0)
    json.dumps(found.to_json(), allow_nan=False)


def test_coverage_of_a_given_truth_is_of_that_truth() -> None:
    absent_or_there = np.array([0.6, 0.4])
    means = 1_000 * np.einsum("i,j,k->ijk", *[absent_or_there] * 3).reshape(-1)  # independent lists

    found = coverage.simulate_from(KOREA, means, Options(replicates=40), tables=40)

    assert found.truth == 1_000
    assert found.held["percentile"][0.95].held > 0.7


def test_coverage_of_a_refused_table_says_why() -> None:
    found = coverage.simulate(CaptureTable.of("ABC", {"A": 3, "B": 3, "C": 3}), tables=5)

    assert found.truth is None
    assert found.reasons[0].code == "no-overlap"


def test_profile_limits_hold_the_estimate_of_a_small_table() -> None:
    top, found = limits.profile(KOREA, [0b011, 0b110])

    low, high = found[0.95]
    assert (low or 0) < top < (high or 0)


def test_json_has_null_limits_and_a_message_where_there_is_no_number() -> None:
    written = estimate(CaptureTable.of("ABC", {"A": 3, "B": 3, "C": 3})).to_json()

    assert written["limits"] == {"0.95": [None, None], "0.8": [None, None]}
    assert "Nobody is on two lists" in str(written["reasons"])


def test_progress_of_a_search_is_heard_between_its_replicates() -> None:
    heard: list[tuple[int, int]] = []

    estimate(KOREA, method="bic", replicates=600, advance=lambda done, of: heard.append((done, of)))

    assert heard == [(250, 600), (500, 600), (600, 600)]


def test_result_without_a_number_cannot_be_called_ok() -> None:
    with pytest.raises(ValueError, match="status ok"):
        replace(estimate(KOREA, replicates=0), estimate=None)


@pytest.mark.slow
def test_log_linear_estimate_with_its_verdict_never_loads_scipy() -> None:
    program = (
        "import sys\nfrom naungan.methods.prevalence import estimate_population, judge, read_csv\n"
        "table = read_csv(sys.argv[1])\njudge(table, estimate_population(table, replicates=50))\n"
        "print('scipy' in sys.modules)"
    )
    words = [sys.executable, "-c", program, str(DATA / "UKdat_5.csv")]

    done = subprocess.run(words, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


@pytest.mark.slow
def test_package_imports_neither_django_nor_numpy_before_it_is_used() -> None:
    program = (
        "import sys, naungan.methods.prevalence as p; early = 'numpy' in sys.modules; p.CaptureTable;"
        "print(early, 'django' in sys.modules, 'scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False", "False"]
