"""Recognises rows and survey submissions that an organisation has imported before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    imported = ImportRow.objects.filter(organisation_id=organisation_id, state__in=[s.value for s in IMPORTED])
    names = {name: row.digest for row in rows for name in (row.digest, *(older or {}).get(row.digest, ()))}
    found = imported.filter(digest__in=list(names)).values_list("digest", flat=True)
    asked = {row.instance for row in rows if row.instance}
    same = imported.filter(instance__in=list(asked)).values_list("instance", flat=True) if asked else ()
    return Known(frozenset(names[digest] for digest in found), frozenset(same))


def is_known(row: ImportRow, known: Known) -> bool:
    """Whether the row, or the submission that it is, was imported before."""
    return row.digest in known.digests or bool(row.instance and row.instance in known.instances)
