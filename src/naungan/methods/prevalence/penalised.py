"""Poisson log-linear fits with a normal prior or a known offset, for one small table at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fit", "design", "fit", "log_density", "slope"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_ROUNDS: Final = 200
_LONGEST_STEP: Final = 3.0
_LARGEST_EXPONENT: Final = 50.0
_CLOSE: Final = 1e-12  # of the squared step in standard errors; the step that follows is about its square
_LEAST_MEAN: Final = 1e-7


@dataclass(frozen=True, slots=True)
class Fit:
    """
    Where the (penalised) likelihood is largest.

    Attributes:
        parameters: `(terms,)`, natural logarithms; the first is the logarithm of the hidden mean.
        covariance: `(terms, terms)`, the inverse of the information there.
        converged: Whether a maximum was reached; if not, there may be none, and nothing here is to be used.
    """

    parameters: Floats
    covariance: Floats
    converged: bool


def design(cells: Whole, terms: Whole) -> Floats:
    """`(cells, terms)`: 1 where a capture pattern holds all lists of a term; both are masks of lists."""
    inside: Floats = ((cells[:, None] & terms[None, :]) == terms[None, :]).astype(np.float64)
    return inside


def log_density(matrix: Floats, people: Floats, precision: Floats, parameters: Floats, offset: Floats) -> Floats:
    """`(rows,)` log of the penalised likelihood at `(rows, terms)` parameters, without its constant."""
    predictor = np.minimum(parameters @ matrix.T + offset, _LARGEST_EXPONENT)
    found: Floats = predictor @ people - np.exp(predictor).sum(axis=1) - 0.5 * (parameters**2) @ precision
    return found


def slope(matrix: Floats, people: Floats, precision: Floats, parameters: Floats, offset: Floats) -> Floats:
    """`(rows, terms)` gradient of `log_density`."""
    means = np.exp(np.minimum(parameters @ matrix.T + offset, _LARGEST_EXPONENT))
    found: Floats = (people - means) @ matrix - precision * parameters
    return found


def fit(matrix: Floats, people: Floats, *, precision: Floats | None = None, offset: Floats | None = None) -> Fit:
    """
    Maximise a Poisson likelihood by Newton's method with halved steps.

    Args:
        matrix: `(cells, terms)`, from `design`; the first column is 1.
        people: `(cells,)`, at least 0.
        precision: `(terms,)` of the normal priors around 0; 0 for a flat one. Flat everywhere when left out.
        offset: `(cells,)` added to the logarithm of each mean; 0 when left out.

    Returns:
        Fit: the mode. Not converged where none exists, or where two terms cannot be told apart.

    Source:
        Nelder and Wedderburn (1972), J. R. Statist. Soc. A 135, 370-384.
    """
    weight = np.zeros(matrix.shape[1]) if precision is None else precision
    shift = np.zeros(len(people)) if offset is None else offset
    now = _start(matrix, people, shift)
    value = _value(matrix, people, weight, now, shift)
    for _ in range(_ROUNDS):
        step, covariance, rise = _newton(matrix, people, weight, now, shift)
        if covariance is None:
            break
        if rise < _CLOSE:
            # Without a prior a mean on its way to 0 says that there is no maximum; with one it is a rare pattern.
            there = precision is not None or _lowest(matrix, now, shift) > _LEAST_MEAN
            return Fit(now + step, covariance, there)
        size = min(1.0, _LONGEST_STEP / float(np.abs(step).max()))
        while size > 1e-10:
            tried = now + size * step
            gained = _value(matrix, people, weight, tried, shift)
            if gained >= value - 1e-12 * (1.0 + abs(value)):
                now, value = tried, gained
                break
            size /= 2.0
        else:
            break
    return Fit(now, np.full((len(now), len(now)), np.nan), converged=False)


def _start(matrix: Floats, people: Floats, offset: Floats) -> Floats:
    """Least squares on the logarithms, each cell weighted by its people: near the mode where counts are not tiny."""
    root = np.sqrt(people + 0.5)
    found, *_ = np.linalg.lstsq(matrix * root[:, None], root * (np.log(people + 0.5) - offset), rcond=1e-10)
    return found.astype(np.float64)


def _value(matrix: Floats, people: Floats, precision: Floats, parameters: Floats, offset: Floats) -> float:
    return float(log_density(matrix, people, precision, parameters[None, :], offset)[0])


def _newton(
    matrix: Floats, people: Floats, precision: Floats, now: Floats, offset: Floats
) -> tuple[Floats, Floats | None, float]:
    """The step, the inverse information and the squared step in standard errors; no covariance when singular."""
    means = np.exp(np.minimum(matrix @ now + offset, _LARGEST_EXPONENT))
    score = (people - means) @ matrix - precision * now
    information = (matrix.T * means) @ matrix + np.diag(precision)
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return now, None, 0.0
    step = covariance @ score
    rise = float(step @ score)
    if not np.isfinite(covariance).all() or rise < 0 or np.linalg.cond(information) > 1e13:
        return now, None, 0.0
    return step, covariance.astype(np.float64), rise


def _lowest(matrix: Floats, now: Floats, offset: Floats) -> float:
    return float(np.exp(np.minimum(matrix @ now + offset, _LARGEST_EXPONENT)).min())
