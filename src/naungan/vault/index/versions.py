"""The builds of each organisation's index in the database, and their schemes in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import IntegrityError, connection, transaction

from naungan.access import clock
from naungan.vault import keys
from naungan.vault.crypto import NONCE_BYTES
from naungan.vault.errors import Tampered
from naungan.vault.index.expected import WORD_SHARES
from naungan.vault.index.scheme import Scheme, expect, index_keys, pack_frequent, unpack_frequent
from naungan.vault.models import IndexVersion

FIRST_PEOPLE = 5_000
_MOST_CACHED = 512
_LOCK_CLASS = 0x4E41  # sets our advisory locks apart from others
_schemes: dict[tuple[int, int, bytes], Scheme] = {}


@dataclass(frozen=True, slots=True)
class Build:
    """A build of an index and how its digests are made."""

    number: int
    is_serving: bool
    scheme: Scheme


def builds_to_fill(organisation_id: int) -> list[Build]:
    """
    The builds that a writer fills; makes the first one when there is none.

    Held until the writer's transaction ends: a new build waits for it, so that no row is missed. Call it
    after locking the subjects.
    """
    _hold(organisation_id, is_writer=True)
    rows = list(IndexVersion.objects.filter(organisation_id=organisation_id).order_by("number"))
    return [_build(row) for row in rows or [_first(organisation_id)]]


def serving_build(organisation_id: int) -> Build | None:
    """The build that searches ask, or None when nothing was ever indexed."""
    # Each search asks: what is frequent, some tens of kilobytes, is read only when it is not in memory.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, substr(frequent, 1, %s) FROM vault_indexversion WHERE organisation_id = %s AND state = %s",
            [NONCE_BYTES, organisation_id, IndexVersion.SERVING],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    scheme = _schemes.get((organisation_id, found[0], bytes(found[1])))
    if scheme is not None:
        return Build(found[0], is_serving=True, scheme=scheme)
    return _build(IndexVersion.objects.get(organisation_id=organisation_id, number=found[0]))


def scheme_of(row: IndexVersion) -> Scheme:
    """The scheme of a build, kept in memory."""
    root = keys.ring_with(row.kek_version)
    place = (row.organisation_id, row.number, bytes(row.frequent)[:NONCE_BYTES])
    scheme = _schemes.get(place)
    if scheme is None:
        if len(_schemes) >= _MOST_CACHED:
            _schemes.clear()
        frequent = unpack_frequent(_opened(row))
        made = index_keys(root.subkey("index", version=row.kek_version), row.organisation_id, row.number)
        scheme = _schemes[place] = Scheme(made, row.people, frequent)
    return scheme


def new_version(
    organisation_id: int, *, number: int, people: int, state: str, learn: Callable[[Scheme], Scheme] | None = None
) -> IndexVersion:
    """Make a build under the current key; what is frequent is learnt, or expected."""
    ring = keys.ring()
    empty = Scheme(index_keys(ring.subkey("index"), organisation_id, number), people)
    scheme = learn(empty) if learn else expect(empty, WORD_SHARES)
    row = IndexVersion(
        organisation_id=organisation_id,
        number=number,
        kek_version=ring.current,
        people=people,
        state=state,
        made_at=clock.now(),
        served_at=clock.now() if state == IndexVersion.SERVING else None,
    )
    nonce = os.urandom(NONCE_BYTES)
    row.frequent = nonce + _aes(row).encrypt(nonce, pack_frequent(scheme.frequent), _bound(row))
    with transaction.atomic():
        _hold(organisation_id, is_writer=False)
        row.save(force_insert=True)
    return row


def numbers_in_use(organisation_id: int) -> Sequence[int]:
    """The numbers of the builds whose entries are kept."""
    return list(IndexVersion.objects.filter(organisation_id=organisation_id).values_list("number", flat=True))


def _first(organisation_id: int) -> IndexVersion:
    try:
        with transaction.atomic():
            return new_version(organisation_id, number=1, people=FIRST_PEOPLE, state=IndexVersion.SERVING)
    except IntegrityError:
        return IndexVersion.objects.get(organisation_id=organisation_id, state=IndexVersion.SERVING)


def _build(row: IndexVersion) -> Build:
    return Build(row.number, row.state == IndexVersion.SERVING, scheme_of(row))


def _hold(organisation_id: int, *, is_writer: bool) -> None:
    """Writers go together, a new build alone. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        way = "pg_advisory_xact_lock_shared" if is_writer else "pg_advisory_xact_lock"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {way}(%s, %s)", [_LOCK_CLASS, organisation_id])


def _opened(row: IndexVersion) -> bytes:
    sealed = bytes(row.frequent)
    try:
        return _aes(row).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(row))
    except (InvalidTag, ValueError) as error:
        raise Tampered("an index build was changed or belongs to another key") from error


def _aes(row: IndexVersion) -> AESGCM:
    return AESGCM(keys.ring_with(row.kek_version).subkey("index:frequent", version=row.kek_version))


def _bound(row: IndexVersion) -> bytes:
    return f"{row.organisation_id}\0{row.number}\0{row.people}".encode()
