"""The best model by AIC or BIC of all hierarchical ones, exactly, by branch and bound over many tables at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import existence, loglinear
from naungan.methods.prevalence.conflicts import Conflicts
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.loglinear import POINT_TOLERANCE
from naungan.methods.prevalence.selection import Chooser, Chosen, independence_start
from naungan.methods.prevalence.tables import CaptureTable

__all__ = [
    "Criterion",
    "RankedModel",
    "check_size",
    "elements_of",
    "exact",
    "models_within",
    "restricted",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Criterion = Literal["bic", "aic"]

MOST_LISTS = {2: 8, 3: 5, 4: 5}  # by the largest order of a term
_HAIR = 1e-7  # a bound within this of the best so far is not pruned: fits are exact to less
_FEWEST_NODES = 200
_NODES_A_TABLE = 20
_EASY = 300  # fits of one table that are quicker than a look for conflicts
_ROWS_AT_A_TIME = 1_000
_NEIGHBOUR_ROUNDS = 2
_QUICK_LISTS = 6  # with more, a search is long enough for a better start to pay
_SEARCH_TOLERANCE = 1e-6  # the step that follows leaves the likelihood exact to far less than a hair
_ROUGH = 1e-3  # enough for a bound; what the bound does not rule out is fitted to the end
_LONGEST_MOVE = 3.0
_MOST_FITS = 1_000_000  # a table; a minute or two. Most need a few hundred, sparse ones of eight lists some 100,000


@dataclass(frozen=True)
class RankedModel:
    """
    One admissible model of a table.

    Attributes:
        terms: Masks of its interactions, ascending.
        total: People in all.
        criterion: AIC or BIC, with the constant of the likelihood.
    """

    terms: tuple[int, ...]
    total: float
    criterion: float


def check_size(lists: int, max_order: int) -> int:
    """
    The order that a search over this many lists can have.

    Args:
        lists: t.
        max_order: Most lists in one term; at least 2, and less than t counts.

    Returns:
        int: the order, at most t - 1.

    Raises:
        PrevalenceError: the exact search would be too large.
    """
    if max_order < 2:
        raise PrevalenceError("option-range", {"option": "max-order", "rule": "2 .. t-1"}, field="max-order")
    order = max(2, min(max_order, lists - 1))
    limit = MOST_LISTS.get(order, 5)
    if lists > limit:
        raise PrevalenceError("search-too-large", {"limit": limit}, field="max-order")
    return order


@cache
def elements_of(bits: int, order: int) -> tuple[int, ...]:
    """Masks of the interactions of two to `order` lists, never of all lists, by size and then by mask."""
    masks = [m for m in range(2**bits) if 2 <= m.bit_count() <= order and (m.bit_count() < bits or bits == 2)]
    if bits == 2:
        return ()
    return tuple(sorted(masks, key=lambda mask: (mask.bit_count(), mask)))


@dataclass(frozen=True)
class _Space:
    """The interactions that may be chosen: which contain which."""

    bits: int
    elements: tuple[int, ...]
    up: Ints  # shape (q,): an interaction and those that contain it, as bits over the elements
    down: Ints  # shape (q,): an interaction and those within it
    everything: int

    @property
    def q(self) -> int:
        return len(self.elements)


@cache
def _space(bits: int, order: int) -> _Space:
    elements = elements_of(bits, order)
    up = [sum(1 << at for at, other in enumerate(elements) if other & mask == mask) for mask in elements]
    down = [sum(1 << at for at, other in enumerate(elements) if other & mask == other) for mask in elements]
    return _Space(
        bits, elements, np.array(up, dtype=np.int64), np.array(down, dtype=np.int64), (1 << len(elements)) - 1
    )


@dataclass
class _Best:
    """For each table the best admissible model so far, and, if asked for, every model near it."""

    value: Floats
    terms: Ints
    total: Floats
    slack: float
    found: list[tuple[Ints, Ints, Floats, Floats]] = field(default_factory=list)
    keep_all: bool = False

    def bar(self, rows: Ints) -> Floats:
        """What a model must not exceed to be of interest."""
        return self.value[rows] + self.slack + _HAIR

    def offer(self, rows: Ints, terms: Ints, value: Floats, total: Floats) -> None:
        """Admissible models, any number a table; the best of each is kept."""
        if self.keep_all:
            self.found.append((rows, terms, value, total))
        order = np.lexsort((terms, value))[::-1]
        rows, terms, value, total = rows[order], terms[order], value[order], total[order]
        better = value < self.value[rows]
        at = rows[better]
        self.value[at], self.terms[at], self.total[at] = value[better], terms[better], total[better]


@dataclass(frozen=True)
class _Fitted:
    """Fits of models given as bits: the least that -2 log-likelihood can be, parameters, and who may be chosen."""

    deviance: Floats
    alpha: Floats
    sure: Bools


class _Search:
    """One batch of tables: nodes of all their trees are expanded together, one exclusion deeper at a time."""

    def __init__(self, on_all: Floats, space: _Space, penalty: Floats, *, slack: float, tolerance: float) -> None:
        rows = len(on_all)
        self.on_all, self.space, self.penalty, self.tolerance = on_all, space, penalty, tolerance
        self.fixed = np.array([0, *(1 << bit for bit in range(space.bits))], dtype=np.int64)
        self.masks = np.array([*self.fixed, *space.elements], dtype=np.int64)
        self.best = _Best(
            np.full(rows, np.inf), np.zeros(rows, dtype=np.int64), np.full(rows, np.nan), slack, keep_all=slack > 0
        )
        first, _, _, self.possible = independence_start(on_all)
        self.first = np.zeros((rows, len(self.masks)))
        self.first[:, : len(self.fixed)] = first
        self.spent = np.zeros(rows, dtype=np.int64)
        self.conflicts = Conflicts(on_all, space.elements)
        self.fits_left = _MOST_FITS * rows

    def fit(self, rows: Ints, models: Ints, start: Floats) -> _Fitted:
        """
        Fit models and offer the admissible ones.

        `rows` says which table each item is of, `models` its interactions as bits, `start` has shape (m, 1 + t + q).
        Refuses when so many have been fitted that the search has no end in sight.
        """
        self.fits_left -= len(rows)
        if self.fits_left < 0:
            raise PrevalenceError("search-too-long", {"limit": _MOST_FITS}, field="method")
        np.add.at(self.spent, rows, 1)
        found = _Fitted(
            deviance=np.empty(len(rows)),
            alpha=np.zeros((len(rows), len(self.masks))),
            sure=np.zeros(len(rows), dtype=np.bool_),
        )
        inside = (models[:, None] >> np.arange(self.space.q) & 1).astype(np.bool_)
        counts = inside.sum(axis=1)
        for count in np.unique(counts):
            at = np.flatnonzero(counts == count)
            columns = self._columns(inside[at], int(count))
            self._fit_group(rows, models, start, at, columns, found)
        return found

    def _columns(self, inside: Bools, count: int) -> Ints:
        chosen = np.nonzero(inside)[1].reshape(len(inside), count) + len(self.fixed)
        lead = np.broadcast_to(np.arange(len(self.fixed)), (len(inside), len(self.fixed)))
        return np.concatenate([lead, chosen], axis=1)

    def _fit_group(self, rows: Ints, models: Ints, start: Floats, at: Ints, columns: Ints, found: _Fitted) -> None:
        """Items with the same number of terms; what they gave is written into `found`."""
        items = loglinear.items_of(self.on_all[rows[at]], self.masks[columns])
        begin = np.take_along_axis(start[at], columns, axis=1)
        rough = loglinear.fit_items(items, begin, tolerance=_ROUGH, hasty=True)
        # A fit on its way to infinity is no place to begin: from far out there, rounding looks like convergence.
        plain = np.take_along_axis(self.first[rows[at]], columns, axis=1)
        near = np.where(rough.converged[:, None], rough.alpha, plain)
        found.alpha[at[:, None], columns] = near
        found.deviance[at] = -2.0 * (rough.kernel + 2.0 * rough.gap)
        found.sure[at] = rough.converged
        value = self.penalty[rows[at]] * columns.shape[1] + found.deviance[at]
        wanted = np.flatnonzero((value <= self.best.bar(rows[at])) & ~self.conflicts.within(rows[at], models[at]))
        if len(wanted):
            fits, codes = existence.fit_and_judge(items.take(wanted), near[wanted], tolerance=self.tolerance)
            fine = codes == existence.FINE
            here = at[wanted[fine]]
            total = self.on_all[rows[here], 0] + np.exp(np.minimum(fits.alpha[fine, 0], 600.0))
            exact = self.penalty[rows[here]] * columns.shape[1] - 2.0 * fits.kernel[fine]
            self.best.offer(rows[here], models[here], exact, total)

    def seed(self, models: Ints) -> None:
        """Try some models on every table, then the neighbours of the best, so that the search has a bar to clear."""
        rows = np.flatnonzero(self.possible)
        for model in models:
            self.fit(rows, np.full(len(rows), model, dtype=np.int64), self.first[rows])
        for _ in range(_NEIGHBOUR_ROUNDS if self.space.bits <= _QUICK_LISTS else self.space.q):
            before = self.best.value.copy()
            self._neighbours(rows[np.isfinite(before[rows])])
            rows = np.flatnonzero(self.best.value < before - _HAIR)
            if not len(rows):
                break

    def _neighbours(self, rows: Ints) -> None:
        if not len(rows):
            return
        space = self.space
        models = np.repeat(self.best.terms[rows][:, None], space.q, axis=1)
        has = (models >> np.arange(space.q) & 1).astype(np.bool_)
        changed = np.where(has, models & ~space.up, models | space.down)
        at = np.repeat(rows, space.q)
        self.fit(at, changed.reshape(-1), self.first[at])

    def run(self) -> None:
        rows = np.flatnonzero(self.possible)
        if not len(rows):
            return
        every = np.full(len(rows), self.space.everything, dtype=np.int64)
        root = self.fit(rows, every, self.first[rows])
        stack = [
            _Nodes(
                rows=rows,
                out=np.zeros(len(rows), dtype=np.int64),
                kept=np.zeros(len(rows), dtype=np.int64),
                least=np.repeat(root.deviance[:, None], self.space.q, axis=1),
                alpha=root.alpha,
                sure=root.sure,
            )
        ]
        while stack:
            nodes = stack.pop()
            most = max(_FEWEST_NODES, _NODES_A_TABLE * len(self.on_all))
            if len(nodes) > most:
                stack += [nodes.take(np.s_[most:]), nodes.take(np.s_[:most])]
                continue
            children = self._expand(nodes)
            if len(children):
                stack.append(children)

    def _bound(self, rows: Ints, kept: Ints, deviance: Floats) -> Floats:
        """The least that the criterion can be when these terms are in and the likelihood is at most this."""
        size = np.bitwise_count(kept).astype(np.float64) + len(self.fixed)
        bound: Floats = self.penalty[rows] * size + deviance
        return bound

    def _force(self, nodes: _Nodes) -> tuple[Ints, Bools]:
        """Terms whose exclusion cannot lead to anything of interest are in; what remains is undecided."""
        space = self.space
        kept = nodes.kept
        bar = self.best.bar(nodes.rows)
        while True:
            free = ((~(nodes.out | kept))[:, None] >> np.arange(space.q) & 1).astype(np.bool_)
            size = np.bitwise_count(kept).astype(np.float64) + len(self.fixed)
            bound = (self.penalty[nodes.rows] * size)[:, None] + nodes.least
            forced = free & (bound > bar[:, None])
            if not forced.any():
                return kept, free
            kept = kept | np.bitwise_or.reduce(np.where(forced, space.down, 0), axis=1)

    def _expand(self, nodes: _Nodes) -> _Nodes:
        space = self.space
        kept, free = self._force(nodes)
        nodes = replace(nodes, kept=kept)
        hopeless, ruled_out, one_of = self._told(nodes)
        again = np.flatnonzero(~hopeless & (ruled_out > 0))
        one_of[hopeless | (ruled_out > 0)] = 0
        free &= (one_of[:, None] >> np.arange(space.q) & 1).astype(np.bool_)
        refitted = self._without(nodes.take(again), ruled_out[again])
        return _joined(self._children(nodes, free), refitted)

    def _told(self, nodes: _Nodes) -> tuple[Bools, Ints, Ints]:
        """What conflicts say of each part; they are looked for where the search of a table has become long."""
        largest = self.space.everything & ~nodes.out
        for at in np.flatnonzero(~nodes.sure & (self.spent[nodes.rows] > _EASY)):
            self.conflicts.learn(int(nodes.rows[at]), int(largest[at]))
        return self.conflicts.of_parts(nodes.rows, nodes.kept, largest)

    def _without(self, nodes: _Nodes, ruled_out: Ints) -> _Nodes:
        """Parts that lose terms at once, fitted again."""
        space = self.space
        gone = (ruled_out[:, None] >> np.arange(space.q) & 1).astype(np.bool_)
        out = nodes.out | np.bitwise_or.reduce(np.where(gone, space.up, 0), axis=1)
        largest = space.everything & ~out
        inside = (largest[:, None] >> np.arange(space.q) & 1).astype(np.bool_)
        start = nodes.alpha.copy()
        start[:, len(self.fixed) :] *= inside
        fitted = self.fit(nodes.rows, largest, start)
        found = replace(
            nodes,
            out=out,
            least=np.maximum(nodes.least, fitted.deviance[:, None]),
            alpha=fitted.alpha,
            sure=fitted.sure,
        )
        near = self._bound(nodes.rows, nodes.kept, fitted.deviance) <= self.best.bar(nodes.rows)
        return found.take(np.flatnonzero(near & (nodes.kept & out == 0)))

    def _children(self, nodes: _Nodes, free: Bools) -> _Nodes:
        """Each part without one of the free terms, and with those before it."""
        space, kept = self.space, nodes.kept
        node, element = np.nonzero(free)
        start, wald = self._starts(nodes, node, element)
        # The dearest exclusion first: each later part keeps all terms before its own, and most need not be fitted.
        order = np.lexsort((-(nodes.least[node, element] + wald), node))
        node, element, start = node[order], element[order], start[order]
        rows = nodes.rows[node]
        before = _earlier(node, space.down[element]) | kept[node]
        at = self._open(rows, element, before, nodes.least[node, element])
        node, element, rows, before = node[at], element[at], rows[at], before[at]
        models = space.everything & ~(nodes.out[node] | space.up[element])
        fitted = self.fit(rows, models, start[at])
        least = nodes.least.copy()
        least[node, element] = np.maximum(fitted.deviance, least[node, element])
        kept, _ = self._force(replace(nodes, kept=kept, least=least))
        before |= kept[node]
        at = self._open(rows, element, before, fitted.deviance)
        node, element = node[at], element[at]
        return _Nodes(
            rows=rows[at],
            out=nodes.out[node] | space.up[element],
            kept=before[at],
            least=np.maximum(least[node], fitted.deviance[at, None]),
            alpha=fitted.alpha[at],
            sure=fitted.sure[at],
        )

    def _open(self, rows: Ints, element: Ints, kept: Ints, deviance: Floats) -> Ints:
        """Which parts may hold something of interest: those that exclude a term they do not keep, within the bar."""
        there = (kept >> element & 1) == 0
        return np.flatnonzero(there & (self._bound(rows, kept, deviance) <= self.best.bar(rows)))

    def _starts(self, nodes: _Nodes, node: Ints, element: Ints) -> tuple[Floats, Floats]:
        """Where to begin without one term, the larger model's parameters moved along its covariances; and the price."""
        start = nodes.alpha[node]
        wald = np.zeros(len(node))
        inside = ((self.space.everything & ~nodes.out)[:, None] >> np.arange(self.space.q) & 1).astype(np.bool_)
        counts = inside.sum(axis=1)
        asked = np.bincount(node, minlength=len(nodes)) > 0
        for count in np.unique(counts[node]):
            group = np.flatnonzero((counts == count) & asked)
            columns = self._columns(inside[group], int(count))
            items = loglinear.items_of(self.on_all[nodes.rows[group]], self.masks[columns])
            alpha = np.take_along_axis(nodes.alpha[group], columns, axis=1)
            spread = loglinear.covariances(items, alpha)
            place = np.zeros(len(nodes), dtype=np.int64)
            place[group] = np.arange(len(group))
            at = np.flatnonzero(counts[node] == count)
            here = place[node[at]]
            column = (columns[here] == element[at, None] + len(self.fixed)).argmax(axis=1)
            along = spread[here, :, column]
            ratio = alpha[here, column] / along[np.arange(len(at)), column]
            wald[at] = np.abs(alpha[here, column] * ratio)
            moved = alpha[here] - along * ratio[:, None]
            fine = (np.abs(moved - alpha[here]).max(axis=1) < _LONGEST_MOVE)[:, None]
            start[at[:, None], columns[here]] = np.where(fine, moved, alpha[here])
        return start, wald


