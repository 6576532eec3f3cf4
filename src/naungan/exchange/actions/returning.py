"""Gives the quarantine out as a marked workbook, and takes the mended workbook back."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.db import transaction

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.exchange.actions.mending import settle
from naungan.exchange.actions.staging import chunks_of
from naungan.exchange.content import RowContent
from naungan.exchange.errors import FileRefused, StepNotAllowed
from naungan.exchange.fields import own_fields
from naungan.exchange.formats import CheckedRow, UnreadableFile, check_rows, open_upload, propose_mapping, write_marked
from naungan.exchange.marked import marked_rows, read_row_id
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.places import keep
from naungan.exchange.progress import lock
from naungan.exchange.sealing import seal_row
from naungan.exchange.states import MENDING, RowState, State
from naungan.exchange.words import OwnWords
from naungan.standards import htcds
from naungan.standards.checks import Problem
from naungan.vault.store import data_key


@dataclass(frozen=True, slots=True)
class Returned:
    """What a returned workbook did: rows that are good now, rows that still break rules, rows it does not concern."""

    mended: int
    still_wrong: int
    not_ours: int


def marked_workbook(*, by: Actor, batch: ImportBatch, language: str) -> bytes:
    """The rows in quarantine as a workbook with marked cells; it holds what people wrote, so it is audited."""
    require(by, Permission.IMPORT, batch)
    own = own_fields(batch.organisation_id)
    rows = list(marked_rows(batch, own))
    with transaction.atomic():
        audit.append(
            by=by,
            organisation_id=batch.organisation_id,
            action="import.marked",
            ref=batch.ref,
            details={"rows": len(rows)},
        )
    out = io.BytesIO()
    write_marked(rows, out, custom=own, language=language)
    return out.getvalue()


def return_workbook(*, by: Actor, batch: ImportBatch, file: IO[bytes]) -> Returned:
    """
    Take the mended rows of a workbook back; rows it does not name stay as they are.

    Raises:
        FileRefused: it cannot be read, or is no workbook of rows to be mended.
        StepNotAllowed: nothing waits in the batch.
    """
    require(by, Permission.IMPORT, batch)
    try:
        rows = _read(file, own_fields(batch.organisation_id), OwnWords.of(batch.organisation_id))
    except UnreadableFile as error:
        raise FileRefused(error.problem) from error
    return _take(by, batch, rows)


def _read(file: IO[bytes], own: Sequence[htcds.Field], words: OwnWords) -> list[CheckedRow]:
    content = b"".join(chunks_of(file))
    if len(content) > settings.UPLOAD_MOST_BYTES:
        raise FileRefused(Problem.of("file_too_large", {"limit": settings.UPLOAD_MOST_BYTES // 1_000_000}))
    upload = open_upload(content)
    rows = list(check_rows(upload, propose_mapping(upload.head().rows, own), custom=own))
    for row in rows:
        words.understand(row)
    return rows


@transaction.atomic
def _take(by: Actor, batch: ImportBatch, rows: Sequence[CheckedRow]) -> Returned:
    locked = lock(batch)
    if State(locked.state) not in MENDING:
        raise StepNotAllowed("return")
    named = {number: row for row in rows if (number := read_row_id(locked, row.row_id)) is not None}
    if not named:
        raise FileRefused(Problem.of("no_case_sheet"))
    waiting = ImportRow.objects.filter(batch=locked, state=RowState.QUARANTINED.value, pk__in=list(named))
    kinds = {each.api_name[2:]: each.kind for each in own_fields(locked.organisation_id)}
    mended, wrong = 0, 0
    for row in waiting:
        checked = named[row.pk]
        content = RowContent.from_checked(checked, kinds)
        if checked.is_acceptable:
            settle(locked, row, content, [keep(problem) for problem in checked.problems])
            mended += 1
        else:
            _keep_wrong(locked, row, checked, content)
            wrong += 1
    counts = Returned(mended, wrong, len(rows) - mended - wrong)
    audit.append(
        by=by,
        organisation_id=locked.organisation_id,
        action="import.returned",
        ref=locked.ref,
        details={"mended": mended, "wrong": wrong, "other": counts.not_ours},
    )
    return counts


def _keep_wrong(batch: ImportBatch, row: ImportRow, checked: CheckedRow, content: RowContent) -> None:
    row.sealed = seal_row(data_key(batch.rows_subject), (row.sheet, row.number), content.to_plain())
    row.problems, row.has_problems = [keep(problem) for problem in checked.problems], True
    row.save(update_fields=["sealed", "problems", "has_problems"])
