"""k-anonymous records: broader values where declared, then blanks, cell by cell, until everybody has k - 1 doubles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naungan.methods.release.errors import Refusal, ReleaseError
from naungan.methods.release.schema import Field, Schema

__all__ = ["Anonymous", "anonymise", "smallest_class"]

Codes = NDArray[np.int64]
_MOST_STEPS = 4000
_MOST_COMPARED = 12
_BROADER_COST = 0.4


@dataclass(frozen=True)
class Anonymous:
    """
    A k-anonymous file and what it cost.

    Attributes:
        records: Texts; blanks are null. Every combination of the quasi-identifiers is held by at least k persons.
        k: The threshold.
        quasi: Columns an outsider may know.
        rows: Rows in and out: none is dropped.
        filled: Filled quasi-identifier cells before.
        kept: Of those, still exact.
        broader: Of those, kept as a broader value.
        diversity: For each sensitive column, the fewest different values in one class.
    """

    records: pl.DataFrame
    k: int
    quasi: tuple[str, ...]
    rows: int
    filled: int
    kept: int
    broader: int
    diversity: Mapping[str, int]

    @property
    def kept_share(self) -> float:
        """Share of the filled cells which still say something, exact or broader."""
        return (self.kept + self.broader) / self.filled if self.filled else 1.0


def anonymise(records: pl.DataFrame, schema: Schema, *, k: int = 11) -> Anonymous:
    """
    Make records k-anonymous over all released columns that an outsider may know.

    Steps of recoding (each column exact, broader, or blank) are tried from the one that loses least; at each, the rows
    that then have k doubles among the rows still waiting are settled. Rows that never reach k are blank in all of them.
    A blank counts as a value, so that nobody stands out by what is missing. Where a person may have c rows, a class
    has k · c of them, for so many are of at least k persons. Rows come out in the order of their values.

    Args:
        records: Texts in the schema's columns, already checked against it; band labels for ages and dates.
        schema: The public schema; `broader` gives hierarchies, `unknowable` a reason to leave one out.
        k: Fewest rows of a class, at least 2.

    Returns:
        Anonymous. The records may go out where the law asks for k-anonymity, but no bound holds over several such
        files: the ledger notes them as `no-bound`.

    Raises:
        ReleaseError: `bad-option`; Refusal `too-few-people` with fewer than k rows.

    Source:
        Sweeney 2002 (k-anonymity); LeFevre, DeWitt and Ramakrishnan 2005 (local recoding); Machanavajjhala et al. 2007
        (l-diversity). The order of steps is this program's own.
    """
    if k < 2:
        raise ReleaseError("bad-option", "k must be at least 2.", field="k", fix="The field's rule is 11.")
    least = k * schema.rows_per_person  # so many rows are of at least k persons
    if records.height < least:
        raise Refusal("too-few-people", "The file has fewer than k people.", fix="Bring more people together.")
    quasi = [field for field in schema.fields if not field.unknowable]
    if not quasi:
        raise ReleaseError("bad-schema", "Every column is declared unknowable.", fix="Outsiders know something.")
    views = [_views(records[field.name], field) for field in quasi]
    chosen = _settle(views, least)
    out, kept, broader = _apply(records, quasi, views, chosen)
    filled = sum(records.height - records[field.name].null_count() for field in quasi)
    names = tuple(field.name for field in quasi)
    if smallest_class(out, names) < least:
        raise AssertionError("a class is smaller than k")
    out = out.sort(out.columns, nulls_last=True)  # the order of the file tells who was entered beside whom
    sensitive = [field.name for field in schema.fields if field.sensitive]
    return Anonymous(
        out, k, names, out.height, filled, kept, broader,
        {name: _diversity(out, names, name) for name in sensitive},
    )  # fmt: skip


def smallest_class(records: pl.DataFrame, names: Sequence[str]) -> int:
    """
    Rows of the smallest class.

    Args:
        records: Any table.
        names: Columns whose combinations make the classes; a blank is a value.

    Returns:
        int: 0 for no rows. Of a released table safe to publish; of a source not.
    """
    if records.is_empty():
        return 0
    return int(records.group_by(list(names)).len()["len"].min() or 0)  # type: ignore[arg-type] # a count


@dataclass(frozen=True)
class _Views:
    """One column at each step: exact, broader..., blank."""

    labels: tuple[tuple[str | None, ...], ...]
    codes: tuple[Codes, ...]
    costs: tuple[float, ...]


def _views(cells: pl.Series, field: Field) -> _Views:
    exact: list[str | None] = cells.to_list()
    columns: list[list[str | None]] = [exact]
    current = exact
    for step in field.broader:
        if not set(field.values) | {v for m in field.broader for v in m.values()} >= set(step):
            raise ReleaseError("bad-schema", "A hierarchy names an unknown value.", field=field.name, fix="Mend it.")
        current = [None if cell is None else step.get(cell, cell) for cell in current]
        columns.append(current)
    columns.append([None] * len(exact))
    steps = len(columns) - 1
    costs = [0.0, *(_BROADER_COST * n / max(steps - 1, 1) for n in range(1, steps)), 1.0]
    names = sorted({cell for column in columns for cell in column if cell is not None})
    places = {name: place for place, name in enumerate(names, 1)}
    labels = (None, *names)
    codes = [
        np.array([places[cell] if cell is not None else 0 for cell in column], dtype=np.int64) for column in columns
    ]
    return _Views((labels,) * len(codes), tuple(codes), tuple(costs))


def _settle(views: Sequence[_Views], k: int) -> NDArray[np.int8]:
    """For each row and column the step taken; shape (n_rows, n_columns)."""
    rows = len(views[0].codes[0])
    last = [len(view.codes) - 1 for view in views]
    chosen = np.tile(np.array(last, dtype=np.int8), (rows, 1))
    shown = [view.codes[-1].copy() for view in views]
    waiting = np.ones(rows, dtype=bool)
    filled = [(view.codes[0] > 0).astype(np.int64) for view in views]
    for group in _steps(views, k):
        left = list(group)
        while left and waiting.any():
            best, most = left[0], -1.0
            for step in left if len(left) > 1 and len(group) <= _MOST_COMPARED else left[:1]:
                settled = _settled(views, step, shown, waiting, k)
                saved = sum(
                    float((settled * has).sum()) * (1 - view.costs[at])
                    for view, at, has in zip(views, step, filled, strict=True)
                )
                if saved > most:
                    best, most = step, saved
            left.remove(best)
            settled = _settled(views, best, shown, waiting, k)
            chosen[settled] = best
            for now, view, at in zip(shown, views, best, strict=True):
                now[settled] = view.codes[at][settled]
            waiting &= ~settled
    blank = (chosen == np.array(last)).all(axis=1)
    if 0 < blank.sum() < k:
        _fill_blank_class(views, chosen, k)
    for _ in range(2):
        for column in range(len(views)):
            _restore(views, chosen, column, k)
    return chosen


def _restore(views: Sequence[_Views], chosen: NDArray[np.int8], column: int, k: int) -> None:
    """Give a column back to rows that then have k doubles, where those left behind keep k doubles too, or are none."""
    view = views[column]
    now = [np.choose(chosen[:, n], each.codes) for n, each in enumerate(views)]
    may = (now[column] != view.codes[0]) & (view.codes[0] > 0)
    new = [*now]
    new[column] = np.where(may, view.codes[0], now[column])
    may &= _class_sizes(new) >= k
    old_class = _classes(now)
    stay = np.bincount(old_class, weights=~may)
    allowed = (stay >= k) | (stay == 0)
    may &= allowed[old_class]
    new[column] = np.where(may, view.codes[0], now[column])
    while (short := may & (_class_sizes(new) < k)).any():  # some who would have joined were not allowed to
        may &= ~np.isin(old_class, old_class[short])
        new[column] = np.where(may, view.codes[0], now[column])
    chosen[may, column] = 0


def _settled(
    views: Sequence[_Views], step: tuple[int, ...], shown: Sequence[Codes], waiting: NDArray[np.bool_], k: int
) -> NDArray[np.bool_]:
    """Waiting rows that have k doubles at a step; a class may hold rows that were settled before."""
    tried = [np.where(waiting, view.codes[at], now) for view, at, now in zip(views, step, shown, strict=True)]
    return np.asarray(waiting & (_class_sizes(tried) >= k))


def _steps(views: Sequence[_Views], k: int) -> list[list[tuple[int, ...]]]:
    """Steps from the cheapest, those of one cost together; with many columns those along a walk to all blank."""
    counts = [len(view.codes) for view in views]
    everything = list(product(*(range(n) for n in counts))) if math.prod(counts) <= _MOST_STEPS else _walk(views, k)
    groups: dict[float, list[tuple[int, ...]]] = {}
    for step in everything:
        cost = round(
            sum(view.costs[at] * float((view.codes[0] > 0).mean()) for view, at in zip(views, step, strict=True)), 3
        )
        groups.setdefault(cost, []).append(step)
    return [groups[cost] for cost in sorted(groups)]


def _walk(views: Sequence[_Views], k: int) -> list[tuple[int, ...]]:
    """Widen always the column that lets most rows settle; every step that was tried on the way is kept."""
    last = [len(view.codes) - 1 for view in views]
    at, found = [0] * len(views), [tuple([0] * len(views))]
    while at != last:
        best, most = -1, -1
        for column in (each for each in range(len(views)) if at[each] < last[each]):
            tried = [*at]
            tried[column] += 1
            found.append(tuple(tried))
            sizes = _class_sizes([view.codes[s] for view, s in zip(views, tried, strict=True)])
            settled = int((sizes >= k).sum())
            if settled > most:
                best, most = column, settled
        at[best] += 1
    return list(dict.fromkeys(found))


def _classes(codes: Sequence[Codes]) -> Codes:
    """The number of the class of each row."""
    key = np.zeros(len(codes[0]), dtype=np.int64)
    for column in codes:
        _, key = np.unique(key * (int(column.max(initial=0)) + 1) + column, return_inverse=True)
    return np.asarray(key, dtype=np.int64)


def _class_sizes(codes: Sequence[Codes]) -> Codes:
    """How many rows the class of each row has."""
    key = _classes(codes)
    return np.asarray(np.bincount(key)[key], dtype=np.int64)


def _fill_blank_class(views: Sequence[_Views], chosen: NDArray[np.int8], k: int) -> None:
    """Blank a few more rows, from a class that can spare them, else a whole class."""
    last = np.array([len(view.codes) - 1 for view in views], dtype=np.int8)
    blank = (chosen == last).all(axis=1)
    shown = np.stack([np.choose(chosen[:, n], view.codes) for n, view in enumerate(views)], axis=1)
    sizes = _class_sizes(list(shown.T))
    need = k - int(blank.sum())
    spare = np.flatnonzero(~blank & (sizes >= k + need))
    if len(spare):
        first = shown[spare[0]]
        take = np.flatnonzero((shown == first).all(axis=1) & ~blank)[:need]
    else:
        smallest = int(np.flatnonzero(~blank)[sizes[~blank].argmin()])
        take = np.flatnonzero((shown == shown[smallest]).all(axis=1))
    chosen[take] = last


def _apply(
    records: pl.DataFrame, quasi: Sequence[Field], views: Sequence[_Views], chosen: NDArray[np.int8]
) -> tuple[pl.DataFrame, int, int]:
    out, kept, broader = records, 0, 0
    for number, (field, view) in enumerate(zip(quasi, views, strict=True)):
        codes = np.choose(chosen[:, number], view.codes)
        labels = np.array(view.labels[0], dtype=object)
        out = out.with_columns(pl.Series(field.name, labels[codes].tolist(), dtype=pl.String))
        same = (codes == view.codes[0]) & (view.codes[0] > 0)
        kept += int(same.sum())
        broader += int(((codes > 0) & ~same).sum())
    return out, kept, broader


def _diversity(records: pl.DataFrame, quasi: Sequence[str], sensitive: str) -> int:
    """Fewest different values of a sensitive column in one class of the other quasi-identifiers."""
    others = [name for name in quasi if name != sensitive]
    if not others:
        return records[sensitive].n_unique()
    return int(records.group_by(others).agg(pl.col(sensitive).n_unique())[sensitive].min() or 0)  # type: ignore[arg-type] # a count
