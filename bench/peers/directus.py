"""
Directus over SQLite: the same list of 50 rows, with filter and sort, from 100,000 rows. It knows no row permission.

Installed by npm into build/bench/directus, which compiles two native modules; where that fails the results say so.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from bench.files import descendants
from bench.worlds import BUILD, home_of

FOLDER = BUILD / "directus"
# The newest one that runs on Node 18 and 20, as distributions ship them.
RELEASE = "11.3.5"
PORT = 18055
TOKEN = "measurement-only-measurement-only"  # noqa: S105 - of a server that lives for a minute
LIST = "/items/cases?limit=50&filter[is_open][_eq]=true&filter[gender][_eq]=Feminine&sort=-touched_at"


def measured(people: int) -> list[dict[str, object]]:
    """Install when needed, fill, serve, ask; wall and processor time of the server for one answer."""
    why = _installed()
    if why:
        return [{"measure": "directus", "name": "Directus, list", "failed": why}]
    environment = _environment()
    data = FOLDER / "data.sqlite3"
    if not data.exists():
        _directus("bootstrap", environment)
        _fill(data, people)
    server = subprocess.Popen(
        [_node(), "node_modules/directus/cli.js", "start"], cwd=FOLDER, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait()
        for _ in range(50):
            _ask()
        walls, used = [], _cpu(server.pid)
        for _ in range(200):
            began = time.perf_counter()
            rows = _ask()
            walls.append((time.perf_counter() - began) * 1000)
        cpu = (_cpu(server.pid) - used) * 1000 / len(walls)
        return [{"measure": "directus", "name": "Directus, list", "runs": 200, "rows": rows,
                 "people": people, "wall_p50": median(walls), "wall_p95": sorted(walls)[190],
                 "app_p50": cpu, "release": RELEASE}]  # fmt: skip
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _installed() -> str:
    """Nothing when Directus is there; otherwise why it cannot be."""
    if (FOLDER / "node_modules" / "directus" / "cli.js").exists():
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not on this machine"
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text('{"name": "peer", "private": true}', encoding="utf-8")
    words = [npm, "install", f"directus@{RELEASE}", "sqlite3", "--no-audit", "--no-fund", "--no-save"]
    try:
        done = subprocess.run(words, cwd=FOLDER, check=False, capture_output=True, text=True, timeout=1200)
    except subprocess.TimeoutExpired:
        return "npm install did not end within 20 minutes"
    return "" if done.returncode == 0 else f"npm install failed: {done.stderr.strip()[-200:]}"


def _environment() -> dict[str, str]:
    return {
        **os.environ, "DB_CLIENT": "sqlite3", "DB_FILENAME": str(FOLDER / "data.sqlite3"), "HOST": "127.0.0.1",
        "PORT": str(PORT), "SECRET": TOKEN, "ADMIN_EMAIL": "admin@example.org", "ADMIN_PASSWORD": TOKEN,
        "ADMIN_TOKEN": TOKEN, "TELEMETRY": "false", "CACHE_ENABLED": "false", "RATE_LIMITER_ENABLED": "false",
        "LOG_LEVEL": "error", "NODE_ENV": "production",
    }  # fmt: skip


def _directus(command: str, environment: dict[str, str]) -> None:
    words = [_node(), "node_modules/directus/cli.js", command]
    subprocess.run(words, cwd=FOLDER, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=600)


def _fill(data: Path, people: int) -> None:
    """The columns of our list in one plain table with the index that the question wants, and Directus told of it."""
    with sqlite3.connect(data) as database:
        database.execute("ATTACH ? AS world", [str(home_of(people, "sqlite") / "naungan.sqlite3")])
        database.executescript(
            "CREATE TABLE cases (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, code varchar(11), state varchar(12),"
            " opened_on varchar(10), touched_at varchar(30), gender varchar(40), age_at_opening integer,"
            " trafficking_status varchar(40), exploitation_types text, is_restricted boolean, is_open boolean);"
            "INSERT INTO cases SELECT c.id, c.code, c.state, c.opened_on, c.touched_at, p.gender, c.age_at_opening,"
            " c.trafficking_status, c.exploitation_types, c.is_restricted, c.closed_on IS NULL"
            " FROM world.cases_case c JOIN world.cases_person p ON p.id = c.person_id;"
            "CREATE INDEX cases_list ON cases (is_open, touched_at DESC);"
            "INSERT INTO directus_collections (collection) VALUES ('cases');"
        )


def _wait() -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            with urlopen(f"http://127.0.0.1:{PORT}/server/ping", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("Directus does not answer")


def _ask() -> int:
    asked = Request(f"http://127.0.0.1:{PORT}{LIST}", headers={"Authorization": f"Bearer {TOKEN}"})
    with urlopen(asked, timeout=60) as answer:  # noqa: S310 - the same
        return len(json.loads(answer.read())["data"])


def _cpu(top: int) -> float:
    """Processor seconds of a process and its children."""
    total = 0
    for pid in (top, *descendants(top)):
        words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += int(words[11]) + int(words[12])
    return total / os.sysconf("SC_CLK_TCK")


def _node() -> str:
    return shutil.which("node") or "node"


if __name__ == "__main__":
    print(json.dumps(measured(100_000)))
