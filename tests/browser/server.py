"""The real server as a process of its own, with a home folder and a database that nobody else uses."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """Where the running server answers and what it keeps on the disk."""

    address: str
    home: Path
    log: Path
    environment: Mapping[str, str]

    def command(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run `naungan` in the same installation."""
        done = subprocess.run(
            [sys.executable, "-m", "naungan", *words],
            env=dict(self.environment),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done

    def python(self, program: str) -> str:
        """Run a few lines of Python among the installation's models; returns what they print."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{program}"],
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "naungan.site.settings"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def demonstration(folder: Path, *, people: int, **more: str) -> Iterator[Server]:
    """A demonstration world of its own, served until the end of the block."""
    home, log, port = folder / "var", folder / "server.log", free_port()
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("NAUNGAN_", "DJANGO_"))}
    with own_database() as database:
        environment = {
            **plain,
            **database,
            "PYTHONPATH": str(ROOT / "src"),
            "NAUNGAN_HOME": str(home),
            "NAUNGAN_DEMO": "1",
            **more,
        }
        server = Server(f"http://localhost:{port}", home, log, environment)
        server.command("demo", "--people", str(people), "--no-serve", "--today", "2026-11-20")
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "naungan", "serve", "--port", str(port)],
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            try:
                wait_until_it_answers(server)
                yield server
            finally:
                process.terminate()
                process.wait(timeout=60)


@contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """On PostgreSQL a database of this server's own; on SQLite its file lies in the home folder."""
    url = os.environ.get("NAUNGAN_DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield {}
        return
    import psycopg
    from psycopg import sql

    name = f"naungan_server_{os.getpid()}_{time.monotonic_ns() % 10**9}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield {"NAUNGAN_DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}"))}
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(server: Server) -> None:
    """Wait for the first answer of a server that has just been started."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{server.address}/alive", timeout=5) as answer:  # noqa: S310 - our own server
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server does not answer:\n{server.log.read_text()}")
