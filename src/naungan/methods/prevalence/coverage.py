"""How often the limits hold the truth, on simulated tables like the user's own, where the truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import bootstrap, lattice, limits
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.estimate import Options, check_level, chooser_of, usable
from naungan.methods.prevalence.loglinear import POINT_TOLERANCE
from naungan.methods.prevalence.results import JsonValue, Reason
from naungan.methods.prevalence.tables import CaptureTable

__all__ = ["Coverage", "Held", "simulate", "simulate_from"]

Floats = NDArray[np.float64]
Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Held:
    """Shares in [0, 1] of the simulated tables: limits that held the truth, lay above it, lay below it."""

    held: float
    above: float
    below: float


@dataclass(frozen=True)
class Coverage:
    """
    What the simulation found.

    Attributes:
        truth: People in all in the simulated world, the estimate of the table; None where it has none.
        tables: How many tables were simulated.
        without_estimate: Share in [0, 1] of them that have no estimate; they count as not held.
        held: By kind of interval and level.
        root_mean_square_log: Of the estimates around the truth, natural logarithms.
        seed, settings: To get the same digits again.
        reasons: Why there is none.
    """

    truth: float | None
    tables: int
    without_estimate: float
    held: Mapping[str, Mapping[float, Held]]
    root_mean_square_log: float | None
    seed: int
    settings: Mapping[str, str | int | float | bool | None]
    reasons: tuple[Reason, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """The object that `--json` prints."""
        return {
            "truth": self.truth,
            "tables": self.tables,
            "without_estimate": self.without_estimate,
            "coverage": {
                kind: {f"{level:g}": {"held": h.held, "above": h.above, "below": h.below} for level, h in by.items()}
                for kind, by in self.held.items()
            },
            "root_mean_square_log": self.root_mean_square_log,
            "seed": self.seed,
            "settings": dict(self.settings),
            "reasons": [{"code": reason.code, "params": dict(reason.params)} for reason in self.reasons],
        }


def simulate(
    table: CaptureTable,
    options: Options | None = None,
    *,
    tables: int = 500,
    advance: Advance | None = None,
) -> Coverage:
    """
    Simulate tables from the model chosen for this one, and see how often percentile and BCa limits hold the truth.

    Args:
        table: The counts.
        options: Method, replicates in each simulated table, levels, seed; stepwise with 500 replicates if left out.
        tables: How many to simulate, at least 1.
        advance: Called with tables done and wanted.

    Returns:
        Coverage: with a standard error of about 0.01 for 500 tables. If the model is wrong for the table, so is this.

    Raises:
        PrevalenceError: an option is out of range.

    Source:
        Chan, Silverman and Vincent (2021), JASA 116(535), section 4.
    """
    chosen = options or Options(replicates=500)
    if tables < 1 or chosen.replicates < 1:
        raise PrevalenceError("option-range", {"option": "tables", "rule": ">= 1"}, field="tables")
    check_level(chosen.level)
    settings = _settings(chosen, tables)
    refusal = usable(table, chosen.method)
    used = table.without(*table.empty_lists) if refusal is None and table.empty_lists else table
    if refusal is not None:
        return Coverage(None, 0, 0.0, {}, None, chosen.seed, settings, refusal.reasons)
    first = chooser_of(used, chosen, tolerance=POINT_TOLERANCE)(used.on_all[None].astype(np.float64))
    fit = limits.fit_model(used, first.model(0, used.t))
    if fit.total is None or np.isnan(first.total[0]):
        return Coverage(None, 0, 0.0, {}, None, chosen.seed, settings, (Reason("estimate-at-infinity"),))
    return simulate_from(used, fit.means, chosen, tables=tables, advance=advance)


def _settings(options: Options, tables: int) -> dict[str, str | int | float | bool | None]:
    return {**options.settings(), "method": options.method, "tables": tables}


def simulate_from(
    table: CaptureTable,
    means: Floats,
    options: Options,
    *,
    tables: int = 500,
    advance: Advance | None = None,
) -> Coverage:
    """
    As `simulate`, from a truth that is given instead of the model chosen for the table.

    Args:
        table: Its lists are those of the simulated tables.
        means: Shape (2**t,), people: expected number with each pattern, entry 0 those on no list.
        options: Method, replicates in each simulated table, levels, seed.
        tables: How many to simulate, at least 1.
        advance: Called with tables done and wanted.

    Returns:
        Coverage: with a standard error of about 0.01 for 500 tables.

    Source:
        Chan, Silverman and Vincent (2021), JASA 116(535), section 4.
    """
    truth = round(float(means.sum()))
    rng = np.random.default_rng([options.seed, 2])
    counts = rng.multinomial(truth, means / means.sum(), size=tables)
    counts[:, 0] = 0
    choose = chooser_of(table, options)
    totals = choose(lattice.superset_sums(counts.astype(np.float64))).total
    found: dict[str, dict[float, list[int]]] = {kind: {level: [] for level in options.levels} for kind in _KINDS}
    for at, total in enumerate(totals):
        if not np.isnan(total):
            drawn = CaptureTable(table.lists, counts[at])
            draws = bootstrap.draw(
                drawn, choose, float(total), replicates=options.replicates, seed=options.seed + at + 1
            )
            for kind, make in _KINDS.items():
                for level, (low, high) in make(draws, options.levels).limits.items():
                    found[kind][level].append(_side(truth, low, high))
        if advance is not None:
            advance(at + 1, tables)
    there = totals[~np.isnan(totals)]
    error = float(np.sqrt(np.mean(np.log(there / truth) ** 2))) if len(there) else None
    return Coverage(
        truth=float(truth),
        tables=tables,
        without_estimate=float(np.isnan(totals).mean()),
        held={kind: {level: _held(sides, tables) for level, sides in by.items()} for kind, by in found.items()},
        root_mean_square_log=error,
        seed=options.seed,
        settings=_settings(options, tables),
    )


_KINDS = {"percentile": bootstrap.percentile, "bca": bootstrap.bca}


def _side(truth: float, low: float | None, high: float | None) -> int:
    """0 when the limits hold the truth, 1 when they lie above it, -1 below; no limit holds everything."""
    if low is not None and truth < low:
        return 1
    return -1 if high is not None and truth > high else 0


def _held(sides: list[int], tables: int) -> Held:
    return Held(*(sides.count(side) / tables for side in (0, 1, -1)))
