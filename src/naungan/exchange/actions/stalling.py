"""Sees to batches whose work stopped: a full disk, a killed process, an account that was closed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor, actor_for
from naungan.access.errors import AccessError
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.exchange import tasks
from naungan.exchange.actions.staging import is_full
from naungan.exchange.errors import DiskFull, StepNotAllowed
from naungan.exchange.models import ImportBatch
from naungan.exchange.progress import lock, touch
from naungan.exchange.states import RUNNING, State

STALLED_AFTER = timedelta(seconds=90)
_WORK = {
    State.STAGED: tasks.read_file,
    State.CHECKING: tasks.check_file,
    State.ACCEPTING: tasks.accept_rows,
    State.UNDOING: tasks.undo_rows,
}


@transaction.atomic
def note_failure(*, batch: ImportBatch, error: BaseException) -> None:
    """Write down why the work on a batch stopped; its state stays, so that it can be taken up again."""
    locked = lock(batch)
    code = "stopped"
    if isinstance(error, DiskFull) or is_full(error):
        code = "disk_full"
    elif isinstance(error, AccessError):
        code = "not_allowed"
    touch(locked, failure=code, failure_params={})


@transaction.atomic
def resume(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """
    Take up work that stopped; what was done before stays done.

    Raises:
        StepNotAllowed: no work is pending on the batch, or it goes on at this moment.
    """
    require(by, Permission.IMPORT, batch)
    locked = lock(batch)
    if not is_stalled(locked):
        raise StepNotAllowed("resume")
    touch(locked, failure="", failure_params={})
    audit.append(by=by, organisation_id=locked.organisation_id, action="import.resumed", ref=locked.ref)
    work = _WORK[State(locked.state)]
    transaction.on_commit(lambda: tasks.start(work, locked, by))
    return locked


def is_stalled(batch: ImportBatch) -> bool:
    """Whether work is pending that nobody seems to do."""
    if State(batch.state) not in RUNNING:
        return False
    return bool(batch.failure) or clock.now() - batch.moved_at > STALLED_AFTER


def resume_stalled() -> int:
    """Take up every batch whose work stopped without a word, in the name of whoever brought it; run at start."""
    late = ImportBatch.objects.filter(
        state__in=[state.value for state in RUNNING], failure="", moved_at__lt=clock.now() - STALLED_AFTER
    )
    count = 0
    for batch in late.select_related("created_by"):
        by = actor_for(batch.created_by, via="task")
        if by.relations(Permission.IMPORT):
            resume(by=by, batch=batch)
            count += 1
    return count
