"""The timeline of a case: what happened, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from naungan.access.asking import ID, question
from naungan.access.policy import Permission
from naungan.access.rules import Standing
from naungan.protection.cases.models import Attachment, Case, Entry
from naungan.vault import queries as vault


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line: what, when, by whom, and its words where the reader may see them."""

    ref: str
    kind: str
    at: datetime
    by: str
    details: Mapping[str, object]
    text: str = ""
    file: Attachment | None = None
    file_name: str = ""


def timeline(
    found: Standing[Case],
    *,
    before: int | None = None,
    limit: int = 40,
    items: Mapping[str, str] | None = None,
) -> tuple[list[TimelineLine], int | None]:
    """
    Lines of a case's timeline, newest first, and the key of the next ones (None at the end).

    The caller has read the case in the same request, which wrote the audit entry.

    Args:
        found: What the reader is to the case.
        before: The key that the lines before gave.
        limit: How many lines.
        items: The texts of the case, where they have been opened already.
    """
    found.require(Permission.CASE_READ)
    case = found.record
    if before is None:
        entries = _newest(case=case.pk, most=limit + 1)
    else:
        edge = case.entries.filter(pk=before).first()
        older = (
            _lines(case.pk).filter(at__lte=edge.at).exclude(pk__gte=before, at=edge.at)
            if edge
            else Entry.objects.none()
        )
        entries = list(older[: limit + 1])
    names = [f"note:{entry.ref}" for entry in entries if entry.has_text]
    refs = [str(entry.details["file"]) for entry in entries if entry.kind == "file" and "file" in entry.details]
    if found.may(Permission.IDENTITY_REVEAL):
        names += [f"file:{ref}:name" for ref in refs]
    subject = case.person.subject_id
    if items is None:
        items = vault.read([subject], names).get(subject, {}) if names else {}
    texts = {name: items[name] for name in names if name in items}
    files = {a.ref: a for a in case.attachments.filter(ref__in=refs, removed_at__isnull=True)} if refs else {}
    lines = [
        TimelineLine(
            ref=entry.ref,
            kind=entry.kind,
            at=entry.at,
            by=entry.by_name or "",  # type: ignore[attr-defined]  # annotated below
            details=entry.details,
            text=texts.get(f"note:{entry.ref}", ""),
            file=files.get(str(entry.details.get("file", ""))),
            file_name=texts.get(f"file:{entry.details.get('file', '')}:name", ""),
        )
        for entry in entries[:limit]
    ]
    return lines, entries[limit - 1].pk if len(entries) > limit else None


def _lines(case: int) -> QuerySet[Entry]:
    named = Entry.objects.filter(case_id=case).annotate(by_name=F("by__display_name"))
    return named.order_by("-at", "-pk")


@question(case=ID)
def _newest(case: int, most: int) -> QuerySet[Entry]:
    return _lines(case)[:most]
