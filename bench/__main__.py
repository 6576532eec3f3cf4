"""
Measures everything and writes bench/results.md.

    python -m bench [--cases 100000,1000000] [--databases sqlite,postgres] [--only NAME] [--quick]

Worlds are generated once under build/bench and kept for the next run; the PostgreSQL server is private and stopped at
the end. What was measured is kept beside them, so that --only renews one part of the results.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from bench import files, postgres, report, serving, worlds
from bench.peers import directus
from bench.worlds import BUILD, DATABASES, ROOT

INSIDE = ("list", "page", "open", "home", "save", "search", "duplicates")
ONCE = ("import", "export", "memory", "demo", "attack", "directus")
RESULTS = ROOT / "bench" / "results.md"
Lines = list[dict[str, object]]


def main() -> None:
    """Generate, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="100000,1000000", help="Sizes of the worlds, parted by commas.")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--only", choices=("worlds", *INSIDE, "peers", *ONCE, "report"))
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="20,000 cases, few runs: whether everything works.")
    asked = parser.parse_args()
    sizes = [20_000] if asked.quick else [int(size) for size in asked.cases.split(",")]
    databases = [name for name in asked.databases.split(",") if name in DATABASES]
    BUILD.mkdir(parents=True, exist_ok=True)
    if asked.only == "report":
        report.write(RESULTS)
        return
    report.note_start()
    with postgres.server() if "postgres" in databases else nullcontext():
        for people in sizes:
            for database in databases:
                _measure_world(people, database, asked.only, 30 if asked.quick else asked.runs)
        rows = 5_000 if asked.quick else 100_000
        for name, act in _once(sizes, databases[0], rows).items():
            if asked.only in (None, name):
                _keep(name, act)
    report.write(RESULTS)


def _measure_world(people: int, database: str, only: str | None, runs: int) -> None:
    made = worlds.world(people, database)
    place = f"{database}-{people}"
    for name in INSIDE:
        if only in (None, name):
            words = ["bench.measure", "--only", name, "--runs", str(runs)]
            _keep(f"{name}-{place}", partial(_told, words, made.environment()))
    if only in (None, "peers"):
        admin = {**made.environment(), "DJANGO_SETTINGS_MODULE": "bench.peers.admin_settings"}
        _keep(f"peers-{place}", lambda: _told(["bench.peers.admin", "--runs", str(max(10, runs // 5))], admin))


def _once(sizes: list[int], database: str, rows: int) -> dict[str, Callable[[], Lines]]:
    """What is measured in one world only, or in none."""
    largest, smallest = max(sizes), min(sizes)
    return {
        "import": lambda: [files.import_workbook(rows, database)],
        "export": lambda: [
            files.export_cases(rows, "csv", largest, database, identity=False),
            files.export_cases(rows, "csv", largest, database, identity=True),
            files.export_cases(rows, "template_multi", largest, database, identity=True),
        ],
        "memory": lambda: [serving.memory(largest, database, 3000)],
        "demo": lambda: [serving.demo()],
        "attack": lambda: [_attacked(min(rows, 100_000))],
        "directus": lambda: directus.measured(smallest),
    }


def _attacked(people: int) -> dict[str, object]:
    words = [sys.executable, str(ROOT / "bench" / "index_attack.py"), "--people", str(people), "--json"]
    environment = worlds.environment_of(people, "sqlite")
    told = subprocess.run(words, env=environment, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return {"measure": "attack", "name": "attacks on a copied index", "told": json.loads(told)}


def _told(words: list[str], environment: dict[str, str]) -> Lines:
    """What a measuring process prints: one JSON line for each act."""
    done = subprocess.run(
        [sys.executable, "-m", *words], env=environment, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _keep(name: str, act: Callable[[], Lines]) -> None:
    """Measure, and keep what was found; what cannot be measured says why and stops nothing else."""
    print(name, flush=True)
    with _noted(name) as lines:
        lines.extend(act())


@contextmanager
def _noted(name: str) -> Iterator[Lines]:
    lines: Lines = []
    load = os.getloadavg()[0]
    try:
        yield lines
    except (subprocess.SubprocessError, RuntimeError, OSError) as error:
        lines.append(
            {
                "measure": name.split("-", maxsplit=1)[0],
                "name": name,
                "failed": f"{type(error).__name__}: {error}"[:300],
            }
        )
    path = measured_at(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"load": [load, os.getloadavg()[0]], "lines": lines}), encoding="utf-8")
    for line in lines:
        print("  ", json.dumps(line), flush=True)


def measured_at(name: str) -> Path:
    return BUILD / "measured" / f"{name}.json"


if __name__ == "__main__":
    main()
