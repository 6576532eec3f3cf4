"""Forgets a person by destroying their key, and holds one whom a law or a court wants kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.protection.cases.actions.saving import lock
from naungan.protection.cases.erased import forget_elsewhere
from naungan.protection.cases.models import Attachment, Case, Entry, Person
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
    forget_elsewhere(by, locked.person)
    return record


@transaction.atomic
def destroy_cases(*, by: Actor, cases: Sequence[Case], batch: str) -> None:
    """
    Destroy cases of an import that is taken back, with their people and keys, in a few statements.

    The caller has made sure that nobody has worked on them.

    Raises:
        OnHold: a legal hold forbids the erasure of one of the people; nothing is destroyed.
    """
    require(by, Permission.IMPORT)
    if any(case.organisation_id != by.organisation_id or case.batch != batch for case in cases):
        raise NotFound("There is no such case.")
    lines = [audit.Line("case.undone", case.code, {"batch": batch}) for case in cases]
    audit.append_many(by=by, organisation_id=by.organisation_id, lines=lines)
    subjects = [case.person.subject for case in cases]
    Case.objects.filter(pk__in=[case.pk for case in cases]).delete()
    Person.objects.filter(pk__in=[case.person_id for case in cases]).delete()
    vault.erase_many(by=by, subjects=subjects, reason="mistake")


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
