"""Batches and their rows, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.rules import require, visible
from naungan.exchange import places
from naungan.exchange.actions.staging import FILE_NAME
from naungan.exchange.content import RowContent
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.sealing import open_row
from naungan.exchange.states import RowState
from naungan.standards.checks import Problem
from naungan.vault import queries as vault
from naungan.vault.store import data_key

PAGE_ROWS = 50
LIST_MOST = 100


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows of a batch with their problems; `after` is the key of the next page, None on the last."""

    rows: list[ImportRow]
    problems: dict[int, list[Problem]]
    after: int | None


def batch_list(by: Actor) -> list[ImportBatch]:
    """The newest batches in scope."""
    require(by, Permission.IMPORT)
    rows = visible(by, Permission.IMPORT, ImportBatch).select_related("created_by", "team")
    return list(rows.order_by("-created_at")[:LIST_MOST])


def find_batch(by: Actor, ref: str) -> ImportBatch:
    """
    A batch in scope.

    Raises:
        NotFound: there is none for the one who asks.
        Forbidden: the role does not import.
    """
    require(by, Permission.IMPORT)
    rows = visible(by, Permission.IMPORT, ImportBatch).select_related("created_by", "team", "rows_subject")
    batch = rows.filter(ref=ref).first()
    if batch is None:
        raise NotFound("There is no such import.")
    return batch


def file_name(batch: ImportBatch) -> str:
    """What the sender called the file, empty once it is forgotten."""
    return vault.read([batch.rows_subject_id], [FILE_NAME]).get(batch.rows_subject_id, {}).get(FILE_NAME, "")


def rows_in(by: Actor, batch: ImportBatch, state: RowState, *, after: int = 0) -> RowPage:
    """A page of the rows in one state, without what they say."""
    require(by, Permission.IMPORT, batch)
    found = ImportRow.objects.filter(batch=batch, state=state.value, pk__gt=after).select_related("case")
    rows = list(found.order_by("pk")[: PAGE_ROWS + 1])
    shown, names = rows[:PAGE_ROWS], places.sheet_names(batch)
    problems = {row.pk: [places.of_row(row, kept, names) for kept in row.problems] for row in shown}
    return RowPage(shown, problems, shown[-1].pk if len(rows) > PAGE_ROWS else None)


def find_row(by: Actor, batch: ImportBatch, row_id: int) -> ImportRow:
    """A row of a batch in scope."""
    require(by, Permission.IMPORT, batch)
    row = ImportRow.objects.filter(batch=batch, pk=row_id).select_related("case").first()
    if row is None:
        raise NotFound("There is no such row.")
    return row


@transaction.atomic
def read_row(by: Actor, batch: ImportBatch, row: ImportRow) -> RowContent:
    """
    What a waiting row says, opened for mending; one audit entry.

    Raises:
        NotFound: the row waits no more.
    """
    require(by, Permission.IMPORT, batch)
    if row.sealed is None:
        raise NotFound("There is no such row.")
    audit.append(
        by=by,
        organisation_id=batch.organisation_id,
        action="import.row_read",
        ref=batch.ref,
        details={"row": row.number},
    )
    return RowContent.from_plain(open_row(data_key(batch.rows_subject), (row.sheet, row.number), row.sealed))


def problems_of(batch: ImportBatch) -> Iterator[Problem]:
    """Every problem of a batch in the order of the file, those of the file itself first; no value among them."""
    names = places.sheet_names(batch)
    for kept in batch.problems:
        yield places.of_file(kept, names)
    rows = ImportRow.objects.filter(batch=batch, has_problems=True).order_by("pk")
    for row in rows.only("pk", "sheet", "number", "problems").iterator(2000):
        for kept in row.problems:
            yield places.of_row(row, kept, names)