def _earlier(groups: NDArray[np.intp], bits: Ints) -> Ints:
    """For each entry the union of the bits of the entries before it in its group; groups lie together."""
    found = np.zeros(len(bits), dtype=np.int64)
    if not len(bits):
        return found
    first = np.r_[True, groups[1:] != groups[:-1]]
    place = np.arange(len(bits)) - np.maximum.accumulate(np.where(first, np.arange(len(bits)), 0))
    for at in range(1, int(place.max()) + 1):
        here = np.flatnonzero(place == at)
        found[here] = found[here - 1] | bits[here - 1]
    return found


@dataclass(frozen=True)
class _Nodes:
    """
    Parts of the trees still to be searched, one row a part: the models without `out` and with `kept`.

    Attributes:
        rows: Shape (m,): which table.
        out, kept: Shape (m,): terms excluded and included, as bits.
        least: Shape (m, q): the least that -2 log-likelihood can be when one more term is excluded.
        alpha: Shape (m, 1 + t + q): parameters of the largest model of the part.
        sure: Shape (m,): whether that model surely has an estimate.
    """

    rows: Ints
    out: Ints
    kept: Ints
    least: Floats
    alpha: Floats
    sure: Bools

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: slice | NDArray[np.intp]) -> _Nodes:
        return _Nodes(*(getattr(self, name.name)[rows] for name in fields(self)))


