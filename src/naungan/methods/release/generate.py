"""Records from a model by systematic sampling: counts as near to the expected ones as whole people allow."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from naungan.methods.release.junction import Columns, Model

__all__ = ["draw_records", "support"]

Codes = NDArray[np.int64]
_GOLDEN = 0.6180339887498949


def draw_records(model: Model, rows: int, randomness: np.random.Generator) -> Codes:
    """
    Draw records from a model with low variance.

    The first clique is sampled systematically. Each next clique fills its new columns given those it shares: records
    with the same shared values are laid in the order of all they hold already, and take their new values at points
    spread evenly over the distribution, so that every stretch of alike records gets its share.

    Args:
        model: A fitted model.
        rows: Records to draw, at least 0.
        randomness: Offsets of the sampling. It needs no secrecy: the model is already private.

    Returns:
        Codes of shape (rows, n_columns). Safe to publish when the model is.

    Source:
        Särndal, Swensson and Wretman 1992, "Model assisted survey sampling", 3.4.1 (systematic sampling).
    """
    tree = model.tree
    records = np.zeros((rows, len(tree.sizes)), dtype=np.int64)
    filled: list[int] = []
    for place, clique in enumerate(tree.cliques):
        separator = tree.separators[place]
        fresh = tuple(column for column in clique if column not in separator)
        _fill(records, model.tables[place], clique, separator, fresh, filled, randomness)
        filled += fresh
    return records


def _fill(
    records: Codes,
    table: NDArray[np.float64],
    clique: Columns,
    separator: Columns,
    fresh: Columns,
    filled: list[int],
    randomness: np.random.Generator,
) -> None:
    """Fill the fresh columns of all records, given the separator."""
    order = [clique.index(column) for column in (*separator, *fresh)]
    shape = [table.shape[axis] for axis in order]
    groups = int(np.prod(shape[: len(separator)]))
    chances = np.maximum(table.transpose(order).reshape(groups, -1), 0)
    sums = chances.sum(axis=1)
    chances[sums <= 0] = 1.0  # a group the model gives no mass: no record of the model is in it
    edges = np.cumsum(chances, axis=1)
    edges /= edges[:, -1:]
    group = _joint(records, separator, shape[: len(separator)])
    sequence = _order(records, group, filled, randomness)
    points = _points(group[sequence], randomness)
    flat = (edges + np.arange(groups)[:, None]).ravel()
    cell = np.searchsorted(flat, points + group[sequence], side="right") - group[sequence] * edges.shape[1]
    values = np.unravel_index(np.clip(cell, 0, edges.shape[1] - 1), shape[len(separator) :])
    for column, value in zip(fresh, values, strict=True):
        records[sequence, column] = value


def _joint(records: Codes, columns: Columns, shape: list[int]) -> Codes:
    key = np.zeros(len(records), dtype=np.int64)
    for column, size in zip(columns, shape, strict=True):
        key = key * size + records[:, column]
    return key


def _order(records: Codes, group: Codes, filled: list[int], randomness: np.random.Generator) -> Codes:
    """Records by group, then by what they hold, latest column last; ties and the order of columns by chance."""
    shuffled = [filled[number] for number in randomness.permutation(len(filled))]
    keys = [randomness.random(len(records)), *(records[:, column] for column in shuffled), group]
    return np.asarray(np.lexsort(keys), dtype=np.int64)


def _points(group: Codes, randomness: np.random.Generator) -> NDArray[np.float64]:
    """Points in [0, 1), spread evenly over each stretch of a group, from an offset of each group's own."""
    if not len(group):
        return np.zeros(0)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    counts = np.diff(np.r_[starts, len(group)])
    place = np.arange(len(group)) - np.repeat(starts, counts)
    offset = np.repeat(randomness.random(len(starts)), counts)
    return np.asarray((place * _GOLDEN + offset) % 1.0)


def support(
    records: Codes,
    model: Model,
    *,
    least: int,
    excluded: Mapping[Columns, NDArray[np.bool_]],
    randomness: np.random.Generator,
    rounds: int = 12,
) -> Codes:
    """
    Redraw cells of records that hold a pair of values seen too rarely in the synthetic file itself.

    The cell in most rare pairs is drawn again from the model given its clique, among the values that are seen often
    enough beside every other value of the record and that no rule excludes.

    Args:
        records: Shape (n_rows, n_columns); not changed.
        model: The model they came from.
        least: The threshold τ: a pair seen fewer times is rare; 0 or 1 changes nothing.
        excluded: Cells that the rules exclude.
        randomness: For the redraws.
        rounds: Most passes; a few rare pairs may stay where no value fits.

    Returns:
        Records of the same shape. Safe to publish when the model is: only synthetic records were looked at.
    """
    out = records.copy()
    if least <= 1 or len(out) < least or out.shape[1] < 2:
        return out
    for _ in range(rounds):
        pairs = _pair_tables(out, model.tree.sizes)
        rare = np.zeros(out.shape, dtype=np.int16)
        for (first, second), table in pairs.items():
            if first < second:
                seldom = table[out[:, first], out[:, second]] < least
                rare[seldom, first] += 1
                rare[seldom, second] += 1
        rows = np.flatnonzero(rare.any(axis=1))
        if not len(rows):
            break
        jitter = randomness.random((len(rows), out.shape[1])) * 0.9 * (rare[rows] > 0)
        worst = (rare[rows] + jitter).argmax(axis=1)
        for column in np.unique(worst):
            _redraw(out, int(column), rows[worst == column], pairs, model, least, excluded, randomness)
    return out


def _pair_tables(records: Codes, sizes: tuple[int, ...]) -> dict[tuple[int, int], Codes]:
    found: dict[tuple[int, int], Codes] = {}
    for first, second in combinations(range(len(sizes)), 2):
        key = records[:, first] * sizes[second] + records[:, second]
        table = np.bincount(key, minlength=sizes[first] * sizes[second]).reshape(sizes[first], sizes[second])
        found[first, second], found[second, first] = table, table.T
    return found


def _redraw(
    records: Codes,
    column: int,
    rows: Codes,
    pairs: Mapping[tuple[int, int], Codes],
    model: Model,
    least: int,
    excluded: Mapping[Columns, NDArray[np.bool_]],
    randomness: np.random.Generator,
) -> None:
    """Draw one column of some records again, where a value fits."""
    tree = model.tree
    place = max((n for n, clique in enumerate(tree.cliques) if column in clique), key=lambda n: len(tree.cliques[n]))
    clique = tree.cliques[place]
    table = np.moveaxis(model.tables[place], clique.index(column), -1)
    others = tuple(records[rows, other] for other in clique if other != column)
    chances = table[others] if others else np.tile(table, (len(rows), 1))
    fits = np.ones(chances.shape, dtype=bool)
    for other in range(records.shape[1]):
        if other != column:
            seen = pairs[column, other][:, records[rows, other]].T
            fits &= seen >= least
    for columns, cells in excluded.items():
        if column in columns:
            cells = np.moveaxis(cells, columns.index(column), -1)
            fits &= ~cells[tuple(records[rows, other] for other in columns if other != column)]
    edges = np.cumsum(np.where(fits, chances + 1e-12, 0.0), axis=1)
    good = edges[:, -1] > 0
    value = (randomness.random((len(rows), 1)) * edges[:, -1:] >= edges).sum(axis=1)
    records[rows[good], column] = value[good]
