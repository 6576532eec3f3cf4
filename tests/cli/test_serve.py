"""The server as a process: answers, does queued work, stops when asked."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Installation

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(place: Installation) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "naungan", "serve", "--port", str(port)],
        env=place.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/alive"))
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=60)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if ready():
            return
        time.sleep(0.2)
    raise AssertionError("it took too long")


def memory_mb(pid: int) -> int:
    """Resident memory of a process and its children."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            said = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if said["Pid"].strip() == str(pid) or said["PPid"].strip() == str(pid):
            found += int(said.get("VmRSS", "0 kB").split()[0]) // 1024
    return found


def test_server_answers_beats_and_stops_when_asked(demo: Installation) -> None:
    with serving(demo) as (process, address):
        assert answers(f"{address}/alive")
        assert answers(f"{address}/account/login/")
        wait_for((demo.home / "worker.json").exists)
        wait_for(lambda: "audit_anchor" in _ran(demo.home))
        used = memory_mb(process.pid)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=30)

    assert code == 0
    assert used <= 250
    assert (demo.home / "audit_anchors.jsonl").exists()


def test_taken_port_is_told_in_words(demo: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = demo.run("serve", "--port", str(other.getsockname()[1]))

    assert done.code == 1
    assert "give another with --port" in done.err


def test_killed_server_leaves_no_orphan_behind(demo: Installation) -> None:
    with serving(demo) as (process, address):
        process.kill()
        process.wait(timeout=30)

        wait_for(lambda: not answers(f"{address}/alive"))


def test_server_does_queued_work(demo: Installation) -> None:
    place = (
        "import django; django.setup()\n"
        "from naungan.exchange import tasks\n"
        "print(tasks.prepare_export.enqueue('NONE', 'NONE').id)\n"
    )
    environment = {**demo.environment, "DJANGO_SETTINGS_MODULE": "naungan.site.settings"}
    done = subprocess.run([sys.executable, "-c", place], env=environment, capture_output=True, text=True, check=True)
    with serving(demo):
        wait_for(lambda: _task_state(demo, done.stdout.strip()) in ("SUCCESSFUL", "FAILED"))


def _ran(home: Path) -> dict[str, str]:
    path = home / "jobs.json"
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _task_state(place: Installation, task: str) -> str:
    program = (
        "import django, sys; django.setup()\n"
        "from django_tasks_db.models import DBTaskResult\n"
        "print(DBTaskResult.objects.get(pk=sys.argv[1]).status)\n"
    )
    environment = {**place.environment, "DJANGO_SETTINGS_MODULE": "naungan.site.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program, task], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