def _joined(first: _Nodes, second: _Nodes) -> _Nodes:
    """The parts of both."""
    pairs = [(getattr(first, each.name), getattr(second, each.name)) for each in fields(first)]
    return _Nodes(*(np.concatenate(pair) for pair in pairs))


def _penalties(on_all: Floats, criterion: Criterion) -> Floats:
    """For each parameter: ln of the number of people for BIC, 2 for AIC."""
    return np.log(on_all[:, 0]) if criterion == "bic" else np.full(len(on_all), 2.0)


def exact(
    lists: int,
    *,
    criterion: Criterion = "bic",
    max_order: int = 2,
    seeds: tuple[tuple[int, ...], ...] = (),
    tolerance: float = _SEARCH_TOLERANCE,
) -> Chooser:
    """
    The admissible model with the least criterion of all hierarchical models with every list in.

    Every model between `kept` and `kept + undecided` is nested in the larger one, so its likelihood is at most that
    one's and its criterion at least penalty * (1 + t + |kept|) - 2 log-likelihood. Parts of the tree whose bound does
    not beat the best so far are left out. The bound holds where the larger model has no estimate too; only models
    that have one can be chosen. Where a few of its terms prove that it has none, each model of interest lacks one of
    them, and the tree branches on these alone (`conflicts`).

    Args:
        lists: t.
        criterion: `bic` (n is the number of people) or `aic`; parameters at minus infinity are counted.
        max_order: Most lists in one term: 2 for up to 8 lists, any for up to 5.
        seeds: Models, as masks of their interactions, to try first; they make it faster, never different.
        tolerance: See `loglinear.fit_items`.

    Returns:
        Chooser: NaN where no model is admissible.

    Raises:
        PrevalenceError: the search would be too large; or, when it is made, it has fitted too many models.

    Source:
        Land and Doig (1960), Econometrica 28, 497-520, for branch and bound; Silverman, Chan and Vincent (2024),
        Stat. Comput. 34:44, for the criterion.
    """
    space = _space(lists, check_size(lists, max_order))

    def choose(on_all: Floats) -> Chosen:
        parts = [
            _chosen(on_all[at : at + _ROWS_AT_A_TIME], space, criterion, seeds, tolerance)
            for at in range(0, len(on_all), _ROWS_AT_A_TIME)
        ]
        total, terms, code = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Chosen(total, terms, space.elements, code)

    return choose


