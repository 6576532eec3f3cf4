"""Terms that leave a table without an estimate whatever else is chosen, so that a search need not try them all."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import lattice

__all__ = ["Conflict", "Conflicts", "conflict_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CLEAR = 1e-6
_LARGEST_DENOMINATOR = 1000
_MANY = 99  # more terms than a model can have


@dataclass(frozen=True, eq=False)
class Conflict:
    """
    Terms that no admissible model holds together.

    Attributes:
        terms: Their masks.
        lowered: Shape (2**t,): cells without people that every such model would send to 0; the proof holds for a table
            with no other people and with one of these cells in no empty overlap.
    """

    terms: tuple[int, ...]
    lowered: Bools


def conflict_of(support: Bools, model: tuple[int, ...], elements: Ints) -> Conflict | None:
    """
    A smallest part of a model that leaves the table without an estimate, however many terms are added.

    A direction over terms that people share proves it: it leaves the cells with people as they are, raises none, and
    lowers one that no empty overlap removes. More terms add parameters that the direction does not use, and at most
    remove cells.

    Args:
        support: Shape (2**t,): whether anybody has exactly this pattern.
        model: Masks of its interactions, closed under subsets.
        elements: Shape (q,): masks of all interactions that may be chosen.

    Returns:
        Conflict | None: none of its terms can be left out of the proof, which has been checked in whole numbers; None
            where there is none, as when the model has an estimate.

    Source:
        Fienberg and Rinaldo (2012), Ann. Statist. 40, 996-1023, for the directions; Chinneck and Dravnieks (1991),
        ORSA J. Comput. 3, 157-168, for leaving out one at a time.
    """
    proof = _Proof(support, elements)
    direction = proof.direction(model)
    if direction is None:
        return None
    terms = [term for term in model if not proof.there[term] or abs(direction.get(term, 0.0)) > _CLEAR]
    for term in tuple(terms):
        fewer = [other for other in terms if other != term]
        found = proof.direction(tuple(fewer))
        if found is not None:
            terms = [other for other in fewer if not proof.there[other] or abs(found.get(other, 0.0)) > _CLEAR]
            direction = found
    return proof.checked(tuple(terms), direction)


class _Proof:
    """One table, and the directions in which a model of it runs to infinity."""

    def __init__(self, support: Bools, elements: Ints) -> None:
        self.bits = len(support).bit_length() - 1
        counts = support.astype(np.float64)[None]
        self.people = support
        self.there = lattice.superset_sums(counts)[0] > 0
        self.survive = _surviving(counts, elements)[0] & ~support
        self.inside = lattice.subset_matrix(self.bits)
        self.fixed = [0, *(1 << bit for bit in range(self.bits) if self.there[1 << bit])]

    def _alive(self, model: tuple[int, ...]) -> Bools:
        gone = [term for term in (*(1 << bit for bit in range(self.bits)), *model) if not self.there[term]]
        alive: Bools = np.all(self.inside[gone] == 0, axis=0)
        alive[0] = False
        return alive

    def direction(self, model: tuple[int, ...]) -> dict[int, float] | None:
        """By term; None where there is none."""
        from scipy.optimize import linprog  # noqa: PLC0415 - slow to import, and most tables never need it

        terms = [*self.fixed, *(term for term in model if self.there[term])]
        design = self.inside[terms].T
        _, values, right = np.linalg.svd(design[self.people], full_matrices=True)
        rank = int((values > 1e-9 * values[0]).sum())
        if rank == len(terms):
            return None
        free = right[rank:].T
        empty = self._alive(model) & ~self.people
        moves = design[empty] @ free
        target = design[self.survive] @ free
        solved = linprog(
            target.sum(axis=0),
            A_ub=np.concatenate([moves, -target]),
            b_ub=np.concatenate([np.zeros(len(moves)), np.ones(len(target))]),
            bounds=(None, None),
            method="highs",
        )
        if solved.status != 0 or solved.fun > -_CLEAR:
            return None
        return dict(zip(terms, (free @ solved.x).tolist(), strict=True))

    def checked(self, terms: tuple[int, ...], direction: dict[int, float]) -> Conflict | None:
        """The conflict, if its direction is one in whole numbers too."""
        used = [term for term in (*self.fixed, *terms) if self.there[term]]
        size = max(abs(direction[term]) for term in used)
        exact = {term: Fraction(direction[term] / size).limit_denominator(_LARGEST_DENOMINATOR) for term in used}
        scale = np.lcm.reduce([part.denominator for part in exact.values()])
        moves = np.array([int(exact[term] * int(scale)) for term in used]) @ self.inside[used].astype(np.int64)
        lowered: Bools = self.survive & (moves < 0)
        alive = self._alive(terms)
        if moves[self.people].any() or (moves[alive] > 0).any() or not lowered.any():
            return None
        return Conflict(terms, lowered)


class Conflicts:
    """
    The conflicts found so far, for many tables: a sample of a table has no people where the table has none.

    Args:
        on_all: Shape (R, 2**t), people: superset sums of the counts.
        elements: Masks of the interactions that may be chosen; models are given as bits over them.
    """

    def __init__(self, on_all: Floats, elements: tuple[int, ...]) -> None:
        self._on_all = on_all
        self._elements = np.array(elements, dtype=np.int64)
        self._terms = np.zeros(0, dtype=np.int64)
        self._holds = np.zeros((len(on_all), 0), dtype=np.bool_)

    @cached_property
    def _counts(self) -> Floats:
        signs = lattice.signs(self._on_all.shape[1].bit_length() - 1)
        counts: Floats = np.rint(lattice.superset_sums(self._on_all * signs) * signs)
        counts[:, 0] = 0.0
        return counts

    @cached_property
    def _survive(self) -> Bools:
        return _surviving(self._counts, self._elements)

    def __len__(self) -> int:
        return len(self._terms)

    def learn(self, row: int, model: int) -> None:
        """Look for a conflict within a model of one table, unless one is known."""
        if self.within(np.array([row]), np.array([model]))[0]:
            return
        support = self._counts[row] > 0
        terms = tuple(int(mask) for at, mask in enumerate(self._elements) if model >> at & 1)
        found = conflict_of(support, terms, self._elements)
        if found is None:
            return
        bits = sum(1 << at for at, mask in enumerate(self._elements) if mask in found.terms)
        self._terms = np.append(self._terms, bits)
        nobody_else = ~self._counts[:, ~support].any(axis=1)
        holds = nobody_else & (self._survive & found.lowered).any(axis=1)
        self._holds = np.column_stack([self._holds, holds])

    def within(self, rows: Ints, models: Ints) -> Bools:
        """Whether a known conflict lies in each model, given as bits; shape (m,), as `rows` and `models`."""
        if not len(self):
            return np.zeros(len(rows), dtype=np.bool_)
        inside = (self._terms & ~models[:, None]) == 0
        found: Bools = (inside & self._holds[rows]).any(axis=1)
        return found

    def of_parts(self, rows: Ints, kept: Ints, largest: Ints) -> tuple[Bools, Ints, Ints]:
        """
        What conflicts say of parts of a search, each the models with `kept` and within `largest`.

        Args:
            rows: Shape (m,): which table.
            kept, largest: Shape (m,): models as bits.

        Returns:
            tuple: whether a part holds no admissible model; the terms that none of them has; and terms of which each
                lacks one, all bits where nothing is known. Shape (m,) each.
        """
        if not len(self):
            return np.zeros(len(rows), dtype=np.bool_), np.zeros(len(rows), dtype=np.int64), np.full(len(rows), -1)
        left = self._terms & ~kept[:, None]
        concerned = ((self._terms & ~largest[:, None]) == 0) & self._holds[rows]
        size = np.where(concerned, np.bitwise_count(left), _MANY)
        ruled_out = np.bitwise_or.reduce(np.where(size == 1, left, 0), axis=1)
        smallest = size.argmin(axis=1)[:, None]
        fewest = np.take_along_axis(size, smallest, axis=1)[:, 0]
        one_of = np.where(fewest < _MANY, np.take_along_axis(left, smallest, axis=1)[:, 0], -1)
        return fewest == 0, ruled_out, one_of


def _surviving(counts: Floats, elements: Ints) -> Bools:
    """Shape (R, 2**t): the cells that every model fits, those in no empty overlap and on no empty list."""
    lists = [1 << bit for bit in range(counts.shape[1].bit_length() - 1)]
    terms = np.array([*lists, *elements], dtype=np.int64)
    lost = np.zeros(counts.shape)
    lost[:, terms] = lattice.superset_sums(counts)[:, terms] <= 0
    found: Bools = lattice.subset_sums(lost) == 0
    found[:, 0] = False
    return found
