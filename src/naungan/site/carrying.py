"""Carries the rows of a SQLite database over to the PostgreSQL of the settings: an organisation has grown."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

KEPT = "django_migrations"
ROWS_AT_ONCE = 5_000


class CannotCarry(Exception):
    """The rows cannot go over; the message says why and the fix."""


def carry(source: Path) -> int:
    """
    Copy every row of a SQLite database of this version; returns how many.

    The PostgreSQL database must be empty; it gets its tables here. All goes over in one transaction, or nothing.

    Raises:
        CannotCarry: the database is not empty, or the file is of another version.
    """
    if connection.introspection.table_names():
        raise CannotCarry("The PostgreSQL database is not empty; name an empty one.")
    call_command("migrate", verbosity=0, interactive=False)
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as old, transaction.atomic():
        _require_same_version(old)
        tables = [name for name in sorted(connection.introspection.table_names()) if name != KEPT]
        for table in tables:
            _empty(table)  # rows that `migrate` itself has written
        return sum(_copy(old, table) for table in tables)


def _require_same_version(old: sqlite3.Connection) -> None:
    question = f"SELECT app, name FROM {KEPT}"  # noqa: S608 - a constant
    there = set(old.execute(question).fetchall())
    with connection.cursor() as cursor:
        cursor.execute(question)
        here = set(cursor.fetchall())
    if there != here:
        raise CannotCarry(
            "The backup is of another version of Naungan. Restore it without --database-url, run `naungan migrate`"
            " there, write a new backup, and carry that one over."
        )


def _empty(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608 - a name of the schema
        if cursor.fetchone():
            cursor.execute(f'TRUNCATE "{table}" CASCADE')


def _copy(old: sqlite3.Connection, table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, is_identity FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position",
            [table],
        )
        columns = cursor.fetchall()
        names = ", ".join(f'"{name}"' for name, _, _ in columns)
        taken = [_READERS.get(kind, _as_it_is) for _, kind, _ in columns]
        count = 0
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in _rows(old, f'SELECT {names} FROM "{table}"'):  # noqa: S608 - names of the schema
                copy.write_row(
                    [value if value is None else take(value) for take, value in zip(taken, row, strict=True)]
                )
                count += 1
        for name, _, is_identity in columns:
            if is_identity == "YES" and count:
                cursor.execute(
                    f'SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT max("{name}") FROM "{table}"))',  # noqa: S608
                    [f'"{table}"', name],
                )
    return count


def _rows(old: sqlite3.Connection, question: str) -> Iterator[Sequence[Any]]:
    cursor = old.execute(question)
    while some := cursor.fetchmany(ROWS_AT_ONCE):
        yield from some


def _as_it_is(value: Any) -> Any:
    return value


def _moment(value: str) -> str:
    """SQLite keeps moments in UTC without saying so."""
    return f"{value}+00:00"


_READERS: dict[str, Callable[[Any], Any]] = {"boolean": bool, "timestamp with time zone": _moment}
