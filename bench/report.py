"""Writes bench/results.md from what was measured: one table a question, with targets, ratios and peers."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import postgres
from bench.worlds import BUILD, ROOT, World

Line = dict[str, Any]
# Name of the act, target of the app and of the database in CPU milliseconds (design, section 11).
TARGETS: dict[str, tuple[float, float]] = {
    "case list as JSON": (2.5, 3),
    "case list as JSON, filtered": (2.5, 3),
    "case list as a page": (8, 3),
    "open a case": (8, 3),
    "work list (home)": (8, 3),
    "save one step": (5, 3),
}
SEARCH_MOST_CPU, SEARCH_MOST_WALL = 10.0, 100.0
PARTS = ("list", "page", "open", "home", "save", "peers")


def note_start() -> None:
    """Keep the load of the machine before anything is measured."""
    noted = BUILD / "measured" / "start.json"
    noted.parent.mkdir(parents=True, exist_ok=True)
    if not noted.exists():
        noted.write_text(json.dumps({"load": list(os.getloadavg()), "at": _now()}), encoding="utf-8")


def write(path: Path) -> None:
    """Write the results of all that lies in build/bench/measured."""
    found = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (BUILD / "measured").glob("*.json")}
    if set(found) <= {"start"}:
        return
    start = found.pop("start", {"load": [0, 0, 0], "at": "?"})
    lines = [line for one in found.values() for line in one["lines"]]
    loads = [load for one in found.values() for load in one["load"]]
    text = "\n".join(
        [*_head(start, loads), *_worlds(), *_acts(found), *_files(lines), *_server(lines), *_attack(lines)]
    )
    notes = path.with_name("notes.md")
    if notes.exists():
        text += "\n" + notes.read_text(encoding="utf-8")
    path.write_text(text.rstrip() + "\n", encoding="utf-8")


def _head(start: Line, loads: list[float]) -> Iterator[str]:
    yield "# What it costs"
    yield ""
    yield "Written by `make bench`; see `docs/how-to/measure.md`."
    yield "Processor time is what counts here: the machine was shared, so wall time holds what others did meanwhile."
    yield "Processor time too grows by up to two when caches and hyper-threads are shared; the ratios grow less."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| date | {start['at']} to {_now()} |"
    yield f"| machine | {os.cpu_count()} cores, {_memory_gib():.0f} GiB, {_processor()} |"
    yield f"| software | Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {_postgres()} |"
    yield f"| sources | {_commit()} |"
    yield (
        f"| load average | {start['load'][0]:.1f} at the start, {os.getloadavg()[0]:.1f} at the end,"
        f" {min(loads):.1f} to {max(loads):.1f} between measurements |"
    )
    yield ""
    yield "How: each act is run many times in one process after a warm-up, through WSGI with every middleware."
    yield "App is the median processor time of that process; database is the mean of the middle half of its part."
    yield "With PostgreSQL that is the backend process (`/proc/PID/schedstat`), with SQLite the calls into the driver."
    yield "Bare is the processor time, both sides, of the same question as plain SQL over the same connection."
    yield "Ratio is (app + database) / bare."
    yield "Targets are those of the design for 1,000,000 cases: app + database in CPU milliseconds."
    yield ""


def _worlds() -> Iterator[str]:
    yield "## Worlds"
    yield ""
    yield "| people | database | CPU s | wall s | MB | |"
    yield "|---:|---|---:|---:|---:|---|"
    made = [World(**json.loads(path.read_text(encoding="utf-8"))) for path in BUILD.glob("*/bench.json")]
    for world in sorted(made, key=lambda one: (one.people, one.database)):
        verdict = ""
        if world.people >= 1_000_000:
            verdict = "met" if world.cpu_s <= 900 else "not met (≤ 900 s)"
        yield (
            f"| {world.people:,} | {world.database} | {world.cpu_s:,.0f} | {world.wall_s:,.0f} |"
            f" {world.size_mb:,.0f} | {verdict} |"
        )
    yield ""


def _acts(found: dict[str, Line]) -> Iterator[str]:
    places = sorted(
        {name.split("-", 1)[1] for name in found if "-" in name}, key=lambda one: (int(one.split("-")[1]), one)
    )
    for place in places:
        database, people = place.split("-")
        yield f"## {int(people):,} cases on {'SQLite' if database == 'sqlite' else 'PostgreSQL'}"
        yield ""
        yield "| act | app p50 | app p95 | database | bare | ratio | wall p50 | wall p95 | target | |"
        yield "|---|---:|---:|---:|---:|---:|---:|---:|---|---|"
        for part in PARTS:
            for line in found.get(f"{part}-{place}", {"lines": []})["lines"]:
                yield _act(line)
        yield ""
        yield "| search | app p50 | app p95 | app p99 | database | wall p50 | wall p95 | found | target | |"
        yield "|---|---:|---:|---:|---:|---:|---:|---:|---|---|"
        for part in ("search", "duplicates"):
            for line in found.get(f"{part}-{place}", {"lines": []})["lines"]:
                yield _search(line)
        yield ""


def _act(line: Line) -> str:
    if "failed" in line:
        return f"| {line['name']} | not measured: {line['failed']} |||||||||"
    name = f"{line['name']} ({line['note']})" if line["note"] else line["name"]
    target, verdict = "", ""
    if line["name"] in TARGETS:
        app, database = TARGETS[line["name"]]
        target = f"{app:g} + {database:g}"
        verdict = "met" if line["app_p50"] <= app and line["database"] <= database else "not met"
    bare = f"{line['bare']:.2f}" if line["bare"] else ""
    ratio = f"{line['ratio']:.0f}" if line["ratio"] else ""
    return (
        f"| {name} | {line['app_p50']:.1f} | {line['app_p95']:.1f} | {line['database']:.1f} | {bare} | {ratio} |"
        f" {line['wall_p50']:.0f} | {line['wall_p95']:.0f} | {target} | {verdict} |"
    )


def _search(line: Line) -> str:
    if "failed" in line:
        return f"| {line['name']} | not measured: {line['failed']} |||||||||"
    share = f"{line['more']['found']:.0%}" if "found" in line["more"] else ""
    top = line["app_p99"] if line["measure"] == "duplicates" else line["app_p95"]
    target = "p99 ≤ 10 CPU" if line["measure"] == "duplicates" else "p95 ≤ 10 CPU"
    verdict = "met" if top + line["database"] <= SEARCH_MOST_CPU else "not met"
    return (
        f"| {line['name']} ({line['note']}) | {line['app_p50']:.1f} | {line['app_p95']:.1f} | {line['app_p99']:.1f} |"
        f" {line['database']:.1f} | {line['wall_p50']:.0f} | {line['wall_p95']:.0f} | {share} | {target} | {verdict} |"
    )


def _files(lines: list[Line]) -> Iterator[str]:
    yield "## Files in and out"
    yield ""
    yield "| act | rows | MB | CPU s | wall s | counted first, CPU s | first byte s (CPU) | peak MB of all | target | |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---|---|"
    for line in lines:
        if line["measure"] == "import" and "failed" not in line:
            verdict = "met" if line["cpu_s"] <= 60 and line["peak_mb"] <= 500 else "not met"
            yield (
                f"| {line['name']} | {line['rows']:,} | {line['file_mb']:.1f} | {line['cpu_s']:.0f} |"
                f" {line['wall_s']:.0f} | | | {line['peak_mb']:.0f} | ≤ 60 s CPU, ≤ 500 MB | {verdict} |"
            )
        elif line["measure"] == "export" and "failed" not in line:
            wall, cpu = line["first_byte_s"], line["first_byte_cpu_s"]
            verdict = "met" if wall <= 1 else "met in CPU" if cpu <= 1 else "not met"
            name = line["name"] + (", with identity" if line["identity"] else "")
            yield (
                f"| {name} | {line['rows']:,} | {line['file_mb']:.1f} | {line['cpu_s']:.0f} | {line['wall_s']:.0f} |"
                f" {line['counted_cpu_s']:.1f} | {wall:.1f} ({cpu:.1f}) | {line['peak_mb']:.0f} |"
                f" first byte ≤ 1 s, memory flat | {verdict} |"
            )
        elif line["measure"] in ("import", "export"):
            yield f"| {line['name']} | not measured: {line['failed']} |||||||||"
    yield ""


def _server(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        if "failed" in line and line["measure"] in ("memory", "demo", "directus"):
            yield f"- {line['name']}: not measured, {line['failed']}."
        elif line["measure"] == "memory":
            verdict = "met" if line["rss_mb"] <= 250 else "not met"
            yield (
                f"- Memory of `naungan serve` after {line['requests']:,} lists (a fifth of them pages):"
                f" {line['rss_mb']:.0f} MB in all its processes, "
                f"{line['resting_mb']:.0f} MB before; {line['refused']} refused; target ≤ 250 MB: {verdict}."
            )
        elif line["measure"] == "demo":
            verdict = "met" if line["wall_s"] <= 90 else "not met on this loaded machine"
            yield (
                f"- Clone to first working page, `make demo` in an empty home: {line['wall_s']:.0f} s wall,"
                f" {line['cpu_s']:.0f} s CPU, measured once; target ≤ 90 s: {verdict}."
            )
            yield from (f"  - {step}" for step in line["steps"])
        elif line["measure"] == "directus":
            yield (
                f"- Directus {line['release']} on SQLite, {line['people']:,} rows, the same 50 rows with filter and"
                f" sort, no row permission: {line['app_p50']:.1f} ms CPU of the server, its database included;"
                f" {line['wall_p50']:.0f} ms wall p50, {line['wall_p95']:.0f} p95."
            )
    yield ""


def _attack(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        if line["measure"] != "attack" or "failed" in line:
            continue
        yield "## Attack on a copied search index"
        yield ""
        yield "`bench/index_attack.py`, without the key; the share of people guessed, by kind of digest; aim ≤ 1 %."
        yield ""
        yield "| digest | plain index | everybody the commonest | rank | posterior | co-occurrence | |"
        yield "|---|---:|---:|---:|---:|---:|---|"
        for kind, shares in line["told"]["kinds"].items():
            if shares["rank"] is None:
                continue
            names = ("plain", "blind", "rank", "posterior", "together")
            verdict = "met" if max(shares[name] or 0 for name in names[2:]) <= line["told"]["aim"] else "not met"
            yield f"| {kind} | " + " | ".join(f"{shares[name]:.2%}" for name in names) + f" | {verdict} |"
        yield ""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else "processor not named"


def _postgres() -> str:
    try:
        return f"PostgreSQL {postgres.version()} ({', '.join(postgres.OPTIONS)})"
    except (SystemExit, OSError):
        return "no PostgreSQL"


def _commit() -> str:
    words = ["git", "log", "-1", "--format=%h of %cs"]
    return subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True).stdout.strip() or "not a clone"
