"""How much a file may ask of us."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Bounds on one file.

    Memory and processor time are those of the child process that opens a workbook; the wall time counts while the
    child works, not while the rows are used.
    """

    file_mb: int = 64
    inflated_mb: int = 400
    rows: int = 250_000
    columns: int = 400
    cell_characters: int = 40_000
    memory_mb: int = 1_400
    cpu_seconds: int = 60
    wall_seconds: int = 180
