"""Recognises rows and survey submissions that an organisation has imported before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from naungan.exchange.models import ImportRow
from naungan.exchange.states import IMPORTED


@dataclass(frozen=True, slots=True)
class Known:
    """Digests of rows and identities of submissions that were imported before, each with the case that it became."""

    digests: Mapping[str, int | None]
    instances: Mapping[str, int | None]


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
    return Known({names[digest]: case for digest, case in found.items()}, same)


def _imported(organisation_id: int, column: str, asked: Sequence[str], also: str = "") -> dict[str, int | None]:
    """
    Which of some values are borne by rows that were imported, and the cases of these.

    The states stand in the statement itself: with states as parameters SQLite cannot know that the partial index
    holds all such rows, and reads every row of the organisation instead.
    """
    if not asked:
        return {}
    table = ImportRow._meta.db_table
    states = ", ".join(f"'{state.value}'" for state in sorted(IMPORTED))
    marks = ", ".join(["%s"] * len(asked))
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT {column}, case_id FROM "{table}" WHERE organisation_id = %s AND {column} IN ({marks})'  # noqa: S608 - names and states of the program
            f" AND state IN ({states}) {also}",
            [organisation_id, *asked],
        )
        return dict(cursor.fetchall())


def is_known(row: ImportRow, known: Known) -> bool:
    """Whether the row, or the submission that it is, was imported before."""
    return row.digest in known.digests or bool(row.instance and row.instance in known.instances)


def case_of(row: ImportRow, known: Known) -> int | None:
    """The key of the case that a known row became."""
    return known.digests.get(row.digest) or known.instances.get(row.instance)


def says_the_same(row: ImportRow, known: Known) -> bool:
    """Whether a known row is known by what it says; two people may well be described in the same words."""
    return row.digest in known.digests and not (row.instance and row.instance in known.instances)
