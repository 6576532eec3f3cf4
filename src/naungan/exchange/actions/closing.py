"""Ends batches: closes them with rows left over, discards them before anything came of them, forgets their files."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.progress import lock, move, touch
from naungan.exchange.states import Step
from naungan.protection.cases.models import Case, Person
from naungan.vault import actions as vault
from naungan.vault import blobs
from naungan.vault.models import Subject

RAW_KEPT_FOR = timedelta(days=30)


def closing_fields() -> dict[str, object]:
    """What is written when nothing is left to do in a batch."""
    return {"closed_at": clock.now(), "failure": ""}


@transaction.atomic
def close_batch(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """
    End a batch although rows wait in quarantine; they are kept as long as the file is, thirty days.

    Raises:
        StepNotAllowed: it is not partly accepted.
    """
    require(by, Permission.IMPORT, batch)
    locked = move(lock(batch), Step.CLOSE, **closing_fields())
    audit.append(
        by=by, organisation_id=locked.organisation_id, action="import.closed", ref=locked.ref, details=locked.counts
    )
    return locked


@transaction.atomic
def discard_batch(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """
    Forget a file before any of it was imported, its rows and its key too.

    Raises:
        StepNotAllowed: rows of it are cases already; undo it instead.
    """
    require(by, Permission.IMPORT, batch)
    locked = move(lock(batch), Step.DISCARD, **closing_fields(), counts={})
    ImportRow.objects.filter(batch=locked).delete()
    audit.append(by=by, organisation_id=locked.organisation_id, action="import.discarded", ref=locked.ref)
    forget_file(by=by, batch=locked, with_rows=True)
    return locked


@transaction.atomic
def forget_file(*, by: Actor | None, batch: ImportBatch, with_rows: bool) -> None:
    """Destroy a raw file with its key, and what is left of its rows; the vault writes the audit entries."""
    locked = lock(batch)
    if locked.raw_destroyed_at is None:
        vault.erase(by=by, subject=locked.raw_subject, reason="retention")
        touch(locked, raw_destroyed_at=clock.now())
        transaction.on_commit(lambda: blobs.remove(locked.ref))
    if with_rows:
        ImportRow.objects.filter(batch=locked, sealed__isnull=False).update(sealed=None)
        vault.erase(by=by, subject=locked.rows_subject, reason="retention")


@transaction.atomic
def forget_files_of(*, by: Actor, person: Person) -> None:
    """
    Destroy the raw files in which an erased person stands: of their cases' imports, and of rows added to them.

    What rows still say that were left out because they say the same goes with them.
    """
    cases = Case.objects.filter(person=person)
    added = ImportRow.objects.filter(case__in=cases).values("batch")
    holding = Q(ref__in=cases.exclude(batch="").values("batch")) | Q(pk__in=added)
    for batch in ImportBatch.objects.filter(holding, raw_destroyed_at__isnull=True):
        forget_file(by=by, batch=batch, with_rows=False)
    ImportRow.objects.filter(case__in=cases, sealed__isnull=False).update(sealed=None)


def forget_due_files() -> int:
    """
    Destroy the files of batches that closed thirty days ago, and of those in which somebody was erased since.

    For the daily round, safe to run at any time. An erasure destroys the files at once (`forget_files_of`); this
    finds what an erasure in a restored database left.
    """
    kept = ImportBatch.objects.filter(raw_destroyed_at__isnull=True)
    due = kept.filter(closed_at__lte=clock.now() - RAW_KEPT_FOR)
    erased = Subject.objects.filter(erased_at__isnull=False, kind="person")
    touched = Case.objects.filter(person__subject__in=erased).exclude(batch="").values("batch")
    found = {batch.pk: batch for batch in [*due, *kept.filter(ref__in=touched)]}
    for batch in found.values():
        ended = batch.closed_at is not None and batch.closed_at <= clock.now() - RAW_KEPT_FOR
        forget_file(by=None, batch=batch, with_rows=ended)
    ImportRow.objects.filter(case__person__subject__in=erased, sealed__isnull=False).update(sealed=None)
    return len(found)
