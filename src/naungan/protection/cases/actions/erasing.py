"""Forgets a person by destroying their key, and holds one whom a law or a court wants kept."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.protection.cases.actions.saving import lock
from naungan.protection.cases.models import Attachment, Case, Entry
from naungan.protection.cases.relations import touch
from naungan.vault import actions as vault
from naungan.vault import blobs
from naungan.vault.models import ErasureRecord

# Why somebody may be held, as a code: words about the person have no place here.
HOLD_REASONS = ("legal", "court_order", "investigation", "restitution", "complaint")
ERASE_REASONS = tuple(reason for reason in ErasureRecord.REASONS if reason != "restored")


@transaction.atomic
def erase_person(*, by: Actor, case: Case, reason: str) -> ErasureRecord:
    """
    Destroy the key of a case's person: names, texts and files of all their cases become unreadable for ever.

    Codes, dates and figures stay, so statistics survive.

    Raises:
        OnHold: a legal hold forbids it.
    """
    require(by, Permission.IDENTITY_ERASE, case)
    locked = lock(case)
    record = vault.erase(by=by, subject=locked.person.subject, reason=reason)
    files = Attachment.objects.filter(case__person_id=locked.person_id, removed_at__isnull=True)
    refs = list(files.values_list("ref", flat=True))
    files.update(removed_at=clock.now(), removed_by_id=by.user_id)
    for ref in refs:
        transaction.on_commit(partial(blobs.remove, ref))
    for one in Case.objects.filter(person_id=locked.person_id):
        touch(one)
        Entry.objects.create(case=one, kind="erased", at=clock.now(), by_id=by.user_id)
    return record


@transaction.atomic
def hold_person(*, by: Actor, case: Case, reason: str, until: datetime | None = None) -> None:
    """Forbid the erasure of a case's person, until a day or until the hold is lifted."""
    require(by, Permission.IDENTITY_ERASE, case)
    vault.hold(by=by, subject=lock(case).person.subject, reason=reason, until=until)


@transaction.atomic
def lift_hold(*, by: Actor, case: Case) -> None:
    """Let a case's person be erased again."""
    require(by, Permission.IDENTITY_ERASE, case)
    vault.release_hold(by=by, subject=lock(case).person.subject)
