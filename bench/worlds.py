"""
Makes the worlds that are measured, once: a home folder with a database for each size and engine.

    python -m bench.worlds --people 100000 --database sqlite
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import postgres

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
DATABASES = ("sqlite", "postgres")


@dataclass(frozen=True, slots=True)
class World:
    """One generated world, and what its generation cost."""

    people: int
    database: str
    wall_s: float
    cpu_s: float
    size_mb: float

    @property
    def home(self) -> Path:
        return home_of(self.people, self.database)

    def environment(self) -> dict[str, str]:
        """The settings under which this world is served and measured."""
        return environment_of(self.people, self.database)


def home_of(people: int, database: str) -> Path:
    return BUILD / f"{database}-{people}"


def environment_of(people: int, database: str) -> dict[str, str]:
    """The environment of a process that works on a world: nothing of the caller's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAUNGAN_")}
    made = {
        **kept,
        "NAUNGAN_HOME": str(home_of(people, database)),
        "NAUNGAN_DEMO": "1",
        "PYTHONPATH": f"{ROOT}:{ROOT}/src",
    }
    if database == "postgres":
        made["NAUNGAN_DATABASE_URL"] = postgres.address(name_of(people))
    return made


def name_of(people: int) -> str:
    return f"world{people}"


def world(people: int, database: str) -> World:
    """The world of a size on a database; generated when it is not there, which may take minutes."""
    home = home_of(people, database)
    noted = home / "bench.json"
    if noted.exists():
        return World(**json.loads(noted.read_text(encoding="utf-8")))
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if database == "postgres" and not (home / "spent.json").exists():
        postgres.create(name_of(people))
    words = [sys.executable, "-m", "naungan", "demo", "--people", str(people), "--no-serve"]
    servers = postgres.cpu_seconds() if database == "postgres" else 0.0
    began, used = time.monotonic(), _children_cpu()
    wall, cpu = _spent(home)
    try:
        with (home / "build.log").open("ab") as log:
            subprocess.run(words, env=environment_of(people, database), check=True, stdout=log, stderr=log, cwd=ROOT)
    finally:  # a generation that is cut off is gone on with, and what it took counts
        wall, cpu = wall + time.monotonic() - began, cpu + _children_cpu() - used
        if database == "postgres":
            cpu += postgres.cpu_seconds() - servers
        (home / "spent.json").write_text(json.dumps([wall, cpu]), encoding="utf-8")
    if database == "postgres":
        postgres.analyze(name_of(people))
    made = World(people, database, round(wall, 1), round(cpu, 1), round(_size_mb(people, database), 1))
    noted.write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size_mb(people: int, database: str) -> float:
    if database == "postgres":
        return postgres.size_mb(name_of(people))
    return (home_of(people, database) / "naungan.sqlite3").stat().st_size / 1e6


def _spent(home: Path) -> tuple[float, float]:
    """Seconds of wall and processor time that earlier, unfinished generations took."""
    path = home / "spent.json"
    wall, cpu = json.loads(path.read_text(encoding="utf-8")) if path.exists() else (0.0, 0.0)
    return wall, cpu


def main() -> None:
    """Generate one world and say what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    asked = parser.parse_args()
    with postgres.server() if asked.database == "postgres" else nullcontext():
        print(json.dumps(asdict(world(asked.people, asked.database))))


if __name__ == "__main__":
    main()
