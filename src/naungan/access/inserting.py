"""Inserts many rows by the database's fastest way, which the ORM does not have; imports notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

Made = TypeVar("Made", bound=models.Model)
Prepare = Callable[[Any], object]
USUAL_MB = 32


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert rows of values as the driver takes them."""
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


def insert_new(model: type[Made], made: Sequence[Made]) -> None:
    """
    Insert new objects whose key the database counts, and tell each its key.

    A third of what `bulk_create` costs. As there, `save` is not called and no signal is sent.
    """
    if not made:
        return
    columns, values_of = _columns(model)
    rows = (values_of(one) for one in made)
    if connection.vendor == "postgresql":
        keys: Iterable[int] = _drawn_keys(model, len(made))
        insert_rows(model, ("id", *columns), ((key, *row) for key, row in zip(keys, rows, strict=True)))
    else:
        # SQLite has one writer and counts up by one, so that the last key tells all.
        insert_rows(model, columns, rows)
        keys = range(_last_key() - len(made) + 1, _last_key() + 1)
    for one, key in zip(made, keys, strict=True):
        one.pk = key
        one._state.adding, one._state.db = False, DEFAULT_DB_ALIAS


class much_room:
    """SQLite with more memory while much is written, so that a page goes to the disk once; others need nothing."""

    def __init__(self, megabytes: int) -> None:
        self._megabytes = megabytes

    def __enter__(self) -> None:
        self._set(self._megabytes)

    def __exit__(self, *_: object) -> None:
        self._set(USUAL_MB)

    def _set(self, megabytes: int) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA cache_size=-{megabytes * 1000}")


def _drawn_keys(model: type[models.Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _last_key() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_insert_rowid()")
        return int(cursor.fetchone()[0])


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> tuple[tuple[str, ...], Callable[[models.Model], list[object]]]:
    """The columns of a model beside its key, and how an object's values become those of the driver."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    raw = attrgetter(*(field.attname for field in fields))
    prepared = [(at, prepare) for at, field in enumerate(fields) if (prepare := _prepare_of(field))]

    def values_of(one: models.Model) -> list[object]:
        values = list(raw(one))
        for at, prepare in prepared:
            if values[at] is not None:
                values[at] = prepare(values[at])
        return values

    return tuple(str(field.column) for field in fields), values_of


def _prepare_of(field: models.Field[object, object]) -> Prepare | None:
    prepare: Prepare | None = None
    if isinstance(field, models.JSONField):
        prepare = _json
    elif isinstance(field, models.DateTimeField):
        prepare = moment
    elif isinstance(field, models.DateField):
        prepare = day
    return prepare


def _json(value: object) -> str:
    if not value:
        return json.dumps(value)
    if isinstance(value, list) and all(each.__class__ is str for each in value):
        return _json_list(tuple(value))
    return json.dumps(value)


# Most lists are a few codes out of some dozens.
@lru_cache(maxsize=4096)
def _json_list(words: tuple[str, ...]) -> str:
    return json.dumps(words)


@lru_cache(maxsize=1024)
def moment(value: datetime) -> object:
    """A moment as the driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)


@lru_cache(maxsize=1024)
def day(value: date) -> object:
    """A day as the driver takes it."""
    return connection.ops.adapt_datefield_value(value)
