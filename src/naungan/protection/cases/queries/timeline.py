"""The timeline of a case: what happened, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from naungan.access.actor import Actor
from naungan.access.policy import Permission
from naungan.access.rules import may, require
from naungan.protection.cases.models import Attachment, Case
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
    by: Actor, case: Case, *, before: int | None = None, limit: int = 40
) -> tuple[list[TimelineLine], int | None]:
    """
    Lines of a case's timeline, newest first, and the key of the next ones (None at the end).

    The caller has read the case in the same request, which wrote the audit entry.
    """
    require(by, Permission.CASE_READ, case)
    entries = case.entries.select_related("by").order_by("-at", "-pk")
    if before is not None:
        edge = case.entries.filter(pk=before).first()
        entries = entries.filter(at__lte=edge.at).exclude(pk__gte=before, at=edge.at) if edge else entries.none()
    found = list(entries[: limit + 1])
    names = [f"note:{entry.ref}" for entry in found if entry.has_text]
    refs = [str(entry.details["file"]) for entry in found if entry.kind == "file" and "file" in entry.details]
    if may(by, Permission.IDENTITY_REVEAL, case):
        names += [f"file:{ref}:name" for ref in refs]
    subject = case.person.subject_id
    texts = vault.read([subject], names).get(subject, {}) if names else {}
    files = {a.ref: a for a in case.attachments.filter(ref__in=refs, removed_at__isnull=True)} if refs else {}
    lines = [
        TimelineLine(
            ref=entry.ref,
            kind=entry.kind,
            at=entry.at,
            by=entry.by.display_name if entry.by else "",
            details=entry.details,
            text=texts.get(f"note:{entry.ref}", ""),
            file=files.get(str(entry.details.get("file", ""))),
            file_name=texts.get(f"file:{entry.details.get('file', '')}:name", ""),
        )
        for entry in found[:limit]
    ]
    return lines, found[limit - 1].pk if len(found) > limit else None
