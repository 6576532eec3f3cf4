"""
Measures what may be told safely, and writes bench/release.md.

    python -m bench.release [--quick] [--runs 3] [--only errors|peer|reuse|growth|audit|kanon|report ...]

Everything runs in processes of its own, so that processor time and peak memory are theirs. What was measured is kept
under build/bench, so that --only renews one part.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from bench import trafficking
from bench.peers import pacsynth
from bench.worlds import BUILD, ROOT

Codes = NDArray[np.int64]
Line = dict[str, object]
FOLDER = BUILD / "release"
RESULTS = ROOT / "bench" / "release.md"
PEOPLE = 50_000
DELTA = 1 / (PEOPLE * math.log(PEOPLE))
EPSILONS = (0.5, 1.0, 2.0, 4.0, 8.0, 12.0)
GOALS = {
    0.5: (0.028, 0.06), 1.0: (0.023, 0.05), 2.0: (0.018, 0.04), 4.0: (0.015, 0.033), 8.0: (0.010, 0.026),
    12.0: (0.009, 0.024),
}  # fmt: skip
SHOWN = (
    "tvd2", "tvd3", "error2", "error3", "fabricated2", "fabricated3", "suppressed2", "suppressed3", "filled", "queries",
    "broken", "seconds", "megabytes",
)  # fmt: skip
REUSE = ("alone", "reusing", "reusing, noise less by √2", "reusing, no noise")
TITLES = {"growth": "Cost as it grows, ε = 4", "audit": "Two worlds, claimed ε = 1", "kanon": "k = 11 on five columns"}


def labels(columns: int = 20) -> list[tuple[str, list[str]]]:
    """Names and values of the invented columns; beyond twenty they come again under other names."""
    places = [f"P{number:02d}" for number in range(1, trafficking.PLACES + 1)]
    first = [trafficking.YEARS, trafficking.GENDERS, trafficking.AGES, places, places]
    values = [*first, trafficking.RECRUITERS, trafficking.MONTHS, *([("1",)] * len(trafficking.FLAGS))]
    found = []
    for number in range(columns):
        again = number // 20
        name = trafficking.NAMES[number % 20] + (f"_{again + 1}" if again else "")
        found.append((name, list(values[number % 20])))
    return found


def write_world(path: Path, rows: int, *, seed: int, columns: int = 20) -> None:
    """Invented people as CSV, with their schema beside."""
    parts = [trafficking.people(rows, seed=seed + 100 * part) for part in range(-(-columns // 20))]
    codes = np.concatenate(parts, axis=1)[:, :columns]
    words = labels(columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([name for name, _ in words])
        columns_of_text = [np.array(["", *values], dtype=object)[codes[:, n]] for n, (_, values) in enumerate(words)]
        writer.writerows(zip(*columns_of_text, strict=True))
    names = [name for name, _ in words]
    rules = [{"if": {a: ["1"]}, "then": {b: ["1"]}} for a, b in trafficking.RULES if {a, b} <= set(names)]
    schema = {
        "fields": [{"name": name, "type": "string", "constraints": {"enum": values}} for name, values in words],
        "naungan": {"confirmed": "invented", "population": {"name": "Invented", "size": rows}, "rules": rules},
    }
    path.with_suffix(".schema.json").write_text(json.dumps(schema), encoding="utf-8")


def read_codes(path: Path) -> Codes:
    """A CSV file of invented or released people as codes; what is no declared value counts as blank."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    at = {name: place for place, name in enumerate(head)}
    out = np.zeros((len(rows), len(labels())), dtype=np.int64)
    for column, (name, values) in enumerate(labels()):
        known = {value: code for code, value in enumerate(values, 1)}
        out[:, column] = [known.get(row[at[name]], 0) for row in rows]
    return out


def synthesize(source: Path, out: Path, epsilon: float, support: int, earlier: Path | None, keep: Path | None) -> None:
    """One release of ours, with the exact noise; run in a process of its own."""
    from naungan.methods.release.folder import _write_measurements
    from naungan.methods.release.ledger import Ledger
    from naungan.methods.release.schema import read_schema
    from naungan.methods.release.synthesize import Order, read_earlier
    from naungan.methods.release.synthesize import synthesize as release

    schema = read_schema(source.with_suffix(".schema.json"))
    ledger = Ledger(out.with_suffix(".jsonl"), population="Invented", heads=out.parent / f"{out.stem}-heads")
    ledger.open(epsilon_limit=100, delta_limit=1e-3)
    reused = read_earlier([earlier], schema) if earlier else ()
    made = release(source, schema, Order(epsilon, support=support, earlier=reused), ledger=ledger)
    made.records.write_csv(out)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        _write_measurements(made, keep / "measurements.json")


