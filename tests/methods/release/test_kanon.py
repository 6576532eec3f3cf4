"""Every combination that goes out is held by k people, and no row is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naungan.methods.release.errors import Refusal, ReleaseError
from naungan.methods.release.kanon import anonymise, smallest_class
from naungan.methods.release.schema import Field, Schema

REGION = {f"t{n}": f"r{n % 3}" for n in range(12)}


def by(*, broader: bool = False, columns: int = 3) -> Schema:
    towns = tuple(f"t{n}" for n in range(12))
    return Schema(tuple(Field(f"c{n}", towns, broader=(REGION,) if broader else ()) for n in range(columns)))


def people(rows: int, *, seed: int = 1, columns: int = 3) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            f"c{n}": [None if draw.random() < 0.1 else f"t{min(int(draw.exponential(2)), 11)}" for _ in range(rows)]
            for n in range(columns)
        },
        schema={f"c{n}": pl.String for n in range(columns)},
    )


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(11, 300), seed=st.integers(0, 999), k=st.integers(2, 11), broader=st.booleans())
def test_every_class_has_k_rows_and_no_row_is_lost(rows: int, seed: int, k: int, broader: bool) -> None:
    made = anonymise(people(rows, seed=seed), by(broader=broader), k=k)

    assert made.records.height == rows
    assert smallest_class(made.records, made.quasi) >= k


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 999))
def test_cells_stay_exact_become_broader_or_become_blank(seed: int) -> None:
    number = Field("number", tuple(map(str, range(200))), unknowable="Tells rows of this test apart.")
    before = people(200, seed=seed).with_columns(pl.Series("number", [str(n) for n in range(200)]))
    schema = replace(by(broader=True), fields=(*by(broader=True).fields, number))
    after = anonymise(before, schema, k=5).records.sort(pl.col("number").cast(pl.Int64))

    for name in before.columns:
        for old, new in zip(before[name], after[name], strict=True):
            assert new in {old, None, REGION.get(old or "")}


def test_order_of_the_file_does_not_go_out() -> None:
    given = people(300)

    assert anonymise(given, by(), k=5).records.equals(anonymise(given.reverse(), by(), k=5).records)


def test_several_rows_of_a_person_count_as_one_person() -> None:
    # Each person has three rows that look the same, so that a class of k persons has 3k rows.
    given = pl.concat([people(100)] * 3).with_row_index("person").with_columns(pl.col("person") % 100)
    schema = replace(by(), unit="person", rows_per_person=3)

    made = anonymise(given.drop("person"), schema, k=5)

    assert smallest_class(made.records, made.quasi) >= 15


def test_broader_values_keep_more_cells() -> None:
    given = people(400)

    assert anonymise(given, by(broader=True), k=11).kept_share > anonymise(given, by(), k=11).kept_share


def test_column_unknowable_to_outsiders_is_left_as_it_is() -> None:
    given = people(100)
    fields = (*by().fields[:2], Field("c2", by().fields[2].values, unknowable="A number of the office."))

    made = anonymise(given, Schema(fields), k=11)

    assert made.quasi == ("c0", "c1")
    assert made.records["c2"].sort().to_list() == given["c2"].sort().to_list()


@pytest.mark.slow
def test_many_columns_are_walked() -> None:
    made = anonymise(people(500, columns=13), by(columns=13), k=5)

    assert smallest_class(made.records, made.quasi) >= 5


def test_diversity_of_a_sensitive_column_is_reported() -> None:
    fields = (by().fields[0], Field("c1", by().fields[1].values, sensitive=True, unknowable="known to the clinic only"))
    given = pl.DataFrame({"c0": ["t1"] * 20, "c1": ["t1"] * 20})

    assert anonymise(given, Schema(fields), k=5).diversity == {"c1": 1}


def test_fewer_rows_than_k_are_refused() -> None:
    with pytest.raises(Refusal):
        anonymise(people(10), by(), k=11)


def test_k_of_one_is_refused() -> None:
    with pytest.raises(ReleaseError):
        anonymise(people(20), by(), k=1)
