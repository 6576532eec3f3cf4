"""Adds words and files to a case; both are sealed under the person's key."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.protection.cases import files
from naungan.protection.cases.actions.saving import lock
from naungan.protection.cases.errors import FileRefused, InvalidValues, words_problem
from naungan.protection.cases.models import Attachment, Case, Entry
from naungan.protection.cases.relations import touch
from naungan.vault import actions as vault
from naungan.vault import blobs

NOTE_MOST_CHARACTERS = 20_000
KINDS = ("note", "comment")


@transaction.atomic
def add_note(*, by: Actor, case: Case, text: str, kind: str = "note") -> Entry:
    """Write a note, or a case comment in the sense of HTCDS, on the timeline."""
    require(by, Permission.CASE_WRITE, case)
    words = text.strip()
    if not words or len(words) > NOTE_MOST_CHARACTERS:
        raise InvalidValues([words_problem("text", words, NOTE_MOST_CHARACTERS)])
    locked = lock(case)
    entry = Entry.objects.create(case=locked, kind=kind, at=clock.now(), by_id=by.user_id, has_text=True)
    vault.seal(locked.person.subject, {f"note:{entry.ref}": words})
    touch(locked)
    audit.append(by=by, organisation_id=locked.organisation_id, action=f"case.{kind}", ref=locked.code)
    return entry


def add_line(
    *,
    by: Actor,
    case: Case,
    kind: str,
    action: str,
    details: Mapping[str, str | int],
    words: str = "",
    at: datetime | None = None,
    also: Sequence[str] = (),
) -> Entry:
    """
    Write what another app did to a case on its timeline and on the audit chain; joins the caller's transaction.

    The caller has asked access and holds the case by `lock`.

    Args:
        by: Who did it.
        case: The case, held.
        kind: The kind of line, one of `Entry.KINDS`.
        action: What the chain calls it.
        details: Codes, in the clear on both.
        words: What was said of it; sealed, on the timeline only.
        at: When it happened, if not now.
        also: Columns of the case that the caller changed.
    """
    entry = Entry.objects.create(
        case=case,
        kind=kind,
        at=at or clock.now(),
        by_id=by.user_id,
        details=dict(details),
        has_text=bool(words),
    )
    if words:
        vault.seal(case.person.subject, {f"note:{entry.ref}": words})
    touch(case, *also)
    audit.append(by=by, organisation_id=case.organisation_id, action=action, ref=case.code, details=dict(details))
    return entry


def add_attachment(*, by: Actor, case: Case, name: str, content: bytes) -> Attachment:
    """
    Keep a file with a case: checked by content, scanned where a scanner is set, stripped of place marks, encrypted.

    Raises:
        FileRefused: it is too large, of a kind that is not taken, damaged or infected.
    """
    require(by, Permission.CASE_WRITE, case)
    if len(content) > settings.ATTACHMENT_MOST_BYTES:
        raise FileRefused("too_large")
    kind = files.kind_of(content)
    scanned = files.scan(content)
    bare = files.without_marks(content, kind)
    with transaction.atomic():
        locked = lock(case)
        attachment = Attachment.objects.create(
            case=locked,
            kind=kind,
            size_bytes=len(bare),
            digest=hmac.new(settings.SECRET_KEY.encode(), locked.code.encode() + bare, sha256).hexdigest(),
            added_at=clock.now(),
            added_by_id=by.user_id,
            scanned_at=clock.now() if scanned else None,
        )
        vault.seal(locked.person.subject, {f"file:{attachment.ref}:name": name[-200:]})
        blobs.write(locked.person.subject, attachment.ref, bare)
        _note(by, locked, attachment, "added")
    return attachment


@transaction.atomic
def remove_attachment(*, by: Actor, case: Case, ref: str) -> Attachment:
    """Take a file off a case and destroy its copy; that it was there stays on the timeline."""
    require(by, Permission.CASE_WRITE, case)
    locked = lock(case)
    attachment = Attachment.objects.filter(case=locked, ref=ref, removed_at__isnull=True).first()
    if attachment is None:
        raise NotFound("There is no such file.")
    attachment.removed_at, attachment.removed_by_id = clock.now(), by.user_id
    attachment.save(update_fields=["removed_at", "removed_by"])
    vault.seal(locked.person.subject, {f"file:{ref}:name": None})
    transaction.on_commit(lambda: blobs.remove(ref))
    _note(by, locked, attachment, "removed")
    return attachment


def _note(by: Actor, case: Case, attachment: Attachment, what: str) -> None:
    Entry.objects.create(
        case=case, kind="file", at=clock.now(), by_id=by.user_id, details={"file": attachment.ref, "what": what}
    )
    touch(case)
    audit.append(
        by=by,
        organisation_id=case.organisation_id,
        action=f"file.{what}",
        ref=case.code,
        details={"file": attachment.ref, "kind": attachment.kind, "bytes": attachment.size_bytes},
    )
