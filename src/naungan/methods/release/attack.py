"""Attacks on our own releases: what an outsider could learn, always with a control, so that promises are tried."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import beta, norm

from naungan.methods.release.accounting import rho_of_budget
from naungan.methods.release.coding import columns_of, decode, encode, impossible_cells
from naungan.methods.release.errors import Refusal
from naungan.methods.release.generate import draw_records
from naungan.methods.release.junction import Model, NoisyTable, merge
from naungan.methods.release.noise import ExactNoise, Noise
from naungan.methods.release.schema import Schema
from naungan.methods.release.select import Counter, Measurement, MemoryStore, Settings, measure
from naungan.methods.release.tables import Shown, derivable

__all__ = [
    "Audit", "Comparison", "Published", "Reconstruction", "attack_rare_combinations", "audit_mechanism",
    "canary_worlds", "clopper_pearson", "found_in", "invented_records", "judge", "plant_and_look", "plant_secrets",
    "publish", "reconstruct",
]  # fmt: skip

Record = Mapping[str, str | None]
_SURE = 0.95
_MOST_DRAWS = 50


@dataclass(frozen=True)
class Published:
    """What a mechanism lets out: for each coded column its name and labels, and noisy tables over them."""

    columns: tuple[tuple[str, tuple[str, ...]], ...]
    measured: tuple[Measurement, ...]

    @property
    def tables(self) -> tuple[NoisyTable, ...]:
        """What a later release of the same schema may reuse."""
        return tuple(merge(each.noisy() for each in self.measured).values())


@dataclass(frozen=True)
class Audit:
    """
    What an audit of two worlds found.

    Attributes:
        epsilon, delta: Claimed.
        runs: In each world.
        epsilon_low: A real ε of at least this, at 95 %.
        mu_low: A real separation of the two worlds, in standard deviations of a Gaussian, of at least this, at 95 %.
        mu_claimed: The separation which the claim allows, √(2ρ).
        true_positives, false_positives: Guesses "the person is in it" in either world, at the guess fixed beforehand.
    """

    epsilon: float
    delta: float
    runs: int
    epsilon_low: float
    mu_low: float
    mu_claimed: float
    true_positives: int
    false_positives: int

    @property
    def is_refuted(self) -> bool:
        """Whether the claim cannot be true."""
        return self.epsilon_low > self.epsilon or self.mu_low > self.mu_claimed


@dataclass(frozen=True)
class Comparison:
    """An attack and its control: how often each hit, and the 95 % interval of the difference."""

    tried: int
    hits: int
    control_tried: int
    control_hits: int

    @property
    def advantage(self) -> float:
        """Hits of the attack less hits of the control, as shares."""
        return self.hits / max(self.tried, 1) - self.control_hits / max(self.control_tried, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """Of the advantage, 95 %, from Clopper-Pearson bounds at 97.5 % of each side."""
        low, high = clopper_pearson(self.hits, self.tried, 0.975)
        under, over = clopper_pearson(self.control_hits, self.control_tried, 0.975)
        return low - over, high - under


def clopper_pearson(hits: int, tried: int, sure: float = _SURE) -> tuple[float, float]:
    """
    Exact bounds of a share, each one-sided.

    Args:
        hits: Successes.
        tried: Trials.
        sure: Confidence of each bound.

    Returns:
        Lower and upper bound in [0, 1]. As safe to publish as the numbers that went in.

    Source:
        Clopper and Pearson 1934.
    """
    low = 0.0 if hits == 0 else float(beta.ppf(1 - sure, hits, tried - hits + 1))
    high = 1.0 if hits >= tried else float(beta.ppf(sure, hits + 1, tried - hits))
    return low, high


def publish(
    records: pl.DataFrame,
    schema: Schema,
    *,
    epsilon: float,
    delta: float,
    noise: Noise | None = None,
    earlier: Sequence[NoisyTable] = (),
) -> Published:
    """
    The mechanism itself, without ledger and folder: the thing that an audit tries.

    Args:
        records: Texts, as `coding.read_cells` gives them.
        schema: The public schema.
        epsilon, delta: The claim.
        noise: Where noise comes from; the exact noise when left out.
        earlier: Tables of an earlier release to be reused, the same in both worlds: the promise of the later release
            holds for whatever went out before.

    Returns:
        Published: not charged to any ledger, so it is never to leave.
    """
    _, measured = _measured(
        records, schema, epsilon=epsilon, delta=delta, noise=noise, last_fit=1, earlier=tuple(earlier)
    )  # fmt: skip
    return Published(tuple((column.name, column.values) for column in columns_of(schema)), tuple(measured))


def _measured(
    records: pl.DataFrame,
    schema: Schema,
    *,
    epsilon: float,
    delta: float,
    noise: Noise | None,
    last_fit: int,
    earlier: tuple[NoisyTable, ...] = (),
) -> tuple[Model, list[Measurement]]:
    coded = encode(records, schema)
    size = schema.population.size if schema.population else None
    return measure(
        Counter(coded.codes, coded.sizes, coded.rows_per_person), impossible_cells(schema),
        Settings(rho_of_budget(epsilon, delta), size, earlier=earlier, last_fit=last_fit), noise=noise or ExactNoise(),
        store=MemoryStore(), chance=np.random.default_rng(),
    )  # fmt: skip


def audit_mechanism(
    build: Callable[[pl.DataFrame], Published],
    without: pl.DataFrame,
    person: Record,
    *,
    epsilon: float,
    delta: float,
    runs: int,
    advance: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> Audit:
    """
    Run a mechanism many times with and without one person, and bound from below how well the two can be told apart.

    The attacker knows everybody else (the strongest that the promise speaks of) and sums, over all published tables,
    how far the person's own cells exceed what the others explain, weighted by one over the variance. A domain that
    shows the person is the strongest sign of all. The separation is counted at a guess fixed beforehand, half-way
    between the worlds; for ε the first half of the runs sets the guess and the second is counted.

    Args:
        build: The mechanism: records in, `Published` out.
        without: Records of the world without the person.
        person: Their record, by column.
        epsilon, delta: What the mechanism claims.
        runs: In each world, at least 20.
        advance: Told how far it is.

    Returns:
        Audit. Safe to publish where the records are invented.

    Source:
        Jagielski, Ullman and Oprea 2020 (two worlds, Clopper-Pearson); Nasr et al. 2023, "Tight auditing of
        differentially private machine learning", section 4 (bound by way of a Gaussian).
    """
    joined = pl.concat([without, pl.DataFrame([dict(person)], schema=without.schema)])
    found: dict[bool, list[float]] = {False: [], True: []}
    for number in range(runs):
        for is_in, records in ((False, without), (True, joined)):
            found[is_in].append(_suspicion(build(records), without, person))
        advance("runs", number + 1, runs)
    return judge(np.array(found[False]), np.array(found[True]), epsilon=epsilon, delta=delta)


def judge(out: NDArray[np.float64], inside: NDArray[np.float64], *, epsilon: float, delta: float) -> Audit:
    """
    Bound ε and the Gaussian separation from below, by suspicions in two worlds.

    Args:
        out: Suspicions without the person, shape (runs,); above 0 speaks for the person.
        inside: Suspicions with them, shape (runs,).
        epsilon, delta: The claim.

    Returns:
        Audit. Safe to publish where the records of both worlds are invented.
    """
    half = len(out) // 2
    mu_claimed = math.sqrt(2 * rho_of_budget(epsilon, delta))
    by_epsilon = max(
        _thresholds(out[:half], inside[:half]), key=lambda t: _epsilon_low(out[:half], inside[:half], t, delta)
    )
    epsilon_low = _epsilon_low(out[half:], inside[half:], by_epsilon, delta)
    return Audit(
        epsilon, delta, len(out), epsilon_low, _mu_low(out, inside, 0.0), mu_claimed,
        int((inside > 0).sum()), int((out > 0).sum()),
    )  # fmt: skip


def _thresholds(out: NDArray[np.float64], inside: NDArray[np.float64]) -> list[float]:
    both = np.unique(np.concatenate([out, inside]))
    return [float(point) for point in np.quantile(both, np.linspace(0.02, 0.98, 49), method="lower")]


def _bounds(out: NDArray[np.float64], inside: NDArray[np.float64], threshold: float) -> tuple[float, float]:
    """A lower bound of true positives and an upper bound of false ones; 97.5 % each, 95 % together."""
    low, _ = clopper_pearson(int((inside > threshold).sum()), len(inside), 0.975)
    _, high = clopper_pearson(int((out > threshold).sum()), len(out), 0.975)
    return low, high


def _epsilon_low(out: NDArray[np.float64], inside: NDArray[np.float64], threshold: float, delta: float) -> float:
    low, high = _bounds(out, inside, threshold)
    return math.log((low - delta) / high) if low > delta and high > 0 else -math.inf


def _mu_low(out: NDArray[np.float64], inside: NDArray[np.float64], threshold: float) -> float:
    low, high = _bounds(out, inside, threshold)
    return float(norm.ppf(low) - norm.ppf(high))


def _suspicion(published: Published, without: pl.DataFrame, person: Record) -> float:
    """How much the published tables speak for the person being in."""
    codes: list[int | None] = []
    others: list[NDArray[np.bool_]] = []
    for name, labels in published.columns:
        field, _, member = name.partition(": ")
        held = _held(person.get(field), member)
        codes.append(labels.index(held) if held in labels else None)
        others.append(_same(without[field], member, held))
    if any(code is None for code in codes):
        return -1e9  # the domain itself says that nobody like this is in it
    total = 0.0
    for table in published.measured:
        cell = tuple(code for code in (codes[column] for column in table.columns) if code is not None)
        alike = np.ones(without.height, dtype=bool)
        for column in table.columns:
            alike &= others[column]
        total += (float(table.values[cell]) - float(alike.sum()) - 0.5) * table.rho  # half of one person
    return total


def _held(cell: str | None, member: str) -> str:
    if not member:
        return cell or ""
    return member if cell == member else ""


def _same(cells: pl.Series, member: str, held: str) -> NDArray[np.bool_]:
    plain = cells.fill_null("")
    if member:
        return ((plain == member) == (held == member)).to_numpy()
    return (plain == held).to_numpy()


def invented_records(schema: Schema, rows: int, *, seed: int) -> pl.DataFrame:
    """
    Invented records that obey a schema, for audits: no real person is put at risk by trying.

    Args:
        schema: The public schema.
        rows: How many.
        seed: Of the invention.

    Returns:
        Table of texts.
    """
    draw = np.random.default_rng(seed)
    out: dict[str, list[str | None]] = {}
    for field in schema.fields:
        blank = draw.random(rows) < (0.0 if field.required else 0.3)
        places = (len(field.values) * draw.random(rows) ** 2).astype(int)
        out[field.name] = [None if no else field.values[at] for no, at in zip(blank, places, strict=True)]
    return _obeying(pl.DataFrame(out, schema={field.name: pl.String for field in schema.fields}), schema)


def _obeying(records: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """The records without those that break a rule."""
    columns = columns_of(schema)
    keep = np.ones(records.height, dtype=bool)
    loose = encode(records, _without_rules(schema))
    for over, excluded in impossible_cells(schema).items():
        keep &= ~excluded[tuple(loose.codes[:, place] for place in over)]
    assert len(columns) == loose.codes.shape[1]
    return records.filter(pl.Series(keep))


def _without_rules(schema: Schema) -> Schema:
    return replace(schema, rules=(), unit=None)


def canary_worlds(schema: Schema, rows: int, *, seed: int, kind: str) -> tuple[pl.DataFrame, Record]:
    """
    Two worlds for an audit: records, and one more person who stands out.

    Args:
        schema: The public schema.
        rows: About how many others.
        seed: Of the invention.
        kind: `wide`: the person has every cell filled and all others few; `canary`: the person holds, in each column,
            a declared value that nobody else holds.

    Returns:
        Records without the person, and the person.
    """
    records = invented_records(schema, rows, seed=seed)
    person = {field.name: field.values[-1] for field in schema.fields}
    if kind == "wide":
        draw = np.random.default_rng(seed)
        sparse = [
            records[f.name] if f.required else records[f.name].set(pl.Series(draw.random(records.height) < 0.8), None)
            for f in schema.fields
        ]
        records = _obeying(pl.DataFrame(sparse), schema)
    else:
        alike = pl.any_horizontal(
            [(pl.col(f.name) == f.values[-1]).fill_null(False) for f in schema.fields if len(f.values) > 1]
        )
        records = records.filter(~alike)
    return records, person


def attack_rare_combinations(
    source: pl.DataFrame,
    holdout: pl.DataFrame,
    released: pl.DataFrame,
    *,
    seed: int,
    tries: int = 1000,
    columns: int = 4,
) -> Comparison:
    """
    Look in a release for combinations that are unique in the source, and for equally rare ones of people left out.

    Args:
        source: Records that went in; texts.
        holdout: Records of the same kind that did not.
        released: The release.
        seed: Of the choice of columns.
        tries: Records tried on each side.
        columns: Columns combined.

    Returns:
        Comparison: the advantage is what the release tells beyond chance. Not safe to publish: it looks at the source.
    """
    draw = np.random.default_rng(seed)
    names = [name for name in source.columns if name in released.columns]
    wide = min(columns, len(names))
    hits = {True: 0, False: 0}
    tried = {True: 0, False: 0}
    for _ in range(tries):
        chosen = [str(name) for name in draw.choice(names, wide, replace=False)]
        seen = released.select(chosen).fill_null("").unique().rows()
        known = set(seen)
        for is_in, side, other in ((True, source, holdout), (False, holdout, source)):
            record = tuple(cell or "" for cell in side.select(chosen).row(int(draw.integers(side.height))))
            if _count(side, chosen, record) == 1 and _count(other, chosen, record) == 0:
                tried[is_in] += 1
                hits[is_in] += record in known
    return Comparison(tried[True], hits[True], tried[False], hits[False])


def _count(records: pl.DataFrame, names: Sequence[str], record: tuple[str, ...]) -> int:
    alike = [pl.col(name).fill_null("") == cell for name, cell in zip(names, record, strict=True)]
    return int(records.select(pl.all_horizontal(alike).sum()).item())


def plant_secrets(schema: Schema, *, count: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """
    Invented people with random values in every column: one half to be planted in the source, the other kept as control.

    Args:
        schema: The public schema.
        count: In each half; fewer where the schema has not so many combinations.
        seed: Of the invention.

    Returns:
        The planted and the control, no two alike. Look for both in the release with `found_in`.

    Raises:
        Refusal: `too-few-values` where there are not even two combinations.
    """
    draw = np.random.default_rng(seed)
    kind = {field.name: pl.String for field in schema.fields}
    both = pl.DataFrame(schema=kind)
    for _ in range(_MOST_DRAWS):
        drawn = [{f.name: f.values[int(draw.integers(len(f.values)))] for f in schema.fields} for _ in range(2 * count)]
        made = _obeying(pl.DataFrame(drawn, schema=kind), schema)
        both = pl.concat([both, made]).unique(maintain_order=True).head(2 * count)
        if both.height == 2 * count:
            break
    half = both.height // 2
    if not half:
        raise Refusal(
            "too-few-values", "The schema has too few combinations to tell a planted person from another.",
            fix="Audit a schema with more columns or values.",
        )  # fmt: skip
    return both.head(half), both.slice(half, half)


def plant_and_look(
    schema: Schema, *, epsilon: float, delta: float, rows: int, count: int, seed: int, noise: Noise | None = None
) -> Comparison:
    """
    Plant secrets among invented records, make synthetic records of all, and look for the secrets in them.

    Args:
        schema: The public schema.
        epsilon, delta: Of the mechanism.
        rows: Invented records among which they are planted.
        count: Secrets planted, and as many kept as control.
        seed: Of the invention; noise and sampling have none.
        noise: Where noise comes from; the exact noise when left out.

    Returns:
        Comparison. Safe to publish: all records are invented.

    Source:
        Carlini and others 2019, "The secret sharer", section 4 (canaries), with a control instead of a rank.
    """
    planted, control = plant_secrets(schema, count=count, seed=seed)
    records = pl.concat([invented_records(schema, rows, seed=seed), planted])
    model, _ = _measured(records, schema, epsilon=epsilon, delta=delta, noise=noise, last_fit=300)
    drawn = draw_records(model, records.height, np.random.default_rng())
    return found_in(planted, control, decode(drawn, schema))


@dataclass(frozen=True)
class Reconstruction:
    """What published tables tell of hidden cells: how many there are, small ones known exactly, the narrowest width."""

    hidden: int
    exact: int
    narrowest: float


def reconstruct(published: Sequence[Shown], sizes: Sequence[int], *, threshold: int = 10) -> Reconstruction:
    """
    Work out hidden counts from published tables alone, as an outsider who has them all.

    Args:
        published: Tables as they went out, of one or several releases.
        sizes: Values of each coded column.
        threshold: Counts below it are small; a larger one may be known, for it was hidden to protect others.

    Returns:
        Reconstruction: `narrowest` in people, infinite where nothing is hidden. Safe to publish: anybody can do it.

    Raises:
        Refusal: `too-large`, or `tables-disagree` where they cannot be of the same people.

    Source:
        `tables.derivable`.
    """
    hidden = [np.isnan(shown.low) for shown in published]
    lows, highs = derivable([], [], sizes, published, asked=hidden)
    least = np.concatenate([np.zeros(0), *(low[hid] for low, hid in zip(lows, hidden, strict=True))])
    most = np.concatenate([np.zeros(0), *(high[hid] for high, hid in zip(highs, hidden, strict=True))])
    exact = (most - least < 1 - 1e-6) & (most < threshold)
    return Reconstruction(len(most), int(exact.sum()), float((most - least).min(initial=math.inf)))


def found_in(planted: pl.DataFrame, control: pl.DataFrame, released: pl.DataFrame) -> Comparison:
    """
    How many planted secrets come out whole, and how many of the control by chance.

    Args:
        planted: Put into the source.
        control: Not put into it.
        released: The release.

    Returns:
        Comparison. Safe to publish: the secrets are invented.
    """
    names = planted.columns
    known = set(released.select(names).fill_null("").rows())
    sides = [sum(tuple(cell or "" for cell in row) in known for row in side.rows()) for side in (planted, control)]
    return Comparison(planted.height, sides[0], control.height, sides[1])
