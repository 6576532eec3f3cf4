"""From a file and its public schema to private synthetic records: check, charge, measure, fit, draw; resumable."""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naungan.methods.release.accounting import epsilon_of_gaussian, rho_of_budget
from naungan.methods.release.alone import alone
from naungan.methods.release.coding import Coded, columns_of, decode, encode, impossible_cells, read_cells
from naungan.methods.release.errors import Refusal, ReleaseError
from naungan.methods.release.generate import draw_records, support
from naungan.methods.release.junction import Columns, Model, NoisyTable, merge
from naungan.methods.release.ledger import Ledger, write_atomically
from naungan.methods.release.noise import ExactNoise, Noise, SeededNoise
from naungan.methods.release.schema import Schema
from naungan.methods.release.select import (
    SELECTION_SHARE,
    Counter,
    Measurement,
    MemoryStore,
    Round,
    Settings,
    Store,
    measure,
    one_way_share,
    planned_rounds,
)

__all__ = [
    "DEFAULT_SUPPORT",
    "Order",
    "Synthesis",
    "delta_for",
    "plan_of",
    "read_earlier",
    "read_workload",
    "synthesize",
]

DEFAULT_SUPPORT = 3
_PILOT = 1000  # the pilot count of people costs this part of ε²
Advance = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """
    What is asked for; nothing in it comes from the data.

    Attributes:
        epsilon: ε of the release.
        delta: δ; None for 1/(n ln n) of the declared size, or of a noisy count of people.
        support: Threshold τ of the synthetic records; 1 for none.
        weights: Whole-number weight of sets of columns, by the names of the coded columns.
        earlier: Noisy tables of earlier releases, by coded columns of this schema.
        seed: A seed for tests: NOT PRIVATE; None for a real release.
    """

    epsilon: float
    delta: float | None = None
    support: int = DEFAULT_SUPPORT
    weights: Mapping[Columns, int] = field(default_factory=dict)
    earlier: tuple[NoisyTable, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.support < 1:
            raise ReleaseError(
                "bad-option", "The support threshold must be at least 1.", field="support", fix="Give 1 for none."
            )


@dataclass(frozen=True)
class Synthesis:
    """
    A release before it is written down. Safe to publish, all of it, when `is_private`.

    Attributes:
        schema: The public schema.
        records: Synthetic records, texts; blanks are null.
        model: Expected counts.
        measured: Noisy tables of this run.
        epsilon, delta, rho: What it cost.
        people: Noisy number of people's rows.
        support: Threshold of the records.
        is_private: False for a seeded test.
        reused: How many tables of earlier releases went in.
    """

    schema: Schema
    records: pl.DataFrame
    model: Model
    measured: tuple[Measurement, ...]
    epsilon: float
    delta: float
    rho: float
    people: float
    support: int
    is_private: bool
    reused: int = 0


def delta_for(people: float) -> float:
    """
    The usual δ for a number of people, declared or noisy.

    Args:
        people: At least 0; below 20 counts as 20.

    Returns:
        float: 1/(n ln n). As safe to publish as the number that went in: give a declared or a noisy one.
    """
    number = max(float(people), 20.0)
    return 1 / (number * math.log(number))


def plan_of(schema: Schema, order: Order) -> Mapping[str, object]:
    """
    What a release would cost and measure, from the schema and the order alone: the dry run.

    Args:
        schema: The public schema.
        order: What is asked for.

    Returns:
        Mapping: population, epsilon, delta, rho, rho_at_most (where δ is to follow from a noisy count, at n = 20),
            columns, tables a round, noise of one-way counts. No data is looked at.
    """
    size = schema.population.size if schema.population else None
    delta = order.delta if order.delta is not None else delta_for(size) if size else None
    columns = columns_of(schema)
    out: dict[str, object] = {
        "population": schema.population.name if schema.population else None,
        "epsilon": order.epsilon, "delta": delta, "rows_per_person": schema.rows_per_person,
        "columns": len(columns), "unit": schema.unit or "row",
        "cells_one_way": sum(len(column.values) for column in columns),
        "support": order.support, "is_private": order.seed is None, "rules": len(schema.rules),
        "rows_out": size, "earlier_tables": len(order.earlier),
        "rho_at_most": rho_of_budget(order.epsilon, delta if delta is not None else delta_for(0)),
    }  # fmt: skip
    if delta is not None:
        rho = rho_of_budget(order.epsilon, delta)
        each = one_way_share(len(columns), is_reusing=bool(order.earlier)) * rho / len(columns)
        out |= {
            "rho": rho,
            "epsilon_exact_gaussian": epsilon_of_gaussian(rho * (1 - SELECTION_SHARE), delta),
            "one_way_noise": schema.rows_per_person / math.sqrt(2 * each),
            "tables_by_round": list(planned_rounds(rho, size, len(columns), is_reusing=bool(order.earlier)))
            if size
            else None,
        }
    return out


def synthesize(
    source: Path,
    schema: Schema,
    order: Order,
    *,
    ledger: Ledger | None,
    work: Path | None = None,
    purpose: str = "synthetic records",
    advance: Advance = lambda what, done, of: None,
) -> Synthesis:
    """
    Make private synthetic records.

    The file is checked against the schema; the ledger is charged for the whole release; only then is noise drawn.
    With a work folder each round of noisy tables is kept on the disk, so that a killed run goes on without a second
    charge; where a round was begun and its tables were lost, the charge stands and a new run is charged anew.

    Args:
        source: CSV or Parquet.
        schema: Public and confirmed.
        order: What is asked for.
        ledger: Of the population; None only for a seeded test.
        work: Folder for the state of the run, kept inside; None keeps it in memory.
        purpose: Words for the ledger.
        advance: Told how far it is.

    Returns:
        Synthesis: (ε, δ)-differentially private towards adding or removing one person, unless seeded.

    Raises:
        ReleaseError: Bad input, never showing a cell; `budget-exhausted`, `ledger-broken`, `no-ledger`.

    Source:
        docs/reference/release.md has the mechanism and the proof.
    """
    schema.require_confirmed()
    _require_budget(schema, order, ledger)
    advance("reading", 0, 1)
    coded = encode(read_cells(source, schema), schema)
    noise: Noise = ExactNoise() if order.seed is None else SeededNoise(order.seed)
    with alone(work):
        budget = _Budget(ledger, order, purpose, _State.at(work, _fingerprint(source, schema, order)))
        try:
            return _make(coded, schema, order, noise, budget, advance)
        except Refusal:
            if work is not None and not any(work.glob("round*")):  # nothing was drawn: leave nothing
                shutil.rmtree(work)
            raise


def _require_budget(schema: Schema, order: Order, ledger: Ledger | None) -> None:
    """A promise that means something, and the ledger of the people concerned; before any look at the data."""
    size = schema.population.size if schema.population else None
    rho_of_budget(order.epsilon, order.delta if order.delta is not None else delta_for(size or 20))
    if order.delta is not None and size is not None and order.delta > 1 / size:
        raise ReleaseError(
            "bad-budget", "δ is larger than one in the number of people: a whole record might go out as it is.",
            field="delta", fix="Leave it out to have it derived, or give less than one in the declared size.",
        )  # fmt: skip
    if order.seed is not None:
        return
    if ledger is None:
        raise Refusal(
            "no-ledger", "A release needs the ledger of its population.",
            fix="Name the population and its limit in the schema; --test makes a run that may not go out.",
        )  # fmt: skip
    if schema.population is not None and schema.population.name != ledger.population:
        raise Refusal(
            "other-population", "The ledger is that of another population than the schema's.", field="ledger",
            fix="Charge the ledger of the population whose records these are.",
        )  # fmt: skip


def _make(coded: Coded, schema: Schema, order: Order, noise: Noise, budget: _Budget, advance: Advance) -> Synthesis:
    chance = np.random.default_rng(order.seed if order.seed is not None else secrets.randbits(128))
    size = schema.population.size if schema.population else None
    state = budget.state
    counter = Counter(coded.codes, coded.sizes, coded.rows_per_person)
    pilot = 0.0
    delta = order.delta if order.delta is not None else delta_for(size) if size else None
    if delta is None:
        pilot = min(order.epsilon, 1.0) ** 2 / _PILOT
        budget.charge("pilot", pilot, None)
        delta = delta_for(_pilot(counter, noise, pilot, state.store))
    rho = rho_of_budget(order.epsilon, delta)
    budget.charge("all", rho - pilot, delta)
    excluded = impossible_cells(schema)
    settings = Settings(rho - pilot, size, order.weights, order.earlier)
    model, measured = measure(
        counter, excluded, settings, noise=noise, store=state.store, chance=chance, advance=advance
    )  # fmt: skip
    advance("drawing records", 0, 1)
    rows = size or round(model.total)
    records = support(
        draw_records(model, rows, chance), model, least=order.support, excluded=excluded, randomness=chance
    )
    return Synthesis(
        schema, decode(records, schema), model, tuple(measured), order.epsilon, delta, rho, model.total, order.support,
        noise.is_private, len(order.earlier),
    )  # fmt: skip


def _pilot(counter: Counter, noise: Noise, rho: float, store: Store) -> float:
    """A noisy count of people, for δ and the number of rows."""
    drawn = store.load(-1)
    if drawn is None:
        store.begin(-1)
        exact = np.array([int(counter.table((0,)).sum())], dtype=np.int64)
        noisy = noise.add(exact, rho=rho, sensitivity=counter.sensitivity)
        drawn = Round(-1, (Measurement((), noisy, rho, counter.sensitivity),))
        store.save(drawn)
    return float(drawn.measured[0].values.ravel()[0])


@dataclass
class _State:
    """The state of a run on the disk, or in memory."""

    store: Store
    run: str

    @classmethod
    def at(cls, work: Path | None, fingerprint: str) -> _State:
        if work is None:
            return cls(MemoryStore(), secrets.token_hex(8))
        path = work / "run.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        if known and known["fingerprint"] == fingerprint and not _lost(work):
            return cls(_DiskStore(work), known["run"])
        if work.exists():
            shutil.rmtree(work)
        work.mkdir(parents=True, mode=0o700)
        state = cls(_DiskStore(work), secrets.token_hex(8))
        write_atomically(path, json.dumps({"fingerprint": fingerprint, "run": state.run}))
        return state


def _lost(work: Path) -> bool:
    """Whether a round was begun whose tables are not there: its noise may have been seen by somebody."""
    return any(not begun.with_suffix(".json").exists() for begun in work.glob("round*.begun"))


@dataclass
class _Budget:
    """The one place where a run is charged."""

    ledger: Ledger | None
    order: Order
    purpose: str
    state: _State

    def charge(self, part: str, rho: float, delta: float | None) -> None:
        """Charge a part of the run, unless this very ledger says that the run was charged for it."""
        if self.ledger is None or self.order.seed is not None:
            return
        run, purpose = self.state.run, self.purpose if part == "all" else f"{self.purpose}: people"
        if not self.ledger.has_charged(run=run, purpose=purpose, rho=rho):
            self.ledger.charge(rho=rho, run=run, purpose=purpose, epsilon=self.order.epsilon, delta=delta)


class _DiskStore:
    """Rounds as files, each written whole or not at all."""

    def __init__(self, work: Path) -> None:
        self.work = work

    def load(self, number: int) -> Round | None:
        """A round drawn before."""
        path = self._path(number)
        if not path.exists():
            return None
        words = json.loads(path.read_text(encoding="utf-8"))
        measured = tuple(
            Measurement(
                tuple(each["columns"]), np.array(each["values"], dtype=np.int64), each["rho"], each["sensitivity"]
            )
            for each in words["measured"]
        )
        return Round(number, measured, words["selection_rho"])

    def begin(self, number: int) -> None:
        """Mark that noise is about to be drawn."""
        mark = self._path(number).with_suffix(".begun")
        mark.touch(mode=0o600)
        handle = os.open(self.work, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    def save(self, drawn: Round) -> None:
        """Keep the tables."""
        words = {
            "selection_rho": drawn.selection_rho,
            "measured": [
                {"columns": list(m.columns), "values": m.values.tolist(), "rho": m.rho, "sensitivity": m.sensitivity}
                for m in drawn.measured
            ],
        }
        write_atomically(self._path(drawn.number), json.dumps(words))

    def _path(self, number: int) -> Path:
        return self.work / f"round{number:+03d}.json"


def _fingerprint(source: Path, schema: Schema, order: Order) -> str:
    """Of input, schema and order; it stays in the work folder, for a hash of the input tells whether one guesses it."""
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    asked = [
        order.epsilon,
        order.delta,
        order.support,
        sorted((list(c), w) for c, w in order.weights.items()),
        order.seed,
    ]
    earlier = [[list(t.columns), t.variance, float(t.values.sum())] for t in order.earlier]
    words = json.dumps([schema.source, schema.unit, list(schema.names), asked, earlier], sort_keys=True, default=str)
    digest.update(words.encode())
    return digest.hexdigest()


def read_workload(path: Path, schema: Schema) -> dict[Columns, int]:
    """
    The officer's declared workload: which tables matter more.

    Args:
        path: JSON: a list of {"columns": [names], "weight": whole number from 1 to 10}.
        schema: The public schema.

    Returns:
        Weight of each pair and triple within a declared table; those not named weigh 1.

    Raises:
        ReleaseError: `bad-workload`.
    """
    fault = ReleaseError(
        "bad-workload", "The workload file is not as it should be.", field="workload",
        fix='Write a list of {"columns": ["year", "gender"], "weight": 1 to 10}.',
    )  # fmt: skip
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        tables = [([str(name) for name in each["columns"]], int(each.get("weight", 2))) for each in words]
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise fault from error
    columns, out = columns_of(schema), dict[Columns, int]()
    for names, weight in tables:
        wanted = {schema.names.index(schema.field_named(name).name) for name in names}
        places = tuple(place for place, column in enumerate(columns) if column.field in wanted)
        if not 1 <= weight <= 10:
            raise fault
        for ways in (2, 3):
            for each in combinations(places, ways):
                out[each] = max(out.get(each, 1), weight)
    return out


def read_earlier(folders: Sequence[Path], schema: Schema) -> tuple[NoisyTable, ...]:
    """
    Noisy tables of earlier releases of the same population, for those columns whose values did not change.

    Args:
        folders: Release folders, each with `measurements.json`.
        schema: Of the new release.

    Returns:
        Tables over the coded columns of the new schema. Public, so that using them costs nothing.

    Raises:
        ReleaseError: `bad-earlier` where a file is not one of ours, or is not private.
    """
    columns = columns_of(schema)
    places = {(column.name, column.values): place for place, column in enumerate(columns)}
    found: list[NoisyTable] = []
    for folder in folders:
        try:
            words = json.loads((folder / "measurements.json").read_text(encoding="utf-8"))
            known = [(each["name"], tuple(each["values"])) for each in words["columns"]]
            sizes = [len(values) for _, values in known]
            is_private = words["private"] is True and words["population"] == (
                schema.population and schema.population.name
            )
            tables = [
                (tuple(t["columns"]), np.array(t["values"], dtype=float), float(t["variance"])) for t in words["tables"]
            ]
            if not all(_fits(*table, sizes) for table in tables):
                raise ValueError("a table does not fit its columns")
        except (OSError, ValueError, RecursionError, KeyError, TypeError, IndexError) as error:
            raise ReleaseError(
                "bad-earlier", "The folder is not a release with measurements.json.", field="reuse",
                fix="Give the folder of an earlier synthetic release of the same population.",
            ) from error  # fmt: skip
        if not is_private:
            raise ReleaseError(
                "bad-earlier", "The earlier release is a test, or of another population.", field="reuse",
                fix="Give the folder of a private release of the same population.",
            )  # fmt: skip
        found += _matching(tables, known, places)
    return tuple(merge(found).values())


def _fits(columns: tuple[int, ...], values: NDArray[np.float64], variance: float, sizes: Sequence[int]) -> bool:
    """Whether a table has the shape of its columns, and numbers that noise can have."""
    shape = tuple(sizes[column] for column in columns)
    return values.shape == shape and bool(np.isfinite(values).all()) and 0 < variance < math.inf


def _matching(
    tables: Sequence[tuple[tuple[int, ...], NDArray[np.float64], float]],
    known: Sequence[tuple[str, tuple[str, ...]]],
    places: Mapping[tuple[str, tuple[str, ...]], int],
) -> list[NoisyTable]:
    out = []
    for old, values, variance in tables:
        now = [places.get(known[column]) for column in old]
        new = [place for place in now if place is not None]
        if len(new) == len(old):
            order = sorted(range(len(new)), key=new.__getitem__)
            out.append(NoisyTable(tuple(sorted(new)), values.transpose(order), variance))
    return out
