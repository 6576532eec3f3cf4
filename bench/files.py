"""
Import and export of a caseload in processes of their own, with the memory of all of them.

    python -m bench.files import|export --rows 100000
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.worlds import BUILD, ROOT, environment_of, world

SMALL = 2_000


def peak_rss_mb(top: int, stop: threading.Event, found: list[float]) -> None:
    """Watch a process and all that it starts; keep the most memory that they held together."""
    while not stop.is_set():
        found[0] = max(found[0], rss_mb(top))
        time.sleep(0.1)


def rss_mb(top: int) -> float:
    """Resident memory of a process and its descendants; pages that they share are counted for each."""
    return sum(_resident(pid) for pid in [top, *descendants(top)]) / 1e6


def descendants(top: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in Path(f"/proc/{top}/task").iterdir():
            for child in (thread / "children").read_text(encoding="utf-8").split():
                found += [int(child), *descendants(int(child))]
    except OSError:
        pass
    return found


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0.0


@contextmanager
def watched(process: subprocess.Popen[bytes]) -> Iterator[list[float]]:
    """The most memory of a process and its children, in megabytes."""
    found, stop = [0.0], threading.Event()
    watcher = threading.Thread(target=peak_rss_mb, args=(process.pid, stop, found))
    watcher.start()
    try:
        yield found
    finally:
        stop.set()
        watcher.join()


def import_workbook(rows: int, database: str) -> dict[str, object]:
    """Take in an HTCDS workbook by the command, from file to cases."""
    world(SMALL, database)
    environment = {**environment_of(SMALL, database), "NAUNGAN_UPLOAD_MOST_MB": "500"}
    path = BUILD / f"import-{rows}-{int(time.time())}.xlsx"
    fill = (
        "import django; django.setup();"
        "from datetime import date; from pathlib import Path; from naungan.world.workbooks import fill_template;"
        f"fill_template(Path({str(path)!r}), form='template_multi', seed={int(time.time())}, people={rows},"
        f" today=date.fromisoformat({datetime.now(UTC).date().isoformat()!r}))"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "naungan.site.settings"}
    subprocess.run([sys.executable, "-c", fill], env={**environment, **settings}, check=True, cwd=ROOT)
    began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "naungan", "import", str(path), "--as", "wulan@uptd.example.org", "--json"]
    process = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with watched(process) as peak:
        told = json.loads(process.communicate()[0] or b"{}")
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    size = path.stat().st_size / 1e6
    path.unlink()
    return {
        "measure": "import", "name": "import HTCDS workbook", "rows": rows, "file_mb": size,
        "counts": told.get("counts"), "state": told.get("state"),
        "wall_s": time.monotonic() - began, "cpu_s": cpu, "peak_mb": peak[0],
    }  # fmt: skip


def export_cases(rows: int, form: str, people: int, database: str, *, identity: bool) -> dict[str, object]:
    """Let cases of the biggest organisation out, in a process of its own."""
    words = [sys.executable, "-m", "bench.files", "stream", "--rows", str(rows), "--form", form]
    words += ["--identity"] if identity else []
    environment = environment_of(people, database)
    process = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    with watched(process) as peak:
        told: dict[str, object] = json.loads(process.communicate()[0])
    return {"measure": "export", "name": f"export as {form}", **told, "peak_mb": peak[0], "identity": identity}


def stream(rows: int, form: str, *, identity: bool) -> dict[str, object]:
    """Export in this process: the time to the first byte, and all of it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naungan.site.settings")
    import django

    django.setup()
    from bench import people
    from naungan.exchange import actions
    from naungan.exchange.actions import exporting
    from naungan.exchange.states import Form

    exporting.MOST_CASES = rows  # the measurement takes a part of a larger caseload
    by = people.program(people.token())
    resting = rss_mb(os.getpid())
    began, used = time.monotonic(), time.process_time()
    export = actions.start_export(
        by=by, form=Form(form), choice={"state": "all"}, reason="Measurement", with_identity=identity
    )
    if not export.is_ready:
        exporting.count_losses(by=by, export=export)
        export.refresh_from_db()
    counted, counted_cpu = time.monotonic() - began, time.process_time() - used
    file = actions.download(by=by, export=export)
    asked, asked_cpu = time.monotonic(), time.process_time()
    size, first, first_cpu = 0, 0.0, 0.0
    for chunk in file.chunks:
        if not size:
            first, first_cpu = time.monotonic() - asked, time.process_time() - asked_cpu
        size += len(chunk)
    return {
        "rows": export.case_count, "counted_s": counted, "counted_cpu_s": counted_cpu, "first_byte_s": first,
        "first_byte_cpu_s": first_cpu, "wall_s": time.monotonic() - began, "cpu_s": time.process_time() - used,
        "file_mb": size / 1e6, "resting_mb": resting,
    }  # fmt: skip


def main() -> None:
    """Import, export, or (in the process that is watched) stream."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("import", "export", "stream"))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--form", default="csv")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--identity", action="store_true")
    asked = parser.parse_args()
    if asked.what == "stream":
        print(json.dumps(stream(asked.rows, asked.form, identity=asked.identity)))
    elif asked.what == "import":
        print(json.dumps(import_workbook(asked.rows, asked.database)))
    else:
        found = export_cases(asked.rows, asked.form, asked.people, asked.database, identity=asked.identity)
        print(json.dumps(found))


if __name__ == "__main__":
    main()
