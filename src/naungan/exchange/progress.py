"""Moves a batch along its state machine and keeps its counts; every change happens under the batch's lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from naungan.access import clock
from naungan.exchange.errors import StepNotAllowed
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.states import TRANSITIONS, State, Step

# A transaction: larger ones write fewer pages a row, smaller ones let others write sooner (1,000 take half a second).
CHUNK_ROWS = 1_000


def lock(batch: ImportBatch) -> ImportBatch:
    """Read the batch again and hold its row until the transaction ends."""
    locked = ImportBatch.objects.select_for_update(of=("self",))
    return locked.select_related("rows_subject", "raw_subject", "team").get(pk=batch.pk)


def move(batch: ImportBatch, step: Step, **fields: object) -> ImportBatch:
    """
    Take one step of the table in `states.py`; the caller holds the lock.

    Raises:
        StepNotAllowed: no such step from here.
    """
    require_step(batch, step)
    batch.state = TRANSITIONS[State(batch.state), step].value
    return touch(batch, state=batch.state, **fields)


def require_step(batch: ImportBatch, step: Step) -> None:
    """Refuse a step that the table does not have from here."""
    if (State(batch.state), step) not in TRANSITIONS:
        raise StepNotAllowed(step.value)


def touch(batch: ImportBatch, **fields: object) -> ImportBatch:
    """Write fields and the moment: a batch that stands still for long can be seen to."""
    for name, value in fields.items():
        setattr(batch, name, value)
    batch.moved_at = clock.now()
    batch.save(update_fields=[*fields, "moved_at"])
    return batch


def counted(batch: ImportBatch, changes: Mapping[str, int]) -> dict[str, int]:
    """The counts of rows by state after some changed theirs."""
    counts = Counter({str(state): int(number) for state, number in batch.counts.items()})
    counts.update(changes)
    return {state: number for state, number in counts.items() if number}


def moved_rows(batch: ImportBatch, rows: list[ImportRow], to: str) -> dict[str, int]:
    """The counts after rows, still in their old state, go to another."""
    changes = Counter({to: len(rows)})
    changes.subtract(Counter(row.state for row in rows))
    return counted(batch, changes)
