"""
What the estimates of people on no list cost: CPU seconds of the command and of the methods, start-up included.

    python -m bench.prevalence [--quick]

Prints a Markdown table and writes bench/prevalence.md. The published tables come from the tests; the table of eight
lists is made from a seed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "methods" / "prevalence" / "data"
RESULTS = ROOT / "bench" / "prevalence.md"
Row = tuple[str, str, float, str]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="Without the searches that take minutes.")
    asked = parser.parse_args()
    rows = [measure() for measure in (*_SHORT, *(() if asked.quick else _LONG))]
    text = "\n".join(_lines(rows)) + "\n"
    print(text)
    if not asked.quick:
        RESULTS.write_text(text, encoding="utf-8")


def _lines(rows: list[Row]) -> list[str]:
    lines = [
        "# What an estimate costs",
        "",
        "CPU seconds of one process, Python's start and all imports included; written by `python -m bench.prevalence`.",
        "",
        "| Measure | Aim | CPU seconds | A replicate |",
        "| --- | --- | --- | --- |",
    ]
    return [*lines, *(f"| {what} | {aim} | {took:.2f} | {each} |" for what, aim, took, each in rows)]


def _cpu(words: list[str]) -> float:
    """CPU seconds of a child process, its own and the system's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _estimate(what: str, aim: str, table: Path, replicates: int, *options: str) -> Row:
    words = [sys.executable, "-m", "naungan", "prevalence", "estimate", str(table), "--json"]
    took = _cpu([*words, "--bootstrap", str(replicates), *options])
    return what, aim, took, f"{1e3 * took / replicates:.3f} ms"


def _import() -> Row:
    took = min(_cpu([sys.executable, "-c", "import naungan.methods.prevalence"]) for _ in range(3))
    return "import of the package", "0.3", took, ""


def _coverage() -> Row:
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


_SHORT: tuple[Callable[[], Row], ...] = (
    _import,
    lambda: _estimate(
        "stepwise, 20,000 replicates with BCa, UK 6", "3", DATA / "UKdat.csv", 20_000, "--interval", "bca"
    ),
    lambda: _estimate("stepwise, 20,000 replicates, UK 5", "", DATA / "UKdat_5.csv", 20_000),
    lambda: _estimate("stepwise, 20,000 replicates, Kosovo", "", DATA / "Kosovo.csv", 20_000),
    lambda: _estimate("exact BIC, two-list terms, UK 5", "2", DATA / "UKdat_5.csv", 1_000, "--method", "bic"),
    lambda: _estimate(
        "exact BIC, all 6,893 models, UK 5", "180", DATA / "UKdat_5.csv", 1_000, "--method", "bic", "--max-order", "4"
    ),
    lambda: _estimate("exact BIC, two-list terms, UK 6", "60", DATA / "UKdat.csv", 1_000, "--method", "bic"),
)
_LONG: tuple[Callable[[], Row], ...] = (_coverage, _eight)


if __name__ == "__main__":
    main()
