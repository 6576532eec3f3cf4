"""Inserts many rows by the database's fastest way, which the ORM does not have; imports notice."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.base import ModelState

Made = TypeVar("Made", bound=models.Model)
Prepare = Callable[[Any], object]
USUAL_MB = 32
USUAL_LOG_PAGES, LONG_LOG_PAGES = 1_000, 16_000


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
        last = _last_key()
        keys = range(last - len(made) + 1, last + 1)
    for one, key in zip(made, keys, strict=True):
        inserted(one, key)


def insertion_of(one: models.Model) -> tuple[str, list[Any]]:
    """The statement that inserts a new object and returns its key, and its parameters."""
    columns, values_of = _columns(type(one))
    names, marks = ", ".join(f'"{column}"' for column in columns), ", ".join(["%s"] * len(columns))
    table = one._meta.db_table
    return f'INSERT INTO "{table}" ({names}) VALUES ({marks}) RETURNING "id"', values_of(one)  # noqa: S608 - names come from the model


@contextmanager
def writing_much(megabytes: int) -> Iterator[None]:
    """
    Work in which very many rows are made and written, one transaction after another.

    SQLite gets memory to hold the pages that are touched again and again, and copies its log into the database less
    often; the garbage collector looks less often at objects of which hardly any form a circle. Afterwards all is as
    it was.

    Args:
        megabytes: How much memory SQLite may take; other databases need nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    _pragmas(cache_size=-megabytes * 1000, wal_autocheckpoint=LONG_LOG_PAGES)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        _pragmas(cache_size=-USUAL_MB * 1000, wal_autocheckpoint=USUAL_LOG_PAGES)


def _pragmas(**values: int) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name, value in values.items():
                cursor.execute(f"PRAGMA {name}={value}")


def insert_one(one: models.Model) -> None:
    """Insert one new object in one statement, and tell it its key."""
    with connection.cursor() as cursor:
        cursor.execute(*insertion_of(one))
        inserted(one, cursor.fetchone()[0])


def inserted(one: models.Model, key: int) -> None:
    """Tell an object that it lies in the database, and under which key."""
    one.pk = key
    one._state.adding, one._state.db = False, DEFAULT_DB_ALIAS


def new_object(model: type[Made], **values: object) -> Made:
    """
    An unsaved object, in a tenth of the time that Django takes to ask each field for its default and its setter.

    Args:
        model: Whose object.
        values: By the column's attribute (`person_id`, not `person`); what is not given has its default.

    Raises:
        TypeError: the model has no such attribute.
    """
    defaults, fresh = _blank(model)
    if not values.keys() <= defaults.keys():
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(values.keys() - defaults.keys()))}.")
    one = model.__new__(model)
    # As Django does for a row that it has read: no field of ours has a setter of its own, and no signal is listened to.
    vars(one).update(defaults, _state=ModelState())
    for name, make in fresh:
        if name not in values:
            values[name] = make()
    vars(one).update(values)
    return one


@lru_cache(maxsize=64)
def _blank(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], object]]]]:
    """The defaults by attribute, and the makers of those that each object has its own of."""
    fields = model._meta.concrete_fields
    fresh = [(field.attname, field.default) for field in fields if field.has_default() and callable(field.default)]
    return {field.attname: field.get_default() for field in fields}, fresh


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
def _columns(model: type[models.Model]) -> tuple[tuple[str, ...], Callable[[models.Model], list[Any]]]:
    """The columns of a model beside its key, and how an object's values become those of the driver."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    raw = attrgetter(*(field.attname for field in fields))
    prepared = [(at, prepare) for at, field in enumerate(fields) if (prepare := _prepare_of(field))]

    def values_of(one: models.Model) -> list[Any]:
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
def moment(value: datetime) -> Any:
    """A moment as the driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)


@lru_cache(maxsize=1024)
def day(value: date) -> Any:
    """A day as the driver takes it."""
    return connection.ops.adapt_datefield_value(value)
