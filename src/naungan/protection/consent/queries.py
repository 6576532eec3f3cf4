"""What may be asked about consents: those of a case, and whether one lets something be done now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from naungan.access import clock
from naungan.access.asking import ID, question
from naungan.access.models import Organisation
from naungan.access.policy import Permission
from naungan.access.rules import Standing
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries import note_reading
from naungan.protection.consent.actions import effective_state, item_name
from naungan.protection.consent.models import Confirmation, Consent
from naungan.protection.consent.states import State
from naungan.vault import queries as vault

PARTS = ("recipient", "guardian", "witness", "interpreter")


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """One consent as its reader may see it; names only for whoever revealed the identity."""

    consent: Consent
    state: State
    names: dict[str, str] = field(default_factory=dict)
    has_names: frozenset[str] = frozenset()
    confirmations: Sequence[Confirmation] = ()
    grounds: dict[str, str] = field(default_factory=dict)


def consents_of(found: Standing[Case], *, revealed: bool) -> list[Shown]:
    """
    All consents of a case, newest first, with one audit entry.

    Args:
        found: What the reader is to the case.
        revealed: Whether the identity was revealed in this session; the permission is asked again here.
    """
    found.require(Permission.CASE_READ)
    if revealed:
        found.require(Permission.IDENTITY_REVEAL)
    case, today = found.record, clock.today()
    note_reading(found, revealed)
    consents = Consent.objects.filter(case=case).select_related("recipient", "deadline").order_by("-pk")
    rows = list(consents.prefetch_related("confirmations__organisation"))
    names = [item_name(row, part) for row in rows for part in PARTS]
    grounds = [f"confirmation:{c.ref}:ground" for row in rows for c in row.confirmations.all() if c.answer == "kept"]
    subject = case.person.subject_id
    there = set(vault.kept_items(subject, names)) if names else set()
    wanted = [*(there if revealed else ()), *grounds]
    opened = vault.read([subject], wanted).get(subject, {}) if wanted else {}
    return [_shown(row, today, there, opened) for row in rows]


def _shown(row: Consent, today: date, there: Collection[str], opened: dict[str, str]) -> Shown:
    kept = frozenset(part for part in PARTS if item_name(row, part) in there)
    confirmations = list(row.confirmations.all())
    return Shown(
        consent=row,
        state=effective_state(row, today),
        names={part: opened[item_name(row, part)] for part in kept if item_name(row, part) in opened},
        has_names=kept,
        confirmations=confirmations,
        grounds={c.ref: opened.get(f"confirmation:{c.ref}:ground", "") for c in confirmations},
    )


def standing_consent(
    case: Case,
    purpose: str,
    *,
    recipient: Organisation | None = None,
    fields: Collection[str] = (),
    on: date | None = None,
    within_days: int | None = None,
) -> Consent | None:
    """
    The consent that lets something be done on a day, for other modules to ask before they do it.

    Args:
        case: Whose file it is; the caller has asked access.
        purpose: What is to be done.
        recipient: To whom something goes; it must be named by the consent.
        fields: What goes; all of it must be agreed to.
        on: The day; today when None.
        within_days: How old the consent may be, as for travel (domain reference, section 8.9).

    Returns:
        Consent | None: the newest answer counts: whoever refused or withdrew since is not asked about what was before.
    """
    day = on or clock.today()
    answered = Consent.objects.filter(case=case, purpose=purpose).exclude(state=State.REQUESTED.value)
    newest = answered.filter(recipient=recipient).order_by("-answered_at", "-pk").first()
    if newest is None or effective_state(newest, day) is not State.GIVEN:
        return None
    assert newest.given_on is not None  # every consent that was given has its day
    is_young = within_days is None or (day - newest.given_on).days <= within_days
    return newest if newest.given_on <= day and is_young and set(fields) <= set(newest.fields) else None


def newest_by_purpose(case_id: int) -> list[Consent]:
    """The newest consent of each purpose and recipient, for the card beside a case."""
    found: dict[tuple[str, int | None, str], Consent] = {}
    for one in _all_of(case=case_id):
        outside = one.ref if one.recipient_id is None and one.fields else ""
        found.setdefault((one.purpose, one.recipient_id, outside), one)
    return list(found.values())


@question(case=ID)
def _all_of(case: int) -> QuerySet[Consent]:
    return Consent.objects.filter(case_id=case).order_by("-pk")[:40]
