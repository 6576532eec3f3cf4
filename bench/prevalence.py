"""
What the estimates of people on no list cost, whether they ever speak nonsense, and how often their limits hold.

    python -m bench.prevalence [--only costs|seeds|agreement|sparse|coverage|truths] [--quick]

Prints Markdown and writes bench/prevalence.md; with --only, that part of it. The published tables come from the
tests; all others are made from a seed, none was chosen for its result.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naungan.methods.prevalence.coverage import Held
    from naungan.methods.prevalence.tables import CaptureTable

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "methods" / "prevalence" / "data"
RESULTS = ROOT / "bench" / "prevalence.md"
RUNS = 3
Row = tuple[str, str, float, str]

# Lists and people of the tables that coverage is tried on besides the published ones; the seed is the place in the row.
_MADE = ((4, 200), (5, 350), (5, 1_000), (6, 2_000), (5, 185), (4, 1_000), (5, 2_000), (5, 300))
_TRUTHS = (
    *((4, 2_000), (5, 3_000), (6, 5_000), (5, 10_000), (4, 500)),
    *2 * ((4, 2_000), (5, 3_000), (6, 5_000), (4, 6_000), (5, 1_000)),
)  # lists and people, people unseen included
_FIRST_TRUTH = 201
_SEEDS = 20
_SPARSE = 10_000
_MOST_IN_RATIONALS = 5
_SEARCHED = 10  # one sparse table in so many, of up to five lists, is searched and averaged too
_REPORTED = 500  # one in so many becomes a whole report


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=tuple(_PARTS))
    parser.add_argument("--quick", action="store_true", help="Whether everything works; writes nothing.")
    asked = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name, measure in _PARTS.items():
        if asked.only in (None, name):
            lines = measure(quick=asked.quick)
            print("\n".join(lines), flush=True)
            if not asked.quick:
                RESULTS.write_text(_written({**_kept(), name: lines}), encoding="utf-8")


def _kept() -> dict[str, list[str]]:
    """The parts that were measured before, by name."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else ():
        if line.startswith("## "):
            name = next((part for part, heading in _HEADINGS.items() if line == f"## {heading}"), "")
            found[name] = []
        elif name:
            found[name].append(line)
    return {name: lines[1:] for name, lines in found.items() if name}


def _written(parts: dict[str, list[str]]) -> str:
    lines = ["# Prevalence, measured", "", "Written by `python -m bench.prevalence`."]
    for name, heading in _HEADINGS.items():
        if name in parts:
            lines += ["", f"## {heading}", "", *parts[name]]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]


# What it costs


def _costs(*, quick: bool) -> list[str]:
    rows = [measure() for measure in (*_SHORT, *(() if quick else _LONG))]
    return [
        f"CPU seconds of one process, its own and the system's, Python's start and all imports included: median of "
        f"{RUNS} runs.",
        "",
        *_table(
            ("Measure", "Aim", "CPU seconds", "A replicate"),
            [(what, aim, f"{took:.2f}", each) for what, aim, took, each in rows],
        ),
    ]


def _cpu(words: list[str], runs: int = RUNS) -> float:
    """CPU seconds of a child process, its own and the system's."""
    took = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            words, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(took)


def _estimate(what: str, aim: str, table: Path, replicates: int, *options: str) -> Row:
    words = [sys.executable, "-m", "naungan", "prevalence", "estimate", str(table), "--json"]
    took = _cpu([*words, *(["--bootstrap", str(replicates)] if replicates else []), *options])
    return what, aim, took, f"{1e3 * took / replicates:.3f} ms" if replicates else ""


def _import() -> Row:
    every = "CaptureTable, estimate_population, judge, examine, simulate, models_within"
    took = _cpu([sys.executable, "-c", f"from naungan.methods.prevalence import {every}"])
    return "import of the package, every public function", "0.3", took, ""


