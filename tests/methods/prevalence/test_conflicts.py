"""Terms that leave a table without an estimate whatever else is chosen, and searches that lean on them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naungan.methods.prevalence import existence, lattice, loglinear, search
from naungan.methods.prevalence.conflicts import conflict_of
from naungan.methods.prevalence.tables import CaptureTable
from tests.methods.prevalence.sparse import table_from, tables


def pairs_of(table: CaptureTable) -> tuple[int, ...]:
    return tuple(int(pair) for pair in lattice.pair_masks(table.t))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(tables(most_lists=5, most_people=60), st.integers(0, 1000))
def test_no_model_that_holds_a_conflict_has_an_estimate(table: CaptureTable, seed: int) -> None:
    pairs = pairs_of(table)
    found = conflict_of(table.counts > 0, pairs, np.array(pairs))
    if found is None:
        return
    rng = np.random.default_rng(seed)
    more = [pair for pair in pairs if rng.random() < 0.5]

    code = existence.exact_diagnosis(table.counts > 0, lattice.hierarchy((*found.terms, *more), table.t))

    assert code & existence.NO_ESTIMATE


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(tables(most_lists=5, most_people=60))
def test_none_of_the_terms_of_a_conflict_can_be_spared(table: CaptureTable) -> None:
    pairs = pairs_of(table)
    found = conflict_of(table.counts > 0, pairs, np.array(pairs))
    if found is None:
        return

    fewer = [tuple(term for term in found.terms if term != one) for one in found.terms]

    assert [conflict_of(table.counts > 0, terms, np.array(pairs)) for terms in fewer] == [None] * len(fewer)


def test_korea_has_no_estimate_with_both_terms_of_its_first_list() -> None:
    support = np.array([False, True, True, True, True, True, False, True])
    pairs = (0b011, 0b101, 0b110)

    found = conflict_of(support, pairs, np.array(pairs))

    assert found is not None
    assert set(found.terms) == {0b011, 0b101}


def every_value(table: CaptureTable) -> dict[tuple[int, ...], float]:
    """BIC of each admissible model with two-list terms, without a search."""
    pairs = pairs_of(table)
    values: dict[tuple[int, ...], float] = {}
    fixed = [0, *(1 << bit for bit in range(table.t))]
    on_all = table.on_all[None].astype(np.float64)
    for size in range(len(pairs) + 1):
        models = list(itertools.combinations(pairs, size))
        slots = np.array([[*fixed, *model] for model in models], dtype=np.int64)
        items = loglinear.items_of(np.repeat(on_all, len(models), axis=0), slots)
        fits, codes = existence.fit_and_judge(items, np.zeros(slots.shape), tolerance=1e-12)
        criteria = np.log(table.observed) * slots.shape[1] - 2.0 * fits.kernel
        constant = 2.0 * float(loglinear.log_factorials(table.counts).sum())
        fine = codes == existence.FINE
        values |= dict(zip(itertools.compress(models, fine), criteria[fine] + constant, strict=True))
    return values


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "people"), [(3, 20), (13, 20), (15, 40), (17, 80)])
def test_long_search_of_a_sparse_table_finds_what_trying_every_model_finds(seed: int, people: int) -> None:
    table = table_from(seed, 6, people)
    values = every_value(table)

    found = search.models_within(table, 2.0)

    best = min(values.values())
    assert found[0].criterion == pytest.approx(best, abs=1e-6)
    assert {ranked.terms for ranked in found} == {model for model, value in values.items() if value <= best + 2.0}


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "people"), [(0, 95), (3, 23), (15, 496), (11, 280), (2, 203)])
def test_search_of_eight_sparse_lists_ends(seed: int, people: int) -> None:
    table = table_from(seed, 8, people)

    found = search.models_within(table.without(*table.empty_lists), 0.0)

    assert np.isfinite(found[0].total)
