"""What wrong and missed links between lists do to an estimate, and how it is put right when their rates are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import bootstrap, lattice, selection
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.results import Estimate, JsonValue, Limits, Reason
from naungan.methods.prevalence.selection import Chooser
from naungan.methods.prevalence.tables import CaptureTable

__all__ = [
    "FALSE",
    "MISSED",
    "Correction",
    "ErrorRate",
    "WhatIf",
    "WhatIfCell",
    "correct",
    "error_matrix",
    "pool",
    "what_if",
    "with_false_links",
    "with_missed_links",
]

MISSED: Final = (0.0, 0.05, 0.1, 0.15, 0.2)
FALSE: Final = (0.0, 0.005, 0.01, 0.015, 0.02)
_LARGEST: Final = 1e10
_PASSES: Final = 20

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class WhatIfCell:
    """With these shares of missed and false links, the estimate as a multiple of that of the table as it is."""

    missed: float
    false: float
    ratio: float | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The two-way table of what-ifs, and the estimate that its ratios multiply."""

    estimate: float | None
    cells: tuple[WhatIfCell, ...]
    draws: int
    seed: int

    def to_json(self) -> dict[str, JsonValue]:
        """The object that `--json` prints."""
        cells: list[JsonValue] = [{"missed": c.missed, "false": c.false, "ratio": c.ratio} for c in self.cells]
        return {"estimate": self.estimate, "cells": cells, "draws": self.draws, "seed": self.seed}


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """
    How often links are wrong, from a sample that people checked.

    Attributes:
        wrong: Errors found.
        checked: Links (or pairs) checked; 0 when nothing was checked, and then any rate is possible.
    """

    wrong: int
    checked: int

    def __post_init__(self) -> None:
        if not 0 <= self.wrong <= self.checked:
            raise PrevalenceError("option-range", {"option": "wrong", "rule": "0 .. checked"}, field="wrong")

    @property
    def share(self) -> float:
        """The best single value, in [0, 1]."""
        return self.wrong / self.checked if self.checked else 0.0

    def draw(self, rng: np.random.Generator, draws: int) -> Floats:
        """`(draws,)` values that the sample allows, by Jeffreys' prior."""
        found: Floats = rng.beta(self.wrong + 0.5, self.checked - self.wrong + 0.5, size=draws)
        return found


@dataclass(frozen=True, slots=True)
class Correction:
    """
    An estimate put right for known error rates.

    Attributes:
        table: The table that the error rates make of the one observed, rounded to whole people.
        raw: People in all from the table as observed; None where there is no estimate.
        estimate: People in all from the corrected table; None where there is no estimate.
        limits: By level, with the uncertainty of the rates, of sampling and of the choice of model.
        without_estimate: Share in [0, 1] of draws without an estimate.
        negative: People in cells that the correction made negative; set to 0. Many say that the rates do not fit.
    """

    table: CaptureTable
    raw: float | None
    estimate: float | None
    limits: Limits
    without_estimate: float
    negative: float


def with_missed_links(counts: Whole, share: float, rng: np.random.Generator, draws: int) -> Whole:
    """
    Break links: a person on k lists holds together by k - 1 links, each of which breaks with this probability.

    Args:
        counts: `(2**lists,)` people.
        share: Probability in [0, 1].
        rng: The generator.
        draws: How many tables.

    Returns:
        NDArray[int64]: `(draws, 2**lists)`; the parts of a broken person count as people of their own.

    Source:
        Ding and Fienberg (1994), Survey Methodology 20, 149-158.
    """
    found = np.zeros((draws, counts.size), dtype=np.int64)
    for pattern in np.flatnonzero(counts):
        ways = _broken(int(pattern))
        odds = np.array([share**cuts * (1 - share) ** (links - cuts) for _, cuts, links in ways])
        times = rng.multinomial(int(counts[pattern]), odds / odds.sum(), size=draws)
        for way, (parts, _, _) in enumerate(ways):
            for part in parts:
                found[:, part] += times[:, way]
    return found


