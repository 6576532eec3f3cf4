"""What stays inside: how exact a release is, and who stands out in the source; computed from sensitive data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from naungan.methods.release.attack import Comparison, attack_rare_combinations

__all__ = ["ErrorBand", "disclosure_report", "utility_report"]

_BANDS = ((10, 30), (30, 100), (100, 300), (300, 1000), (1000, 10_000), (10_000, None))


@dataclass(frozen=True)
class ErrorBand:
    """Counts of about one size: how many, and within what 95 in 100 of them are right, in people."""

    low: int
    high: int | None
    counts: int
    within: float


def utility_report(source: pl.DataFrame, released: pl.DataFrame, names: Sequence[str]) -> Mapping[str, object]:
    """
    How exact counts of the release are, by their size, and which pairs of columns not to use.

    Args:
        source: Records that went in; texts.
        released: The release.
        names: Columns of both.

    Returns:
        Mapping: `bands` of pair counts ("a count of about 100 is right to ± 12"), `columns` with the distance of each
        from the source, `avoid`: the worst pairs. Not safe to publish: it is computed from the source.
    """
    errors: dict[tuple[int, int | None], list[float]] = {band: [] for band in _BANDS}
    distance: dict[tuple[str, str], float] = {}
    times = source.height / max(released.height, 1)
    for pair in combinations(names, 2):
        both = (
            _counts(source, pair).join(_counts(released, pair), on=list(pair), how="full", coalesce=True).fill_null(0)
        )
        true, made = both["len"].to_numpy().astype(float), both["len_right"].to_numpy() * times
        distance[pair] = float(np.abs(true - made).sum() / 2 / max(source.height, 1))
        for low, high in _BANDS:
            here = (true >= low) & (true < (high or np.inf))
            errors[low, high] += np.abs(true - made)[here].tolist()
    columns = {
        name: float(np.mean([value for pair, value in distance.items() if name in pair])) for name in names if distance
    }
    worst = sorted(distance.items(), key=lambda each: -each[1])[:10]
    return {
        "stays_inside": True,
        "bands": [
            vars(ErrorBand(low, high, len(found), float(np.quantile(found, 0.95)) if found else 0.0))
            for (low, high), found in errors.items()
        ],
        "columns": columns,
        "avoid": [{"columns": list(pair), "distance": value} for pair, value in worst],
    }


def disclosure_report(
    source: pl.DataFrame, released: pl.DataFrame, names: Sequence[str], *, holdout: pl.DataFrame | None, seed: int
) -> Mapping[str, object]:
    """
    Who stands out in the source, and whether the release gives them away beyond chance.

    Args:
        source: Records that went in; texts.
        released: The release.
        names: Quasi-identifiers.
        holdout: Records of the same kind that did not go in, as control; None for no attack.
        seed: Of the choice of columns.

    Returns:
        Mapping: uniques and small classes of the source by number of columns known, and the attack with its control.
        Not safe to publish.
    """
    classes = []
    for known in range(1, min(len(names), 4) + 1):
        sizes = [_counts(source, pair)["len"].to_numpy() for pair in combinations(names, known)]
        rows = float(source.height or 1)
        classes.append(
            {
                "columns_known": known,
                "unique_share": float(np.mean([(size == 1).sum() / rows for size in sizes])),
                "below_11_share": float(np.mean([size[size < 11].sum() / rows for size in sizes])),
            }
        )
    found: Comparison | None = None
    if holdout is not None:
        found = attack_rare_combinations(source, holdout, released, seed=seed)
    return {
        "stays_inside": True,
        "classes": classes,
        "attack": None if found is None else {**vars(found), "advantage": found.advantage, "interval": found.interval},
    }


def _counts(records: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return records.select(pl.col(list(names)).fill_null("")).group_by(list(names)).len()
