"""Reads every row of a file and puts it among the good ones or into quarantine; a run that was cut off goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db import DatabaseError, transaction

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.inserting import USUAL_MB, insert_new, new_object, writing_much
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.exchange.actions.mapping import fail
from naungan.exchange.actions.staging import is_full
from naungan.exchange.candidates import Candidates
from naungan.exchange.content import RowContent
from naungan.exchange.errors import DiskFull, StepNotAllowed
from naungan.exchange.fields import own_fields
from naungan.exchange.files import SheetMapping, mapping_of, opened
from naungan.exchange.formats import CheckedRow, UnreadableFile, Upload, check_rows
from naungan.exchange.formats.reading import EXTRA_SHEET
from naungan.exchange.known import case_of, is_known, known_rows, says_the_same
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.places import EXTRA, keep, keep_of_file
from naungan.exchange.progress import CHUNK_ROWS, counted, lock, move, touch
from naungan.exchange.sealing import Digests, seal_row
from naungan.exchange.states import RowState, State, Step
from naungan.exchange.words import OwnWords
from naungan.standards import htcds
from naungan.vault.crypto import DataKey
from naungan.vault.store import data_key

# A spreadsheet has fewer rows; numbers above are free for a second record with the same number.
_BEYOND = 2_000_000


@dataclass(slots=True)
class Check:
    """What is the same for every row of one run over a file."""

    batch: ImportBatch
    own: Sequence[htcds.Field]
    words: OwnWords
    key: DataKey
    digests: Digests
    instances: Digests
    candidates: Candidates
    seen: set[str] = field(default_factory=set)
    repeats: Counter[str] = field(default_factory=Counter)
    places: set[tuple[int, int]] = field(default_factory=set)
    # What a row of the present chunk was called under older keys, by its digest.
    older: dict[str, list[str]] = field(default_factory=dict)


def check_rows_of(*, by: Actor, batch: ImportBatch) -> None:
    """Check a file to its end; a file that turns out unreadable further down is refused whole."""
    require(by, Permission.IMPORT, batch)
    try:
        with opened(batch) as upload, writing_much(USUAL_MB):
            sheets = mapping_of(batch)
            check = _begin(by, batch)
            rows = _rows(upload, sheets, check)
            for _ in range(batch.done):
                next(rows, None)
            while chunk := list(islice(rows, CHUNK_ROWS)):
                _keep(by, check, chunk)
            _finish(by, batch, sheets)
    except UnreadableFile as error:
        fail(by=by, batch=batch, code=error.code, params=error.problem.params)
    except (OSError, DatabaseError) as error:
        if is_full(error):
            raise DiskFull("there is no room for the rows") from error
        raise


def _begin(by: Actor, batch: ImportBatch) -> Check:
    batch.refresh_from_db()
    there = ImportRow.objects.filter(batch=batch)
    organisation = batch.organisation_id
    return Check(
        batch=batch,
        own=own_fields(organisation),
        words=OwnWords.of(organisation),
        key=data_key(batch.rows_subject),
        digests=Digests(organisation, "row"),
        instances=Digests(organisation, "instance"),
        candidates=Candidates(by, is_survey=batch.kind.startswith("survey")),
        seen=set(there.values_list("digest", flat=True)),
        places=set(there.values_list("sheet", "number")),
    )


def _rows(upload: Upload, sheets: Sequence[SheetMapping], check: Check) -> Iterator[tuple[int, CheckedRow]]:
    for number, sheet in enumerate(sheets):
        if not sheet.is_wanted:
            continue
        for row in check_rows(upload, sheet.mapping, custom=check.own, sheet=sheet.name):
            yield (EXTRA if row.sheet == EXTRA_SHEET != sheet.name else number), row


@transaction.atomic
def _keep(by: Actor, check: Check, rows: Sequence[tuple[int, CheckedRow]]) -> None:
    locked = lock(check.batch)
    if State(locked.state) is not State.CHECKING or locked.done != check.batch.done:
        raise StepNotAllowed("check")
    made = [_row(check, sheet, row) for sheet, row in rows]
    known = known_rows(locked.organisation_id, made, check.older)
    fresh = [(row, source) for row, (_, source) in zip(made, rows, strict=True) if not is_known(row, known)]
    for row in made:
        if is_known(row, known):
            row.state, row.case_id = RowState.SKIPPED.value, case_of(row, known)
            row.sealed = row.sealed if says_the_same(row, known) else None
    check.candidates.find([row for row, _ in fresh], [source for _, source in fresh])
    for row, _ in fresh:
        if row.candidates:
            row.state = RowState.QUARANTINED.value
    check.older.clear()
    insert_new(ImportRow, made)
    counts = counted(locked, Counter(row.state for row in made))
    touch(locked, counts=counts, done=locked.done + len(made))
    check.batch.done = locked.done


def _row(check: Check, sheet: int, row: CheckedRow) -> ImportRow:
    check.words.understand(row)
    content = RowContent.from_checked(row, {each.api_name[2:]: each.kind for each in check.own})
    place = _free_place(check, sheet, row.row_number)
    notable = [problem for problem in row.problems if problem.severity != "note"]
    plain = content.to_plain()
    return new_object(
        ImportRow,
        batch_id=check.batch.pk,
        organisation_id=check.batch.organisation_id,
        sheet=place[0],
        number=place[1],
        state=(RowState.GOOD if row.is_acceptable else RowState.QUARANTINED).value,
        digest=_digest(check, content.fingerprint(plain)),
        instance=check.instances.of(row.external_id.encode()) if row.external_id else "",
        problems=[keep(problem) for problem in row.problems],
        has_problems=bool(notable),
        sealed=seal_row(check.key, place, plain),
    )


def _free_place(check: Check, sheet: int, number: int) -> tuple[int, int]:
    place = (sheet, number)
    while place in check.places:
        place = (sheet, place[1] + _BEYOND)
    check.places.add(place)
    return place


def _digest(check: Check, said: bytes) -> str:
    """
    The keyed digest of a row and of how many said the same before it.

    A list without names may well hold two people of the same sex and age; both are people.
    """
    names = check.digests.known_as(said)
    base = names[0]
    while True:
        check.repeats[base] += 1
        if check.repeats[base] > 1:
            names = check.digests.known_as(said + b"#%d" % check.repeats[base])
        digest, *older = names
        if digest not in check.seen:
            check.seen.add(digest)
            check.older[digest] = older
            return digest


@transaction.atomic
def _finish(by: Actor, batch: ImportBatch, sheets: Iterable[SheetMapping]) -> None:
    locked = lock(batch)
    notes = [
        keep_of_file(problem, number)
        for number, sheet in enumerate(sheets)
        if sheet.is_wanted
        for problem in sheet.mapping.notes
    ]
    of_file = [kept for kept in locked.problems if kept[5] is None]
    move(locked, Step.CHECKED, total=locked.done, problems=[*of_file, *notes], failure="")
    audit.append(
        by=by, organisation_id=locked.organisation_id, action="import.checked", ref=locked.ref, details=locked.counts
    )
