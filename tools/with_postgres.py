"""Starts a private PostgreSQL server on a free port, runs a command against it, and takes it away again."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def main(command: list[str]) -> int:
    """Run `command` with NAUNGAN_DATABASE_URL set to the private server; returns its exit code."""
    folder = Path(tempfile.mkdtemp(prefix="naungan-pg-"))
    port = _free_port()
    prefix: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        prefix = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    data = folder / "data"
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder)}

    def run(*words: str) -> None:
        subprocess.run([*prefix, *words], check=True, stdout=subprocess.DEVNULL, env=environment, cwd=folder)

    try:
        run(_tool("initdb"), "-D", str(data), "-U", "naungan", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        run(_tool("pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        run(_tool("createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "naungan", "naungan")
        url = f"postgresql://naungan@127.0.0.1:{port}/naungan"
        return subprocess.run(command, env={**os.environ, "NAUNGAN_DATABASE_URL": url}, check=False).returncode
    finally:
        if (data / "postmaster.pid").exists():
            run(_tool("pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tool(name: str) -> str:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(places[0]) if places else shutil.which(name)
    if found is None:
        sys.exit(f"PostgreSQL's {name} is not here; run tools/need.sh")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
