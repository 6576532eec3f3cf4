"""A joint distribution over many columns as small tables that agree: the junction tree, and its fit to noisy tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from naungan.methods.release.errors import ReleaseError

__all__ = ["Model", "NoisyTable", "Tree", "agree", "cells_with", "fit", "tree_over"]

Table = NDArray[np.float64]
Columns = tuple[int, ...]
_LEAST = 1e-300
_Cell = TypeVar("_Cell", np.float64, np.bool_)


@dataclass(frozen=True)
class NoisyTable:
    """
    A count table with noise, over some columns.

    Attributes:
        columns: Which columns, in rising order.
        values: Shape of the columns' sizes; noisy counts, may be negative.
        variance: Of the noise on each cell, in people squared.
    """

    columns: Columns
    values: Table
    variance: float


@dataclass(frozen=True)
class Tree:
    """
    Cliques of columns joined so that columns shared by two cliques lie in every clique between them.

    Attributes:
        sizes: Values of each column.
        cliques: Columns of each clique, a parent before its children.
        parents: For each clique the place of its parent; -1 for the first.
        separators: For each clique the columns it shares with its parent.
    """

    sizes: tuple[int, ...]
    cliques: tuple[Columns, ...]
    parents: tuple[int, ...]
    separators: tuple[Columns, ...]

    @property
    def cells(self) -> int:
        """Cells of all cliques together."""
        return sum(math.prod(self.sizes[column] for column in clique) for clique in self.cliques)

    def holding(self, columns: Columns) -> int | None:
        """The smallest clique that holds these columns; None where none does."""
        wanted = set(columns)
        fitting = [number for number, clique in enumerate(self.cliques) if wanted <= set(clique)]
        return min(
            fitting, key=lambda number: math.prod(self.sizes[c] for c in self.cliques[number]), default=None
        )  # fmt: skip


def cells_with(sizes: Sequence[int], regions: Iterable[Columns]) -> int:
    """
    Cells of the junction tree that holds every region, without building it.

    Args:
        sizes: Values of each column.
        regions: Sets of columns, each to lie in one clique.

    Returns:
        int: cells of all cliques together. Does not depend on data.
    """
    return sum(cells for _, cells in _cliques(sizes, regions))


def tree_over(sizes: Sequence[int], regions: Iterable[Columns]) -> Tree:
    """
    The junction tree in which each region lies within a clique.

    Args:
        sizes: Values of each column.
        regions: Sets of columns.

    Returns:
        Tree: over all columns; columns that no region joins are cliques of their own. Does not depend on data.
    """
    masks = [mask for mask, _ in _cliques(sizes, regions)]
    kept = [mask for mask in masks if not any(mask != other and mask & other == mask for other in masks)]
    cliques = [_columns(mask) for mask in kept]
    return _join(tuple(sizes), cliques, kept)


def _cliques(sizes: Sequence[int], regions: Iterable[Columns]) -> list[tuple[int, int]]:
    """Cliques, as bit masks with their cells, of the graph that joins each region, by cheapest-first elimination."""
    near = [1 << column for column in range(len(sizes))]
    for region in regions:
        mask = _mask(region)
        for column in region:
            near[column] |= mask
    left = (1 << len(sizes)) - 1
    weight = [_cells(sizes, mask) for mask in near]
    found: list[tuple[int, int]] = []
    while left:
        column = min(_columns(left), key=weight.__getitem__)
        clique = near[column]
        if not any(clique & other == clique for other, _ in found):
            found.append((clique, weight[column]))
        left &= ~(1 << column)
        rest = clique & left
        for other in _columns(rest):
            near[other] = (near[other] | rest) & left
            weight[other] = _cells(sizes, near[other])
    return found


def _join(sizes: tuple[int, ...], cliques: list[Columns], masks: list[int]) -> Tree:
    """Maximal spanning tree by the number of shared columns (Jensen and Jensen 1994)."""
    order, parents = [0], [-1]
    best = {number: (0, (masks[number] & masks[0]).bit_count()) for number in range(1, len(masks))}
    while best:
        number = max(best, key=lambda each: best[each][1])
        parents.append(best.pop(number)[0])
        order.append(number)
        place = len(order) - 1
        for other in best:
            shared = (masks[other] & masks[number]).bit_count()
            if shared > best[other][1]:
                best[other] = (place, shared)
    separators = tuple(
        _columns(masks[number] & masks[order[parent]]) if parent >= 0 else ()
        for number, parent in zip(order, parents, strict=True)
    )
    return Tree(sizes, tuple(cliques[number] for number in order), tuple(parents), separators)


def _mask(columns: Columns) -> int:
    return sum(1 << column for column in columns)


def _columns(mask: int) -> Columns:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return tuple(found)


def _cells(sizes: Sequence[int], mask: int) -> int:
    return math.prod(sizes[column] for column in _columns(mask))


@dataclass(frozen=True)
class Model:
    """
    A fitted joint distribution: agreeing tables of expected counts over the cliques of a tree.

    Attributes:
        tree: The junction tree.
        tables: Expected counts, one table a clique, each summing to `total`.
        total: People, at least 0.
    """

    tree: Tree
    tables: tuple[Table, ...]
    total: float

    def counts(self, columns: Columns) -> Table | None:
        """
        Expected counts over some columns, where one clique holds them all.

        Args:
            columns: In rising order.

        Returns:
            Table of the columns' sizes; None where the columns are spread over cliques.
        """
        place = self.tree.holding(columns)
        if place is None:
            return None
        return _shrink(self.tables[place], self.tree.cliques[place], columns)

    @cached_property
    def joined(self) -> dict[Columns, Table]:
        """Tables that `counts_anywhere` has worked out."""
        return {}

    def counts_anywhere(self, columns: Columns) -> Table:
        """
        Expected counts over any columns, by exact elimination along the tree.

        Args:
            columns: In rising order; few enough that their table is small.

        Returns:
            Table of the columns' sizes. Safe to publish when the model is.
        """
        known = self.joined.get(columns)
        if known is None:
            inside = self.counts(columns)
            known = self.joined[columns] = inside if inside is not None else _eliminate(self, columns)
        return known


def _eliminate(model: Model, wanted: Columns) -> Table:
    """Sum the product of conditional tables over all columns but the wanted, leaves first."""
    tree, keep = model.tree, set(wanted)
    carried: list[tuple[Table, Columns] | None] = [None] * len(tree.cliques)
    for place in range(len(tree.cliques) - 1, -1, -1):
        clique, separator, parent = tree.cliques[place], tree.separators[place], tree.parents[place]
        below, columns = carried[place] or (None, clique)
        table = model.tables[place]
        if below is not None:
            table = _expand(table, clique, columns) * below
        if parent < 0:
            return _shrink(table, columns, wanted)
        if below is None and not keep & (set(clique) - set(separator)):
            continue
        open_columns = tuple(sorted((keep & set(columns)) | set(separator)))
        message = _shrink(table, columns, open_columns)
        own = _shrink(model.tables[place], clique, separator)
        message = message / np.maximum(_expand(own, separator, open_columns), _LEAST)
        held = carried[parent]
        union = tuple(sorted(set(open_columns) | set(held[1] if held else tree.cliques[parent])))
        product = _expand(message, open_columns, union)
        carried[parent] = (product * _expand(held[0], held[1], union) if held else product, union)
    raise AssertionError("a tree has a first clique")


def _shrink(table: Table, columns: Columns, kept: Columns) -> Table:
    axes = tuple(axis for axis, column in enumerate(columns) if column not in kept)
    shaped = np.broadcast_to(table, table.shape)
    return np.asarray(shaped.sum(axis=axes)) if axes else table


def _expand(table: Table, columns: Columns, onto: Columns) -> Table:
    """The table with an axis of length one for each column it lacks."""
    shape, axis = [], 0
    for column in onto:
        if column in columns:
            shape.append(table.shape[axis])
            axis += 1
        else:
            shape.append(1)
    return table.reshape(shape)


def fit(
    sizes: Sequence[int],
    measured: Sequence[NoisyTable],
    *,
    total: float,
    impossible: Mapping[Columns, NDArray[np.bool_]] | None = None,
    also: Iterable[Columns] = (),
    stiffness: float = 0.2,
    start: Mapping[Columns, Table] | None = None,
    rounds: int = 100,
) -> tuple[Model, dict[Columns, Table]]:
    """
    Fit the joint distribution that explains noisy tables best without claiming more than they say.

    The model maximises entropy less the squared misfit of each table over twice its softness κ. Its dual is convex
    and smooth in one number a measured cell, so that a quasi-Newton method with one pass over the tree a step solves
    it. κ = stiffness · σ of the noise: cells that only noise filled stay near what the other tables say of them.

    Args:
        sizes: Values of each column.
        measured: Noisy tables; several over the same columns are merged by inverse variance, and all made to agree.
        total: People.
        impossible: Cells that the declared rules exclude: columns → table of booleans.
        also: More regions that the tree must hold.
        stiffness: Softness in units of σ; a smaller number trusts the tables more.
        start: Potentials of an earlier fit, to begin from.
        rounds: Most steps.

    Returns:
        Model and the potentials, by columns, for `start`. Post-processing: safe to publish when the tables are.

    Source:
        McKenna, Sheldon and Miklau 2019, "Graphical-model based estimation and inference for differential privacy"
        (the model); Dudík, Phillips and Schapire 2007, "Maximum entropy density estimation with generalized
        regularization", section 3 (the dual with a squared penalty).
    """
    merged = agree(merge(measured))
    zeros = dict(impossible or {})
    tree = tree_over(sizes, [*merged, *zeros, *also])
    order = _Order.by_size(sizes)
    passes = _Passes(order.tree(tree), {order.columns(at): order.table(cells, at) for at, cells in zeros.items()})
    tables = [
        NoisyTable(order.columns(each.columns), order.table(each.values, each.columns), each.variance)
        for each in merged.values()
    ]
    problem = _Dual(passes, tables, max(total, 1.0), stiffness)
    begin = {order.columns(columns): order.table(potential, columns) for columns, potential in (start or {}).items()}
    potentials = problem.solve(begin, rounds)
    fitted = passes.marginals(problem.log_tables(potentials), max(total, 0.0))[0]
    model = Model(
        tree, tuple(order.back(table, clique) for table, clique in zip(fitted, tree.cliques, strict=True)),
        max(total, 0.0),
    )  # fmt: skip
    found = problem.by_columns(potentials)
    return model, {columns: order.back(found[order.columns(columns)], columns) for columns in merged}


@dataclass(frozen=True)
class _Order:
    """
    Columns under other numbers, the small ones first.

    The last axis of a table is the inner loop of every sum over it: where that has two values, sums take ten times as
    long as where it has ninety.
    """

    number: tuple[int, ...]

    @classmethod
    def by_size(cls, sizes: Sequence[int]) -> _Order:
        rising = sorted(range(len(sizes)), key=sizes.__getitem__)
        return cls(tuple(int(place) for place in np.argsort(rising)))

    def columns(self, columns: Columns) -> Columns:
        return tuple(sorted(self.number[column] for column in columns))

    def tree(self, tree: Tree) -> Tree:
        sizes = [0] * len(tree.sizes)
        for column, size in enumerate(tree.sizes):
            sizes[self.number[column]] = size
        cliques, separators = (tuple(map(self.columns, each)) for each in (tree.cliques, tree.separators))
        return Tree(tuple(sizes), cliques, tree.parents, separators)

    def table(self, table: NDArray[_Cell], columns: Columns) -> NDArray[_Cell]:
        """A table over columns in rising order, in the order of their numbers here."""
        return np.ascontiguousarray(table.transpose(np.argsort([self.number[column] for column in columns])))

    def back(self, table: Table, columns: Columns) -> Table:
        """The other way round."""
        ranks = np.argsort(np.argsort([self.number[column] for column in columns]))
        return np.ascontiguousarray(table.transpose(ranks))


def merge(measured: Iterable[NoisyTable]) -> dict[Columns, NoisyTable]:
    """
    Bring measurements of the same columns together, each weighted by one over its variance.

    Args:
        measured: Noisy tables.

    Returns:
        One table for each set of columns; its variance is one over the sum of the weights.
    """
    groups: dict[Columns, list[NoisyTable]] = {}
    for table in measured:
        groups.setdefault(table.columns, []).append(table)
    out = {}
    for columns, tables in groups.items():
        weights = [1 / table.variance for table in tables]
        values = sum((w * t.values for w, t in zip(weights, tables, strict=True)), np.zeros(())) / sum(weights)
        out[columns] = NoisyTable(columns, np.asarray(values), 1 / sum(weights))
    return out


def agree(measured: Mapping[Columns, NoisyTable]) -> dict[Columns, NoisyTable]:
    """
    Make tables agree on the sums over the columns they share, from the grand total up.

    Each sum becomes the mean of what the tables say of it, weighted by one over its variance in each, and the
    difference is spread evenly over the cells behind it. Without this the fit must hold apart tables that contradict
    each other, which takes it most of its steps.

    Args:
        measured: One noisy table for each set of columns.

    Returns:
        Tables over the same columns, with the same variance a cell. Post-processing: safe to publish when what
        went in is.

    Source:
        Qardaji, Yang and Li 2014, "PriView", section 4.2; the weights by Hay and others 2010, section 3.
    """
    values = {columns: table.values.copy() for columns, table in measured.items()}
    size = {
        column: n for table in measured.values() for column, n in zip(table.columns, table.values.shape, strict=True)
    }
    shared = {part for columns in measured for ways in range(len(columns) + 1) for part in combinations(columns, ways)}
    for part in sorted(shared, key=lambda part: (len(part), part)):
        holding = [columns for columns in measured if set(part) <= set(columns)]
        if len(holding) < 2:
            continue
        behind = [math.prod(size[column] for column in columns if column not in part) for columns in holding]
        sums = [_shrink(values[columns], columns, part) for columns in holding]
        weights = [1 / (measured[columns].variance * cells) for columns, cells in zip(holding, behind, strict=True)]
        mean = sum((w * each for w, each in zip(weights, sums, strict=True)), np.zeros(())) / sum(weights)
        for columns, cells, told in zip(holding, behind, sums, strict=True):
            values[columns] += _expand(np.asarray(mean - told) / cells, part, columns)
    return {columns: NoisyTable(columns, values[columns], table.variance) for columns, table in measured.items()}


class _Passes:
    """Belief propagation over a tree, with the cells excluded by rules at zero."""

    def __init__(self, tree: Tree, impossible: Mapping[Columns, NDArray[np.bool_]]) -> None:
        self.tree = tree
        self.shapes = [tuple(tree.sizes[column] for column in clique) for clique in tree.cliques]
        self.base: list[Table] = [np.zeros(shape) for shape in self.shapes]
        for columns, excluded in impossible.items():
            for place, clique in enumerate(tree.cliques):  # everywhere it fits: no copy of a zero cell survives
                if set(columns) <= set(clique):
                    self.base[place][np.broadcast_to(_expand(excluded, columns, clique), self.shapes[place])] = -np.inf  # type: ignore[arg-type]
        self.summed = [
            tuple(axis for axis, column in enumerate(clique) if column not in separator)
            for clique, separator in zip(tree.cliques, tree.separators, strict=True)
        ]
        self.up = [
            tuple(axis for axis, column in enumerate(tree.cliques[parent]) if column not in separator)
            if parent >= 0
            else ()
            for parent, separator in zip(tree.parents, tree.separators, strict=True)
        ]
        self.onto_parent = [
            _shape_onto(tree, separator, tree.cliques[parent]) if parent >= 0 else ()
            for parent, separator in zip(tree.parents, tree.separators, strict=True)
        ]
        self.onto_clique = [
            _shape_onto(tree, separator, clique)
            for clique, separator in zip(tree.cliques, tree.separators, strict=True)
        ]

    def marginals(self, logs: list[Table], total: float) -> tuple[tuple[Table, ...], float]:
        """Tables that agree, each summing to total, and the log of the normaliser. Uses up `logs`."""
        tree = self.tree
        sent: list[Table] = [np.zeros(())] * len(logs)
        constant = 0.0
        for place in range(len(logs) - 1, -1, -1):
            table = logs[place]
            top = float(table.max())
            if top == -math.inf:
                raise ReleaseError(
                    "impossible-rules", "The rules exclude every record.", fix="Review the rules of the schema."
                )
            table -= top
            np.exp(table, out=table)
            constant += top
            if place:
                summed = table.sum(axis=self.summed[place])
                sent[place] = summed
                with np.errstate(divide="ignore"):
                    logs[tree.parents[place]] += np.log(summed).reshape(self.onto_parent[place])
        weight = float(logs[0].sum())
        constant += math.log(weight)
        logs[0] *= total / weight
        for place in range(1, len(logs)):
            above = logs[tree.parents[place]].sum(axis=self.up[place])
            ratio = above / np.maximum(sent[place], _LEAST)
            logs[place] *= ratio.reshape(self.onto_clique[place])
        return tuple(logs), constant


def _shape_onto(tree: Tree, columns: Columns, onto: Columns) -> tuple[int, ...]:
    return tuple(tree.sizes[column] if column in columns else 1 for column in onto)


class _Dual:
    """The convex problem: one number a measured cell, scaled so that all curve alike."""

    def __init__(self, passes: _Passes, tables: list[NoisyTable], total: float, stiffness: float) -> None:
        self.passes, self.tables, self.total = passes, tables, total
        self.places: list[int] = []
        self.hosts: list[int] = []
        self.shapes: list[tuple[int, ...]] = []
        self.axes: list[tuple[int, ...]] = []
        self.cuts = np.cumsum([0, *(table.values.size for table in tables)])
        softness = [max(stiffness * math.sqrt(table.variance), 1e-6) for table in tables]
        for table in tables:
            self._place(table.columns)
        self.rising = sorted(range(len(tables)), key=lambda number: len(tables[number].columns))
        self.target = np.concatenate([table.values.ravel() for table in tables])
        self.softness = np.concatenate(
            [np.full(table.values.size, soft) for table, soft in zip(tables, softness, strict=True)]
        )
        self.scale = 1 / np.sqrt(np.maximum(self.target, 1.0) + self.softness)

    def _place(self, columns: Columns) -> None:
        """
        Where a table is added and summed: the smallest measured table that holds its columns, else a clique.

        A clique has up to a hundred thousand cells, a table a few hundred: most sums are taken of tables.
        """
        tree = self.passes.tree
        wider = [number for number, other in enumerate(self.tables) if set(columns) < set(other.columns)]
        host = min(wider, key=lambda number: self.tables[number].values.size, default=-1)
        place = tree.holding(columns)
        assert place is not None
        above = self.tables[host].columns if host >= 0 else tree.cliques[place]
        self.hosts.append(host)
        self.places.append(place)
        self.shapes.append(_shape_onto(tree, columns, above))
        self.axes.append(tuple(axis for axis, column in enumerate(above) if column not in columns))

    def log_tables(self, potentials: Table) -> list[Table]:
        logs = [base.copy() for base in self.passes.base]
        parts = [
            part.reshape(table.values.shape)
            for part, table in zip(self._parts(potentials.copy()), self.tables, strict=True)
        ]
        for number in self.rising:
            onto = parts[self.hosts[number]] if self.hosts[number] >= 0 else logs[self.places[number]]
            onto += parts[number].reshape(self.shapes[number])
        return logs

    def _parts(self, flat: Table) -> list[Table]:
        return [flat[low:high] for low, high in pairwise(self.cuts)]

    def _expected(self, tables: Sequence[Table]) -> Table:
        """What the model expects in each measured cell."""
        sums: list[Table] = [np.zeros(())] * len(self.tables)
        for number in reversed(self.rising):
            whole = sums[self.hosts[number]] if self.hosts[number] >= 0 else tables[self.places[number]]
            sums[number] = whole.sum(axis=self.axes[number]) if self.axes[number] else whole
        return np.concatenate([each.ravel() for each in sums])

    def _value(self, scaled: Table) -> tuple[float, Table]:
        potentials = scaled * self.scale
        tables, log_normaliser = self.passes.marginals(self.log_tables(potentials), self.total)
        gradient = self.softness * potentials - self.target + self._expected(tables)
        value = self.total * log_normaliser + 0.5 * _dot(self.softness * potentials, potentials)
        value -= _dot(self.target, potentials)
        return value / self.total, gradient * self.scale / self.total

    def solve(self, start: Mapping[Columns, Table], rounds: int) -> Table:
        begin = np.zeros(len(self.target))
        for number, table in enumerate(self.tables):
            known = start.get(table.columns)
            if known is not None:
                begin[self.cuts[number] : self.cuts[number + 1]] = known.ravel()
        return np.asarray(_minimise(self._value, begin / self.scale, rounds) * self.scale)

    def by_columns(self, potentials: Table) -> dict[Columns, Table]:
        return {
            table.columns: potentials[self.cuts[number] : self.cuts[number + 1]].reshape(table.values.shape)
            for number, table in enumerate(self.tables)
        }


def _minimise(value: Callable[[Table], tuple[float, Table]], begin: Table, rounds: int) -> Table:
    """
    Minimise a smooth convex function by L-BFGS with backtracking.

    Written out, since the library's own hands vectors to a linear algebra whose threads wait on each other for longer
    than the sums take.

    Source:
        Nocedal and Wright 2006, "Numerical optimization", algorithms 7.4 and 3.1.
    """
    point, (now, slope) = begin, value(begin)
    steps: list[tuple[Table, Table, float]] = []
    for _ in range(rounds):
        way = _direction(slope, steps)
        along = _dot(slope, way)
        if along > -1e-12 * max(abs(now), 1.0):
            break
        length = 1.0 if steps else min(1.0, 1.0 / math.sqrt(_dot(slope, slope)))
        for _ in range(30):
            tried = point + length * way
            then, next_slope = value(tried)
            if then <= now + 1e-4 * length * along:
                break
            length *= 0.5
        else:
            break
        moved, turned = tried - point, next_slope - slope
        curve = _dot(moved, turned)
        if curve > 0:
            steps = [*steps[-11:], (moved, turned, 1 / curve)]
        gained = now - then
        point, now, slope = tried, then, next_slope
        if gained < 1e-9 * max(abs(now), 1.0):
            break
    return point


def _direction(slope: Table, steps: list[tuple[Table, Table, float]]) -> Table:
    """Minus the slope, bent by what earlier steps told of the curvature (the two-loop recursion)."""
    way = -slope
    weights = []
    for moved, turned, inverse in reversed(steps):
        weights.append(inverse * _dot(moved, way))
        way = way - weights[-1] * turned
    if steps:
        _, turned, inverse = steps[-1]
        way = way / (inverse * _dot(turned, turned))
    for (moved, turned, inverse), weight in zip(steps, reversed(weights), strict=True):
        way = way + (weight - inverse * _dot(turned, way)) * moved
    return way


def _dot(first: Table, second: Table) -> float:
    """The inner product by one thread."""
    return float(np.einsum("i,i->", first, second))
