"""Turns good rows into cases, a chunk a transaction, so that a crash leaves nothing half done."""

from __future__ import annotations

from django.db import DatabaseError, connection, transaction

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.inserting import writing_much
from naungan.access.models import Organisation
from naungan.access.notices import notify
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.exchange import tasks
from naungan.exchange.actions.staging import is_full
from naungan.exchange.content import RowContent
from naungan.exchange.errors import DiskFull
from naungan.exchange.known import Known, case_of, is_known, known_rows, says_the_same
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.progress import CHUNK_ROWS, lock, move, moved_rows, touch
from naungan.exchange.sealing import open_row
from naungan.exchange.states import RowState, State, Step
from naungan.protection.cases.actions import open_cases
from naungan.protection.cases.models import Case
from naungan.vault.store import data_key

# The search index and the references lie in chance order: most pages of their tables are touched again and again.
ROOM_MB = 128


@transaction.atomic
def accept_good(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """
    Start importing every good row; the rest stays in quarantine.

    Raises:
        StepNotAllowed: the batch is not checked, or nothing is left to import.
    """
    require(by, Permission.IMPORT, batch)
    locked = lock(batch)
    good = locked.counts.get(RowState.GOOD.value, 0)
    move(locked, Step.ACCEPT, done=0, total=good, failure="")
    audit.append(
        by=by,
        organisation_id=locked.organisation_id,
        action="import.accepting",
        ref=locked.ref,
        details={"rows": good},
    )
    transaction.on_commit(lambda: tasks.start(tasks.accept_rows, locked, by))
    return locked


def accept_all(*, by: Actor, batch: ImportBatch) -> None:
    """Import chunk after chunk until no good row is left; a run that was cut off goes on where it stopped."""
    try:
        with writing_much(ROOM_MB):
            while accept_chunk(by=by, batch=batch):
                pass
    except (OSError, DatabaseError) as error:
        if is_full(error):
            raise DiskFull("there is no room for more cases") from error
        raise


@transaction.atomic
def accept_chunk(*, by: Actor, batch: ImportBatch) -> bool:
    """Import the next rows; False when the batch has none left."""
    require(by, Permission.IMPORT, batch)
    locked = lock(batch)
    if State(locked.state) is not State.ACCEPTING:
        return False
    # One chunk of an organisation at a time: two people who import the same rows must see each other's.
    Organisation.objects.select_for_update(no_key=True).get(pk=locked.organisation_id)
    good = ImportRow.objects.filter(batch=locked, state=RowState.GOOD.value).order_by("pk")
    rows = list(good.defer("problems", "candidates")[:CHUNK_ROWS])
    if not rows:
        _finish(by, locked)
        return False
    known = known_rows(locked.organisation_id, rows)
    fresh = [row for row in rows if not is_known(row, known)]
    old = [row for row in rows if is_known(row, known)]
    locked.counts = moved_rows(locked, fresh, RowState.ACCEPTED.value)
    locked.counts = moved_rows(locked, old, RowState.SKIPPED.value)
    _open(by, locked, fresh)
    _skip(old, known)
    touch(locked, counts=locked.counts, done=locked.done + len(rows))
    return True


def _open(by: Actor, batch: ImportBatch, rows: list[ImportRow]) -> None:
    if not rows:
        return
    key = data_key(batch.rows_subject)
    drafts = []
    for row in rows:
        assert row.sealed is not None
        drafts.append(RowContent.from_plain(open_row(key, (row.sheet, row.number), row.sealed)).draft())
    cases = open_cases(by=by, drafts=drafts, team=batch.team, batch=batch.ref)
    _mark(rows, cases)


def _mark(rows: list[ImportRow], cases: list[Case]) -> None:
    """Write what became of the rows; Django's `bulk_update` would take a third of the whole import's time."""
    sql = f'UPDATE "{ImportRow._meta.db_table}" SET state = %s, sealed = NULL, case_id = %s WHERE id = %s'  # noqa: S608 - names come from the model
    accepted = RowState.ACCEPTED.value
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(accepted, case.pk, row.pk) for row, case in zip(rows, cases, strict=True)])


def _skip(rows: list[ImportRow], known: Known) -> None:
    """Leave out what somebody else imported since the rows were checked."""
    for row in rows:
        row.state, row.case_id = RowState.SKIPPED.value, case_of(row, known)
        row.sealed = row.sealed if says_the_same(row, known) else None
    ImportRow.objects.bulk_update(rows, ["state", "case", "sealed"])


def _finish(by: Actor, batch: ImportBatch) -> None:
    from naungan.exchange.actions.closing import closing_fields  # noqa: PLC0415 - closing imports this module's sibling

    is_done = not batch.counts.get(RowState.QUARANTINED.value)
    move(batch, Step.FINISH if is_done else Step.FINISH_PARTLY, **(closing_fields() if is_done else {}))
    audit.append(
        by=by,
        organisation_id=batch.organisation_id,
        action="import.accepted",
        ref=batch.ref,
        details=dict(batch.counts),
    )
    notify(batch.created_by, kind="import_done", target=f"/imports/{batch.ref}/")
