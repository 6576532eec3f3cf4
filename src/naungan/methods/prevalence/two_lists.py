"""Two lists only: Lincoln-Petersen and Chapman, always with what dependence would do to them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.results import Estimate, Reason
from naungan.methods.prevalence.tables import CaptureTable

__all__ = ["ODDS_RATIOS", "OddsRow", "estimate_two_lists", "odds_table"]

# The dependence of the two lists that is tried: from four times less likely to four times more likely together.
ODDS_RATIOS: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class OddsRow:
    """The population if the lists depend on each other with this odds ratio (1: not at all), people."""

    odds_ratio: float
    estimate: float


def odds_table(table: CaptureTable, ratios: tuple[float, ...] = ODDS_RATIOS) -> tuple[OddsRow, ...]:
    """
    Say what the population would be for each strength of dependence between two lists.

    Args:
        table: Two lists.
        ratios: Odds ratios, above 0; above 1 when one list brings people to the other.

    Returns:
        tuple: n + ψ n10 n01 / n11 for each ψ; empty when nobody is on both lists.

    Raises:
        PrevalenceError: not two lists.

    Source:
        Gerritse, van der Heijden and Bakker (2015), J. Off. Stat. 31(3), 357-379.

    >>> table = CaptureTable.of(["A", "B"], {"A": 10, "B": 20, "A:B": 5})
    >>> [round(row.estimate) for row in odds_table(table, (0.5, 1.0, 2.0))]
    [55, 75, 115]
    """
    _require_two(table)
    only_first, only_second, both = (int(count) for count in table.counts[1:])
    if not both:
        return ()
    return tuple(OddsRow(ratio, table.observed + ratio * only_first * only_second / both) for ratio in ratios)


def estimate_two_lists(table: CaptureTable, *, level: float = 0.95) -> Estimate:
    """
    Estimate a population from two lists by Chapman's formula; the assumption of independence cannot be tested.

    Args:
        table: Two lists.
        level: Of the limits, in (0, 1); those at 0.8 stand beside.

    Returns:
        Estimate: Chapman's estimate, people, with log-normal limits on the hidden part; Lincoln-Petersen's and
            the odds-ratio table are in `scores` (`lincoln_petersen`, `odds_ratio_2`...). Status `no-estimate` when
            nobody is on both lists, `refused` when one list is contained in the other. The limits take
            independence as given. Not safe to publish before disclosure checks.

    Raises:
        PrevalenceError: not two lists; level out of range.

    Source:
        Chapman (1951), Univ. California Publ. Statist. 1, 131-160; variance: Seber (1970), Biometrika 57, 211-213;
        log-normal limits: Burnham et al. (1987), Am. Fish. Soc. Monogr. 5; Chao (1987), Biometrics 43, 783-791.
    """
    _require_two(table)
    if not 0 < level < 1:
        raise PrevalenceError("option-range", {"option": "level", "rule": "0 < level < 1"}, field="level")
    if not table.overlaps.two_or_more:
        return Estimate.none(table, "two-list", "no-estimate", Reason("no-overlap"))
    for inner, outer in table.contained:
        return Estimate.none(table, "two-list", "refused", Reason("list-contained", {"inner": inner, "outer": outer}))
    only_first, only_second, both = (int(count) for count in table.counts[1:])
    first, second = only_first + both, only_second + both
    chapman = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * only_first * only_second / ((both + 1) ** 2 * (both + 2))
    hidden = chapman - table.observed
    return Estimate(
        method="two-list",
        observed=table.observed,
        estimate=chapman,
        status="ok",
        lists=table.lists,
        table_hash=table.hash,
        limits={one: _log_normal(table.observed, hidden, variance, one) for one in sorted({level, 0.8}, reverse=True)},
        interval="log-normal",
        reasons=(Reason("two-lists-only"),),
        conditional_on_model=True,
        scores={
            "lincoln_petersen": first * second / both,
            **{f"odds_ratio_{row.odds_ratio:g}": row.estimate for row in odds_table(table)},
        },
    )


def _log_normal(observed: int, hidden: float, variance: float, level: float) -> tuple[float, float]:
    spread = np.exp(NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(np.log1p(variance / hidden**2)))
    return float(observed + hidden / spread), float(observed + hidden * spread)


def _require_two(table: CaptureTable) -> None:
    if table.t != 2:
        raise PrevalenceError("method-lists", {"method": "two-list", "rule": "2"})
