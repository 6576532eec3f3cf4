"""
Measures one act many times: wall time, processor time of this process, and the part of it that is the database's.

Machines are shared, so processor time is what counts: wall time holds whatever else ran meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper

from bench import postgres

connection: Any = connections["default"]  # parts of it that the stubs do not know are used here

Act = Callable[[int], object]


@dataclass(slots=True)
class Figures:
    """What one act costs, in milliseconds: 50th and 95th percentile of wall and app, the rest as said."""

    name: str
    runs: int
    wall_p50: float
    wall_p95: float
    app_p50: float
    app_p95: float
    app_p99: float
    database: float
    bare: float | None = None
    note: str = ""
    more: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The whole cost as a multiple of the bare SQL of the same question."""
        return (self.app_p50 + self.database) / self.bare if self.bare else None

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def measure(name: str, act: Act, *, runs: int, bare: Act | None = None, note: str = "", warm: int = 5) -> Figures:
    """
    Run an act `runs` times.

    Args:
        name: What it is called in the results.
        act: Takes the number of the run, so that runs need not ask the same.
        bare: The same question as one statement over the driver.
        runs: How often; after `warm` runs that do not count.
    """
    for number in range(warm):
        act(number)
    wall, total, database = _sampled(act, range(warm, warm + runs))
    if database is None:  # SQLite works inside this process: its part is timed in runs of its own
        shares = _in_driver(act, range(warm + runs, warm + 2 * runs))
        share = _middle(shares)
        app = [max(0.0, one - share) for one in total]
    else:
        share, app = _middle(database), total
    figures = Figures(
        name=name,
        runs=runs,
        wall_p50=percentile(wall, 50),
        wall_p95=percentile(wall, 95),
        app_p50=percentile(app, 50),
        app_p95=percentile(app, 95),
        app_p99=percentile(app, 99),
        database=share,
        note=note,
    )
    if bare is not None:
        figures.bare = bare_cost(bare, runs=runs, warm=warm)
    return figures


def bare_cost(act: Act, *, runs: int, warm: int = 5) -> float:
    """The processor time of a statement over the driver, on both sides of it."""
    for number in range(warm):
        act(number)
    _, total, database = _sampled(act, range(warm, warm + runs))
    return _middle(total) + (_middle(database) if database is not None else 0.0)


def percentile(values: Sequence[float], part: int) -> float:
    """The value below which `part` per cent of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)]


def _middle(values: Sequence[float]) -> float:
    """The mean of the middle half: steady as a median, finer than the scheduler's clock."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return fmean(ordered[quarter : len(ordered) - quarter])


def _sampled(act: Act, numbers: range) -> tuple[list[float], list[float], list[float] | None]:
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid if connection.vendor == "postgresql" else None
    wall, cpu, server = [], [], []
    for number in numbers:
        before = postgres.backend_cpu_ns(backend) if backend else 0
        began, used = time.perf_counter(), time.process_time()
        act(number)
        cpu.append((time.process_time() - used) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
        if backend:
            server.append((postgres.backend_cpu_ns(backend) - before) / 1e6)
    return wall, cpu, server if backend else None


def _in_driver(act: Act, numbers: range) -> list[float]:
    """What of each run is spent inside SQLite."""
    shares = []
    with timed_driver() as spent:
        for number in numbers:
            before = spent[0]
            act(number)
            shares.append((spent[0] - before) * 1000)
    return shares


@contextmanager
def timed_driver() -> Iterator[list[float]]:
    """Time every call into the database driver of this connection; the list's one number grows by seconds."""
    spent = [0.0]

    def timed(call: Callable[..., Any]) -> Callable[..., Any]:
        def inner(*args: Any, **kwargs: Any) -> Any:
            used = time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                spent[0] += time.process_time() - used

        return inner

    class Timed(CursorWrapper):
        def __init__(self, cursor: Any, database: Any) -> None:
            super().__init__(cursor, database)
            self.execute = timed(super().execute)  # type: ignore[method-assign]  # timed in this one cursor
            self.executemany = timed(super().executemany)  # type: ignore[method-assign]  # the same
            self.fetchone, self.fetchmany = timed(cursor.fetchone), timed(cursor.fetchmany)
            self.fetchall = timed(cursor.fetchall)

    kept = connection.make_cursor, connection._commit
    connection.make_cursor = lambda cursor: Timed(cursor, connection)
    connection._commit = timed(connection._commit)
    try:
        yield spent
    finally:
        connection.make_cursor, connection._commit = kept