def _chosen(
    on_all: Floats, space: _Space, criterion: Criterion, seeds: tuple[tuple[int, ...], ...], tolerance: float
) -> tuple[Floats, Ints, NDArray[np.int8]]:
    search = _Search(on_all, space, _penalties(on_all, criterion), slack=0.0, tolerance=tolerance)
    search.seed(np.array([_as_bits(space, terms) for terms in (seeds or ((),))], dtype=np.int64))
    search.run()
    code = np.where(np.isnan(search.best.total), existence.NO_ESTIMATE, existence.FINE).astype(np.int8)
    return search.best.total, search.best.terms, code


def _as_bits(space: _Space, terms: tuple[int, ...]) -> int:
    return sum(1 << space.elements.index(term) for term in set(terms))


def models_within(
    table: CaptureTable, within: float = 10.0, *, max_order: int = 2, criterion: Criterion = "bic"
) -> tuple[RankedModel, ...]:
    """
    Every admissible model whose criterion is at most so far above the best one's.

    Args:
        table: 2 to 8 lists.
        within: Distance, at least 0.
        max_order: Most lists in one term: 2 for up to 8 lists, any for up to 5.
        criterion: `bic` or `aic`.

    Returns:
        tuple: best first; empty when no model is admissible.

    Raises:
        PrevalenceError: the search would be too large; or, when it is made, it has fitted too many models.

    Source:
        Land and Doig (1960), Econometrica 28, 497-520; Kass and Raftery (1995), JASA 90, 773-795, for the distance.
    """
    space = _space(table.t, check_size(table.t, max_order))
    on_all = table.on_all[None].astype(np.float64)
    search = _Search(on_all, space, _penalties(on_all, criterion), slack=max(within, 1e-12), tolerance=POINT_TOLERANCE)
    search.seed(np.zeros(1, dtype=np.int64))
    search.run()
    constant = 2.0 * float(loglinear.log_factorials(table.counts).sum())
    found: dict[int, RankedModel] = {}
    for _, terms, values, totals in search.best.found:
        for bits, value, total in zip(terms, values, totals, strict=True):
            if value <= search.best.value[0] + within + _HAIR:
                masks = tuple(mask for at, mask in enumerate(space.elements) if int(bits) >> at & 1)
                found[int(bits)] = RankedModel(masks, float(total), float(value) + constant)
    return tuple(sorted(found.values(), key=lambda ranked: (ranked.criterion, len(ranked.terms), ranked.terms)))


def restricted(models: tuple[tuple[int, ...], ...], *, criterion: Criterion = "bic") -> Chooser:
    """
    The best by a criterion among a few given models, as when the choice is held to the n_top best of the data.

    Args:
        models: Masks of the interactions of each model, closed under subsets, at least one model.
        criterion: `bic` or `aic`.

    Returns:
        Chooser: NaN where none of them has an estimate.

    Source:
        Silverman, Chan and Vincent (2024), Stat. Comput. 34:44.
    """

    def choose(on_all: Floats) -> Chosen:
        bits = on_all.shape[1].bit_length() - 1
        order = max((term.bit_count() for model in models for term in model), default=2)
        space = _space(bits, max(2, order))
        search = _Search(on_all, space, _penalties(on_all, criterion), slack=0.0, tolerance=_SEARCH_TOLERANCE)
        rows = np.flatnonzero(search.possible)
        for model in models:
            search.fit(rows, np.full(len(rows), _as_bits(space, model), dtype=np.int64), search.first[rows])
        code = np.where(np.isnan(search.best.total), existence.NO_ESTIMATE, existence.FINE).astype(np.int8)
        return Chosen(search.best.total, search.best.terms, space.elements, code)

    return choose
