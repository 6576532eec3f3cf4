"""Averaging over decomposable graphs, beside published answers and slow exact arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from math import exp, lgamma, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.graphs import average, decomposable_graphs, graph_posterior, hidden_grid
from naungan.methods.prevalence.tables import CaptureTable, read_csv

DATA = Path(__file__).parent / "data"

# dga 2.0.2 on the published tables: delta, median, 95 % and 80 % limits, posterior mean, weight of the best graph.
PUBLISHED = [
    ("Korea", 0.125, 163, 127, 468, 136, 284, 207.8, 0.70253),
    ("Korea", 0.5, 151, 125, 253, 131, 194, 160.0, 0.76253),
    ("Korea", 1.0, 148, 125, 207, 131, 178, 152.6, 0.73482),
    ("Kosovo", 0.0625, 12592, 9826, 16546, 10797, 14955, 12749.4, 0.98551),
    ("Kosovo", 0.5, 11318, 4467, 14480, 7780, 13245, 10999.7, 0.88504),
    ("Kosovo", 1.0, 4612, 4408, 6817, 4427, 5213, 4825.5, 0.97617),
    ("UKdat_5", 0.03125, 22992, 10389, 33509, 11307, 29623, 21282.2, 0.44343),
    ("UKdat_5", 0.5, 2786, 2745, 3276, 2745, 3004, 2847.5, 0.99513),
    ("UKdat_5", 1.0, 2807, 2745, 3091, 2753, 2955, 2834.9, 1.0),
]


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row[0]}-{row[1]}")
def test_average_gives_the_published_digits(row: tuple[str, float, int, int, int, int, int, float, float]) -> None:
    name, delta, median, low, high, low80, high80, mean, weight = row

    found = average(read_csv(DATA / f"{name}.csv"), delta=delta)

    assert found.estimate == median
    assert found.limits == {0.95: (low, high), 0.8: (low80, high80)}
    assert found.scores["mean"] == pytest.approx(mean, abs=0.0501)  # one decimal was printed
    assert found.scores["weight_of_best_graph"] == pytest.approx(weight, abs=6e-6)  # five decimals were printed


def test_average_takes_one_person_over_all_cells_by_default() -> None:
    assert average(read_csv(DATA / "Kosovo.csv")).estimate == 12592


@pytest.mark.slow
def test_average_takes_six_lists() -> None:
    found = average(read_csv(DATA / "UKdat.csv"))

    # The reference names 12,317 (10,238 to 26,191) for delta 2**-6 on a coarser grid: one step of it is 8 people.
    assert found.estimate == pytest.approx(12317, abs=8)
    low, high = found.limits[0.95]
    assert low == pytest.approx(10238, abs=8)
    assert high == pytest.approx(26191, abs=8)


@pytest.mark.parametrize(("lists", "graphs"), [(3, 8), (4, 61), (5, 822), (6, 18154)])
def test_graphs_are_as_many_as_are_known(lists: int, graphs: int) -> None:
    assert len(decomposable_graphs(lists).edges) == graphs


def test_each_graph_covers_every_list_once() -> None:
    found = decomposable_graphs(5)
    members = np.array([[group >> v & 1 for v in range(5)] for group in range(32)])

    # A list is in as many cliques as separators, and one more.
    assert (found.coefficients @ members == 1).all()


def slow_posterior(counts: list[int], delta: float, grid: range) -> list[float]:
    """The same by the formula of one decomposable graph on three lists at a time, without any sharing."""
    pairs = list(combinations(range(3), 2))
    weights = []
    for hidden in grid:
        cells = [float(hidden), *map(float, counts[1:])]
        total = 0.0
        for mask in range(8):  # on three lists every graph is decomposable
            edges = [pair for k, pair in enumerate(pairs) if mask >> k & 1]
            total += exp(log_likelihood(cells, edges, delta))
        weights.append(total)
    return [weight / sum(weights) for weight in weights]


def log_likelihood(cells: list[float], edges: list[tuple[int, int]], delta: float) -> float:
    """ln p(cells | graph) + ln p(N): cliques less separators, read off by the number of edges."""

    def margin(group: tuple[int, ...]) -> float:
        prior = delta * 2 ** (3 - len(group))
        sums: dict[tuple[int, ...], float] = {}
        for cell, people in enumerate(cells):
            key = tuple(cell >> v & 1 for v in group)
            sums[key] = sums.get(key, 0.0) + people
        people = sum(cells)
        return (
            lgamma(delta * 8)
            - lgamma(people + delta * 8)
            + sum(lgamma(s + prior) - lgamma(prior) for s in sums.values())
        )

    people = sum(cells)
    base = lgamma(people + 1) - lgamma(cells[0] + 1) - log(people) - sum(lgamma(c + 1) for c in cells[1:])
    if len(edges) == 3:
        return base + margin((0, 1, 2))
    if len(edges) == 2:
        middle = next(v for v in range(3) if sum(v in pair for pair in edges) == 2)
        return base + margin(edges[0]) + margin(edges[1]) - margin((middle,))
    if len(edges) == 1:
        alone = next(v for v in range(3) if v not in edges[0])
        return base + margin(edges[0]) + margin((alone,))
    return base + sum(margin((v,)) for v in range(3))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=7, max_size=7).filter(any), st.sampled_from([0.05, 0.5, 1.0]))
def test_posterior_equals_the_sum_over_graphs_one_by_one(cells: list[int], delta: float) -> None:
    counts = np.array([0, *cells])

    found = graph_posterior(counts, delta=delta, grid=np.arange(1, 40))

    assert found.probability == pytest.approx(slow_posterior([0, *cells], delta, range(1, 40)), rel=1e-9, abs=1e-15)


def test_order_of_the_lists_does_not_matter() -> None:
    table = read_csv(DATA / "Kosovo.csv")
    turned = CaptureTable.of(
        table.lists[::-1], {":".join(table.names_of(m)): int(table.counts[m]) for m in range(1, 16)}
    )

    assert average(turned).estimate == average(table).estimate


def test_average_without_overlap_has_no_estimate() -> None:
    found = average(CaptureTable.of(["A", "B", "C"], {"A": 9, "B": 9, "C": 9}))

    assert found.status == "no-estimate"
    assert found.reasons[0].code == "no-overlap"


def test_average_of_a_hardly_overlapping_table_gives_no_upper_limit_or_no_estimate() -> None:
    found = average(CaptureTable.of(["A", "B", "C"], {"A": 40, "B": 40, "C": 40, "A:B": 1}))

    assert found.status == "no-estimate" or found.limits[0.95][1] is None


def test_list_without_people_changes_nothing() -> None:
    patterns: dict[Iterable[str] | str, int] = {"A": 30, "B": 20, "C": 25, "A:B": 8, "B:C": 9, "A:C": 7, "A:B:C": 3}

    with_empty = average(CaptureTable.of(["A", "B", "C", "D"], patterns), delta=0.125)

    assert with_empty.estimate == average(CaptureTable.of(["A", "B", "C"], patterns), delta=0.125).estimate


@pytest.mark.parametrize("lists", [2, 7])
def test_too_few_or_too_many_lists_are_refused(lists: int) -> None:
    table = CaptureTable(tuple("ABCDEFG"[:lists]), np.array([0, *[3] * (2**lists - 1)]))

    with pytest.raises(PrevalenceError, match="3-6"):
        average(table)


@pytest.mark.parametrize("delta", [0.0, -1.0, float("inf"), float("nan")])
def test_prior_count_out_of_range_is_refused(delta: float) -> None:
    with pytest.raises(PrevalenceError, match="delta"):
        average(read_csv(DATA / "Korea.csv"), delta=delta)


def test_grid_ends_at_thirty_times_the_observed() -> None:
    grid = hidden_grid(4400)

    assert (grid[0], grid[-1], len(grid)) == (1, 132_000, 20_000)
