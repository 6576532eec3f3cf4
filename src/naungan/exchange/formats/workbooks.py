"""Talks to the child process that opens workbooks, and turns its lines into rows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import IO, Any

from naungan.exchange.formats.cells import Cell, SheetRow
from naungan.exchange.formats.errors import UnreadableFile
from naungan.exchange.formats.limits import Limits
from naungan.exchange.formats.reader_process import EXIT_MEMORY

# Run by its path: as a module it would first load the whole package, for every file.
_READER = Path(__file__).with_name("reader_process.py")


@dataclass(frozen=True, slots=True)
class SheetLook:
    """The first rows of one sheet."""

    name: str
    is_hidden: bool
    head: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class Look:
    """What a first look at a workbook found."""

    sheets: list[SheetLook]
    has_macro: bool
    has_links: bool


def look(file: IO[bytes], limits: Limits) -> Look:
    """
    Look at the first rows of every sheet.

    Raises:
        UnreadableFile: the workbook breaks a limit or cannot be read.
    """
    sheets: list[SheetLook] = []
    has_macro = has_links = False
    for line in _lines(file, "", limits):
        if "sheet" in line:
            head = [[_cell(value) for value in row] for row in line["head"]]
            sheets.append(SheetLook(line["sheet"], line["is_hidden"], head))
        else:
            has_macro, has_links = line["has_macro"], line["has_links"]
    return Look(sheets, has_macro, has_links)


def rows(file: IO[bytes], sheet: str, limits: Limits) -> Iterator[SheetRow]:
    """
    Stream the rows of a sheet that hold anything.

    Raises:
        UnreadableFile: the workbook breaks a limit or cannot be read; rows given before stay valid as rows, but the
            file as a whole is refused.
    """
    for line in _lines(file, sheet, limits):
        marks = {int(column): mark for column, mark in line["m"].items()} if "m" in line else {}
        cells = [value if value.__class__ is str else _cell(value) for value in line["c"]]
        yield SheetRow(line["n"], cells, marks)


def _cell(value: object) -> Cell:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["t"]) if "t" in value else date.fromisoformat(value["d"])
    if isinstance(value, str | int | float | bool):
        return value
    return None


def _lines(file: IO[bytes], sheet: str, limits: Limits) -> Iterator[dict[str, Any]]:
    descriptor = os.dup(file.fileno())
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        process = _start(descriptor, sheet, limits)
    finally:
        os.close(descriptor)
    watch = _Watch(process, limits.wall_seconds)
    try:
        assert process.stdout is not None
        yield from _read(process.stdout, watch)
        process.wait()
        if process.returncode:
            raise _failure(process.returncode, watch, limits)
    finally:
        watch.stop()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _start(descriptor: int, sheet: str, limits: Limits) -> subprocess.Popen[bytes]:
    job = {
        "sheet": sheet,
        "inflated_mb": limits.inflated_mb,
        "rows": limits.rows,
        "columns": limits.columns,
        "memory_mb": limits.memory_mb,
        "cpu_seconds": limits.cpu_seconds,
    }
    words = [sys.executable, "-I", str(_READER), str(descriptor), json.dumps(job)]
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
    )


def _read(stream: IO[bytes], watch: _Watch) -> Iterator[dict[str, Any]]:
    while True:
        watch.waiting_since = monotonic()
        line = stream.readline()
        watch.pause()
        if watch.is_late:
            raise UnreadableFile("reading_too_long", limit=watch.seconds)
        if not line:
            return
        if not line.endswith(b"\n"):  # the child was stopped in the middle of a line; its exit code says why
            return
        value: dict[str, Any] = json.loads(line)
        if "refused" in value:
            raise UnreadableFile(value["refused"], **value["params"])
        yield value


def _failure(code: int, watch: _Watch, limits: Limits) -> UnreadableFile:
    if watch.is_over or code in (-signal.SIGXCPU, -signal.SIGKILL):
        return UnreadableFile("reading_too_long", limit=limits.wall_seconds if watch.is_over else limits.cpu_seconds)
    if code in (EXIT_MEMORY, -signal.SIGABRT, -signal.SIGSEGV):
        return UnreadableFile("reading_too_big")
    return UnreadableFile("damaged_file")


class _Watch:
    """Ends the child when we have waited for it too long in all."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: int) -> None:
        self.waiting_since: float | None = None
        self.is_over = False
        self._waited = 0.0
        self._process = process
        self.seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_late(self) -> bool:
        """Whether the waits together have passed the limit, which a fast child may do between two looks."""
        return self._waited > self.seconds

    def pause(self) -> None:
        """Stop counting: the rows are being used."""
        if self.waiting_since is not None:
            self._waited += monotonic() - self.waiting_since
        self.waiting_since = None

    def stop(self) -> None:
        """The child is done."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(0.1):
            since = self.waiting_since
            if self._waited + (monotonic() - since if since is not None else 0) > self.seconds:
                self.is_over = True
                self._process.kill()
                return
