"""Takes a file in: keeps it sealed, recognises one that was here before, and proposes what its columns mean."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.models import Team
from naungan.access.policy import Permission
from naungan.access.references import new_ref
from naungan.access.rules import require
from naungan.exchange.errors import DiskFull, FileRefused
from naungan.exchange.models import ImportBatch
from naungan.exchange.sealing import Digests
from naungan.exchange.states import GONE, State
from naungan.protection.cases.errors import CannotAssign
from naungan.standards.checks import Problem
from naungan.vault import actions as vault
from naungan.vault import blobs

CHUNK = 1 << 20
FILE_NAME = "file:raw:name"


@dataclass(frozen=True, slots=True)
class Staged:
    """The batch of a file; `is_known` when the same file was taken before and nothing changed."""

    batch: ImportBatch
    is_known: bool


def stage_file(*, by: Actor, file: IO[bytes], name: str, team: Team | None = None) -> Staged:
    """
    Keep a file under a key of its own and start reading it; the same file twice changes nothing.

    Raises:
        FileRefused: it is empty or larger than the settings allow.
        DiskFull: there is no room; nothing is kept of it.
    """
    require(by, Permission.IMPORT)
    if team is not None and team.organisation_id != by.organisation_id:
        raise CannotAssign("team")
    size, digests = _measured(file, by.organisation_id)
    known = _known(by.organisation_id, digests)
    if known is not None:
        return Staged(known, is_known=True)
    batch = ImportBatch(
        organisation_id=by.organisation_id,
        team=team,
        digest=digests[0],
        size_bytes=size,
        created_by_id=by.user_id,
        created_at=clock.now(),
        moved_at=clock.now(),
    )
    try:
        _keep(by, batch, file, name)
    except IntegrityError:
        known = _known(by.organisation_id, digests)
        if known is None:
            raise
        return Staged(known, is_known=True)
    except (OSError, DatabaseError) as error:
        if is_full(error):
            raise DiskFull("there is no room to keep the file") from error
        raise
    return Staged(batch, is_known=False)


def is_full(error: BaseException) -> bool:
    """Whether an error of the system or the database means that there is no room left."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    words = str(error).lower()
    return "disk is full" in words or "no space left" in words or "disk i/o error" in words


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its beginning, a megabyte at a time."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _measured(file: IO[bytes], organisation_id: int) -> tuple[int, list[str]]:
    running, size = sha256(), 0
    for chunk in chunks_of(file):
        size += len(chunk)
        if size > settings.UPLOAD_MOST_BYTES:
            limit = settings.UPLOAD_MOST_BYTES // 1_000_000
            raise FileRefused(Problem.of("file_too_large", {"limit": limit}))
        running.update(chunk)
    if not size:
        raise FileRefused(Problem.of("file_empty"))
    return size, Digests(organisation_id, "file").known_as(running.digest())


def _known(organisation_id: int, digests: list[str]) -> ImportBatch | None:
    gone = [state.value for state in GONE]
    found = ImportBatch.objects.filter(organisation_id=organisation_id, digest__in=digests).exclude(state__in=gone)
    return found.select_related("created_by").order_by("-created_at").first()


def _keep(by: Actor, batch: ImportBatch, file: IO[bytes], name: str) -> None:
    from naungan.exchange import tasks  # noqa: PLC0415 - tasks import the actions

    batch.ref = new_ref()
    try:
        with transaction.atomic():
            batch.rows_subject, batch.raw_subject = vault.open_subjects(
                2, organisation_id=by.organisation_id, kind="batch"
            )
            batch.save(force_insert=True)
            vault.seal(batch.rows_subject, {FILE_NAME: name[-200:]})
            blobs.write(batch.raw_subject, batch.ref, chunks_of(file))
            audit.append(
                by=by,
                organisation_id=by.organisation_id,
                action="import.staged",
                ref=batch.ref,
                details={"bytes": batch.size_bytes},
            )
    except BaseException:
        blobs.remove(batch.ref)
        raise
    assert batch.state == State.STAGED.value
    transaction.on_commit(lambda: tasks.start(tasks.read_file, batch, by))
