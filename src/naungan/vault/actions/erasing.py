"""
Erases identities by destroying their keys, unless a legal hold forbids it.

Each erasure is also written to a list outside the database and its backups, so that a restored older
copy is made to forget again before it serves.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.inserting import insert_new
from naungan.vault import store
from naungan.vault.errors import NotOnHold, OnHold
from naungan.vault.models import ErasureRecord, IndexEntry, SealedItem, Subject


@dataclass(frozen=True, slots=True)
class Applied:
    """What an erasure list did to a restored database; `refused` lines were not written by this installation."""

    erased: int
    already: int
    unknown: int
    refused: int


@transaction.atomic
def hold(*, by: Actor, subject: Subject, reason: str, until: datetime | None = None) -> Subject:
    """Forbid the erasure of a subject, for a reason given as a code, until a moment or until released."""
    locked = Subject.objects.select_for_update().get(pk=subject.pk)
    if locked.erased_at is not None:
        raise OnHold(_("the identity was erased already; there is nothing to hold"))
    locked.held_at, locked.held_by, locked.held_until, locked.hold_reason = clock.now(), by.user_ref, until, reason
    locked.save(update_fields=["held_at", "held_by", "held_until", "hold_reason"])
    _note(by, locked, "vault.hold", reason)
    return locked


@transaction.atomic
def release_hold(*, by: Actor, subject: Subject) -> Subject:
    """Take a legal hold off; raises NotOnHold."""
    locked = Subject.objects.select_for_update().get(pk=subject.pk)
    if locked.held_at is None:
        raise NotOnHold(_("there is no hold on this identity"))
    reason = locked.hold_reason
    _clear_hold(locked)
    locked.save(update_fields=["held_at", "held_by", "held_until", "hold_reason"])
    _note(by, locked, "vault.release_hold", reason)
    return locked


@transaction.atomic
def erase(*, by: Actor | None, subject: Subject, reason: str) -> ErasureRecord:
    """
    Destroy a subject's key, items and index rows; nobody can read them any more.

    In backups it holds from `backups_until`. When the transaction is committed, the erasure list gets its
    line and SQLite's write-ahead log is emptied; on PostgreSQL the dead rows go with the next VACUUM, and
    are ciphertext without a key until then.

    Args:
        by: Who decided; the caller has asked `access`.
        subject: Whose identity; a second erasure changes nothing.
        reason: One of `ErasureRecord.REASONS`.

    Raises:
        OnHold: a legal hold forbids it.
    """
    return erase_many(by=by, subjects=[subject], reason=reason)[0]


@transaction.atomic
def erase_many(*, by: Actor | None, subjects: Sequence[Subject], reason: str) -> list[ErasureRecord]:
    """
    Erase many subjects of one organisation, all or none, in a few statements; see `erase`.

    Returns:
        list: the records, in the order of the subjects.

    Raises:
        OnHold: a legal hold forbids the erasure of one of them.
    """
    found = {one.pk: one for ids in _batches(subjects) for one in _locked(ids)}
    refs = [one.ref for one in found.values()]
    known = {
        record.subject_ref: record
        for some in store.batches(refs, store.IDS_A_QUERY)
        for record in ErasureRecord.objects.filter(subject_ref__in=some)
    }
    due = [one for one in found.values() if one.erased_at is None or one.ref not in known]
    if any(one.held_at is not None and (one.held_until is None or one.held_until > clock.now()) for one in due):
        raise OnHold(_("a legal hold forbids the erasure; release it first"))
    _destroy(due, clock.now())
    made = [
        ErasureRecord(
            subject_ref=one.ref,
            organisation_id=one.organisation_id,
            erased_at=clock.now(),
            erased_by=by.user_ref if by else "",
            reason=reason,
            backups_until=clock.today() + timedelta(days=settings.BACKUP_KEPT_DAYS),
        )
        for one in due
    ]
    insert_new(ErasureRecord, made)
    for organisation_id, several in groupby(due, lambda one: one.organisation_id):
        lines = [audit.Line("vault.erase", one.ref, {"reason": reason}) for one in several]
        audit.append_many(by=by, organisation_id=organisation_id, lines=lines)
    if due:
        transaction.on_commit(_finish)
    known.update({record.subject_ref: record for record in made})
    return [known[found[subject.pk].ref] for subject in subjects]


def _batches(subjects: Sequence[Subject]) -> Iterator[list[int]]:
    return store.batches(sorted({subject.pk for subject in subjects}), store.IDS_A_QUERY)


def _locked(ids: Sequence[int]) -> Iterable[Subject]:
    return Subject.objects.select_for_update().filter(pk__in=ids).order_by("pk")


def list_erasures() -> int:
    """Write erasures that are not yet on the list outside the database; run at start and before each backup."""
    waiting = list(ErasureRecord.objects.filter(listed_at__isnull=True).order_by("pk"))
    if not waiting:
        return 0
    path = Path(settings.ERASURE_LIST)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.writelines(_line(record) for record in waiting)
        file.flush()
        os.fsync(file.fileno())
    ErasureRecord.objects.filter(pk__in=[record.pk for record in waiting]).update(listed_at=clock.now())
    return len(waiting)


def apply_erasures(path: Path | None = None) -> Applied:
    """
    Erase again, in a restored database, everybody on the erasure list, before serving. Holds do not count.

    Args:
        path: The list; the settings' when not given. A missing file is an empty list.

    Returns:
        Applied: lines whose seal is wrong are not followed, and counted as refused.
    """
    erased, already, unknown, refused = 0, 0, 0, 0
    for body in _lines(path or Path(settings.ERASURE_LIST)):
        if body is None:
            refused += 1
            continue
        with transaction.atomic():
            subject = Subject.objects.select_for_update().filter(ref=body["subject"]).first()
            if subject is None:
                unknown += 1
            elif subject.erased_at is not None:
                already += 1
            else:
                _erase_again(subject, body)
                erased += 1
    if erased:
        scrub()
    return Applied(erased, already, unknown, refused)


def scrub() -> bool:
    """
    Empty SQLite's write-ahead log, so that erased rows are nowhere in its files.

    Returns:
        bool: False when a reader still held the log; the next erasure, backup or `doctor` tries again.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return connection.vendor != "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        is_secure = cursor.fetchone()[0] == 1
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return is_secure and not cursor.fetchone()[0]


