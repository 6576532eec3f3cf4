"""No hidden count can be worked out, rounded tables add up, and earlier tables are remembered."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from naungan.methods.release.coding import Coded, Column
from naungan.methods.release.errors import Refusal, ReleaseError
from naungan.methods.release.noise import SeededNoise
from naungan.methods.release.tables import (
    Shown,
    Spec,
    Table,
    count_tables,
    derivable,
    noisy_tables,
    people_at_least,
    read_published,
    read_spec,
    round_table,
    round_tables,
    suppress,
    words_of,
)
from tests.methods.release.examples import schema

SIZES = (4, 3)


def coded(counts: NDArray[np.int64]) -> Coded:
    cells = [place for place, count in np.ndenumerate(counts) for _ in range(int(count))]
    columns = tuple(Column(f"c{n}", n, tuple(str(v) for v in range(size))) for n, size in enumerate(counts.shape))
    return Coded(columns, np.array(cells, dtype=np.int32).reshape(-1, counts.ndim))


def tables(counts: NDArray[np.int64], *wanted: tuple[int, ...]) -> list[Table]:
    return count_tables(coded(counts), Spec(wanted or ((0, 1),), "suppress"))


COUNTS = st.lists(st.integers(0, 40), min_size=12, max_size=12).map(lambda cells: np.array(cells).reshape(SIZES))


def small(table: Table) -> NDArray[np.bool_]:
    return (table.counts > 0) & (table.counts < 10)


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(counts=COUNTS)
def test_no_small_count_can_be_worked_out(counts: NDArray[np.int64]) -> None:
    exact = tables(counts + 1)

    for table, shown in zip(exact, suppress(exact, SIZES, threshold=10), strict=True):
        assert np.isnan(shown.values[small(table)]).all()
        assert (shown.high - shown.low)[small(table)].min(initial=99) >= 9 - 1e-6


def test_outsider_derives_exactly_what_enumeration_finds() -> None:
    counts = np.array([[2, 1], [1, 3]])
    [table] = tables(counts)
    hidden = np.zeros((3, 3), dtype=bool)
    hidden[:2, :2] = True

    [low], [high] = derivable([table], [hidden], (2, 2))

    fitting = [
        cells
        for cells in product(range(1, 8), repeat=4)  # hidden is not zero
        if (cells[0] + cells[1], cells[2] + cells[3]) == (3, 4) and (cells[0] + cells[2], cells[1] + cells[3]) == (3, 4)
    ]
    assert low[0, 0] == pytest.approx(min(each[0] for each in fitting))
    assert high[0, 0] == pytest.approx(max(each[0] for each in fitting))


def test_cell_alone_in_its_line_gets_a_partner() -> None:
    exact = tables(np.array([[3, 50, 60], [70, 80, 90], [40, 45, 55], [65, 75, 85]]))

    [shown] = suppress(exact, SIZES, threshold=10)

    assert np.isnan(shown.values[0]).sum() >= 2
    assert np.isnan(shown.values[:, 0]).sum() >= 2


def test_hidden_cells_are_known_to_hold_somebody() -> None:
    """Zeros are shown, so that ten hidden counts with a sum of ten would all be one."""
    exact = tables(np.array([[1] * 10, [40] * 10]))

    [shown] = suppress(exact, (2, 10), threshold=10)

    assert np.isnan(shown.values[0, -1])
    assert (shown.high - shown.low)[0, :-1].min() >= 9


def test_outsider_knows_that_hidden_is_not_zero() -> None:
    [table] = tables(np.array([[1, 1], [50, 60]]))
    hidden = np.zeros((3, 3), dtype=bool)
    hidden[:2, :2] = True

    [low], [high] = derivable([table], [hidden], (2, 2))

    assert (low[0, 0], high[0, 0]) == (1, 1)


def test_count_of_rows_is_held_to_the_threshold_of_persons() -> None:
    given = replace(coded(np.array([[12, 50], [60, 70]])), rows_per_person=3)

    assert people_at_least(given, 10) == 30


def test_rounded_tables_of_one_release_do_not_narrow_each_other() -> None:
    counts = np.array([[3, 50, 60], [70, 80, 90], [40, 45, 55], [65, 75, 85]])

    shown = round_tables(tables(counts, (0, 1), (0,)), SIZES, base=5, threshold=10)

    assert (shown[0].high - shown[0].low)[0, 0] >= 4


def test_rounded_table_beside_exact_earlier_sums_is_refused() -> None:
    counts = np.array([[3, 50, 60], [70, 80, 90], [40, 45, 55], [65, 75, 85]])
    exact = tables(counts)
    values = exact[0].counts.astype(float)

    with pytest.raises(Refusal) as refused:
        round_tables(exact, SIZES, base=5, threshold=10, earlier=[Shown((0, 1), values, values, values)])

    assert refused.value.code == "difference"


def test_earlier_rounded_tables_come_back_with_their_intervals(tmp_path: Path) -> None:
    shown = round_tables(tables(np.array([[3, 50], [70, 80]])), (2, 2), base=5, threshold=10)
    (tmp_path / "tables.json").write_text(json.dumps(words_of(shown, ["c0", "c1"], "round")), "utf-8")

    [back] = read_published(tmp_path / "tables.json", ["c0", "c1"])

    assert back.low.tolist() == shown[0].low.tolist()
    assert np.isnan(back.values).all()


def test_table_too_large_to_count_is_refused() -> None:
    columns = tuple(Column(f"c{n}", n, tuple(map(str, range(300)))) for n in range(4))
    wide = Coded(columns, np.zeros((5, 4), dtype=np.int32))

    with pytest.raises(Refusal) as refused:
        count_tables(wide, Spec(((0, 1, 2, 3),), "round"))

    assert refused.value.code == "too-large"


def test_zero_is_shown() -> None:
    [shown] = suppress(tables(np.array([[0, 50, 60], [70, 80, 90], [40, 45, 55], [65, 75, 85]])), SIZES, threshold=10)

    assert not np.isnan(shown.values).any()


def test_tables_of_one_release_are_checked_together() -> None:
    counts = np.array([[3, 50, 60], [70, 80, 90], [40, 45, 55], [65, 75, 85]])
    exact = tables(counts, (0, 1), (0,))

    shown = suppress(exact, SIZES, threshold=10)

    assert (shown[0].high - shown[0].low)[0, 0] >= 9


def test_earlier_table_that_gives_the_count_away_is_refused() -> None:
    counts = np.array([[3, 50, 60], [70, 80, 90], [40, 45, 55], [65, 75, 85]])
    exact = tables(counts)
    values = exact[0].counts.astype(float)
    before = [Shown((0, 1), values, values, values)]

    with pytest.raises(Refusal) as refused:
        suppress(exact, SIZES, threshold=10, earlier=before)

    assert refused.value.code == "difference"


def test_earlier_table_of_other_people_is_told() -> None:
    exact = tables(np.array([[3, 50, 60], [70, 80, 90], [40, 45, 55], [65, 75, 85]]))
    other = exact[0].counts.astype(float) + 7

    with pytest.raises(Refusal) as refused:
        suppress(exact, SIZES, threshold=10, earlier=[Shown((0, 1), other, other, other)])

    assert refused.value.code in {"tables-disagree", "difference"}


def test_too_many_combinations_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        derivable([Table((0, 1), np.zeros((2, 2), dtype=np.int64))], [np.zeros((2, 2), dtype=bool)], (400, 400))

    assert refused.value.code == "too-large"


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(counts=COUNTS)
def test_rounded_table_adds_up_and_stays_near(counts: NDArray[np.int64]) -> None:
    [table] = tables(counts)

    shown = round_table(table, base=5)

    assert np.array_equal(shown.values[:-1].sum(axis=0), shown.values[-1])
    assert np.array_equal(shown.values[:, :-1].sum(axis=1), shown.values[:, -1])
    assert (shown.values % 5 == 0).all()
    assert np.abs(shown.values - table.counts).max() < 5
    assert ((shown.low <= table.counts) & (table.counts <= shown.high)).all()


def test_count_is_rounded_either_way_as_its_interval_says() -> None:
    """Always the nearest multiple would tell an outsider less than half of the interval."""
    [table] = tables(np.array([[6, 50], [70, 83]]))

    seen = {float(round_table(table, base=5).values[0, 0]) for _ in range(80)}

    assert seen == {5, 10}  # 6 goes up once in five: never in 80 has a chance of 2 in 100 million


def test_three_columns_round_too() -> None:
    counts = np.random.default_rng(1).integers(0, 30, (3, 3, 2))
    [table] = count_tables(coded(counts), Spec(((0, 1, 2),), "round"))

    shown = round_table(table, base=5)

    assert np.abs(shown.values - table.counts).max() < 10


def test_noisy_intervals_hold_the_true_counts() -> None:
    [table] = tables(np.full(SIZES, 100))
    noise = SeededNoise(2)

    held = [
        (shown.low <= table.counts) & (table.counts <= shown.high)
        for _ in range(100)
        for shown in noisy_tables([table], rho=0.05, sensitivity=1, noise=noise)
    ]

    # 2000 intervals of 95 %, sums of cells among them: 93 % is 4 standard errors below.
    assert np.mean(held) > 0.93


@pytest.mark.parametrize(
    "text", ["[", "{}", '{"tables": []}', '{"tables": [["x"]]}', '{"tables": [["year"]], "method": "magic"}',
             '{"tables": [["year"]], "method": "private"}', '{"tables": [["year", "year"]]}'],
)  # fmt: skip
def test_faulty_spec_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "spec.json").write_text(text, "utf-8")

    with pytest.raises(ReleaseError) as refused:
        read_spec(tmp_path / "spec.json", schema(), ["year", "gender"])

    assert refused.value.code == "bad-spec"


def test_published_tables_come_back(tmp_path: Path) -> None:
    exact = tables(np.array([[3, 50, 60], [70, 80, 90], [40, 45, 55], [65, 75, 85]]))
    shown = suppress(exact, SIZES, threshold=10)
    (tmp_path / "tables.json").write_text(json.dumps(words_of(shown, ["a", "b"], "suppress")), "utf-8")

    [again] = read_published(tmp_path / "tables.json", ["a", "b"])

    assert np.array_equal(again.values, shown[0].values, equal_nan=True)


def test_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError):
        read_published(tmp_path / "tables.json", [])
