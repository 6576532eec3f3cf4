"""
The audit chain: each entry carries a MAC over itself and the one before, under a key kept outside.

One chain per organisation, so that nobody waits for another's lock. Entries hold references, counts,
codes and ciphertext; no name, so that erasure never edits one.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.inserting import insert_one, insert_rows, inserted, insertion_of, moment
from naungan.access.models import AuditChain, AuditEntry

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A reason that the caller has already encrypted, under the key of the person it speaks of."""

    ciphertext: bytes


def append(
    *,
    by: Actor | None,
    organisation_id: int,
    action: str,
    ref: str = "",
    reason: str | Sealed = "",
    details: Mapping[str, str | int] | None = None,
) -> AuditEntry:
    """Add one entry to the organisation's chain, inside the caller's transaction."""
    with transaction.atomic(savepoint=False):  # every action writes one, and a savepoint costs two round trips
        length, head = _locked_chain(organisation_id)
        actor, role, via = _who(by)
        entry = AuditEntry(
            organisation_id=organisation_id,
            number=length + 1,
            at=clock.now(),
            actor=actor,
            role=role,
            via=via,
            action=action,
            ref=ref,
            details=dict(details or {}),
            reason=_sealed(reason, organisation_id),
        )
        entry.mac = _mac(entry, head)
        _append(entry)
    return entry


