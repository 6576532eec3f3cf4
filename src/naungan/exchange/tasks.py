"""Background work of imports and exports: references are the only arguments, and no error carries a value out."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django_tasks import task
from django_tasks.base import Task

from naungan.access.actor import Actor, actor_for
from naungan.access.models import User
from naungan.exchange.models import Export, ImportBatch

logger = logging.getLogger(__name__)


@task()
def read_file(batch_ref: str, user_ref: str) -> str:
    """Look at a staged file and propose what its columns mean."""
    from naungan.exchange.actions.mapping import propose  # noqa: PLC0415 - actions start tasks

    return _with_batch(batch_ref, user_ref, propose)


@task()
def check_file(batch_ref: str, user_ref: str) -> str:
    """Read and check every row of a file."""
    from naungan.exchange.actions.checking import check_rows_of  # noqa: PLC0415 - actions start tasks

    return _with_batch(batch_ref, user_ref, check_rows_of)


@task()
def accept_rows(batch_ref: str, user_ref: str) -> str:
    """Turn the good rows of a batch into cases."""
    from naungan.exchange.actions.accepting import accept_all  # noqa: PLC0415 - actions start tasks

    return _with_batch(batch_ref, user_ref, accept_all)


@task()
def undo_rows(batch_ref: str, user_ref: str) -> str:
    """Destroy the cases of a batch."""
    from naungan.exchange.actions.undoing import destroy_all  # noqa: PLC0415 - actions start tasks

    return _with_batch(batch_ref, user_ref, destroy_all)


@task()
def prepare_export(export_ref: str, user_ref: str) -> str:
    """Count what the chosen form of an export cannot hold."""
    from naungan.exchange.actions.exporting import count_losses  # noqa: PLC0415 - actions start tasks

    export = Export.objects.get(ref=export_ref)
    try:
        count_losses(by=_actor(user_ref), export=export)
    except Exception as error:
        logger.error("export %s could not be prepared: %s", export_ref, type(error).__name__)
        return "failed"
    return "done"


def start(work: Task[[str, str], str], record: ImportBatch | Export, by: Actor) -> None:
    """Queue background work on a batch or an export."""
    work.enqueue(record.ref, by.user_ref)


def _with_batch(batch_ref: str, user_ref: str, action: Callable[..., None]) -> str:
    from naungan.exchange.actions.stalling import note_failure  # noqa: PLC0415 - actions start tasks

    batch = ImportBatch.objects.get(ref=batch_ref)
    try:
        action(by=_actor(user_ref), batch=batch)
    except Exception as error:
        logger.error("import %s stopped: %s", batch_ref, type(error).__name__)
        try:
            note_failure(batch=batch, error=error)
        except (OSError, DatabaseError):
            logger.error("import %s: the failure itself could not be written down", batch_ref)
        return "stopped"
    return "done"


def _actor(user_ref: str) -> Actor:
    return actor_for(User.objects.get(ref=user_ref), via="task")
