"""Fits, existence and choice against oracles: statsmodels, rationals, and trying everything."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from naungan.methods.prevalence import existence, lattice, limits, loglinear, search, selection, tails
from naungan.methods.prevalence.tables import CaptureTable
from tests.methods.prevalence.sparse import table_from, tables


def on_all(table: CaptureTable) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return table.on_all[None].astype(np.float64)


def some_model(table: CaptureTable, seed: int) -> tuple[int, ...]:
    """A hierarchical model with some pairs and at times a term of three lists."""
    rng = np.random.default_rng(seed)
    pairs = tuple(int(pair) for pair in lattice.pair_masks(table.t) if rng.random() < 0.4)
    return lattice.hierarchy((*pairs, 7) if table.t > 3 and rng.random() < 0.3 else pairs, table.t)


@given(st.integers(1, 8), st.integers(0, 1000))
def test_subset_and_superset_sums_are_the_plain_sums(bits: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(3, 2**bits))
    masks = np.arange(2**bits)
    inside = (masks[:, None] & masks) == masks[:, None]

    np.testing.assert_allclose(lattice.subset_sums(values), values @ inside, atol=1e-9)
    np.testing.assert_allclose(lattice.superset_sums(values), values @ inside.T, atol=1e-9)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(tables(most_lists=5), st.integers(0, 1000))
def test_fit_agrees_with_statsmodels(table: CaptureTable, seed: int) -> None:
    model = some_model(table, seed)
    fit = limits.fit_model(table, model)
    if fit.code != existence.FINE:
        return
    there = [term for term, value in zip(fit.model, fit.parameters, strict=True) if value > -np.inf]
    cells = [w for w in range(1, 2**table.t) if not any(w & m == m for m in set(fit.model) - set(there))]
    design = np.array([[float(term & w == term) for term in there] for w in cells])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        glm = sm.GLM(table.counts[cells], design, family=sm.families.Poisson()).fit(maxiter=200, tol=1e-12)

    # statsmodels stops earlier when fitted means are near 0, so likelihoods are compared tightly, parameters less so.
    assert fit.log_likelihood >= glm.llf - 1e-6
    if np.abs(glm.params).max() < 12:
        hidden = fit.means[0]
        assert hidden == pytest.approx(math.exp(glm.params[there.index(0)]), rel=1e-4)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(tables(most_lists=5, most_people=120), st.integers(0, 1000))
def test_existence_is_the_one_of_the_exact_program(table: CaptureTable, seed: int) -> None:
    model = some_model(table, seed)

    fit = limits.fit_model(table, model)

    exact = existence.exact_diagnosis(table.counts > 0, model)
    assert fit.code == exact
    assert existence.diagnose(table.counts > 0, model) == exact
    assert (fit.total is None) == (exact != existence.FINE)


def test_korea_has_six_admissible_models_of_eight() -> None:
    support = np.array([False, True, True, True, True, True, False, True])
    pairs = [int(pair) for pair in lattice.pair_masks(3)]
    chosen = [c for size in range(4) for c in itertools.combinations(pairs, size)]

    codes = [existence.diagnose(support, lattice.hierarchy(c, 3)) for c in chosen]

    bad = {c for c, code in zip(chosen, codes, strict=True) if code}
    assert bad == {c for c in chosen if {0b011, 0b101} <= set(c)}


def test_not_identifiable_model_is_named_so() -> None:
    table = CaptureTable.of("ABC", {"A": 5, "B": 6, "C": 7, "A:B": 3})

    fit = limits.fit_model(table, [0b011, 0b101, 0b110])

    assert fit.code in (existence.NOT_IDENTIFIABLE, existence.BOTH)
    assert fit.total is None


@pytest.mark.parametrize("lists", [2, 3])
def test_term_of_all_lists_is_never_identifiable(lists: int) -> None:
    table = CaptureTable(tuple("ABC"[:lists]), np.arange(2**lists) * 3)

    fit = limits.fit_model(table, [2**lists - 1])

    assert (fit.code, fit.total) == (existence.NOT_IDENTIFIABLE, None)


@given(tables())
@settings(deadline=None)
def test_main_effects_in_closed_form_solve_the_score_equations(table: CaptureTable) -> None:
    total, share, exists = loglinear.independence(on_all(table))
    if not exists[0]:
        return

    lists = [1 << bit for bit in range(table.t)]
    np.testing.assert_allclose(total[0] * share[0], table.on_all[lists], rtol=1e-9)
    assert table.observed / total[0] == pytest.approx(1.0 - np.prod(1.0 - share[0]), rel=1e-8)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(tables(most_lists=4, most_people=200), st.sampled_from(["bic", "aic"]), st.sampled_from([2, 3]))
def test_branch_and_bound_finds_what_trying_every_model_finds(
    table: CaptureTable, criterion: search.Criterion, order: int
) -> None:
    elements = search.elements_of(table.t, min(order, table.t - 1))
    subsets = (c for size in range(len(elements) + 1) for c in itertools.combinations(elements, size))
    models = [c for c in subsets if set(lattice.hierarchy(c, table.t)) - {0} <= {*c, *(1 << b for b in range(table.t))}]
    fits = [limits.fit_model(table, c) for c in models]
    every = {fit.model: fit for fit in fits if fit.total is not None and np.isfinite(fit.total)}

    found = search.models_within(table, 5.0, max_order=order, criterion=criterion)

    values = {model: (fit.bic if criterion == "bic" else fit.aic) for model, fit in every.items()}
    best = min(values.values(), default=np.inf)
    wanted = {model for model, value in values.items() if value <= best + 5.0 - 1e-5}
    allowed = {model for model, value in values.items() if value <= best + 5.0 + 1e-5}
    got = {lattice.hierarchy(ranked.terms, table.t) for ranked in found}
    assert wanted <= got <= allowed
    if found:
        assert found[0].criterion == pytest.approx(best, abs=1e-6)
        assert found[0].total == pytest.approx(every[lattice.hierarchy(found[0].terms, table.t)].total, rel=1e-5)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(tables(most_lists=5, most_people=300))
def test_search_in_replicates_chooses_as_on_each_table_alone(table: CaptureTable) -> None:
    rng = np.random.default_rng(1)
    counts = rng.multinomial(table.observed, table.counts / table.observed, size=6)

    together = search.exact(table.t)(lattice.superset_sums(counts.astype(np.float64)))

    for row, one in enumerate(counts):
        alone = search.models_within(CaptureTable(table.lists, one), 0.0)
        assert np.isnan(together.total[row]) == (not alone)
        if alone:
            tied = [ranked.total for ranked in alone]
            assert any(together.total[row] == pytest.approx(total, rel=1e-4) for total in tied)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(tables(most_lists=6))
def test_stepwise_is_the_rule_done_by_hand(table: CaptureTable) -> None:
    scipy_stats = pytest.importorskip("scipy.stats")
    pairs = [int(pair) for pair in lattice.pair_masks(table.t)]
    chosen: tuple[int, ...] = ()
    fit = limits.fit_model(table, chosen)
    while fit.code == existence.FINE and len(chosen) < len(pairs):
        marginals = lattice.superset_sums(np.r_[0.0, fit.means[1:]][None])[0]
        absent = [pair for pair in pairs if pair not in chosen]
        tail = [
            min(
                scipy_stats.poisson.cdf(table.on_all[pair], marginals[pair]),
                scipy_stats.poisson.sf(table.on_all[pair] - 1, marginals[pair]),
            )
            for pair in absent
        ]
        if min(tail) >= 0.02:
            break
        larger = limits.fit_model(table, (*chosen, absent[int(np.argmin(tail))]))
        if larger.code != existence.FINE:
            break
        chosen, fit = (*chosen, absent[int(np.argmin(tail))]), larger

    found = selection.stepwise(tolerance=1e-16)(on_all(table))

    assert np.isnan(found.total[0]) == (fit.total is None)
    if fit.total is not None:
        assert found.model(0, table.t) == fit.model
        assert found.total[0] == pytest.approx(fit.total, rel=1e-6)


@given(st.integers(0, 400), st.floats(0.01, 400.0))
def test_log_tail_is_the_logarithm_of_the_smaller_tail(count: int, mean: float) -> None:
    scipy_stats = pytest.importorskip("scipy.stats")

    found = tails.log_smaller_tail(np.array([float(count)]), np.array([mean]))[0]

    exact = min(scipy_stats.poisson.logcdf(count, mean), scipy_stats.poisson.logsf(count - 1, mean))
    if np.isfinite(exact):  # scipy gives minus infinity below the smallest float
        assert found == pytest.approx(exact, rel=1e-8, abs=1e-10)


def test_smallest_of_tails_below_the_smallest_float_is_found() -> None:
    column, found = tails.smallest_tails(
        np.array([[2000.0, 2100.0]]), np.array([[10.0, 10.0]]), np.array([[True, True]]), 0.02
    )

    assert (int(column[0]), bool(found[0])) == (1, True)


def test_large_counts_fit_as_small_ones_do() -> None:
    small = table_from(3, 4, 400)
    large = CaptureTable(small.lists, small.counts * 100_000)

    ratio = (limits.fit_model(large, []).total or 0) / (limits.fit_model(small, []).total or 1)

    assert ratio == pytest.approx(100_000, rel=1e-9)


def test_search_beyond_its_size_is_refused() -> None:
    with pytest.raises(Exception, match="exact search takes at most 5 lists"):
        search.models_within(table_from(1, 6, 300), max_order=3)
