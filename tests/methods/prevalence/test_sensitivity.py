"""What is not chance: the published spreads and internal checks, and curves that pass through the estimate."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naungan.methods.prevalence import lattice, penalised, selection
from naungan.methods.prevalence.estimate import estimate
from naungan.methods.prevalence.sensitivity import (
    examine,
    identifying_curve,
    internal_consistency,
    leave_out_and_join,
    models_spread,
    odds_curve,
    trajectory,
)
from naungan.methods.prevalence.tables import CaptureTable, read_csv
from naungan.methods.prevalence.verdict import judge

DATA = Path(__file__).parent / "data"


def table_of(name: str) -> CaptureTable:
    return read_csv(DATA / f"{name}.csv")


def test_kosovo_lists_are_underestimated_from_the_others_as_measured() -> None:
    found = internal_consistency(table_of("Kosovo"), selection.stepwise())

    assert [row.known for row in found] == [1910, 1528, 1786, 685]
    assert [round(row.estimate or 0) for row in found] == [1054, 894, 1123, 606]


def test_general_public_list_has_no_estimate_from_the_others() -> None:
    found = internal_consistency(table_of("UKdat_5"), selection.stepwise())

    assert (found[4].known, found[4].estimate) == (336, None)


@pytest.mark.slow
def test_uk_models_that_fit_alike_differ_as_measured() -> None:
    rows = models_spread(table_of("UKdat_5"))
    judged = [row.estimate for row in rows if row.delta_bic <= 6]

    assert (round(min(judged)), round(max(judged))) == (10674, 25978)
    assert sum(row.weight for row in rows) == pytest.approx(1)


@pytest.mark.slow
def test_uk_is_undecided_and_kosovo_is_not() -> None:
    assert examine(table_of("UKdat_5"), seed=1).is_undecided
    assert not examine(table_of("Kosovo"), seed=1).is_undecided


def test_left_out_list_is_estimated_from_the_smaller_table() -> None:
    table = table_of("Kosovo")
    rows = leave_out_and_join(table, selection.stepwise())

    smaller = table.without("EXH")
    total = selection.stepwise()(smaller.on_all[None].astype(float)).total[0]
    assert rows[0].lists == ("EXH",)
    assert rows[0].observed == smaller.observed == 3269
    assert rows[0].estimate == pytest.approx(total)


def test_joining_two_police_lists_gives_the_five_list_estimate() -> None:
    rows = leave_out_and_join(table_of("UKdat"), selection.stepwise())

    joined = next(row for row in rows if row.lists == ("PF", "NCA"))
    assert joined.estimate == pytest.approx(11312.99029, rel=1e-6)


def test_odds_curve_passes_through_the_estimate_of_the_model_without_the_pair() -> None:
    table = table_of("Kosovo")
    terms = lattice.hierarchy((3, 5, 6, 9, 12), 4)

    points = odds_curve(table, ("ABA", "HRW"), terms=terms, ratios=(1.0,))

    assert points[0].estimate == pytest.approx(14341.6638, rel=1e-8)


def test_odds_curve_passes_through_the_estimate_with_the_pair_at_its_own_odds_ratio() -> None:
    table = table_of("Kosovo")
    terms = lattice.hierarchy((3, 5, 6, 9, 12), 4)
    matrix = penalised.design(np.arange(1, 16), np.array(terms))
    fitted = penalised.fit(matrix, table.counts[1:].astype(float))
    own = float(np.exp(fitted.parameters[terms.index(3)]))

    points = odds_curve(table, ("EXH", "ABA"), terms=terms, ratios=(own,))

    assert points[0].estimate == pytest.approx(14341.6638, rel=1e-8)


def test_odds_curve_of_a_model_without_estimate_is_empty() -> None:
    points = odds_curve(table_of("Korea"), ("c", "d"), terms=lattice.hierarchy((3, 5), 3), ratios=(0.5, 1.0))

    assert [point.estimate for point in points] == [None, None]


def test_identifying_curve_multiplies_the_hidden_people() -> None:
    points = identifying_curve(table_of("Korea"), 157.0, (0.5, 1.0, 2.0))

    assert [point.estimate for point in points] == [140.0, 157.0, 191.0]


@pytest.mark.slow
def test_trajectory_ends_at_the_estimate() -> None:
    steps = trajectory(table_of("Kosovo"), selection.stepwise(), seed=1, orders=5)

    last = steps[-1]
    assert last.people == 4400
    assert last.low == last.median == last.high
    assert last.median == pytest.approx(14341.66, rel=1e-5)


def test_trajectory_of_a_table_without_overlap_has_no_estimate() -> None:
    steps = trajectory(CaptureTable.of(["A", "B", "C"], {"A": 5, "B": 5, "C": 5}), selection.stepwise(), seed=1)

    assert {step.median for step in steps} == {None}


@pytest.mark.slow
def test_examination_is_written_without_infinities() -> None:
    for table in (table_of("Korea"), CaptureTable.of(["A", "B", "C"], {"A": 9, "B": 8, "C": 7, "A:B": 1})):
        written = json.dumps(examine(table, seed=1).to_json(), allow_nan=False)

        assert "spread" in written


def test_two_lists_have_curves_only() -> None:
    found = examine(CaptureTable.of(["A", "B"], {"A": 10, "B": 20, "A:B": 5}), seed=1)

    assert (len(found.spread), len(found.variants), len(found.consistency)) == (0, 0, 0)
    assert found.odds[0].points[4].estimate == pytest.approx(75)


@pytest.mark.slow
def test_same_seed_gives_the_same_examination() -> None:
    table = table_of("Korea")

    assert examine(table, seed=3).to_json() == examine(table, seed=3).to_json()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 7, 30]), min_size=15, max_size=15).filter(any))
def test_sparse_tables_are_examined_and_judged_without_infinities(cells: list[int]) -> None:
    table = CaptureTable(("A", "B", "C", "D"), np.array([0, *cells]))
    found = examine(table, seed=1)
    verdict = judge(table, estimate(table, replicates=20, seed=1), found)

    written = json.dumps([found.to_json(), verdict.to_json()], allow_nan=False)
    assert verdict.may_say
    assert "NaN" not in written


@pytest.mark.parametrize("people", [1, 9])
def test_more_than_six_lists_are_not_searched_however_many_people(people: int) -> None:
    table = CaptureTable(tuple("ABCDEFGH"), np.array([0, *[people] * 60, *[0] * 195]))

    found = examine(table, seed=1)

    assert found.spread == ()
    assert "spread-not-searched" in [reason.code for reason in judge(table, estimate(table, replicates=0), found).know]