def _coverage_cost() -> Row:
    words = [sys.executable, "-m", "naungan", "prevalence", "coverage", str(DATA / "UKdat_5.csv"), "--json"]
    took = _cpu(words)
    return "coverage, 500 tables with 500 replicates, UK 5", "", took, f"{1e3 * took / 250_500:.3f} ms"


def _eight() -> Row:
    import numpy as np

    rng = np.random.default_rng(8)
    member = np.arange(256)[:, None] >> np.arange(8) & 1
    weight = np.exp(member @ rng.uniform(-3.5, -2.0, 8) + 1.2 * member[:, 0] * member[:, 1])
    weight[0] = 0.0
    counts = rng.multinomial(2_000, weight / weight.sum())
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "eight.csv"
        lines = [",".join([*"ABCDEFGH", "count"])]
        lines += [",".join(map(str, [*member[m], n])) for m, n in enumerate(counts) if n]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return _estimate("exact BIC, eight lists, 100 replicates", "completes", path, 100, "--method", "bic")


_UK5, _UK6, _KOSOVO = (DATA / f"{name}.csv" for name in ("UKdat_5", "UKdat", "Kosovo"))
_SHORT: tuple[Callable[[], Row], ...] = (
    _import,
    lambda: _estimate("stepwise, 20,000 replicates with BCa, UK 6", "3", _UK6, 20_000, "--interval", "bca"),
    lambda: _estimate("stepwise, 20,000 replicates, UK 5", "", _UK5, 20_000),
    lambda: _estimate("stepwise, 20,000 replicates, Kosovo", "", _KOSOVO, 20_000),
    lambda: _estimate("exact BIC, two-list terms, UK 5", "2", _UK5, 1_000, "--method", "bic"),
    lambda: _estimate("graphs, UK 6", "20", _UK6, 0, "--method", "graphs"),
)
_LONG: tuple[Callable[[], Row], ...] = (
    lambda: _estimate("exact BIC, all 6,893 models, UK 5", "180", _UK5, 1_000, "--method", "bic", "--max-order", "4"),
    lambda: _estimate("exact BIC, two-list terms, UK 6", "60", _UK6, 1_000, "--method", "bic"),
    _coverage_cost,
    _eight,
)


# How far the limits move between seeds


def _seeds(*, quick: bool) -> list[str]:
    """The whole estimate again with other seeds: what is left is the chance of the bootstrap."""
    from naungan.methods.prevalence.estimate import estimate
    from naungan.methods.prevalence.tables import read_csv

    rows = []
    for name in ("UKdat",) if quick else ("UKdat", "UKdat_5", "Kosovo", "Korea"):
        table = read_csv(DATA / f"{name}.csv")
        found = [estimate(table, seed=seed) for seed in range(1, (4 if quick else _SEEDS) + 1)]
        for kind in ("percentile", "bca"):
            for level in (0.95, 0.8):
                pairs = [({**one.limits_other, one.interval: one.limits})[kind][level] for one in found]
                rows += [
                    (name, f"{kind} {100 * level:.0f} %", side, *_moved([pair[at] for pair in pairs]))
                    for at, side in enumerate(("lower", "upper"))
                ]
        print(f"  {name}", flush=True)
    return [
        f"Stepwise, 20,000 replicates, {_SEEDS} seeds (1 to {_SEEDS}). Two runs: how many of all pairs of seeds differ "
        "by at most 2 %.",
        "",
        *_table(
            (
                "Table",
                "Limits",
                "",
                "Mean",
                "Standard deviation",
                "Largest over smallest, first six",
                f"All {_SEEDS}",
                "Two runs within 2 %",
            ),
            rows,
        ),
    ]


def _moved(limits: list[float | None]) -> tuple[str, ...]:
    values = [value for value in limits if value is not None]
    if len(values) < len(limits):
        return ("no bound", "", "", "", "")
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    near = [max(pair) <= 1.02 * min(pair) for pair in combinations(values, 2)]
    return (
        f"{mean:,.0f}",
        f"{100 * deviation / mean:.2f} %",
        f"{100 * (max(values[:6]) / min(values[:6]) - 1):.1f} %",
        f"{100 * (max(values) / min(values) - 1):.1f} %",
        f"{100 * sum(near) / len(near):.0f} %",
    )


# How near the limits are to R's


def _agreement(*, quick: bool) -> list[str]:
    """R read its BCa limits from 1,000 replicates: what such a run is worth is told by a thousand of ours."""
    import csv
    from dataclasses import replace

    import numpy as np

    from naungan.methods.prevalence import bootstrap
    from naungan.methods.prevalence.estimate import Options, chooser_of, estimate
    from naungan.methods.prevalence.tables import read_csv

    with (DATA / "r-results.csv").open(encoding="utf-8") as file:
        theirs = [row for row in csv.DictReader(file) if row["package"] == "SparseMSE" and "bootstrap" in row["method"]]
    rows = []
    for row in theirs:
        table, method = read_csv(DATA / f"{row['dataset']}.csv"), "stepwise" if "stepwise" in row["method"] else "fixed"
        point = estimate(table, method=method, replicates=0).estimate or 0.0
        many = 2_000 if quick else 100_000
        draws = bootstrap.draw(table, chooser_of(table, Options(method=method)), point, replicates=many, seed=1)
        ours = bootstrap.bca(draws, (0.95, 0.8)).limits
        rng = np.random.default_rng(1)
        runs = [
            bootstrap.bca(replace(draws, totals=draws.totals[rng.integers(0, many, 1_000)]), (0.95, 0.8)).limits
            for _ in range(1_000)
        ]
        for level, at, column in ((0.95, 0, "lo95"), (0.95, 1, "hi95"), (0.8, 0, "lo80"), (0.8, 1, "hi80")):
            like = np.array([run[level][at] for run in runs], dtype=np.float64)
            found, told = ours[level][at], float(row[column])
            if found is not None:
                rows.append(
                    (
                        row["dataset"],
                        method,
                        f"{100 * level:.0f} %, {('lower', 'upper')[at]}",
                        f"{told:,.0f}",
                        f"{found:,.0f}",
                        f"{100 * (found / told - 1):+.1f} %",
                        f"{100 * np.nanstd(like) / found:.1f} %",
                        f"{np.nanmean(like < told):.3f}",
                    )
                )
        print(f"  {row['dataset']}, {method}", flush=True)
    return [
        "BCa limits of SparseMSE 2.0.1 from 1,000 replicates, beside ours from 100,000. What chance does to 1,000 "
        "replicates is measured on 1,000 such runs drawn from ours: their standard deviation, and the share of them "
        "below R's limit.",
        "",
        *_table(("Table", "Method", "Limit", "R", "Ours", "Ours over R", "Deviation of 1,000", "Below R"), rows),
    ]


# Whether it ever speaks nonsense


def _sparse(*, quick: bool) -> list[str]:
    """Random sparse tables of 3 to 8 lists and 10 to 500 people; what a method says is settled in rationals."""
    import numpy as np

    from tests.methods.prevalence.sparse import table_from

    rng = np.random.default_rng(2024)
    found: Counter[str] = Counter()
    tables = 100 if quick else _SPARSE
    for seed in range(tables):
        table = table_from(seed, int(rng.integers(3, 9)), int(rng.integers(10, 501)))
        _tried(table, rng, found, searched=seed % _SEARCHED == 0 and table.t <= 5)
        if seed % _REPORTED == 0:
            _reported(table, found)
        if seed % 1_000 == 999:
            print(f"  {seed + 1:,} tables", flush=True)
    wrong = {name: times for name, times in found.items() if name.startswith("WRONG")}
    return [
        f"{tables:,} random tables of 3 to 8 lists and 10 to 500 people, made from seeds. Each was estimated stepwise "
        "with 20 replicates, by Chao's bounds, and by a model drawn at random; one in ten, of up to five lists, by "
        "BIC, AIC and graphs too. Every log-linear answer and refusal was settled without the fit, up to five lists in "
        "rational arithmetic, with more by a linear program. One table in five hundred became a whole report.",
        "",
        *_table(("What came out", "Times"), [(name, f"{times:,}") for name, times in sorted(found.items())]),
        "",
        "Wrong: none." if not wrong else f"Wrong: {sum(wrong.values()):,}.",
    ]


def _tried(table: CaptureTable, rng: object, found: Counter[str], *, searched: bool) -> None:
    import json

    import numpy as np

    from naungan.methods.prevalence import existence, lattice, limits
    from naungan.methods.prevalence.estimate import estimate

    assert isinstance(rng, np.random.Generator)
    used = table.without(*table.empty_lists) if table.t - len(table.empty_lists) >= 2 else table
    pairs = [(a, b) for at, a in enumerate(used.lists) for b in used.lists[:at] if rng.random() < 0.4]
    asked: list[dict[str, object]] = [
        {"method": "stepwise", "replicates": 20},
        {"method": "chao"},
    ]
    fit = limits.fit_model(used, [used.mask_of(pair) for pair in pairs])
    _settled(used, fit.model, found, exists=fit.code == existence.FINE)
    if searched:
        asked += [{"method": "fixed", "terms": pairs, "replicates": 20}]
        asked += [{"method": "bic", "replicates": 10}, {"method": "aic", "replicates": 10}]
        asked += [{"method": "graphs"}] if table.t - len(table.empty_lists) >= 3 else []
    for options in asked:
        if options["method"] == "fixed" and not pairs:
            continue
        try:
            answer = estimate(table, **options)  # type: ignore[arg-type]  # options by name
            json.dumps(answer.to_json(), allow_nan=False)
        except Exception as error:
            found[f"WRONG: {options['method']} crashed, {type(error).__name__}"] += 1
            continue
        found[f"{answer.method}: {answer.status}"] += 1
        if answer.estimate is not None and not table.observed <= answer.estimate < 1e10:
            found[f"WRONG: {answer.method} out of range"] += 1
        if answer.method in ("stepwise", "bic", "aic") and answer.estimate is not None:
            model = lattice.hierarchy(tuple(used.mask_of(term) for term in answer.model), used.t)
            _settled(used, model, found, exists=True)


def _settled(table: CaptureTable, model: tuple[int, ...], found: Counter[str], *, exists: bool) -> None:
    """Whether the model has an estimate, worked out without the fit."""
    from naungan.methods.prevalence import existence

    diagnose = existence.exact_diagnosis if table.t <= _MOST_IN_RATIONALS else existence.diagnose
    if (diagnose(table.counts > 0, model) == existence.FINE) != exists:
        found[f"WRONG: {'an estimate where none exists' if exists else 'none where one exists'}"] += 1
    else:
        found[f"settled: {'an' if exists else 'no'} estimate exists"] += 1


def _reported(table: CaptureTable, found: Counter[str]) -> None:
    import re

    from naungan.methods.prevalence.estimate import estimate
    from naungan.methods.prevalence.report import document
    from naungan.methods.prevalence.report_html import html

    try:
        page = html(document(table, estimate(table, replicates=50)))
    except Exception as error:
        found[f"WRONG: report crashed, {type(error).__name__}"] += 1
        return
    words = re.sub(r"<style>.*?</style>|<path[^>]*>", "", page, flags=re.DOTALL)
    found["WRONG: report with nan" if re.search(r"\b(nan|inf|None|NaN|Infinity)\b", words) else "report written"] += 1


# How often the limits hold


def _coverage(*, quick: bool) -> list[str]:
    """Each table is taken for the truth: 500 tables are simulated from the model chosen for it."""
    from naungan.methods.prevalence.tables import read_csv
    from tests.methods.prevalence.sparse import table_from

    named = {name: read_csv(DATA / f"{name}.csv") for name in ("UKdat_5", "Kosovo", "UKdat", "Korea")}
    made = {
        f"{lists} lists, {people:,} people": table_from(seed, lists, people)
        for seed, (lists, people) in enumerate(_MADE, start=1)
    }
    rows = [_covered(name, table, 20 if quick else 500) for name, table in {**named, **made}.items()]
    return [
        "500 tables from the stepwise model of each table, 500 replicates in each, the choice repeated in every one; "
        "a table without an estimate counts as not held. Standard error about 1 %.",
        "",
        *_table(
            ("Table", "On 2 lists or more", "Truth", "Percentile 95 % (default)", "80 %", "BCa 95 %", "80 %"), rows
        ),
    ]


def _truths(*, quick: bool) -> list[str]:
    """Models that were drawn, not chosen: some of their dependence is too weak for any choice to find."""
    import numpy as np

    from naungan.methods.prevalence.coverage import simulate_from
    from naungan.methods.prevalence.estimate import Options
    from naungan.methods.prevalence.tables import CaptureTable

    rows: list[tuple[str, ...]] = []
    for seed, (lists, people) in enumerate(_TRUTHS[:2] if quick else _TRUTHS, start=_FIRST_TRUTH):
        rng = np.random.default_rng(seed)
        on = rng.uniform(-3.5, -1.0, lists)
        member = np.arange(2**lists)[:, None] >> np.arange(lists) & 1
        pairs = [(i, j) for i in range(lists) for j in range(i)]
        picked = [pairs[at] for at in rng.choice(len(pairs), size=lists - 1, replace=False)]
        pulls = rng.normal(0.0, 1.0, lists - 1)
        means = np.exp(
            member @ on + sum(pull * member[:, i] * member[:, j] for pull, (i, j) in zip(pulls, picked, strict=True))
        )
        means *= people / means.sum()
        counts = np.rint(means).astype(np.int64)
        counts[0] = 0
        table = CaptureTable(tuple("ABCDEF"[:lists]), counts)
        found = simulate_from(table, means, Options(replicates=500), tables=20 if quick else 500)
        told = [_told(found.held[kind][level]) for kind in ("percentile", "bca") for level in (0.95, 0.8)]
        rows.append(
            (f"{lists} lists", f"{table.observed:,}", f"{people:,}", " ".join(f"{p:+.1f}" for p in pulls), *told)
        )
        print(f"  truth {seed}", flush=True)
    return [
        "Models drawn at random, seeds 201 to 215, none left out: the logarithm of the odds of each list uniform from "
        "-3.5 to -1, one pair fewer than lists with a normal interaction, standard deviation 1. 500 tables, 500 "
        "replicates, stepwise.",
        "",
        *_table(
            ("Table", "Seen", "Truth", "Interactions", "Percentile 95 % (default)", "80 %", "BCa 95 %", "80 %"), rows
        ),
    ]


def _covered(name: str, table: CaptureTable, tables: int) -> tuple[str, ...]:
    from naungan.methods.prevalence.coverage import simulate
    from naungan.methods.prevalence.estimate import Options

    found = simulate(table, Options(replicates=500), tables=tables)
    print(f"  {name}", flush=True)
    if found.truth is None:
        return name, f"{table.overlaps.two_or_more:,}", "no estimate", "", "", "", ""
    told = [_told(found.held[kind][level]) for kind in ("percentile", "bca") for level in (0.95, 0.8)]
    return name, f"{table.overlaps.two_or_more:,}", f"{found.truth:,.0f}", *told


def _told(held: Held) -> str:
    return f"{100 * held.held:.1f} %"


_PARTS: dict[str, Callable[..., list[str]]] = {
    "costs": _costs,
    "seeds": _seeds,
    "agreement": _agreement,
    "sparse": _sparse,
    "coverage": _coverage,
    "truths": _truths,
}
_HEADINGS = {
    "costs": "What an estimate costs",
    "seeds": "How far the limits move between seeds",
    "agreement": "How near the limits are to R's",
    "sparse": "Ten thousand sparse tables",
    "coverage": "How often the limits hold the truth",
    "truths": "How often they hold it when dependence is weak",
}


if __name__ == "__main__":
    main()
