"""Tables of the model agree, obey the rules, and explain what was measured."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from naungan.methods.release.errors import ReleaseError
from naungan.methods.release.generate import draw_records, support
from naungan.methods.release.junction import NoisyTable, agree, cells_with, fit, merge, tree_over

SIZES = (3, 4, 2, 3, 2)
Regions = list[tuple[int, ...]]
REGIONS = st.lists(st.sets(st.integers(0, 4), min_size=1, max_size=3).map(lambda s: tuple(sorted(s))), max_size=6)


def joint(seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).dirichlet(np.full(144, 0.3)).reshape(SIZES) * 1000


def over(table: NDArray[np.float64], columns: tuple[int, ...]) -> NDArray[np.float64]:
    return np.asarray(table.sum(axis=tuple(axis for axis in range(5) if axis not in columns)))


def exact(seed: int, regions: Regions) -> list[NoisyTable]:
    return [NoisyTable(columns, over(joint(seed), columns), 0.01) for columns in regions]


@given(regions=REGIONS)
def test_tree_holds_every_region_and_every_column(regions: Regions) -> None:
    tree = tree_over(SIZES, regions)

    assert all(tree.holding(region) is not None for region in regions)
    assert {column for clique in tree.cliques for column in clique} == set(range(5))
    assert tree.cells == cells_with(SIZES, regions)


@given(regions=REGIONS)
def test_columns_shared_by_two_cliques_lie_between_them(regions: Regions) -> None:
    tree = tree_over(SIZES, regions)

    for place, clique in enumerate(tree.cliques):
        before = {column for earlier in tree.cliques[:place] for column in earlier}
        assert before & set(clique) == set(tree.separators[place])
        assert place == 0 or set(tree.separators[place]) <= set(tree.cliques[tree.parents[place]])


@settings(deadline=None, max_examples=20)
@given(regions=REGIONS.filter(bool), seed=st.integers(0, 99))
def test_fit_explains_exact_tables(regions: Regions, seed: int) -> None:
    model, _ = fit(SIZES, exact(seed, regions), total=1000, stiffness=0.1, rounds=500)

    for columns in regions:
        found = model.counts(columns)
        assert found is not None
        # κ = 0.01: the softness moves a count of 1000 people by fractions of one.
        assert np.abs(found - over(joint(seed), columns)).max() < 1.5


@settings(deadline=None, max_examples=20)
@given(regions=REGIONS.filter(bool), seed=st.integers(0, 99))
def test_elimination_agrees_with_the_whole_joint(regions: Regions, seed: int) -> None:
    model, _ = fit(SIZES, exact(seed, regions), total=1000, rounds=100)
    whole = np.ones(SIZES)
    for place, (clique, separator) in enumerate(zip(model.tree.cliques, model.tree.separators, strict=True)):
        table = model.tables[place]
        below = table.sum(axis=tuple(a for a, c in enumerate(clique) if c not in separator), keepdims=True)
        part = np.divide(table, below if place else np.ones(()), out=np.zeros_like(table), where=below > 0)
        whole = whole * part.reshape([SIZES[c] if c in clique else 1 for c in range(5)])

    for columns in [*combinations(range(5), 2), *combinations(range(5), 3)]:
        assert np.allclose(model.counts_anywhere(columns), over(whole, columns), atol=1e-6)


def test_excluded_cells_stay_empty_in_model_and_records() -> None:
    excluded: dict[tuple[int, ...], NDArray[np.bool_]] = {(0, 1): np.eye(3, 4, dtype=bool)}
    model, _ = fit(SIZES, exact(1, [(0,), (1, 2), (3, 4)]), total=1000, impossible=excluded)

    records = draw_records(model, 5000, np.random.default_rng(1))
    mended = support(records, model, least=60, excluded=excluded, randomness=np.random.default_rng(2))

    found = model.counts((0, 1))
    assert found is not None
    assert found[excluded[0, 1]].max() == 0
    assert not excluded[0, 1][records[:, 0], records[:, 1]].any()
    assert not excluded[0, 1][mended[:, 0], mended[:, 1]].any()


def test_rules_that_exclude_everything_are_refused() -> None:
    with pytest.raises(ReleaseError) as refused:
        fit(SIZES, exact(1, [(0,)]), total=10, impossible={(0, 1): np.ones((3, 4), dtype=bool)})

    assert refused.value.code == "impossible-rules"


def test_same_columns_measured_twice_weigh_by_their_precision() -> None:
    good = NoisyTable((0,), np.array([300.0, 300, 400]), 1.0)
    poor = NoisyTable((0,), np.array([600.0, 200, 200]), 100.0)

    model, _ = fit(SIZES, [good, poor], total=1000, rounds=300)

    found = model.counts((0,))
    assert found is not None
    assert np.abs(found - [303, 299, 398]).max() < 2


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 99), rows=st.integers(0, 3000))
def test_records_keep_counts_nearer_than_chance_would(seed: int, rows: int) -> None:
    model, _ = fit(SIZES, exact(seed, [(0, 1), (1, 2, 3), (3, 4)]), total=1000)

    records = draw_records(model, rows, np.random.default_rng(seed))

    assert records.shape == (rows, 5)
    for column in range(5):
        expected = model.counts_anywhere((column,)) * rows / 1000
        drawn = np.bincount(records[:, column], minlength=SIZES[column])
        # Independent draws would stray by √(count), 27 of 3000; systematic ones by a few a group of 4 or 3 values.
        assert np.abs(drawn - expected).max() < 12


def test_support_leaves_no_rare_pair_where_values_fit() -> None:
    model, _ = fit(SIZES, exact(3, [(0, 1), (1, 2)]), total=1000)
    records = draw_records(model, 2000, np.random.default_rng(1))

    mended = support(records, model, least=5, excluded={}, randomness=np.random.default_rng(2))

    counts = np.bincount(mended[:, 0] * 4 + mended[:, 1])
    assert counts[counts > 0].min() >= 5


def test_threshold_of_one_changes_nothing() -> None:
    model, _ = fit(SIZES, exact(3, [(0, 1)]), total=1000)
    records = draw_records(model, 50, np.random.default_rng(1))

    assert np.array_equal(support(records, model, least=1, excluded={}, randomness=np.random.default_rng(2)), records)


@settings(deadline=None, max_examples=30)
@given(regions=REGIONS.filter(bool), seed=st.integers(0, 99))
def test_noisy_tables_are_brought_to_one_sum_over_what_they_share(regions: Regions, seed: int) -> None:
    noise = np.random.default_rng(seed)
    told = [NoisyTable(t.columns, t.values + noise.normal(0, 9, t.values.shape), 81) for t in exact(seed, regions)]

    agreed = agree(merge(told))

    for one, other in combinations(agreed.values(), 2):
        shared = set(one.columns) & set(other.columns)
        sums = [
            t.values.sum(axis=tuple(axis for axis, column in enumerate(t.columns) if column not in shared))
            for t in (one, other)
        ]
        np.testing.assert_allclose(sums[0], sums[1], atol=1e-6)


def test_sum_that_tables_share_goes_by_the_precision_of_each() -> None:
    exactly, roughly = NoisyTable((0,), np.array([30.0, 70.0]), 1), NoisyTable((0, 1), np.full((2, 4), 15.0), 9)

    agreed = agree(merge([exactly, roughly]))

    # The sum of four cells has four times their variance, so 36 against 1.
    np.testing.assert_allclose(agreed[(0,)].values, (36 * np.array([30, 70]) + 60) / 37)
    np.testing.assert_allclose(agreed[(0, 1)].values.sum(axis=1), agreed[(0,)].values)


def test_tables_that_agree_stay_as_they_are() -> None:
    told = exact(3, [(0, 1), (1, 2, 3), (1,)])

    agreed = agree(merge(told))

    for table in told:
        np.testing.assert_allclose(agreed[table.columns].values, table.values)
