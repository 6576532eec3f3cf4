"""
Random sparse tables: never a number where none exists, never a crash, never an infinity.

    OPENBLAS_NUM_THREADS=1 NAUNGAN_SPARSE_TABLES=10000 .venv/bin/pytest -p no:randomly --hypothesis-seed=2026 \\
        tests/methods/prevalence/test_sparse.py

tries ten thousand; without the variable a hundred. Stepwise and Chao's bounds are tried on every table, a model drawn
at random on every other one, searches and graphs on every fifth of up to five lists; one in five hundred is reported.
"""

from __future__ import annotations

import json
import os
import random
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from naungan.methods.prevalence import lattice, search
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.estimate import estimate
from naungan.methods.prevalence.report import document
from naungan.methods.prevalence.report_html import html
from naungan.methods.prevalence.results import Estimate
from naungan.methods.prevalence.tables import CaptureTable
from tests.methods.prevalence.sparse import table_from, tables

TABLES = int(os.environ.get("NAUNGAN_SPARSE_TABLES", "100"))
SEARCHED_LISTS = 5  # with more, a search can take seconds, and averaging over graphs three


def finite(table: CaptureTable, terms: tuple[tuple[str, ...], ...]) -> bool:
    """Whether exactly one finite estimate exists, by a linear program and a rank, without the fits of the package."""
    used = table.without(*table.empty_lists) if table.empty_lists else table
    model = lattice.hierarchy(tuple(used.mask_of(term) for term in terms), used.t)
    cells = np.arange(1, 2**used.t)
    empty = [term for term in model if used.on_all[term] == 0]
    cells = np.array([cell for cell in cells if not any(cell & term == term for term in empty)])
    design = np.array([[cell & term == term for term in model if term not in empty] for cell in cells], dtype=float)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return False
    people = (used.counts[cells] > 0).astype(float)
    # Most s with A'(y + s) = A'people and y >= 0: positive if and only if a table without empty cells has the margins.
    best = linprog(
        np.r_[np.zeros(len(cells)), -1.0],
        A_eq=np.column_stack([design.T, design.sum(axis=0)]),
        b_eq=design.T @ people,
        bounds=(0, None),
    )
    assert best.status == 0
    return bool(-best.fun > 1e-7)


def sound(table: CaptureTable, found: Estimate) -> None:
    """What holds of every answer."""
    json.dumps(found.to_json(), allow_nan=False)
    assert (found.estimate is None) == (found.status != "ok")
    if found.estimate is None:
        assert found.reasons
        return
    assert table.observed <= found.estimate < 1e10
    for low, high in found.limits.values():
        assert low is None or low >= table.observed - 1e-6
        assert low is None or high is None or low <= high
    if found.method in ("stepwise", "fixed", "bic", "aic"):
        assert finite(table, found.model)


@pytest.mark.slow
@settings(max_examples=TABLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(tables(), st.randoms(use_true_random=False))
def test_no_method_speaks_nonsense_of_a_sparse_table(table: CaptureTable, chance: random.Random) -> None:
    lists = [name for name in table.lists if name not in table.empty_lists]
    pairs = tuple((a, b) for at, a in enumerate(lists) for b in lists[:at] if chance.random() < 0.4)

    stepwise = estimate(table, replicates=20)
    sound(table, stepwise)
    sound(table, estimate(table, method="chao"))
    if len(lists) > 2 and int(table.hash, 16) % 2:
        fixed = estimate(table, method="fixed", terms=pairs, replicates=20)
        sound(table, fixed)
        assert fixed.status == "refused" or (fixed.estimate is not None) == finite(table, pairs)
    if stepwise.status in ("no-estimate", "not-identifiable"):
        assert not finite(table, ())
    if 3 <= len(lists) <= SEARCHED_LISTS and int(table.hash, 16) % 5 == 0:
        for method in ("bic", "aic", "graphs"):
            sound(table, estimate(table, method=method, replicates=3 if method != "graphs" else None))
    if int(table.hash, 16) % 500 == 0:
        page = re.sub(r"<style>.*?</style>|<path[^>]*>", "", html(document(table, stepwise)), flags=re.DOTALL)
        assert not re.search(r"\b(nan|inf|None|NaN|Infinity)\b", page)


def test_search_without_an_end_in_sight_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_MOST_FITS", 2_000)  # a real end would take a minute

    with pytest.raises(PrevalenceError, match=r"2,000 models .* stepwise"):
        estimate(table_from(33, 8, 202), method="bic", replicates=0)
