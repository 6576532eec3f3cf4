"""Rows of the vault, read and written many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from django.db import connection, models

from naungan.vault import keys
from naungan.vault.crypto import DataKey
from naungan.vault.errors import SubjectErased
from naungan.vault.models import Subject

Value = TypeVar("Value")
# SQLite takes 32,766 parameters in a statement; plans stay good with fewer.
IDS_A_QUERY = 500


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


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert rows by the database's fastest way, which the ORM does not have."""
    table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - names come from the model
            rows,  # type: ignore[arg-type]  # any iterable will do
        )


def moment(value: datetime) -> object:
    """A moment as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)


def batches(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """Lists of at most `size` values."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch
