"""Poisson log-linear fits on the lattice of lists, by Newton's method over many tables and models at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import lattice

__all__ = ["Fits", "Items", "covariances", "fit_items", "independence", "items_of", "log_factorials"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

POINT_TOLERANCE = 1e-18  # of the squared Newton step in standard errors: an estimate exact to about 1e-9
DRAW_TOLERANCE = 1e-6  # the step that follows leaves about 1e-6 standard errors
_ROUNDS = 60
_CHUNK_CELLS = 262_144  # keeps the arrays of a chunk in the cache
_LONGEST_STEP = 4.0
_TABLED = 20_000
_ROUNDING = 1e-13  # means below this share of all people drown in the rounding of the sums


@dataclass(frozen=True)
class Items:
    """
    Tables with a model each, all with the same number of parameters.

    Attributes:
        on_all: Shape (R, 2**t), people: N* of each table (`lattice.superset_sums` of its counts).
        slots: Shape (R, p): the terms of each model as masks; all terms of a model are there, subsets included.
        alive: Shape (R, 2**t), 1 for cells that are fitted, 0 for the empty cell and cells of empty overlaps.
        valid: Shape (R, p): whether the parameter is fitted; one of an empty overlap is at minus infinity. None when
            all are.
    """

    on_all: Floats
    slots: Ints
    alive: Floats
    valid: Bools | None

    def __len__(self) -> int:
        return len(self.on_all)

    def take(self, rows: NDArray[np.intp] | slice) -> Items:
        """Some of the items."""
        return Items(
            self.on_all[rows],
            self.slots[rows],
            self.alive[rows],
            None if self.valid is None else self.valid[rows],
        )


@dataclass(frozen=True)
class Fits:
    """
    What a fit found, one row an item.

    Attributes:
        alpha: Shape (R, p): parameters; 0 where not valid (they are at minus infinity).
        kernel: Shape (R,): log-likelihood without its constant, sum of alpha N* less the sum of the means.
        gap: Shape (R,): how far the kernel may still rise; tiny when converged.
        converged: Shape (R,): whether a maximum was reached, which proves that it exists; if not, it may not exist,
            and `existence` settles it.
        marginals: Shape (R, 2**t): superset sums of the fitted means; entry 0 is the fitted number of people seen.
        direction: Shape (R, p): last Newton step, which points to infinity where no maximum exists.
    """

    alpha: Floats
    kernel: Floats
    gap: Floats
    converged: Bools
    marginals: Floats
    direction: Floats


def items_of(on_all: Floats, slots: Ints) -> Items:
    """
    Tables with a model each; empty overlaps are put at minus infinity.

    Args:
        on_all: Shape (R, 2**t), people.
        slots: Shape (R, p) or (p,): masks of the terms.

    Returns:
        Items: cells and parameters of empty overlaps removed.

    Source:
        Chan, Silverman and Vincent (2021), JASA 116(535), 1297-1306, section 2.
    """
    if slots.ndim == 1:
        slots = np.broadcast_to(slots, (len(on_all), len(slots)))
    there = np.take_along_axis(on_all, slots, axis=1) > 0
    alive = np.ones(on_all.shape)
    alive[:, 0] = 0.0
    if there.all():
        return Items(on_all, slots, alive, None)
    lost = np.zeros(on_all.shape)
    np.put_along_axis(lost, slots, (~there).astype(np.float64), axis=1)
    alive[lattice.subset_sums(lost) > 0] = 0.0
    return Items(on_all, slots, alive, there)


def independence(on_all: Floats) -> tuple[Floats, Floats, Bools]:
    """
    The main-effects model in closed form: N solves n/N = 1 - prod(1 - n_i/N).

    Args:
        on_all: Shape (R, 2**t), people.

    Returns:
        tuple: population N, shape (R,); share of each list n_i/N, shape (R, t); whether an estimate exists, shape (R,).
            Where none exists the numbers are not to be used.

    Source:
        Darroch (1958), Biometrika 45, 343-359.
    """
    bits = on_all.shape[1].bit_length() - 1
    seen = on_all[:, 0]
    on = on_all[:, [1 << bit for bit in range(bits)]]
    lists = (on > 0).sum(axis=1)
    exists = (on.sum(axis=1) > seen) & (on.max(axis=1) < seen) & (lists >= 2)
    inverse = 1.0 / seen
    # The function is convex with its root to the left of 1/n, so Newton's method goes down to it and never past.
    for _ in range(100):
        rest = 1.0 - on * inverse[:, None]
        rest[~exists] = 0.5
        product = rest.prod(axis=1)
        slope = seen - product * (on / rest).sum(axis=1)
        slope[~exists] = 1.0
        step = np.where(exists, (product - 1.0 + seen * inverse) / slope, 0.0)
        inverse = inverse - step
        if (np.abs(step) <= 1e-15 * inverse).all():
            break
    return 1.0 / inverse, on * inverse[:, None], exists


def fit_items(
    items: Items, start: Floats, *, tolerance: float = DRAW_TOLERANCE, patient: bool = False, hasty: bool = False
) -> Fits:
    """
    Maximise the Poisson likelihood of each item.

    Args:
        items: Tables with a model each.
        start: Shape (R, p): first parameters.
        tolerance: Of the squared Newton step, in squared standard errors, before the last step.
        patient: Do not stop rows that look as if they run to infinity.
        hasty: Stop them as soon as the likelihood is known to about 0.01 (`Fits.gap`), which is enough for a bound.

    Returns:
        Fits: see there. About p**3/3 + t 2**t operations an item and round.

    Source:
        Cormack (1989), Biometrics 45, 395-413, for the model; the information is a look-up in the superset sums of the
        means, H[a, b] = Z(mu)[a or b].
    """
    chunk = _rows_at_a_time(items)
    parts = [
        _Newton(items.take(slice(at, at + chunk)), start[at : at + chunk], tolerance, patient, hasty).run()
        for at in range(0, len(items), chunk)
    ]
    if len(parts) == 1:
        return parts[0]
    return Fits(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("alpha", "kernel", "gap", "converged", "marginals", "direction")
        )
    )


def _rows_at_a_time(items: Items) -> int:
    return int(max(64, _CHUNK_CELLS // max(items.on_all.shape[1], items.slots.shape[1] ** 2)))


class _Newton:
    """One chunk on its way: rows leave when they have converged or run away."""

    def __init__(self, items: Items, start: Floats, tolerance: float, patient: bool, hasty: bool) -> None:
        rows, self.terms = items.slots.shape
        self.cells = items.on_all.shape[1]
        self.tolerance = tolerance
        self.patient, self.hasty = np.bool_(patient), hasty
        self.rounds = 4 * _ROUNDS if patient else _ROUNDS
        self.alpha = np.array(start)
        if items.valid is not None:
            self.alpha[~items.valid] = 0.0
        self.kernel = np.full(rows, -np.inf)
        self.gap = np.full(rows, np.inf)
        self.converged = np.zeros(rows, dtype=np.bool_)
        self.marginals = np.zeros((rows, self.cells))
        self.direction = np.zeros((rows, self.terms))
        self.at = np.arange(rows)
        self._enter(items)
        self.target = np.take_along_axis(items.on_all, items.slots, axis=1)
        self.now = self.alpha.copy()
        self.best = np.full(rows, -np.inf)
        self.step = np.zeros_like(self.now)
        self.decrement = np.full(rows, np.inf)
        self.last = np.zeros(rows, dtype=np.bool_)
        self.sure = np.zeros(rows, dtype=np.bool_)
        self.lowest = np.zeros(rows)

    def _enter(self, items: Items) -> None:
        base = (np.arange(len(items)) * self.cells)[:, None]
        self.items = items
        self.flat = items.slots + base
        self.unions = (items.slots[:, :, None] | items.slots[:, None, :]) + base[:, :, None]

    def run(self) -> Fits:
        for round_ in range(self.rounds):
            marginals, kernel = self._evaluate()
            worse = kernel < self.best - 1e-9 * (1.0 + np.abs(self.best))
            self._settle((self.last & ~worse) | (round_ == self.rounds - 1), marginals, kernel)
            if not len(self.at):
                break
            keep = self.kept
            marginals, self.lowest = marginals[keep], self.lowest[keep]
            self._advance(marginals, kernel[keep], worse[keep], round_)
            if self.hasty and self.last.any():
                # Half the decrement is what the step brings, to its third order: a bound need not see it done.
                self._settle(self.last, marginals, self.best + 0.5 * self.decrement)
                if not len(self.at):
                    break
        return Fits(self.alpha, self.kernel, self.gap, self.converged, self.marginals, self.direction)

    def _evaluate(self) -> tuple[Floats, Floats]:
        spread = np.zeros((len(self.at), self.cells))
        spread.reshape(-1)[self.flat] = self.now
        means = lattice.subset_sums(spread)
        np.minimum(means, 600.0, out=means)
        np.exp(means, out=means)
        means *= self.items.alive
        self.lowest = np.where(self.items.alive > 0, means, np.inf).min(axis=1)
        marginals = lattice.superset_sums(means)
        kernel = np.einsum("rp,rp->r", self.now, self.target) - marginals[:, 0]
        return marginals, kernel

    def _settle(self, done: Bools, marginals: Floats, kernel: Floats) -> None:
        """Write down the rows that are done, and drop them."""
        self.kept = ~done
        if not done.any():
            return
        rows = self.at[done]
        self.alpha[rows] = self.now[done]
        self.kernel[rows] = kernel[done]
        self.gap[rows] = self.decrement[done]
        self.converged[rows] = self.sure[done] & (self.lowest[done] > _ROUNDING * marginals[done, 0])
        self.marginals[rows] = marginals[done]
        self.direction[rows] = self.step[done]
        keep = self.kept
        self.at, self.now, self.best = self.at[keep], self.now[keep], self.best[keep]
        self.step, self.decrement, self.last = self.step[keep], self.decrement[keep], self.last[keep]
        self.sure = self.sure[keep]
        self.target = self.target[keep]
        self._enter(self.items.take(np.flatnonzero(keep)))

    def _advance(self, marginals: Floats, kernel: Floats, worse: Bools, round_: int) -> None:
        score = self.target - marginals.reshape(-1)[self.flat]
        information = marginals.reshape(-1).take(self.unions)
        diagonal = _diagonal(information)
        if self.items.valid is not None:
            # The means of an empty overlap are 0, and so are its score and its row and column of the information.
            diagonal += ~self.items.valid
        diagonal *= 1.0 + 1e-13
        diagonal += 1e-280
        step = _solve(information, score)
        decrement = np.einsum("rp,rp->r", step, score)
        longest = np.abs(step).max(axis=1)
        step *= np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, 1e-300))[:, None]
        if worse.any():
            step[worse] = -0.75 * self.step[worse]
            decrement[worse] = np.inf
            kernel = np.where(worse, self.best, kernel)
        # The means times 1 + (move of their logarithm) have the margins of the table. All are positive when no
        # logarithm moves by 1, which proves that the estimate exists; where it does not, some always move by 1.
        self.sure = (decrement <= self.tolerance) & (np.abs(step).sum(axis=1) <= 0.1)
        early = 3 if self.hasty else 8
        runs_away = (
            ~self.patient & (round_ >= early) & (decrement < 1e-2) & (decrement > 0.15 * self.decrement) & ~worse
        )
        if self.hasty:
            runs_away |= decrement <= self.tolerance
        self.last = self.sure | runs_away
        self.best, self.step, self.decrement = kernel, step, decrement
        self.now = self.now + step


def covariances(items: Items, alpha: Floats) -> Floats:
    """
    Inverse information at given parameters.

    Args:
        items: Tables with a model each.
        alpha: Shape (R, p).

    Returns:
        Floats: shape (R, p, p); rows and columns of parameters at minus infinity are those of the unit matrix. Where
            a parameter is not identifiable, large numbers.

    Source:
        Cormack (1989), Biometrics 45, 395-413.
    """
    rows = len(items)
    cells = items.on_all.shape[1]
    chunk = _rows_at_a_time(items)
    if rows > chunk:
        parts = [slice(at, at + chunk) for at in range(0, rows, chunk)]
        return np.concatenate([covariances(items.take(part), alpha[part]) for part in parts])
    base = (np.arange(rows) * cells)[:, None]
    spread = np.zeros((rows, cells))
    spread.reshape(-1)[items.slots + base] = alpha
    means = np.exp(np.minimum(lattice.subset_sums(spread), 600.0)) * items.alive
    unions = (items.slots[:, :, None] | items.slots[:, None, :]) + base[:, :, None]
    information = lattice.superset_sums(means).reshape(-1).take(unions)
    diagonal = _diagonal(information)
    if items.valid is not None:
        diagonal += ~items.valid
    diagonal *= 1.0 + 1e-9
    diagonal += 1e-12
    return np.asarray(np.linalg.inv(information), dtype=np.float64)


def _diagonal(matrices: Floats) -> Floats:
    """Shape (R, p): the diagonals of matrices that lie one after another, as a view."""
    view: Floats = matrices.reshape(len(matrices), -1)[:, :: matrices.shape[1] + 1]
    return view


def _solve(information: Floats, score: Floats) -> Floats:
    """Newton steps; a singular matrix, where a parameter is not identifiable, is helped by a ridge."""
    try:
        solved: Floats = np.asarray(np.linalg.solve(information, score[:, :, None])[:, :, 0], dtype=np.float64)
        if np.isfinite(solved).all():
            return solved
    except np.linalg.LinAlgError:
        pass
    helped = information.copy()
    diagonal = _diagonal(helped)
    diagonal *= 1.0 + 1e-8
    diagonal += 1e-12
    solved = np.asarray(np.linalg.solve(helped, score[:, :, None])[:, :, 0], dtype=np.float64)
    return np.nan_to_num(solved, nan=0.0, posinf=0.0, neginf=0.0)


def log_factorials(counts: Ints) -> Floats:
    """ln(n!) of whole numbers, any shape, exact to rounding."""
    if counts.size and counts.max() < _TABLED:
        tabled: Floats = _log_factorial_table()[counts]
        return tabled
    values, where = np.unique(counts, return_inverse=True)
    logs = np.array([lgamma(int(value) + 1.0) for value in values])
    found: Floats = logs[where].reshape(counts.shape)
    return found


@cache
def _log_factorial_table() -> Floats:
    return np.array([lgamma(value + 1.0) for value in range(_TABLED)])
