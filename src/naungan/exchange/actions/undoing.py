"""Takes a whole batch back, as long as nobody has worked on any of its cases."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.inserting import USUAL_MB, writing_much
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.exchange import tasks
from naungan.exchange.actions.closing import closing_fields, forget_file
from naungan.exchange.errors import BatchWorkedOn
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.progress import lock, move, moved_rows, touch
from naungan.exchange.states import RowState, State, Step
from naungan.protection.cases.actions import destroy_cases
from naungan.protection.cases.models import Entry

CHUNK_CASES = 500
# What an import itself leaves on a case's timeline.
_OF_THE_IMPORT = ("imported", "comment")


@transaction.atomic
def undo_batch(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """
    Start destroying every case of a batch, with its keys.

    Raises:
        BatchWorkedOn: somebody has worked on one of its cases.
        StepNotAllowed: nothing of it was imported.
    """
    require(by, Permission.IMPORT, batch)
    locked = lock(batch)
    worked_on = _worked_on(locked).count()
    if worked_on:
        raise BatchWorkedOn(worked_on)
    accepted = locked.counts.get(RowState.ACCEPTED.value, 0)
    move(locked, Step.UNDO, done=0, total=accepted, failure="")
    audit.append(
        by=by, organisation_id=locked.organisation_id, action="import.undo", ref=locked.ref, details={"cases": accepted}
    )
    transaction.on_commit(lambda: tasks.start(tasks.undo_rows, locked, by))
    return locked


def may_undo(batch: ImportBatch) -> bool:
    """Whether nobody has worked on a case of the batch yet."""
    return not _worked_on(batch).exists()


def destroy_all(*, by: Actor, batch: ImportBatch) -> None:
    """Destroy chunk after chunk; a run that was cut off goes on where it stopped."""
    reached: int | None = 0
    with writing_much(USUAL_MB):
        while reached is not None:
            reached = _destroy_chunk(by, batch, reached)


def _worked_on(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Imported rows whose case was changed since, and rows that were added to a case that was there before."""
    later = Entry.objects.filter(case_id=OuterRef("case_id"), kind="comment", by__isnull=False)
    other = Entry.objects.filter(case_id=OuterRef("case_id")).exclude(kind__in=_OF_THE_IMPORT)
    changed = Q(case__version__gt=1) | Q(Exists(later)) | Q(Exists(other))
    rows = ImportRow.objects.filter(batch=batch)
    return rows.filter(Q(state=RowState.ACCEPTED.value) & changed | Q(state=RowState.MATCHED.value))


@transaction.atomic
def _destroy_chunk(by: Actor, batch: ImportBatch, after: int) -> int | None:
    """Destroy the cases of the rows that come after one; the last row looked at, or None when none is left."""
    require(by, Permission.IMPORT, batch)
    locked = lock(batch)
    if State(locked.state) is not State.UNDOING:
        return None
    accepted = ImportRow.objects.filter(batch=locked, state=RowState.ACCEPTED.value, pk__gt=after).order_by("pk")
    looked = list(accepted.defer("problems", "candidates").select_related("case__person__subject")[:CHUNK_CASES])
    if not looked:
        _finish(by, locked)
        return None
    # A case on which somebody began to work since the undoing was asked for is left alone.
    kept = set(_worked_on(locked).filter(pk__in=[row.pk for row in looked]).values_list("pk", flat=True))
    rows = [row for row in looked if row.pk not in kept]
    locked.counts = moved_rows(locked, rows, RowState.UNDONE.value)
    cases = [row.case for row in rows if row.case is not None]
    ImportRow.objects.filter(pk__in=[row.pk for row in rows]).update(state=RowState.UNDONE.value, case=None)
    destroy_cases(by=by, cases=cases, batch=locked.ref)
    touch(locked, counts=locked.counts, done=locked.done + len(rows))
    return looked[-1].pk


def _finish(by: Actor, batch: ImportBatch) -> None:
    left = batch.counts.get(RowState.ACCEPTED.value, 0)
    ImportRow.objects.filter(batch=batch).exclude(state__in=["accepted", "matched", "undone"]).delete()
    counts = {state: number for state, number in batch.counts.items() if state in ("accepted", "undone")}
    move(batch, Step.KEEP if left else Step.UNDONE, **closing_fields(), counts=counts)
    audit.append(
        by=by, organisation_id=batch.organisation_id, action="import.undone", ref=batch.ref, details={"left": left}
    )
    forget_file(by=by, batch=batch, with_rows=True)
