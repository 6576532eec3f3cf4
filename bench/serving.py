"""
Memory of the real server after a few thousand requests, and the time from a clone to the first answer.

    python -m bench.serving memory|demo --people 100000
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench.files import descendants, rss_mb
from bench.worlds import ROOT, environment_of, world

TOKENS, THREADS = 12, 4
CREDENTIALS = """
import django, json; django.setup()
from bench import people
made = {"tokens": [people.token() for _ in range(%d)], "cookie": people.cookie(people.SUPERVISOR)}
print(json.dumps(made))
"""


def memory(people: int, database: str, requests: int) -> dict[str, object]:
    """Serve a world, ask for lists as JSON and as pages, and read the memory of the server's processes."""
    world(people, database)
    environment = {**environment_of(people, database), "DJANGO_SETTINGS_MODULE": "naungan.site.settings"}
    made = json.loads(
        subprocess.run(
            [sys.executable, "-c", CREDENTIALS % TOKENS], env=environment, check=True, cwd=ROOT, capture_output=True
        ).stdout
    )
    port = _free_port()
    words = [sys.executable, "-m", "naungan", "serve", "--port", str(port)]
    server = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_alive(port, 180)
        resting = rss_mb(server.pid)
        began, done = time.monotonic(), [0, 0]
        loops = [
            threading.Thread(target=_ask, args=(port, made, number, requests // THREADS, done))
            for number in range(THREADS)
        ]
        for loop in loops:
            loop.start()
        for loop in loops:
            loop.join()
        wall = time.monotonic() - began
        return {
            "measure": "memory", "name": "memory of the server", "requests": done[0], "refused": done[1],
            "wall_s": wall, "resting_mb": resting, "rss_mb": rss_mb(server.pid),
            "per_second": done[0] / wall,
        }  # fmt: skip
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def demo() -> dict[str, object]:
    """Clone the committed sources into an empty home, `make demo`, and wait for the first answer; once."""
    folder = Path(tempfile.mkdtemp(prefix="naungan-first-"))
    clone, home, port = folder / "naungan", folder / "home", _free_port()
    home.mkdir()
    began = time.monotonic()
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(_sources()), str(clone)], check=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SSL_CERT_FILE") if name in os.environ}
    environment = {**kept, "HOME": str(home)}
    with (folder / "log").open("wb") as log:
        made = subprocess.Popen(
            ["make", "demo", f"PORT={port}"], cwd=clone, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_until_alive(port, 900)
            wall = time.monotonic() - began
            used = sum(_cpu_seconds(pid) for pid in [made.pid, *descendants(made.pid)])
            steps = [line for line in (folder / "log").read_text(encoding="utf-8").splitlines() if "done in" in line]
        finally:
            os.killpg(made.pid, signal.SIGTERM)
            made.wait(60)
            shutil.rmtree(folder, ignore_errors=True)
    return {"measure": "demo", "name": "clone to first page", "wall_s": wall, "cpu_s": used, "steps": steps}


def _sources() -> Path:
    top = subprocess.run(["git", "rev-parse", "--show-toplevel"], cwd=ROOT, check=True, capture_output=True, text=True)
    return Path(top.stdout.strip())


def _ask(port: int, made: dict[str, Any], number: int, requests: int, done: list[int]) -> None:
    """A bounded loop over one kept connection, tokens in turn, every fifth request a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for turn in range(requests):
        if turn % 5 == 4:
            path, headers = "/cases/", {"Cookie": str(made["cookie"])}
        else:
            secret = made["tokens"][(number + turn) % len(made["tokens"])]
            path, headers = "/api/v1/cases?open=true", {"Authorization": f"Bearer {secret}"}
        connection.request("GET", path, headers={"Host": "localhost", **headers})
        answer = connection.getresponse()
        answer.read()
        done[0] += 1
        done[1] += answer.status != 200
    connection.close()


def _cpu_seconds(pid: int) -> float:
    """What a process used, with its children that have ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(word) for word in words[11:15]) / os.sysconf("SC_CLK_TCK")


def _wait_until_alive(port: int, most_s: int) -> None:
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/alive", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError("the server does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Measure the one or the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("memory", "demo"))
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--requests", type=int, default=3000)
    asked = parser.parse_args()
    print(json.dumps(demo() if asked.what == "demo" else memory(asked.people, asked.database, asked.requests)))


if __name__ == "__main__":
    main()
