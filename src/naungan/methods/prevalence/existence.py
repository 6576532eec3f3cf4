"""Whether a model has an estimate for a table, and only one: float certificates first, exact rationals in the end."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import lattice
from naungan.methods.prevalence.loglinear import DRAW_TOLERANCE, Fits, Items, fit_items

__all__ = ["BOTH", "FINE", "NOT_IDENTIFIABLE", "NO_ESTIMATE", "codes", "diagnose", "exact_diagnosis", "fit_and_judge"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int8]

FINE, NO_ESTIMATE, NOT_IDENTIFIABLE, BOTH = 0, 1, 2, 3

_CLEARLY_POSITIVE = 1e-6  # the programs below have 0/1 data only, so an optimum is 0 or a ratio of small integers


def diagnose(support: Bools, model: tuple[int, ...]) -> int:
    """
    Whether the model has a maximum likelihood estimate and is identifiable.

    The answer depends only on which counts are positive, so the program is solved for counts of 0 and 1.

    Args:
        support: Shape (2**t,): whether anybody has exactly this pattern.
        model: All terms as masks, closed under subsets.

    Returns:
        int: 0 fine, 1 no estimate, 2 not identifiable, 3 both. Parameters of empty overlaps stand at minus infinity
            and do not count against the model.

    Source:
        Fienberg and Rinaldo (2012), Ann. Statist. 40, 996-1023; Chan, Silverman and Vincent (2021), section 2.4-2.7.
    """
    return _diagnosed(support.tobytes(), model, None)


def fit_and_judge(items: Items, start: Floats, *, tolerance: float = DRAW_TOLERANCE) -> tuple[Fits, Codes]:
    """
    Fit many items, and say of each whether its estimate exists and is the only one.

    Args:
        items: Tables with a model each.
        start: Shape (R, p): first parameters.
        tolerance: See `loglinear.fit_items`.

    Returns:
        tuple: the fits, and the codes of `codes`; a fit with code 0 has converged.

    Source:
        Fienberg and Rinaldo (2012), Ann. Statist. 40, 996-1023.
    """
    fits = fit_items(items, start, tolerance=tolerance)
    found = codes(items, fits)
    slow = np.flatnonzero((found == FINE) & ~fits.converged)
    if len(slow):
        again = fit_items(items.take(slow), fits.alpha[slow], tolerance=tolerance, patient=True)
        for name in ("alpha", "kernel", "gap", "converged", "marginals", "direction"):
            getattr(fits, name)[slow] = getattr(again, name)
        found[slow[~again.converged]] = NO_ESTIMATE
    return fits, found


def codes(items: Items, fits: Fits) -> Codes:
    """
    The codes of many fits: a converged fit is its own certificate, the others are settled one by one.

    Args:
        items: Tables with a model each.
        fits: What `loglinear.fit_items` found for them.

    Returns:
        Codes: shape (R,), 0 fine, 1 no estimate, 2 not identifiable, 3 both.

    Source:
        Fienberg and Rinaldo (2012), Ann. Statist. 40, 996-1023.
    """
    found = np.zeros(len(items), dtype=np.int8)
    doubtful = ~fits.converged
    rows = np.flatnonzero(_may_lack_rank(items) & ~doubtful)
    if len(rows):
        order = np.argsort(items.slots[rows], axis=1)
        slots = np.take_along_axis(items.slots[rows], order, axis=1)
        fitted = np.ones_like(slots, dtype=np.bool_) if items.valid is None else items.valid[rows]
        valid = np.take_along_axis(fitted, order, axis=1)
        for row, terms, there in zip(rows, slots, valid, strict=True):
            if not _identifiable(terms.tobytes(), there.tobytes(), items.on_all.shape[1]):
                found[row] = NOT_IDENTIFIABLE
    rows = np.flatnonzero(doubtful)
    if len(rows):
        bits = items.on_all.shape[1].bit_length() - 1
        counts = items.on_all[rows] @ _back(bits)
        for row, table in zip(rows, counts > 0.5, strict=True):
            order = np.argsort(items.slots[row])
            model = tuple(int(term) for term in items.slots[row][order])
            table[0] = False
            found[row] = _diagnosed_with_hint(table, model, fits.direction[row][order])
    return found


def _may_lack_rank(items: Items) -> Bools:
    """Shape (R,): with every cell fitted only the term of all lists cannot be told apart; without some, others too."""
    saturated: Bools = (items.slots == items.on_all.shape[1] - 1).any(axis=1)
    return saturated if items.valid is None else saturated | ~items.valid.all(axis=1)


def _diagnosed_with_hint(support: Bools, model: tuple[int, ...], direction: Floats) -> int:
    key = (support.tobytes(), model)
    known = _SETTLED.get(key)
    if known is None:
        known = _diagnosed(*key, tuple(direction))
        if len(_SETTLED) > 200_000:
            _SETTLED.clear()
        _SETTLED[key] = known
    return known


_SETTLED: dict[tuple[bytes, tuple[int, ...]], int] = {}


def _back(bits: int) -> Floats:
    """Shape (2**t, 2**t): superset sums @ this gives the counts back."""
    signs = lattice.signs(bits)
    inverse: Floats = lattice.subset_matrix(bits).T * signs[:, None] * signs[None, :]
    return inverse


def _design(support: Bools, model: tuple[int, ...]) -> tuple[Floats, Bools]:
    """The matrix cells x parameters without empty overlaps, and which of its cells have people."""
    bits = len(support).bit_length() - 1
    inside = lattice.subset_matrix(bits)[list(model)]
    there = (inside[:, support]).any(axis=1)
    alive: Bools = np.all(inside[~there] == 0, axis=0)
    alive[0] = False
    return inside[there][:, alive].T, support[alive]


@lru_cache(maxsize=100_000)
def _identifiable(slots: bytes, valid: bytes, cells: int) -> bool:
    terms = np.frombuffer(slots, dtype=np.int64)
    there = np.frombuffer(valid, dtype=np.bool_)
    inside = lattice.subset_matrix(cells.bit_length() - 1)[terms]
    alive: Bools = np.all(inside[~there] == 0, axis=0)
    alive[0] = False
    return _full_rank(inside[there][:, alive].T)


def _full_rank(design: Floats) -> bool:
    """Whether the columns of a 0/1 matrix are independent; settled in whole numbers when floats leave a doubt."""
    if design.shape[0] < design.shape[1]:
        return False
    if design.shape[1] == 0:
        return True
    values = np.linalg.svd(design, compute_uv=False)
    if float(values[-1]) > 1e-8 * float(values[0]):
        return True
    return exact_rank(design) == int(design.shape[1])


def exact_rank(matrix: Floats) -> int:
    """Rank of a matrix of whole numbers, by elimination in rationals."""
    rows = [[Fraction(int(value)) for value in row] for row in matrix]
    rank = 0
    for column in range(matrix.shape[1]):
        pivot = next((at for at in range(rank, len(rows)) if rows[at][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        head = rows[rank]
        for at in range(rank + 1, len(rows)):
            if rows[at][column]:
                factor = rows[at][column] / head[column]
                rows[at] = [value - factor * top for value, top in zip(rows[at], head, strict=True)]
        rank += 1
    return rank


@lru_cache(maxsize=20_000)
def _diagnosed(support: bytes, model: tuple[int, ...], direction: tuple[float, ...] | None) -> int:
    seen = np.frombuffer(support, dtype=np.bool_)
    design, people = _design(seen, model)
    code = FINE if _full_rank(design) else NOT_IDENTIFIABLE
    if people.all():
        return code
    if direction is not None:
        bits = len(seen).bit_length() - 1
        there = lattice.subset_matrix(bits)[list(model)][:, seen].any(axis=1)
        if _runs_away(design, people, np.array(direction)[there]):
            return code | NO_ESTIMATE
    return code if _exists(design, people) else code | NO_ESTIMATE


def _runs_away(design: Floats, people: Bools, direction: Floats) -> bool:
    """
    Whether the direction, put right, proves that there is no estimate.

    It proves it when it lowers some cells without people and leaves every other cell as it is. After the projection
    the other cells move by rounding only, and the lowered ones by more than a thousandth; a matrix of 0 and 1 of this
    size has no singular value so small that an exact direction could be further away than that.
    """
    moves = design @ direction
    for share in (0.3, 0.03):
        lowered = (moves < -share * max(1e-12, -moves.min())) & ~people
        if not lowered.any():
            return False
        others = design[~lowered]
        exact = direction - np.linalg.lstsq(others, others @ direction, rcond=1e-9)[0]
        size = max(1e-12, float(np.abs(exact).max()))
        if (design[lowered] @ exact < -1e-3 * size).all() and (np.abs(others @ exact) < 1e-9 * size).all():
            return True
    return False


def _exists(design: Floats, people: Bools) -> bool:
    """Whether some x > 0 has the same margins as the table: HiGHS, and rationals where it is not clear."""
    from scipy.optimize import linprog  # noqa: PLC0415 - slow to import, and most tables never need it

    cells = len(design)
    margins = design.T @ people.astype(np.float64)
    equal = np.column_stack([design.T, design.T.sum(axis=1)])
    goal = np.zeros(cells + 1)
    goal[-1] = -1.0
    solved = linprog(goal, A_eq=equal, b_eq=margins, bounds=(0, None), method="highs")
    if solved.status == 0 and -solved.fun > _CLEARLY_POSITIVE:
        return True
    if solved.status == 0 and _proves_none(design, people, np.asarray(solved.eqlin.marginals)):
        return False
    return exact_existence(design, people)


def _proves_none(design: Floats, people: Bools, dual: Floats) -> bool:
    """Whether the dual solution, as rationals, is a direction that lowers empty cells and touches no other."""
    for sign in (-1, 1):
        direction = [Fraction(float(sign * value)).limit_denominator(1000) for value in dual]
        moves = [sum(part for part, one in zip(direction, row, strict=True) if one) for row in design]
        level = all(move == 0 for move, there in zip(moves, people, strict=True) if there)
        if level and all(move <= 0 for move in moves) and any(move < 0 for move in moves):
            return True
    return False


def exact_diagnosis(support: Bools, model: tuple[int, ...]) -> int:
    """
    As `diagnose`, in rational arithmetic from the first step to the last; slow, for doubts and for tests.

    Args:
        support: Shape (2**t,): whether anybody has exactly this pattern.
        model: All terms as masks, closed under subsets.

    Returns:
        int: 0 fine, 1 no estimate, 2 not identifiable, 3 both.

    Source:
        Fienberg and Rinaldo (2012), Ann. Statist. 40, 996-1023.
    """
    design, people = _design(support, model)
    identifiable = exact_rank(design) == design.shape[1]
    exists = bool(people.all()) or exact_existence(design, people)
    return (FINE if exists else NO_ESTIMATE) | (FINE if identifiable else NOT_IDENTIFIABLE)


def exact_existence(design: Floats, people: Bools) -> bool:
    """
    Whether some x > 0 has A'x = A'N, by the simplex method in rationals with Bland's rule.

    Args:
        design: Shape (cells, parameters), 0 or 1.
        people: Shape (cells,): which cells have people.

    Returns:
        bool: exact.
    """
    cells = design.shape[0]
    margins = design.T @ people
    columns = [*range(cells), cells]
    rows = [
        [*(Fraction(int(value)) for value in line), Fraction(int(line.sum())), Fraction(int(margin))]
        for line, margin in zip(design.T, margins, strict=True)
    ]
    basis = _feasible(rows, len(columns))
    gains = [Fraction(0)] * cells + [Fraction(1), Fraction(0)]
    for row, column in enumerate(basis):
        if column is not None and gains[column]:
            gains = [gain - gains[column] * value for gain, value in zip(gains, rows[row], strict=True)]
    while True:
        if -gains[-1] > 0:
            return True
        entering = next((column for column in columns if gains[column] > 0), None)
        if entering is None:
            return False
        _pivot(rows, basis, gains, entering)


def _feasible(rows: list[list[Fraction]], columns: int) -> list[int | None]:
    """A first basis: the sum of the shortfalls is brought to 0; a row without a basic column is redundant."""
    basis: list[int | None] = [None] * len(rows)
    while True:
        short = [row for row, column in enumerate(basis) if column is None]
        gains = [sum((rows[row][column] for row in short), Fraction(0)) for column in range(columns + 1)]
        if gains[-1] == 0:
            break
        entering = next(column for column in range(columns) if gains[column] > 0)
        _pivot(rows, basis, gains, entering)
    for row in range(len(rows)):
        if basis[row] is None:
            entering_at = next((column for column in range(columns) if rows[row][column]), None)
            if entering_at is not None:
                _eliminate(rows, [Fraction(0)] * (columns + 1), row, entering_at)
                basis[row] = entering_at
    return basis


def _pivot(rows: list[list[Fraction]], basis: list[int | None], gains: list[Fraction], entering: int) -> None:
    ratios = [
        (line[-1] / line[entering], -1 if basis[row] is None else basis[row] or 0, row)
        for row, line in enumerate(rows)
        if line[entering] > 0
    ]
    _, _, leaving = min(ratios)
    _eliminate(rows, gains, leaving, entering)
    basis[leaving] = entering


def _eliminate(rows: list[list[Fraction]], gains: list[Fraction], pivot: int, column: int) -> None:
    scale = rows[pivot][column]
    rows[pivot] = [value / scale for value in rows[pivot]]
    head = rows[pivot]
    for row, line in enumerate(rows):
        if row != pivot and line[column]:
            factor = line[column]
            rows[row] = [value - factor * top if top else value for value, top in zip(line, head, strict=True)]
    if gains[column]:
        factor = gains[column]
        gains[:] = [value - factor * top if top else value for value, top in zip(gains, head, strict=True)]
