"""Limits for one model taken as given: log-normal and profile; both ignore that the model was chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import existence, lattice, loglinear
from naungan.methods.prevalence.loglinear import POINT_TOLERANCE
from naungan.methods.prevalence.results import Limits
from naungan.methods.prevalence.selection import independence_start
from naungan.methods.prevalence.tables import CaptureTable

__all__ = ["ModelFit", "fit_model", "log_normal", "profile"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ModelFit:
    """
    One model fitted to one table.

    Attributes:
        model: All terms as masks, ascending.
        code: 0 fine, 1 no estimate, 2 not identifiable, 3 both.
        total: People in all, or None where the code is not 0.
        standard_error: Of the log of the hidden number; None without an estimate, or where it cannot be computed.
        log_likelihood: Of the Poisson counts, with its constant; the supremum where there is no maximum.
        aic, bic: With every parameter counted, those at minus infinity too, and n the number of people.
        parameters: Of each term, minus infinity for empty overlaps.
        means: Shape (2**t,): fitted people by pattern; entry 0 is the hidden number.
    """

    model: tuple[int, ...]
    code: int
    total: float | None
    standard_error: float | None
    log_likelihood: float
    aic: float
    bic: float
    parameters: Floats
    means: Floats


def fit_model(table: CaptureTable, model: Sequence[int]) -> ModelFit:
    """
    Fit one model to one table.

    Args:
        table: The counts.
        model: Masks of terms; subsets and single lists are added. Empty lists of the table stay at minus infinity.

    Returns:
        ModelFit: with its code; never a number where none exists.

    Source:
        Cormack (1989), Biometrics 45, 395-413. BIC with n people as in Silverman, Chan and Vincent (2024).
    """
    terms = lattice.hierarchy(tuple(model), table.t)
    on_all = table.on_all[None].astype(np.float64)
    slots = np.array(terms, dtype=np.int64)
    items = loglinear.items_of(on_all, slots)
    fits, codes = existence.fit_and_judge(items, _start(on_all, slots), tolerance=POINT_TOLERANCE)
    code = int(codes[0])
    valid = np.ones(len(terms), dtype=np.bool_) if items.valid is None else items.valid[0]
    constant = float(loglinear.log_factorials(table.counts).sum())
    log_likelihood = float(fits.kernel[0]) + (0.0 if code == 0 else float(fits.gap[0])) - constant
    spread = np.zeros((1, 2**table.t))
    spread[0, slots] = fits.alpha[0]
    means = np.exp(np.minimum(lattice.subset_sums(spread), 600.0))[0]
    means[1:] *= items.alive[0, 1:]
    return ModelFit(
        model=terms,
        code=code,
        total=table.observed + float(means[0]) if code == 0 else None,
        standard_error=_standard_error(items, fits.marginals) if code == 0 else None,
        log_likelihood=log_likelihood,
        aic=2.0 * len(terms) - 2.0 * log_likelihood,
        bic=math.log(table.observed) * len(terms) - 2.0 * log_likelihood,
        parameters=np.where(valid, fits.alpha[0], -np.inf),
        means=means,
    )


def _start(on_all: Floats, slots: NDArray[np.int64]) -> Floats:
    first, *_ = independence_start(on_all)
    bits = on_all.shape[1].bit_length() - 1
    at = {0: 0, **{1 << bit: bit + 1 for bit in range(bits)}}
    start = np.zeros((len(on_all), len(slots)))
    for column, term in enumerate(slots):
        if int(term) in at:
            start[:, column] = first[:, at[int(term)]]
    return start


def _standard_error(items: loglinear.Items, marginals: Floats) -> float | None:
    """Of the constant, the log of the hidden number, from the inverse information; None where rounding eats it."""
    slots = items.slots[0] if items.valid is None else items.slots[0][items.valid[0]]
    information = marginals[0][slots[:, None] | slots[None, :]]
    first = int(np.flatnonzero(slots == 0)[0])
    scale = 1.0 / np.sqrt(np.diagonal(information))
    try:
        inverse = np.linalg.inv(information * scale[:, None] * scale[None, :])
    except np.linalg.LinAlgError:
        return None
    return float(math.sqrt(max(inverse[first, first], 0.0)) * scale[first])


def log_normal(fit: ModelFit, observed: int, levels: Sequence[float] = (0.95, 0.8)) -> Limits:
    """
    Limits n + exp(log hidden +- z se), conditional on the model.

    Args:
        fit: A model with an estimate.
        observed: People on at least one list.
        levels: Nominal levels in (0, 1).

    Returns:
        Limits: people; empty where there is no estimate.

    Source:
        Chao (1987), Biometrics 43, 783-791, for the logarithm of the hidden number.
    """
    if fit.total is None or fit.standard_error is None:
        return {}
    found: dict[float, tuple[float | None, float | None]] = {}
    for level in levels:
        reach = NormalDist().inv_cdf(0.5 + level / 2.0) * fit.standard_error
        centre = math.log(fit.means[0])
        high = observed + math.exp(centre + reach) if centre + reach < 600.0 else None
        found[level] = (observed + math.exp(centre - reach), high)
    return found


def profile(table: CaptureTable, model: Sequence[int], levels: Sequence[float] = (0.95, 0.8)) -> tuple[float, Limits]:
    """
    Multinomial profile likelihood limits, conditional on the model.

    Args:
        table: The counts.
        model: Masks of terms; the model must have an estimate (`fit_model`).
        levels: Nominal levels in (0, 1).

    Returns:
        tuple: the N where the likelihood is largest, and the limits, all in people; None where the likelihood never
            falls far enough.

    Source:
        Cormack (1992), Biometrics 48, 567-576.
    """
    height = _Profile(table, lattice.hierarchy(tuple(model), table.t))
    fitted = fit_model(table, model)
    if fitted.total is None:
        return math.nan, {}
    top = height.summit(max(fitted.total - table.observed, 0.5))
    best = height(top)
    found: dict[float, tuple[float | None, float | None]] = {}
    for level in levels:
        drop = NormalDist().inv_cdf(0.5 + level / 2.0) ** 2 / 2.0
        found[level] = (
            table.observed + height.crossing(top, best - drop, down=True),
            _plus(table.observed, height.crossing(top, best - drop, down=False)),
        )
    return table.observed + top, found


def _plus(observed: int, hidden: float) -> float | None:
    return None if math.isinf(hidden) else observed + hidden


class _Profile:
    """The log-likelihood of the hidden number, the model fitted anew to the completed table each time."""

    def __init__(self, table: CaptureTable, terms: tuple[int, ...]) -> None:
        self.table = table
        self.slots = np.array(terms, dtype=np.int64)
        self.on_all = table.on_all[None].astype(np.float64)
        self.alpha = _start(self.on_all, self.slots)

    def __call__(self, hidden: float) -> float:
        total = self.table.observed + hidden
        on_all = self.on_all.copy()
        on_all[0, 0] = total
        items = loglinear.items_of(on_all, self.slots)
        items.alive[:, 0] = 1.0
        fits = loglinear.fit_items(items, self.alpha, tolerance=1e-14, patient=True)
        self.alpha = fits.alpha
        # The kernel is the sum of alpha N* less the sum of the means, and both totals are N: what is left is the
        # multinomial likelihood.
        shape = float(fits.kernel[0]) + total - total * math.log(total)
        return math.lgamma(total + 1.0) - math.lgamma(hidden + 1.0) + shape

    def summit(self, start: float) -> float:
        """The hidden number of the largest likelihood, by golden sections on the log scale."""
        low, high = math.log(start) - 1.0, math.log(start) + 1.0
        ratio = (math.sqrt(5.0) - 1.0) / 2.0
        first, second = high - ratio * (high - low), low + ratio * (high - low)
        left, right = self(math.exp(first)), self(math.exp(second))
        while high - low > 1e-7:
            if left > right:
                high, second, right = second, first, left
                first = high - ratio * (high - low)
                left = self(math.exp(first))
            else:
                low, first, left = first, second, right
                second = low + ratio * (high - low)
                right = self(math.exp(second))
        return math.exp((low + high) / 2.0)

    def crossing(self, top: float, level: float, *, down: bool) -> float:
        """Where the likelihood has fallen to a level, below or above the top; 0 or infinity where it never does."""
        factor = 0.5 if down else 2.0
        inner, outer = top, top * factor
        for _ in range(60):
            if self(outer) < level:
                break
            inner, outer = outer, outer * factor
        else:
            return 0.0 if down else math.inf
        if down and outer < 1e-9:
            return 0.0
        while abs(outer - inner) > 1e-9 * max(1.0, inner):
            middle = (inner + outer) / 2.0
            if self(middle) < level:
                outer = middle
            else:
                inner = middle
        return (inner + outer) / 2.0
