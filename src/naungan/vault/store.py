"""Rows of the vault, read and written many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import connection

from naungan.access.inserting import insert_rows, moment
from naungan.vault import keys
from naungan.vault.crypto import DataKey
from naungan.vault.errors import SubjectErased
from naungan.vault.models import Subject

__all__ = [
    "IDS_A_QUERY", "PROFILE", "batches", "data_key", "filed", "insert_rows", "moment", "profiles", "unwrapped",
    "write_profiles",
]  # fmt: skip

Value = TypeVar("Value")
# SQLite takes 32,766 parameters in a statement; plans stay good with fewer.
IDS_A_QUERY = 500
PROFILE = "profile"


def data_key(subject: Subject) -> DataKey:
    """
    The subject's data key, unwrapped.

    Raises:
        SubjectErased: it was destroyed.
        Tampered: it was changed or moved in the database.
    """
    if subject.wrapped_key is None:
        raise SubjectErased("the identity was erased")
    return unwrapped(subject.ref, bytes(subject.wrapped_key), subject.kek_version, subject.key_version)


def unwrapped(ref: str, wrapped: bytes, kek_version: int, key_version: int) -> DataKey:
    """A data key from its columns."""
    plain = keys.ring_with(kek_version).unwrap(wrapped, ref=ref, version=kek_version)
    return DataKey(plain, ref=ref, version=key_version)


def filed(organisation_id: int, version: int, digests: Collection[int], most: int) -> set[int]:
    """The subjects filed under any of the digests, at most one more than `most`; one walk along the primary key."""
    marks = ", ".join(["%s"] * len(digests))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject_id FROM vault_indexentry WHERE organisation_id = %s AND version = %s"  # noqa: S608 - marks only
            f" AND digest IN ({marks}) LIMIT %s",
            [organisation_id, version, *digests, most + 1],
        )
        return {row[0] for row in cursor.fetchall()}


def profiles(subject_ids: Collection[int]) -> Iterator[tuple[int, str, str]]:
    """The searchable side of subjects in the clear: id, reference and text. The erased are missing."""
    for batch in batches(subject_ids, IDS_A_QUERY):
        marks = ", ".join(["%s"] * len(batch))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, ref, wrapped_key, kek_version, key_version, profile FROM vault_subject"  # noqa: S608 - marks only
                f" WHERE id IN ({marks}) AND profile IS NOT NULL AND wrapped_key IS NOT NULL",
                batch,
            )
            rows = cursor.fetchall()
        for subject_id, ref, wrapped, kek_version, version, profile in rows:
            text = unwrapped(ref, bytes(wrapped), kek_version, version).open(PROFILE, bytes(profile))
            if isinstance(text, str):
                yield subject_id, ref, text


def write_profiles(sealed: Sequence[tuple[int, bytes]]) -> None:
    """Put sealed profiles into the rows of their subjects."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE vault_subject SET profile = %s WHERE id = %s", [(profile, pk) for pk, profile in sealed]
        )


def batches(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """Lists of at most `size` values."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch
