"""Fills the published templates with drawn people: for the demonstration's import, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal, cast

from naungan.exchange.formats import Record, stream_template
from naungan.standards.htcds import Value
from naungan.world.caseload import Drawn, Span, draw_chunk

__all__ = ["fill_template", "records"]

Template = Literal["template_plain", "template_single", "template_multi"]
# A workbook's rows come from another seed than the world's, so that they are other people.
_OTHER = 1_000_003


def records(*, seed: int, people: int, today: date) -> Iterator[Record]:
    """
    Draw people as the records of a file.

    Args:
        seed: The same seed gives the same rows; none of them is in the world of that seed.
        people: How many rows.
        today: The day on which the newest case was opened.
    """
    span = Span(seed + _OTHER, 0, people, today)
    for part in span.chunks():
        yield from (_record(drawn) for drawn in draw_chunk(span, part))


def fill_template(path: Path, *, form: Template, seed: int, people: int, today: date) -> int:
    """
    Write one of the three published templates filled with drawn rows; returns how many.

    Args:
        path: The workbook to write.
        form: `template_plain`, `template_single` or `template_multi`; only what its 38 columns hold is written.
        seed, people, today: See `records`.
    """
    with path.open("wb") as file:
        rows = records(seed=seed, people=people, today=today)
        for chunk in stream_template(form, rows, extra=False, count=people):
            file.write(chunk)
    return people


def _record(drawn: Drawn) -> Record:
    repeated = {prefix: cast("list[dict[str, Value]]", several) for prefix, several in drawn.repeated.items()}
    return Record(values=cast("dict[str, Value]", drawn.values), repeated=repeated)
