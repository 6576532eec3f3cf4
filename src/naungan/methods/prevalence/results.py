"""What a method gives back: the estimate with everything that must travel with it, and its JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from naungan import __version__
from naungan.methods.prevalence.tables import CaptureTable

__all__ = ["VERSION", "Bootstrap", "Estimate", "JsonValue", "Limits", "Reason", "Status", "Terms", "limits_json"]

VERSION = __version__

Status = Literal["ok", "no-estimate", "not-identifiable", "refused"]
Limits = Mapping[float, tuple[float | None, float | None]]
Terms = tuple[tuple[str, ...], ...]
JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True)
class Reason:
    """Something to say about a result: a code, and what its sentence needs; `words` has the sentences."""

    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bootstrap:
    """
    How the bootstrap went.

    Attributes:
        replicates: How many samples were drawn.
        without_estimate: Share in [0, 1] of samples for which no admissible model exists.
        z0: Bias correction, the normal quantile of `share_below`; None when there is none (share 0 or 1).
        acceleration: The jackknife's a; None when it was not computed.
        share_below: Share in [0, 1] of replicates below the estimate.
        levels: For each nominal level the two levels of the replicates that the limits were read at.
        median: Median replicate, people.
        models: Share of replicates for each chosen model, most frequent first, at most ten.
    """

    replicates: int
    without_estimate: float
    share_below: float | None = None
    z0: float | None = None
    acceleration: float | None = None
    levels: Mapping[float, tuple[float, float]] = field(default_factory=dict)
    median: float | None = None
    models: tuple[tuple[Terms, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Estimate:
    """
    An estimate of a whole population (known and unknown) and all that must travel with it.

    Attributes:
        method: stepwise, bic, aic, fixed, chao, graphs, latent-class, thresholding or two-list.
        observed: People on at least one list.
        estimate: People in all, or None where there is no estimate.
        limits: For each level (0.95, 0.8) the lower and upper limit in people; None stands for no bound.
        interval: How `limits` were made: bca, percentile, calibrated, log-normal, credible...
        status: ok, no-estimate, not-identifiable or refused.
        reasons: Why, and what else to know.
        model: The largest interaction terms by list names; every list and every smaller term is in the model too.
        conditional_on_model: Whether `limits` take the model as given, so that they are too narrow.
        limits_other: Other limits by kind of interval, for comparison.
        seed: Seed of the random numbers, None where there are none.
        settings: Every setting that changes the digits.
        table_hash, lists: Which table it was.
        scores: Further exact values of the method (aic, bic, se, log_likelihood, r_hat...).
        bootstrap: How the bootstrap went, None without one.
        replicates: Shape (B,), people; NaN where a replicate has no estimate; None without a bootstrap.
        version: Version of naungan.
    """

    method: str
    observed: int
    estimate: float | None
    status: Status
    lists: tuple[str, ...] = ()
    table_hash: str = ""
    limits: Limits = field(default_factory=dict)
    interval: str = "none"
    limits_other: Mapping[str, Limits] = field(default_factory=dict)
    model: Terms = ()
    reasons: tuple[Reason, ...] = ()
    conditional_on_model: bool = False
    seed: int | None = None
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    scores: Mapping[str, float | int | None] = field(default_factory=dict)
    bootstrap: Bootstrap | None = None
    replicates: NDArray[np.float64] | None = None
    version: str = VERSION

    def __post_init__(self) -> None:
        if (self.estimate is not None) != (self.status == "ok"):
            raise ValueError("An estimate stands with the status ok, and with no other.")
        if self.estimate is not None and not math.isfinite(self.estimate):
            raise ValueError("An estimate is a finite number or None.")

    @classmethod
    def none(
        cls,
        table: CaptureTable,
        method: str,
        status: Status,
        *reasons: Reason,
        settings: Mapping[str, str | int | float | bool | None] | None = None,
        seed: int | None = None,
    ) -> Estimate:
        """A result without a number: the status and the reasons say why."""
        return cls(
            method=method,
            observed=table.observed,
            estimate=None,
            status=status,
            lists=table.lists,
            table_hash=table.hash,
            reasons=reasons,
            settings=settings or {},
            seed=seed,
        )

    @property
    def hidden(self) -> float | None:
        """People on no list, the dark figure."""
        return None if self.estimate is None else self.estimate - self.observed

    def because(self, *reasons: Reason) -> Estimate:
        """The same with more reasons."""
        return replace(self, reasons=(*self.reasons, *reasons))

    def to_json(self) -> dict[str, JsonValue]:
        """The object that `--json` prints: no NaN, no infinity, null where there is no number or no bound."""
        from naungan.methods.prevalence.words import say  # noqa: PLC0415 - it builds on this module

        limits = self.limits or dict.fromkeys((0.95, 0.8), (None, None))
        return {
            "method": self.method,
            "status": self.status,
            "observed": self.observed,
            "estimate": self.estimate,
            "hidden": self.hidden,
            "limits": limits_json(limits),
            "interval": self.interval,
            "limits_other": {kind: limits_json(limits) for kind, limits in self.limits_other.items()},
            "model": [":".join(term) for term in self.model],
            "reasons": [
                {"code": reason.code, "params": dict(reason.params), "message": say(reason, "en")}
                for reason in self.reasons
            ],
            "conditional_on_model": self.conditional_on_model,
            "seed": self.seed,
            "version": self.version,
            "lists": list(self.lists),
            "table_hash": self.table_hash,
            "settings": dict(self.settings),
            "scores": {name: _plain(value) for name, value in self.scores.items()},
            "bootstrap": None if self.bootstrap is None else _bootstrap_json(self.bootstrap),
        }


def limits_json(limits: Limits) -> dict[str, JsonValue]:
    """Limits by level, `{"0.95": [lower, upper]}`, with None for no bound."""
    return {f"{level:g}": [_plain(low), _plain(high)] for level, (low, high) in limits.items()}


def _plain(value: float | int | None) -> float | int | None:
    """A number that JSON can hold, or None."""
    if value is None or not math.isfinite(value):
        return None
    return value if isinstance(value, int) else float(value)


def _bootstrap_json(run: Bootstrap) -> dict[str, JsonValue]:
    return {
        "replicates": run.replicates,
        "without_estimate": run.without_estimate,
        "share_below": _plain(run.share_below),
        "z0": _plain(run.z0),
        "acceleration": _plain(run.acceleration),
        "levels": {f"{level:g}": [low, high] for level, (low, high) in run.levels.items()},
        "median": _plain(run.median),
        "models": [{"model": [":".join(term) for term in model], "share": share} for model, share in run.models],
    }