def _finish() -> None:
    list_erasures()
    scrub()


def _destroy(subjects: Sequence[Subject], moment: datetime) -> None:
    for ids in _batches(subjects):
        SealedItem.objects.filter(subject_id__in=ids).delete()
        IndexEntry.objects.filter(subject_id__in=ids).delete()
        Subject.objects.filter(pk__in=ids).update(
            wrapped_key=None, profile=None, erased_at=moment, held_at=None, held_by="", held_until=None, hold_reason=""
        )
    for subject in subjects:
        subject.wrapped_key, subject.profile, subject.erased_at, subject.fresh_key = None, None, moment, None
        _clear_hold(subject)


def _erase_again(subject: Subject, body: dict[str, str]) -> None:
    moment = datetime.fromisoformat(body["erased_at"])
    _destroy([subject], moment)
    ErasureRecord.objects.get_or_create(
        subject_ref=subject.ref,
        defaults={
            "organisation_id": subject.organisation_id,
            "erased_at": moment,
            "reason": "restored",
            "backups_until": datetime.fromisoformat(body["backups_until"]).date(),
            "listed_at": clock.now(),
        },
    )
    _note(None, subject, "vault.erase", "restored")


def _clear_hold(locked: Subject) -> None:
    locked.held_at, locked.held_by, locked.held_until, locked.hold_reason = None, "", None, ""


def _note(by: Actor | None, subject: Subject, action: str, reason: str) -> None:
    audit.append(
        by=by, organisation_id=subject.organisation_id, action=action, ref=subject.ref, details={"reason": reason}
    )


def _line(record: ErasureRecord) -> str:
    body = {
        "subject": record.subject_ref,
        "erased_at": record.erased_at.astimezone(UTC).isoformat(timespec="seconds"),
        "reason": record.reason,
        "backups_until": record.backups_until.isoformat(),
    }
    return json.dumps({**body, "seal": _seal(body)}, sort_keys=True) + "\n"


def _lines(path: Path) -> Iterator[dict[str, str] | None]:
    """The bodies of the list, None for a line that this installation did not write."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            body = dict(json.loads(line))
            seal = str(body.pop("seal", ""))
        except (ValueError, TypeError):
            yield None
            continue
        yield body if hmac.compare_digest(seal, _seal(body)) else None


def _seal(body: dict[str, str]) -> str:
    # Under the key of the audit chain, which outlives every key of the vault.
    key = hmac.new(settings.AUDIT_KEY.encode(), b"naungan vault erasures", sha256).digest()
    return hmac.new(key, json.dumps(body, sort_keys=True).encode(), sha256).hexdigest()