def read_reason(entry: AuditEntry) -> str | None:
    """The reason in plain words, or None when it lies under a person's own key."""
    if entry.reason is None:
        return ""
    sealed = bytes(entry.reason)
    try:
        plain = AESGCM(_key("reason")).decrypt(sealed[:12], sealed[12:], str(entry.organisation_id).encode())
    except InvalidTag:
        return None
    return plain.decode()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: sound up to `length`, or the first entry that is not."""

    organisation_id: int
    length: int
    anchored_to: int
    broken_at: int | None = None
    fault: str = ""


def verify(organisation_id: int) -> Verdict:
    """
    Walk a chain from its first entry and compare it with the anchors outside the database.

    Returns:
        Verdict: `broken_at` is the number of the first entry that was changed, removed, inserted, cut
            off or computed without the key; None when the chain is sound. `anchored_to` is the
            newest entry that an anchor outside the database proves.
    """
    anchors = dict(_anchors(organisation_id))
    head, expected, proven = GENESIS, 0, 0
    for entry in AuditEntry.objects.filter(organisation_id=organisation_id).order_by("number").iterator(2000):
        expected += 1
        if entry.number != expected:
            return Verdict(organisation_id, expected - 1, proven, expected, "an entry was removed")
        if not hmac.compare_digest(_mac(entry, head), bytes(entry.mac)):
            return Verdict(organisation_id, expected - 1, proven, expected, "the entry was changed or inserted")
        head = bytes(entry.mac)
        if expected in anchors:
            if anchors[expected] != head.hex():
                return Verdict(organisation_id, expected - 1, proven, expected, "the chain was computed anew")
            proven = expected
    return _verify_tail(organisation_id, head, expected, proven, max(anchors, default=0))


def anchor(path: Path | None = None) -> int:
    """Write the length and head of every chain, signed, to the file outside the database; returns how many."""
    target = path or Path(settings.AUDIT_ANCHORS)
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for chain in AuditChain.objects.order_by("organisation_id"):
        body = {
            "organisation": chain.organisation_id,
            "length": chain.length,
            "head": bytes(chain.head).hex(),
            "at": clock.now().astimezone(UTC).isoformat(timespec="seconds"),
        }
        lines.append(json.dumps({**body, "signature": _sign(body)}, sort_keys=True))
    with target.open("a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    return len(lines)


def daily_root() -> str:
    """One value for all chains of the day, to be printed or mailed: whoever holds it can prove a later change."""
    heads = [f"{c.organisation_id}:{c.length}:{bytes(c.head).hex()}" for c in AuditChain.objects.order_by("pk")]
    return hmac.new(_key("root"), "\n".join(heads).encode(), sha256).hexdigest()


def _verify_tail(organisation_id: int, head: bytes, length: int, proven: int, anchored: int) -> Verdict:
    chain = AuditChain.objects.filter(organisation_id=organisation_id).first()
    if chain is None and length == 0 and anchored == 0:
        return Verdict(organisation_id, 0, 0)
    if chain is None or chain.length != length or bytes(chain.head) != head or anchored > length:
        return Verdict(organisation_id, length, proven, length + 1, "the end of the chain was cut off")
    return Verdict(organisation_id, length, proven)


def _anchors(organisation_id: int) -> Iterator[tuple[int, str]]:
    path = Path(settings.AUDIT_ANCHORS)
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        body = json.loads(line)
        signature = body.pop("signature", "")
        if body["organisation"] == organisation_id and hmac.compare_digest(signature, _sign(body)):
            yield body["length"], body["head"]


def _locked_chain(organisation_id: int) -> tuple[int, bytes]:
    """The length and head of a chain, held until the transaction ends; begun when there is none."""
    found = _read_locked(organisation_id)
    if found is None:
        try:
            with transaction.atomic():
                AuditChain.objects.create(organisation_id=organisation_id, length=0, head=GENESIS)
        except IntegrityError:
            pass
        found = _read_locked(organisation_id)
    if found is None:
        raise AssertionError("a chain that was begun is there")
    return found


def _read_locked(organisation_id: int) -> tuple[int, bytes] | None:
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT length, head FROM access_auditchain WHERE organisation_id = %s{lock}",  # noqa: S608 - nothing given
            [organisation_id],
        )
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None


_MOVE_HEAD = "UPDATE access_auditchain SET length = %s, head = %s WHERE organisation_id = %s"


def _append(entry: AuditEntry) -> None:
    """Write an entry and the new head of its chain; on PostgreSQL in one round trip."""
    moved: list[Any] = [entry.number, entry.mac, entry.organisation_id]
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            insert_one(entry)
            cursor.execute(_MOVE_HEAD, moved)
            return
        insert, values = insertion_of(entry)
        cursor.execute(f"WITH made AS ({insert}) {_MOVE_HEAD} RETURNING (SELECT id FROM made)", [*values, *moved])  # noqa: S608 - the two above
        inserted(entry, cursor.fetchone()[0])


def _mac(entry: AuditEntry, before: bytes) -> bytes:
    said = [
        entry.organisation_id,
        entry.number,
        _instant(entry.at),
        entry.actor,
        entry.role,
        entry.via,
        entry.action,
        entry.ref,
        entry.details,
        bytes(entry.reason).hex() if entry.reason is not None else None,
    ]
    return _chained(said, before)


def _chained(said: Sequence[object], before: bytes) -> bytes:
    """The MAC over what an entry says, in this order, and the one before."""
    return hmac.digest(_key("chain"), before + _encode(said).encode(), "sha256")


# One encoder for all: `json.dumps` makes a new one for every call with options.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _who(by: Actor | None) -> tuple[str, str, str]:
    """Who acts, in which roles, through which door."""
    return (by.user_ref, by.roles[:60], by.via) if by else ("", "", "system")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _sealed(reason: str | Sealed, organisation_id: int) -> bytes | None:
    if isinstance(reason, Sealed):
        return reason.ciphertext
    if not reason:
        return None
    nonce = token_bytes(12)
    return nonce + AESGCM(_key("reason")).encrypt(nonce, reason.encode(), str(organisation_id).encode())


def _sign(body: Mapping[str, object]) -> str:
    return hmac.new(_key("anchor"), json.dumps(body, sort_keys=True).encode(), sha256).hexdigest()


@cache
def _key(purpose: str) -> bytes:
    return hmac.new(settings.AUDIT_KEY.encode(), f"naungan audit {purpose}".encode(), sha256).digest()


@dataclass(frozen=True, slots=True)
class Line:
    """One of many entries that are added together."""

    action: str
    ref: str
    details: Mapping[str, str | int]


def append_many(*, by: Actor | None, organisation_id: int, lines: Sequence[Line]) -> int:
    """Add many entries under one lock, each chained to the one before; returns how many."""
    if not lines:
        return 0
    with transaction.atomic(savepoint=False):
        length, head = _locked_chain(organisation_id)
        at = clock.now()
        actor, role, via = _who(by)
        columns = ("organisation_id", "number", "at", "actor", "role", "via", "action", "ref", "details", "mac")
        instant, stored = _instant(at), moment(at)
        rows = []
        for number, line in enumerate(lines, length + 1):
            details = dict(line.details)
            said = [organisation_id, number, instant, actor, role, via, line.action, line.ref, details, None]
            head = _chained(said, head)
            kept = json.dumps(details) if details else "{}"
            rows.append((organisation_id, number, stored, actor, role, via, line.action, line.ref, kept, head))
        insert_rows(AuditEntry, columns, rows)
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_HEAD, [length + len(rows), head, organisation_id])
    return len(lines)