# The system counts the memory of the process that starts another towards the other's peak, so a small one starts it.
_STARTER = """
import os, sys
quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
started = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(started, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))
"""


def spent(words: Sequence[str]) -> tuple[float, float, bool]:
    """Run a process; its processor seconds, peak megabytes, and whether it ended well."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    starter = [sys.executable, "-S", "-c", _STARTER, *words]
    told = subprocess.run(starter, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    seconds, megabytes, code = told.split()
    return float(seconds), float(megabytes), code == "0"


def ours(
    source: Path, out: Path, epsilon: float, *, support: int = 3, earlier: Path | None = None, keep: Path | None = None
) -> list[str]:
    """The words that make one release of ours."""
    words = [sys.executable, "-m", "bench.release", "--one", str(source), str(out), str(epsilon), str(support)]
    return [*words, str(earlier or "-"), str(keep or "-")]


# ---- distances


def key(codes: Codes, columns: tuple[int, ...]) -> Codes:
    out = codes[:, columns[0]].copy()
    for column in columns[1:]:
        out = out * trafficking.SIZES[column] + codes[:, column]
    return out


def compare(true: Codes, made: Codes, ways: int) -> dict[str, float]:
    """Mean distance, proportional error of counts from 10 on, fabricated and suppressed combinations in per cent."""
    distance, error, counted, fabricated, told, lost, real = [], 0.0, 0, 0, 0, 0, 0
    times = len(true) / len(made)
    for columns in combinations(range(true.shape[1]), ways):
        shape = [trafficking.SIZES[c] for c in columns]
        cells = math.prod(shape)
        a = np.bincount(key(true, columns), minlength=cells)
        b = np.bincount(key(made, columns), minlength=cells) * times
        distance.append(np.abs(a - b).sum() / 2 / len(true))
        large = a >= 10
        error += float((np.abs(a - b)[large] / a[large]).sum())
        counted += int(large.sum())
        filled = np.ones(shape, dtype=bool)
        for axis in range(ways):
            filled[(slice(None),) * axis + (0,)] = False
        whole = filled.ravel()
        fabricated += int(((b > 0) & (a == 0) & whole).sum())
        told += int(((b > 0) & whole).sum())
        lost += int(((a > 0) & (b == 0) & whole).sum())
        real += int(((a > 0) & whole).sum())
    return {
        f"tvd{ways}": float(np.mean(distance)), f"error{ways}": error / counted,
        f"fabricated{ways}": 100 * fabricated / max(told, 1), f"suppressed{ways}": 100 * lost / real,
    }  # fmt: skip


def figures(true: Codes, made: Codes) -> dict[str, float]:
    """Every figure of the comparison."""
    most = true.shape[1] + 1
    filled = [np.bincount((codes > 0).sum(axis=1), minlength=most) / len(codes) for codes in (true, made)]
    at = {name: place for place, name in enumerate(trafficking.NAMES)}
    broken = np.zeros(len(made), dtype=bool)
    for part, whole in trafficking.RULES:
        broken |= (made[:, at[part]] == 1) & (made[:, at[whole]] == 0)
    return {
        **compare(true, made, 2), **compare(true, made, 3), "filled": float(np.abs(filled[0] - filled[1]).sum() / 2),
        "queries": _queries(true, made), "broken": 100 * float(broken.mean()),
    }  # fmt: skip


def _queries(true: Codes, made: Codes, count: int = 500) -> float:
    """Relative error of random queries over 3 to 5 columns which at least 50 people answer."""
    draw, errors = np.random.default_rng(5), []
    while len(errors) < count:
        columns = draw.choice(true.shape[1], draw.integers(3, 6), replace=False)
        record = true[draw.integers(len(true))][columns]
        real = int((true[:, columns] == record).all(axis=1).sum())
        if real >= 50:
            found = float((made[:, columns] == record).all(axis=1).sum()) * len(true) / len(made)
            errors.append(abs(found - real) / real)
    return fmean(errors)


# ---- the measures


def errors(runs: int, quick: bool) -> list[Line]:
    """Ours at every ε, the floor and the shuffle."""
    source, true = _people()
    out: list[Line] = [{"who": "floor", **figures(true, trafficking.people(PEOPLE, seed=2))}]
    draw = np.random.default_rng(3)
    shuffled = np.stack([draw.permutation(true[:, column]) for column in range(true.shape[1])], axis=1)
    out.append({"who": "shuffled", **figures(true, shuffled)})
    made = FOLDER / "made.csv"
    asked = [(epsilon, 3) for epsilon in ((1.0, 4.0) if quick else EPSILONS)] + [(4.0, 1)]
    for epsilon, support in asked:
        for run in range(runs):
            words = ours(source, made, epsilon, support=support)
            out.append(_release("ours" if support > 1 else "ours, τ = 1", epsilon, run, true, made, words))
    return out


def peer(runs: int, quick: bool) -> list[Line]:
    """pac-synth at its best setting and at its defaults, on the same people."""
    source, true = _people()
    made = FOLDER / "peer.csv"
    if why := pacsynth.ready():
        return [{"who": "pac-synth", "epsilon": None, "failed": why}]
    asked = [(4.0, 2, True), (12.0, 2, True), (4.0, 3, False), (12.0, 3, False), (1.0, 2, True), (1.0, 3, False)]
    out: list[Line] = []
    for epsilon, length, best in asked[:1] if quick else asked:
        name = "pac-synth, best (R = 2, synthetic counts)" if best else "pac-synth, defaults (R = 3)"
        for run in range(runs):
            words = pacsynth.command(source, made, epsilon=epsilon, delta=DELTA, length=length, best=best)
            out.append(_release(name, epsilon, run, true, made, words))
    return out


def _people() -> tuple[Path, Codes]:
    """The people of the comparison: the same for us and for the peer."""
    source = FOLDER / "people.csv"
    write_world(source, PEOPLE, seed=1)
    return source, read_codes(source)


def _release(who: str, epsilon: float, run: int, true: Codes, made: Path, words: list[str]) -> Line:
    for old in (*made.parent.glob(f"{made.stem}.*"), *made.parent.glob(f"{made.stem}-heads/*")):
        old.unlink()
    seconds, megabytes, well = spent(words)
    line: Line = {"who": who, "epsilon": epsilon, "run": run, "seconds": seconds, "megabytes": megabytes}
    if not well:
        return {**line, "failed": "it ended with an error"}
    line |= figures(true, read_codes(made))
    print(f"{who} ε = {epsilon:g} run {run}: {json.dumps(line, ensure_ascii=False)}", file=sys.stderr, flush=True)
    return line


def reuse(runs: int, quick: bool) -> list[Line]:
    """
    A second release of the same population at an equal budget, with and without what the first one told; and what its
    error would be if the noise of all its tables were less by √2, or none: the most that any pooling could gain.
    """
    source, made = FOLDER / "again.csv", FOLDER / "second.csv"
    first, second = FOLDER / "first", FOLDER / "second"
    write_world(source, PEOPLE, seed=1)
    true = read_codes(source)
    out: list[Line] = []
    for epsilon in (1.0,) if quick else (0.5, 1.0, 4.0):
        for run in range(runs):
            alone = ours(source, made, epsilon, support=1, keep=first)
            out.append(_release(REUSE[0], epsilon, run, true, made, alone))
            again = ours(source, made, epsilon, support=1, earlier=first, keep=second)
            out.append(_release(REUSE[1], epsilon, run, true, made, again))
            for who, times in zip(REUSE[2:], (math.sqrt(0.5), 0.0), strict=True) if run == 0 else ():
                out.append(
                    {"who": who, "epsilon": epsilon, "run": run, **_with_noise(times, source, true, first, second)}
                )
                print(out[-1], file=sys.stderr, flush=True)
    return out


def _with_noise(times: float, source: Path, true: Codes, *folders: Path) -> dict[str, float]:
    """Distances of records drawn from a fit to the tables of these releases, with their noise brought to a share."""
    from naungan.methods.release.coding import impossible_cells
    from naungan.methods.release.generate import draw_records
    from naungan.methods.release.junction import NoisyTable, fit
    from naungan.methods.release.schema import read_schema
    from naungan.methods.release.select import Counter
    from naungan.methods.release.synthesize import read_earlier

    schema = read_schema(source.with_suffix(".schema.json"))
    counter = Counter(true.astype(np.int32), trafficking.SIZES)
    nearer = []
    for table in read_earlier(folders, schema):
        exact = counter.table(table.columns).astype(float)
        variance = max(times**2 * table.variance, 1.0)
        nearer.append(NoisyTable(table.columns, exact + times * (table.values - exact), variance))
    model, _ = fit(
        trafficking.SIZES, nearer, total=len(true), impossible=impossible_cells(schema), rounds=300
    )  # fmt: skip
    made = draw_records(model, len(true), np.random.default_rng(1))
    return {name: value for ways in (2, 3) for name, value in compare(true, made, ways).items()}


def growth(runs: int, quick: bool) -> list[Line]:
    """Cost by rows and by columns at ε = 4."""
    out: list[Line] = []
    made = FOLDER / "grown.csv"
    sizes = [(10_000, 20), (50_000, 5), (50_000, 20), (50_000, 40), (50_000, 60), (200_000, 20), (1_000_000, 20)]
    for rows, columns in sizes[:3] if quick else sizes:
        source = FOLDER / "grow.csv"
        write_world(source, rows, seed=1, columns=columns)
        for old in (*made.parent.glob("grown.*"), *made.parent.glob("grown-heads/*")):
            old.unlink()
        began = time.perf_counter()
        seconds, megabytes, well = spent(ours(source, made, 4.0))
        wall = time.perf_counter() - began
        out.append(
            {"rows": rows, "columns": columns, "seconds": seconds, "megabytes": megabytes, "wall": wall, "well": well}
        )
        print(out[-1], file=sys.stderr, flush=True)
    return out


def audit(runs: int, quick: bool) -> list[Line]:
    """Two worlds at a claimed ε = 1: the mechanism as it is, on a schema of seven invented columns."""
    from functools import partial

    from naungan.methods.release.attack import audit_mechanism, canary_worlds, publish
    from naungan.methods.release.schema import schema_of

    fields = [
        {"name": name, "constraints": {"enum": values}}
        for name, values in labels()
        if name not in ("citizenship", "country")
    ][:8]
    schema = schema_of({"fields": fields, "naungan": {"confirmed": "invented"}})
    out: list[Line] = []
    for kind in ("wide", "canary"):
        records, person = canary_worlds(schema, 400, seed=17, kind=kind)
        build = partial(publish, schema=schema, epsilon=1.0, delta=1e-5)
        for reuse in (False, True):
            later = partial(build, earlier=build(records).tables) if reuse else build
            done = audit_mechanism(later, records, person, epsilon=1.0, delta=1e-5, runs=60 if quick else 300)
            out.append({"kind": kind, "reuses an earlier release": reuse, **vars(done), "refuted": done.is_refuted})
            print(out[-1], file=sys.stderr, flush=True)
    return out


def kanon(runs: int, quick: bool) -> list[Line]:
    """k = 11 over year, gender, age, citizenship and country: with declared broader values, and with blanks only."""
    import polars as pl

    from naungan.methods.release.kanon import anonymise
    from naungan.methods.release.schema import schema_of

    source = FOLDER / "kanon.csv"
    write_world(source, PEOPLE, seed=1)
    records = pl.read_csv(source, infer_schema=False).select([name for name, _ in labels()[:5]])
    years = {year: f"{int(year) // 5 * 5}-{int(year) // 5 * 5 + 4}" for year in trafficking.YEARS}
    ages = {age: "0--17" if n < 2 else "18--29" if n < 6 else "30+" for n, age in enumerate(trafficking.AGES)}
    region = {place: f"R{int(place[1:]) % 10}" for place in labels()[3][1]}
    broader = {"year": [years], "age": [ages], "citizenship": [region], "country": [region]}
    out: list[Line] = []
    for is_broader in (True, False):
        fields = [
            {
                "name": name,
                "constraints": {"enum": values},
                "naungan": {"broader": broader.get(name, []) if is_broader else []},
            }
            for name, values in labels()[:5]
        ]
        began = time.process_time()
        made = anonymise(records, schema_of({"fields": fields}), k=11)
        out.append(
            {"broader values": is_broader, "rows kept": made.rows, "cells kept": made.kept_share,
             "of them exact": made.kept / made.filled, "seconds": time.process_time() - began}
        )  # fmt: skip
    return out


PARTS: dict[str, Callable[[int, bool], list[Line]]] = {
    "errors": errors, "peer": peer, "reuse": reuse, "growth": growth, "audit": audit, "kanon": kanon,
}  # fmt: skip


# ---- the report


def averaged(lines: list[Line]) -> list[Line]:
    """Runs of one kind brought together: means, and how many."""
    groups: dict[tuple[object, object], list[Line]] = {}
    for line in lines:
        groups.setdefault((line["who"], line.get("epsilon")), []).append(line)
    out = []
    for (who, epsilon), found in groups.items():
        good = [line for line in found if "failed" not in line]
        numbers = [
            name for name, value in (good[0] if good else {}).items() if isinstance(value, float) and name != "epsilon"
        ]
        means = {name: fmean(float(str(line[name])) for line in good) for name in numbers}
        out.append({"who": who, "epsilon": epsilon, "runs": len(good), "failed": len(found) - len(good), **means})
    return out


def report() -> str:
    """The Markdown of everything measured."""
    kept = {name: json.loads(path.read_text("utf-8")) for name in PARTS if (path := FOLDER / f"{name}.json").exists()}
    said = [
        "# What private release costs, and how near it comes",
        "",
        f"Written by `python -m bench.release` on {datetime.now(UTC).date().isoformat()}; "
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}. Seconds are of processor time.",
        f"Invented people: {PEOPLE:,} rows, 20 columns, a seeded Bayesian network (`bench/trafficking.py`); "
        f"δ = {DELTA:.4g}; noise is the exact one. Floor: an independent draw from the same population.",
        "Fabricated and suppressed combinations are those of filled cells, in per cent.",
    ]
    if "errors" in kept:
        rows = []
        for line in averaged([*kept["errors"], *kept.get("peer", [])]):
            goal = GOALS.get(float(str(line["epsilon"] or 0))) if str(line["who"]) == "ours" else None
            aim = f"{goal[0]:g} / {goal[1]:g}" if goal else ""
            rows.append(
                [str(line["who"]), _say(line["epsilon"]), str(line["runs"]), *(_say(line.get(n)) for n in SHOWN), aim]
            )
        said += ["", "## Errors", "", *_table(["", "ε", "runs", *SHOWN, "goal tvd2 / tvd3"], rows)]
    if "reuse" in kept:
        said += ["", "## The next release, at an equal budget", ""]
        found = {(line["who"], line["epsilon"]): line for line in averaged(kept["reuse"])}
        rows = []
        for epsilon in sorted({float(str(line["epsilon"])) for line in kept["reuse"]}):
            for name in ("tvd2", "tvd3"):
                told = [float(str(found[who, epsilon][name])) for who in REUSE]
                less = [f"{100 * (1 - each / told[0]):.0f} %" for each in told[1:]]
                rows.append([_say(epsilon), name, *map(_say, told[:2]), less[0], *map(_say, told[2:]), *less[1:]])
        said += _table(["ε", "", *REUSE[:2], "less", *REUSE[2:], "less", "less"], rows)
    for name, title in TITLES.items():
        if name in kept:
            head = list(kept[name][0])
            said += ["", f"## {title}", "", *_table(head, [[_say(line[key]) for key in head] for line in kept[name]])]
    return "\n".join(said) + "\n"


def _say(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, float):
        return (
            f"{value:,}"
            if isinstance(value, int) and not isinstance(value, bool)
            else str("" if value is None else value)
        )
    return f"{value:.4f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]


def main() -> None:
    """Measure, keep, write."""
    if sys.argv[1:2] == ["--one"]:
        source, out, epsilon, support, earlier, keep = sys.argv[2:8]
        paths = [None if each == "-" else Path(each) for each in (earlier, keep)]
        synthesize(Path(source), Path(out), float(epsilon), int(support), *paths)
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=(*PARTS, "report"), nargs="+", default=list(PARTS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="One run, few settings: whether everything works.")
    asked = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, part in PARTS.items():
        if name in asked.only:
            lines = part(1 if asked.quick else asked.runs, asked.quick)
            (FOLDER / f"{name}.json").write_text(json.dumps(lines), encoding="utf-8")
    text = report()
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
