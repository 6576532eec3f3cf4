"""Which model: stepwise by unlikely overlaps, for many tables at a time, and what every choice gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import existence, lattice, loglinear
from naungan.methods.prevalence.loglinear import DRAW_TOLERANCE
from naungan.methods.prevalence.tails import smallest_tails

__all__ = ["Chooser", "Chosen", "fixed", "independence_start", "stepwise"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Chosen:
    """
    The model chosen for each table, and its estimate.

    Attributes:
        total: Shape (R,), people in all; NaN where no model is admissible.
        terms: Shape (R,), the interactions of the model as bits over `elements`.
        elements: Masks of the interactions that could be chosen, in the order of the bits.
        code: Shape (R,): 0, or why there is no estimate (`existence`).
    """

    total: Floats
    terms: Ints
    elements: tuple[int, ...]
    code: NDArray[np.int8]

    def model(self, row: int, bits: int) -> tuple[int, ...]:
        """All terms of the model of one table, closed under subsets."""
        chosen = int(self.terms[row])
        return lattice.hierarchy(tuple(mask for at, mask in enumerate(self.elements) if chosen >> at & 1), bits)


# From superset sums of counts, shape (R, 2**t), to what was chosen.
Chooser = Callable[[Floats], Chosen]


def independence_start(on_all: Floats) -> tuple[Floats, Floats, Floats, Bools]:
    """
    The main-effects model as parameters.

    Args:
        on_all: Shape (R, 2**t), people.

    Returns:
        tuple: parameters, shape (R, t + 1), the constant first; population, shape (R,); share of each list, shape
            (R, t); whether an estimate exists, shape (R,).

    Source:
        Darroch (1958), Biometrika 45, 343-359.
    """
    total, share, exists = loglinear.independence(on_all)
    safe = np.where(exists, total, 2.0 * on_all[:, 0])
    share = np.where(exists[:, None], share, 0.25)
    absent = np.log1p(-share)
    odds = np.log(np.maximum(share, 1e-300)) - absent
    odds[share <= 0] = 0.0
    constant = np.log(safe) + absent.sum(axis=1)
    return np.column_stack([constant, odds]), safe, share, exists


def fixed(model: tuple[int, ...], *, tolerance: float = DRAW_TOLERANCE) -> Chooser:
    """
    No choice: the same model for every table.

    Args:
        model: All terms as masks, closed under subsets.
        tolerance: See `loglinear.fit_items`.

    Returns:
        Chooser: NaN with the code of `existence` where the model has no estimate.

    Source:
        Cormack (1989), Biometrics 45, 395-413.
    """
    elements = tuple(term for term in model if term.bit_count() >= 2)

    def choose(on_all: Floats) -> Chosen:
        bits = on_all.shape[1].bit_length() - 1
        first, total, _, exists = independence_start(on_all)
        code = np.where(exists, existence.FINE, existence.NO_ESTIMATE).astype(np.int8)
        if elements:
            slots = np.array([0, *(1 << bit for bit in range(bits)), *elements], dtype=np.int64)
            items = loglinear.items_of(on_all, slots)
            start = np.zeros((len(on_all), len(slots)))
            start[:, : bits + 1] = first
            fits, code = existence.fit_and_judge(items, start, tolerance=tolerance)
            total = on_all[:, 0] + np.exp(np.minimum(fits.alpha[:, 0], 600.0))
        every = np.full(len(on_all), (1 << len(elements)) - 1, dtype=np.int64)
        return Chosen(np.where(code == 0, total, np.nan), every, elements, code)

    return choose


def stepwise(*, threshold: float = 0.02, tolerance: float = DRAW_TOLERANCE) -> Chooser:
    """
    Add the pair of lists whose overlap is the least likely under the model so far, while it is unlikely enough.

    Args:
        threshold: Probability below which an overlap counts as unlikely; 0 keeps the main effects.
        tolerance: See `loglinear.fit_items`.

    Returns:
        Chooser: NaN where already the main effects have no estimate.

    Source:
        Chan, Silverman and Vincent (2021), JASA 116(535), section 3.2; unlike there the first model is checked too.
    """

    def choose(on_all: Floats) -> Chosen:
        return _Steps(on_all, threshold, tolerance).run()

    return choose


class _Steps:
    """Many tables that add one pair each, step by step; at every step all models have the same number of terms."""

    def __init__(self, on_all: Floats, threshold: float, tolerance: float) -> None:
        self.bits = on_all.shape[1].bit_length() - 1
        self.pairs = lattice.pair_masks(self.bits)
        self.threshold, self.tolerance = threshold, tolerance
        first, total, share, exists = independence_start(on_all)
        self.total = np.where(exists, total, np.nan)
        self.exists = exists
        self.terms = np.zeros(len(on_all), dtype=np.int64)
        self.rows = np.flatnonzero(exists)
        self.on_all = on_all[self.rows]
        singles = [0, *(1 << bit for bit in range(self.bits))]
        self.slots = np.broadcast_to(np.array(singles, dtype=np.int64), (len(self.rows), len(singles)))
        self.alpha = first[self.rows]
        low, high = np.array([[m.bit_length() - 1 for m in (int(p) & -int(p), int(p))] for p in self.pairs]).T
        self.fitted = total[self.rows, None] * share[self.rows][:, low] * share[self.rows][:, high]

    def run(self) -> Chosen:
        for _ in range(len(self.pairs)):
            if not len(self.rows):
                break
            self._step()
        code = np.where(self.exists, existence.FINE, existence.NO_ESTIMATE).astype(np.int8)
        return Chosen(self.total, self.terms, tuple(int(pair) for pair in self.pairs), code)

    def _step(self) -> None:
        allowed = (self.terms[self.rows, None] >> np.arange(len(self.pairs)) & 1) == 0
        observed = self.on_all[:, self.pairs]
        pair, go_on = smallest_tails(observed, self.fitted, allowed, self.threshold)
        self._keep(go_on)
        pair = pair[go_on]
        if not len(self.rows):
            return
        at = np.arange(len(self.rows))
        ratio = self.on_all[at, self.pairs[pair]] / np.maximum(self.fitted[at, pair], 1e-300)
        start = np.column_stack([self.alpha, np.log(np.maximum(ratio, 1e-300))])
        self.slots = np.column_stack([self.slots, self.pairs[pair]])
        items = loglinear.items_of(self.on_all, self.slots)
        fits, code = existence.fit_and_judge(items, start, tolerance=self.tolerance)
        fine = code == existence.FINE
        self.alpha, self.fitted = fits.alpha, fits.marginals[:, self.pairs]
        self._keep(fine)
        self.terms[self.rows] |= np.int64(1) << pair[fine]
        self.total[self.rows] = self.on_all[:, 0] + np.exp(self.alpha[:, 0])

    def _keep(self, kept: Bools) -> None:
        if kept.all():
            return
        self.rows, self.on_all, self.slots = self.rows[kept], self.on_all[kept], self.slots[kept]
        self.alpha, self.fitted = self.alpha[kept], self.fitted[kept]
