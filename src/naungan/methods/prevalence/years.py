"""Two years compared: by the difference itself with its limits, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import bootstrap, selection
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.results import JsonValue, Reason, limits_json
from naungan.methods.prevalence.selection import Chooser
from naungan.methods.prevalence.tables import CaptureTable
from naungan.methods.prevalence.words import two_figures

__all__ = ["Difference", "compare_years"]

# More replicates than these without an estimate, and nothing is said.
MOST_WITHOUT = 0.05


@dataclass(frozen=True)
class Difference:
    """
    Later less earlier.

    Attributes:
        difference: People; None where one of the tables has no estimate.
        limits: By level; None stands for no bound.
        without_estimate: Share in [0, 1] of pairs of replicates in which one has no estimate.
        verdict: `years-rose`, `years-fell` or `years-unknown`.
        seed: Of the replicates.
    """

    difference: float | None
    limits: dict[float, tuple[float | None, float | None]]
    without_estimate: float
    verdict: Reason
    seed: int

    def to_json(self) -> dict[str, JsonValue]:
        """The object that `--json` prints."""
        return {
            "difference": self.difference,
            "limits": limits_json(self.limits),
            "without_estimate": self.without_estimate,
            "verdict": self.verdict.code,
            "seed": self.seed,
        }


def compare_years(
    earlier: CaptureTable,
    later: CaptureTable,
    *,
    seed: int,
    chooser: Chooser | None = None,
    replicates: int = 5_000,
    level: float = 0.95,
) -> Difference:
    """
    Estimate how much a population changed between two tables of the same lists.

    Args:
        earlier: One year.
        later: The other; the same lists in the same order.
        seed: Of the replicates; the pairs are drawn with one seed.
        chooser: The choice of model, made afresh in every replicate; stepwise at 0.02 when left out.
        replicates: Pairs of samples.
        level: Of the limits, in (0, 1); those at 0.8 stand beside.

    Returns:
        Difference: says that the number rose or fell only where the limits of the difference exclude 0. It leaves
            out that lists work differently from year to year, which the tables cannot show.

    Raises:
        PrevalenceError: the tables have different lists.

    Source:
        Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 8, for two samples.
    """
    if earlier.lists != later.lists:
        raise PrevalenceError("draws-differ")
    choose = chooser or selection.stepwise()
    unknown = Reason("years-unknown")
    if not (earlier.overlaps.two_or_more and later.overlaps.two_or_more):
        return Difference(None, {}, 1.0, unknown, seed)
    points = [float(choose(table.on_all[None].astype(np.float64)).total[0]) for table in (earlier, later)]
    if not np.isfinite(points).all():
        return Difference(None, {}, 1.0, unknown, seed)
    first, second = (
        bootstrap.draw(table, choose, point, replicates=replicates, seed=seed + at, jackknife=False).people
        for at, (table, point) in enumerate(zip((earlier, later), points, strict=True))
    )
    both = second - first
    missing = float(np.isnan(both).mean())
    limits = {one: _central(both, one, missing) for one in sorted({level, 0.8}, reverse=True)}
    return Difference(points[1] - points[0], limits, missing, _verdict(limits[level], level), seed)


def _central(differences: NDArray[np.float64], level: float, missing: float) -> tuple[float | None, float | None]:
    there = differences[~np.isnan(differences)]
    if missing > MOST_WITHOUT or not len(there):
        return None, None
    low, high = np.quantile(there, [(1 - level) / 2, (1 + level) / 2], method="median_unbiased")
    return float(low), float(high)


def _verdict(limits: tuple[float | None, float | None], level: float) -> Reason:
    low, high = limits
    if low is None or high is None or low <= 0 <= high:
        return Reason("years-unknown")
    if low > 0:
        return Reason("years-rose", {"low": two_figures(low), "high": two_figures(high), "level": level})
    return Reason("years-fell", {"low": two_figures(-high), "high": two_figures(-low), "level": level})