def _broken(pattern: int) -> list[tuple[tuple[int, ...], int, int]]:
    """Every way in which a person's chain of records breaks: the parts, how many links broke, how many there are."""
    members = [bit for bit in range(pattern.bit_length()) if pattern >> bit & 1]
    links = len(members) - 1
    ways = []
    for cuts in range(1 << links):
        parts = [0]
        for place, bit in enumerate(members):
            parts[-1] |= 1 << bit
            if place < links and cuts >> place & 1:
                parts.append(0)
        ways.append((tuple(parts), cuts.bit_count(), links))
    return ways


def with_false_links(counts: Whole, share: float, rng: np.random.Generator) -> Whole:
    """
    Join strangers: people on one list only are taken two by two from different lists (a list has each person once),
    and this share of the couples becomes one person.

    Args:
        counts: `(2**lists,)` people.
        share: Of the couples, in [0, 1].
        rng: The generator.

    Returns:
        NDArray[int64]: `(2**lists,)`.

    Source:
        Ding and Fienberg (1994), Survey Methodology 20, 149-158.
    """
    found = counts.copy()
    lists = int(counts.size).bit_length() - 1
    singles = np.array([1 << bit for bit in range(lists)])
    alone = counts[singles]
    chance = np.outer(alone, alone).astype(np.float64)
    np.fill_diagonal(chance, 0.0)
    if not chance.any():
        return found
    couples = int(rng.binomial(int(alone.sum()) // 2, share))
    pairs = rng.multinomial(couples, (chance / chance.sum()).ravel()).reshape(lists, lists)
    for first, second in zip(*np.nonzero(pairs), strict=True):
        # Late in a long run one of the two lists may have nobody left to join.
        times = min(int(pairs[first, second]), int(found[singles[first]]), int(found[singles[second]]))
        found[[singles[first], singles[second]]] -= times
        found[singles[first] | singles[second]] += times
    return found


def what_if(
    table: CaptureTable,
    *,
    seed: int,
    chooser: Chooser | None = None,
    missed: Sequence[float] = MISSED,
    false: Sequence[float] = FALSE,
    draws: int = 300,
    progress: Progress | None = None,
) -> WhatIf:
    """
    Say how far missed and false links would move the estimate.

    Args:
        table: The table as it is.
        seed: Of the generator.
        chooser: The choice of model; stepwise at 0.02 when left out.
        missed: Shares of links that are missed.
        false: Shares of couples of single-list people that are wrongly joined.
        draws: Tables drawn for each pair of shares.
        progress: Told the share done, in [0, 1].

    Returns:
        WhatIf: median ratio for each pair; None where most draws have no estimate.

    Source:
        Directions of the bias: Ding and Fienberg (1994), Survey Methodology 20, 149-158.
    """
    choose = chooser or selection.stepwise()
    base = _totals(choose, table.counts[None, :])[0]
    rng = np.random.default_rng(seed)
    cells = []
    for place, (lost, wrong) in enumerate([(m, f) for m in missed for f in false]):
        ratio = None
        if np.isfinite(base):
            broken = with_missed_links(table.counts, lost, rng, draws)
            joined = np.stack([with_false_links(one, wrong, rng) for one in broken])
            totals = np.sort(np.nan_to_num(_totals(choose, joined), nan=np.inf))
            middle = float(np.median(totals))
            ratio = middle / float(base) if np.isfinite(middle) else None
        cells.append(WhatIfCell(lost, wrong, ratio))
        if progress is not None:
            progress((place + 1) / (len(missed) * len(false)))
    return WhatIf(float(base) if np.isfinite(base) else None, tuple(cells), draws, seed)


def _totals(choose: Chooser, counts: Whole) -> Floats:
    """`(tables,)` people in all, NaN where there is no estimate."""
    sizes = lattice.sizes(int(counts.shape[1]).bit_length() - 1)
    overlapping = counts[:, sizes >= 2].sum(axis=1) > 0
    found = np.full(len(counts), np.nan)
    if overlapping.any():
        found[overlapping] = choose(lattice.superset_sums(counts[overlapping].astype(np.float64))).total
    found[found > _LARGEST] = np.nan
    return found


def error_matrix(lists: int, *, missed: float, false: float, alone: Floats) -> Floats:
    """
    The matrix M of E(observed) = M true.

    Args:
        lists: How many.
        missed: Probability that a link of a person is missed.
        false: Share of couples of single-list people that are wrongly joined.
        alone: `(lists,)` people on each list only, after links were missed; their shares say who is joined to whom.

    Returns:
        NDArray[float64]: `(2**lists - 1, 2**lists - 1)`, without the pattern of nobody.

    Source:
        Di Consiglio and Tuoto (2018), J. Off. Stat. 34(4), 889-908, for several lists.
    """
    size = 1 << lists
    split = np.zeros((size, size))
    for pattern in range(1, size):
        for parts, cuts, links in _broken(pattern):
            for part in parts:
                split[part, pattern] += missed**cuts * (1 - missed) ** (links - cuts)
    join = np.eye(size)
    share = alone / alone.sum() if alone.sum() else np.full(lists, 1.0 / lists)
    mixed = float((share * (1.0 - share)).sum())
    for bit in range(lists if mixed else 0):
        join[1 << bit, 1 << bit] -= false * (1.0 - share[bit]) / mixed
        for other in set(range(lists)) - {bit}:
            join[1 << bit | 1 << other, 1 << bit] += 0.5 * false * share[other] / mixed
    found: Floats = (join @ split)[1:, 1:]
    return found


def correct(
    table: CaptureTable,
    *,
    missed: ErrorRate,
    false: ErrorRate,
    seed: int,
    chooser: Chooser | None = None,
    draws: int = 1_000,
    level: float = 0.95,
) -> Correction:
    """
    Put a table right for missed and false links, and carry how well their rates are known.

    Args:
        table: As observed.
        missed: Links that were missed, from a checked sample.
        false: Couples of single-list people wrongly joined, from a checked sample.
        seed: Of the generator.
        chooser: The choice of model; stepwise at 0.02 when left out.
        draws: Draws of the rates, each with a fresh sample of people.
        level: Of the limits, in (0, 1); those at 0.8 stand beside.

    Returns:
        Correction: not safe to publish before disclosure checks.

    Source:
        Ding and Fienberg (1994); Di Consiglio and Tuoto (2015), J. Off. Stat. 31, 415-429, and (2018).
    """
    choose = chooser or selection.stepwise()
    rng = np.random.default_rng(seed)
    exact, negative = _inverted(table.counts, missed.share, false.share)
    fixed = _rounded(exact)
    rates = zip(missed.draw(rng, draws), false.draw(rng, draws), strict=True)
    sampled = np.zeros((draws, table.counts.size), dtype=np.int64)
    observed = rng.multinomial(table.observed, table.counts / table.observed, size=draws)
    for row, (lost, wrong) in enumerate(rates):
        sampled[row] = _rounded(_inverted(observed[row], float(lost), float(wrong))[0])
    totals = _totals(choose, sampled)
    total = float(_totals(choose, fixed[None, :])[0])
    raw = float(_totals(choose, table.counts[None, :])[0])
    return Correction(
        CaptureTable(table.lists, fixed),
        raw if np.isfinite(raw) else None,
        total if np.isfinite(total) else None,
        {one: _central(totals, one) for one in sorted({level, 0.8}, reverse=True)},
        float(np.isnan(totals).mean()),
        negative,
    )


def _inverted(counts: Whole, missed: float, false: float) -> tuple[Floats, float]:
    """The true table that gives this one on average, and how many people in it had to be set to 0."""
    lists = int(counts.size).bit_length() - 1
    singles = np.array([(1 << bit) - 1 for bit in range(lists)])
    seen = counts[1:].astype(np.float64)
    alone = seen[singles]
    for _ in range(_PASSES):
        true = np.linalg.solve(error_matrix(lists, missed=min(missed, 0.9), false=min(false, 0.9), alone=alone), seen)
        split = error_matrix(lists, missed=min(missed, 0.9), false=0.0, alone=alone) @ np.maximum(true, 0.0)
        if np.allclose(split[singles], alone, rtol=1e-9, atol=1e-9):
            break
        alone = split[singles]
    negative = float(-true[true < 0].sum())
    return np.concatenate([[0.0], np.maximum(true, 0.0)]), negative


def _rounded(counts: Floats) -> Whole:
    return np.rint(counts).astype(np.int64)


def _central(totals: Floats, level: float) -> tuple[float | None, float | None]:
    """Quantiles in which draws without an estimate count as larger than all others."""
    ordered = np.sort(np.nan_to_num(totals, nan=np.inf))
    low, high = (float(ordered[round(q * (len(ordered) - 1))]) for q in ((1 - level) / 2, (1 + level) / 2))
    return (low if np.isfinite(low) else None), (high if np.isfinite(high) else None)


def pool(
    tables: Sequence[CaptureTable],
    *,
    seed: int,
    chooser: Chooser | None = None,
    method: str = "stepwise",
    replicates: int = 1_000,
    level: float = 0.95,
    progress: Progress | None = None,
) -> Estimate:
    """
    Estimate once per draw of the linkage, and pool.

    Args:
        tables: One table a draw from the posterior of the linkage, all of the same lists.
        seed: Of the bootstrap.
        chooser: The choice of model; stepwise at 0.02 when left out.
        method: Its name.
        replicates: Bootstrap samples per draw.
        level: Of the limits, in (0, 1); those at 0.8 stand beside.
        progress: Told the share done, in [0, 1].

    Returns:
        Estimate: the median over draws, people. `limits` are quantiles of the mixture of all replicates of all
            draws (linkage averaging); `limits_other["rubin"]` combine variances on the log of the hidden part.
            Status `no-estimate` when half of the draws have none.

    Raises:
        PrevalenceError: no tables, or tables of different lists.

    Source:
        Sadinle (2018), Ann. Appl. Stat. 12(2), 1013-1038; Rubin (1987), Multiple Imputation, ch. 3.
    """
    if not tables or any(table.lists != tables[0].lists for table in tables):
        raise PrevalenceError("draws-differ")
    choose = chooser or selection.stepwise()
    points = _totals(choose, np.stack([table.counts for table in tables]))
    settings: dict[str, str | int | float | bool | None] = {
        "linkage_draws": len(tables),
        "replicates_per_draw": replicates,
        "level": level,
    }
    missing = float(np.isnan(points).mean())
    if missing >= 0.5:
        reason = Reason("draws-without-estimate", {"share": round(missing, 4)})
        return Estimate.none(tables[0], method, "no-estimate", reason, settings=settings, seed=seed)
    mixed, chanced = [], []
    for place, (table, point) in enumerate(zip(tables, points, strict=True)):
        if np.isfinite(point):
            drawn = bootstrap.draw(table, choose, float(point), replicates=replicates, seed=seed + place)
            mixed.append(drawn.totals)
            chanced.append(drawn.people)
        else:
            mixed.append(np.full(replicates, np.nan))
            chanced.append(np.full(replicates, np.nan))
        if progress is not None:
            progress((place + 1) / len(tables))
    totals = np.stack(mixed)
    observed = np.array([table.observed for table in tables])
    levels = sorted({level, 0.8}, reverse=True)
    estimate = float(np.median(np.nan_to_num(points, nan=np.inf)))
    return Estimate(
        method=method,
        observed=round(float(np.median(observed))),
        estimate=estimate,
        status="ok",
        lists=tables[0].lists,
        table_hash=tables[0].hash,
        limits={one: _central(np.concatenate(chanced), one) for one in levels},
        interval="linkage-mixture",
        limits_other={"rubin": {one: _rubin(points, totals, observed, one) for one in levels}},
        reasons=(Reason("linkage-pooled", {"draws": len(tables)}),),
        seed=seed,
        settings=settings,
        scores={
            "lowest_draw": float(np.nanmin(points)),
            "highest_draw": float(np.nanmax(points)),
            "draws_without_estimate": missing,
        },
        replicates=totals.ravel(),
    )


def _rubin(points: Floats, totals: Floats, observed: Whole, level: float) -> tuple[float | None, float | None]:
    """Between and within variance of the log hidden part, as for multiple imputation."""
    with np.errstate(invalid="ignore", divide="ignore"):
        hidden = np.log(points - observed)
        spread = np.log(totals - observed[:, None])
    if not np.isfinite(hidden).all():
        return None, None
    spread[~np.isfinite(spread)] = np.nan
    within = float(np.nanmean(np.nanvar(spread, axis=1)))
    between = float(hidden.var(ddof=1)) if len(hidden) > 1 else 0.0
    width = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(within + (1 + 1 / len(hidden)) * between)
    middle, seen = float(hidden.mean()), float(np.median(observed))
    return float(seen + np.exp(middle - width)), float(seen + np.exp(middle + width))
