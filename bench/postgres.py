"""A private PostgreSQL server in build/bench: reached by a socket there, stopped after the run."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILD = Path(__file__).resolve().parent.parent / "build" / "bench"
FOLDER = BUILD / "postgres"
DATA = FOLDER / "data"
# What an installation on this machine would be given; the rest is PostgreSQL's own default.
OPTIONS = ("shared_buffers=2GB", "effective_cache_size=8GB", "random_page_cost=1.1", "max_wal_size=8GB")
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def server() -> Iterator[None]:
    """Run the server; when it runs already, use it and leave it running."""
    if is_running():
        yield
        return
    _start()
    try:
        yield
    finally:
        _run("pg_ctl", "-D", str(DATA), "-m", "fast", "-w", "stop")


def is_running() -> bool:
    return (DATA / "postmaster.pid").exists()


def address(database: str) -> str:
    """The address of a database of the running server: a socket, as `docs/how-to/install.md` advises."""
    return f"postgresql://naungan@/{database}?host={FOLDER}"


def create(database: str) -> None:
    """Make an empty database, in place of one that was not finished."""
    where = ["-h", str(FOLDER), "-U", "naungan"]
    _run("dropdb", "--if-exists", *where, database)
    _run("createdb", *where, database)


def analyze(database: str) -> None:
    """Settle what autovacuum would have done by the next morning."""
    where = ["-h", str(FOLDER), "-U", "naungan"]
    _run("vacuumdb", "--analyze", "-q", *where, database)


def size_mb(database: str) -> float:
    """What a database takes on the disk."""
    import psycopg

    with psycopg.connect(address(database)) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return float(row[0]) / 1e6 if row else 0.0


def version() -> str:
    """The version of the server's program."""
    words = [_tool("postgres"), "--version"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[2]


def cpu_seconds() -> float:
    """What the server and all its processes have used so far, those that have ended too."""
    top = int((DATA / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    total = sum(_stat(top)[11:15])
    for child in Path(f"/proc/{top}/task/{top}/children").read_text(encoding="utf-8").split():
        total += sum(_stat(int(child))[11:13])
    return total / TICKS


def backend_cpu_ns(pid: int) -> int:
    """The processor time of one backend; the scheduler counts nanoseconds, the process table only hundredths."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="utf-8").split()[0])


def _stat(pid: int) -> list[int]:
    words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return [int(word) if word.lstrip("-").isdecimal() else 0 for word in words]


def _start() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(FOLDER, owner.pw_uid, owner.pw_gid)
    if not DATA.exists():
        _run("initdb", "-D", str(DATA), "-U", "naungan", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
    words = f"-c listen_addresses= -c unix_socket_directories={FOLDER} "
    words += " ".join(f"-c {option}" for option in OPTIONS)
    _run("pg_ctl", "-D", str(DATA), "-w", "-l", str(FOLDER / "data" / "log"), "-o", words, "start")


def _run(tool: str, *words: str) -> None:
    prefix: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("postgres")
        prefix = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(FOLDER)}
    subprocess.run([*prefix, _tool(tool), *words], check=True, stdout=subprocess.DEVNULL, env=environment, cwd=FOLDER)


def _tool(name: str) -> str:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(places[0]) if places else shutil.which(name)
    if found is None:
        raise SystemExit(f"PostgreSQL's {name} is not here; run tools/need.sh")
    return found
