"""Random sparse tables: 3 to 8 lists, 10 to 500 people, and whatever chance leaves empty."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from naungan.methods.prevalence.tables import CaptureTable


def table_from(seed: int, lists: int, people: int) -> CaptureTable:
    """A table whose lists differ in size and lean on each other, some hard."""
    rng = np.random.default_rng(seed)
    on = rng.uniform(-4.0, 0.5, lists)
    pull = np.triu(rng.normal(0.0, rng.choice([0.0, 1.0, 3.0]), (lists, lists)), 1)
    member = np.arange(2**lists)[:, None] >> np.arange(lists) & 1
    weight = np.exp(member @ on + np.einsum("ri,ij,rj->r", member, pull, member))
    weight[0] = 0.0
    counts = rng.multinomial(people, weight / weight.sum())
    return CaptureTable(tuple("ABCDEFGH"[:lists]), counts)


def tables(most_lists: int = 8, most_people: int = 500) -> st.SearchStrategy[CaptureTable]:
    """Hypothesis shrinks the number of lists and of people."""
    return st.builds(
        table_from,
        seed=st.integers(0, 2**32 - 1),
        lists=st.integers(3, most_lists),
        people=st.integers(10, most_people),
    )
