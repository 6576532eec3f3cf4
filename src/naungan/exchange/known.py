"""Recognises rows and survey submissions that an organisation has imported before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from naungan.exchange.models import ImportRow
from naungan.exchange.states import IMPORTED


@dataclass(frozen=True, slots=True)
class Known:
    """Digests of rows and identities of submissions that were imported before."""

    digests: frozenset[str]
    instances: frozenset[str]


def known_rows(
    organisation_id: int, rows: Sequence[ImportRow], older: Mapping[str, Sequence[str]] | None = None
) -> Known:
    """
    Which of some rows were imported before, in two queries.

    Args:
        organisation_id: Whose rows.
        rows: The rows that are asked about.
        older: By digest, what the same row is called under older keys.
    """
    names = {name: row.digest for row in rows for name in (row.digest, *(older or {}).get(row.digest, ()))}
    found = _imported(organisation_id, "digest", list(names))
    asked = list({row.instance for row in rows if row.instance})
    same = _imported(organisation_id, "instance", asked, "AND instance <> ''")
    return Known(frozenset(names[digest] for digest in found), frozenset(same))


def _imported(organisation_id: int, column: str, asked: Sequence[str], also: str = "") -> list[str]:
    """
    Which of some values are borne by rows that were imported.

    The states stand in the statement itself: with states as parameters SQLite cannot know that the partial index
    holds all such rows, and reads every row of the organisation instead.
    """
    if not asked:
        return []
    table = ImportRow._meta.db_table
    states = ", ".join(f"'{state.value}'" for state in sorted(IMPORTED))
    marks = ", ".join(["%s"] * len(asked))
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT {column} FROM "{table}" WHERE organisation_id = %s AND {column} IN ({marks})'  # noqa: S608 - names and states of the program
            f" AND state IN ({states}) {also}",
            [organisation_id, *asked],
        )
        return [row[0] for row in cursor.fetchall()]


def is_known(row: ImportRow, known: Known) -> bool:
    """Whether the row, or the submission that it is, was imported before."""
    return row.digest in known.digests or bool(row.instance and row.instance in known.instances)
