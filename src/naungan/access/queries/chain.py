"""The audit chain, for data protection officers: pages, a download, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.models import AuditChain, AuditEntry, Team, User
from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.access.rules import require, visible
from naungan.access.words import action_name, detail_name, role_name, value_name, via_name

PAGE = 50
BATCH = 500


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What the chain is narrowed by; empty: not at all."""

    person: str = ""
    action: str = ""
    code: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry in words; `reason` is None when it lies under a person's own key."""

    number: int
    at: datetime
    actor: str
    actor_ref: str
    roles: str
    via: str
    door: str
    action: str
    words: str
    ref: str
    subject: str
    details: dict[str, str | int]
    said: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the chain, newest first, and the number before which the next page begins."""

    lines: tuple[AuditLine, ...]
    before: int | None = None


@transaction.atomic
def audit_page(by: Actor, filters: AuditFilters, *, before: int | None = None, limit: int = PAGE) -> AuditPage:
    """A page of one's organisation's chain; the first page of a reading leaves an entry itself."""
    require(by, Permission.AUDIT_READ)
    found = _narrowed(by, filters).order_by("-number")
    if before is not None:
        found = found.filter(number__lt=before)
    entries = list(found[: limit + 1])
    if before is None:
        _record(by, "audit.read", filters, shown=min(len(entries), limit))
    lines = tuple(_lines(entries[:limit]))
    return AuditPage(lines, before=lines[-1].number if len(entries) > limit else None)


def audit_lines(by: Actor, filters: AuditFilters, *, reason: str) -> Iterator[AuditLine]:
    """All entries that the filters let through, oldest first, for a download; it needs a reason and leaves an entry."""
    require(by, Permission.AUDIT_READ)
    newest = AuditChain.objects.filter(pk=by.organisation_id).values_list("length", flat=True).first() or 0
    with transaction.atomic():
        _record(by, "audit.exported", filters, shown=newest, reason=reason)
    return _stream(_narrowed(by, filters).filter(number__lte=newest).order_by("number"))


def verify_chain(by: Actor) -> audit.Verdict:
    """Walk the chain of one's organisation, and record what was found."""
    require(by, Permission.AUDIT_READ)
    verdict = audit.verify(by.organisation_id)
    audit.append(
        by=by,
        organisation_id=by.organisation_id,
        action="audit.verified",
        details={"length": verdict.length, "broken_at": verdict.broken_at or 0},
    )
    return verdict


def _record(by: Actor, action: str, filters: AuditFilters, *, shown: int, reason: str = "") -> None:
    ref = read_code(filters.code) or ""
    details: dict[str, str | int] = {"shown": shown, "person": filters.person, "action": filters.action}
    audit.append(by=by, organisation_id=by.organisation_id, action=action, ref=ref, reason=reason, details=details)


def _stream(entries: QuerySet[AuditEntry]) -> Iterator[AuditLine]:
    batch: list[AuditEntry] = []
    for entry in entries.iterator(BATCH):
        batch.append(entry)
        if len(batch) == BATCH:
            yield from _lines(batch)
            batch = []
    yield from _lines(batch)


def _narrowed(by: Actor, filters: AuditFilters) -> QuerySet[AuditEntry]:
    found = visible(by, Permission.AUDIT_READ, AuditEntry)
    if filters.person:
        found = found.filter(actor=filters.person)
    if filters.action:
        found = found.filter(action=filters.action)
    if filters.code:
        found = found.filter(ref=read_code(filters.code) or filters.code)
    if filters.first_day is not None:
        found = found.filter(number__gte=_number_at(by, _midnight(filters.first_day)))
    if filters.last_day is not None:
        found = found.filter(number__lt=_number_at(by, _midnight(filters.last_day + timedelta(days=1))))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _number_at(by: Actor, moment: datetime) -> int:
    """The first number at or after a moment, found by halving: a chain is in the order of time."""
    entries = AuditEntry.objects.filter(organisation_id=by.organisation_id)
    low, high = 1, (entries.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = entries.filter(number__gte=middle).order_by("number").values_list("at", flat=True).first()
        if at is not None and at < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _lines(entries: list[AuditEntry]) -> Iterator[AuditLine]:
    names = _names(entries)
    for entry in entries:
        yield AuditLine(
            number=entry.number,
            at=entry.at,
            actor=names.get(entry.actor, entry.actor),
            actor_ref=entry.actor,
            roles=role_name(entry.role),
            via=entry.via,
            door=via_name(entry.via),
            action=entry.action,
            words=action_name(entry.action),
            ref=entry.ref,
            subject=names.get(entry.ref, entry.ref),
            details=entry.details,
            said=tuple(_said(key, value, names) for key, value in entry.details.items() if value != ""),
            reason=audit.read_reason(entry),
        )


def _names(entries: list[AuditEntry]) -> dict[str, str]:
    """The names behind the references in these entries, read in two questions."""
    refs = {ref for entry in entries for ref in (entry.actor, entry.ref, *map(str, entry.details.values()))} - {""}
    names = dict(Team.objects.filter(ref__in=refs).values_list("ref", "name"))
    return names | dict(User.objects.filter(ref__in=refs).values_list("ref", "display_name"))


def _said(key: str, value: str | int, names: dict[str, str]) -> str:
    return f"{detail_name(key)}: {names.get(str(value)) or value_name(key, value)}"
