"""Proposes what the columns of a file mean, and takes a person's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.exchange import tasks
from naungan.exchange.actions.closing import forget_file
from naungan.exchange.errors import RowRefused
from naungan.exchange.fields import own_fields
from naungan.exchange.files import SheetMapping, keep_mapping, mapping_of, opened
from naungan.exchange.formats import UnreadableFile, Upload, propose_mapping
from naungan.exchange.formats.mapping import ROW_ID, own_column
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.places import keep_of_file
from naungan.exchange.progress import lock, move, require_step
from naungan.exchange.states import State, Step
from naungan.standards import htcds
from naungan.standards.checks import Problem


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """
    A person's decision on one sheet.

    `reading` names one of the mapping's alternatives, empty for the proposal; `changes` go by column letter.
    """

    is_wanted: bool = True
    reading: str = ""
    changes: Mapping[str, str | None] = field(default_factory=dict)


def propose(*, by: Actor, batch: ImportBatch) -> None:
    """Read the headings of a staged file; a file that cannot be read fails, and is destroyed."""
    require(by, Permission.IMPORT, batch)
    try:
        with opened(batch) as upload:
            sheets = _proposals(upload, batch.organisation_id)
            if any(own_column(sheet.mapping, ROW_ID) is not None for sheet in sheets):
                fail(by=by, batch=batch, code="marked_workbook")
                return
            notes = [keep_of_file(problem) for problem in upload.notes]
            _keep_proposal(batch, upload.kind, sheets, notes)
    except UnreadableFile as error:
        fail(by=by, batch=batch, code=error.code, params=error.problem.params)


@transaction.atomic
def fail(*, by: Actor, batch: ImportBatch, code: str, params: Mapping[str, str | int] | None = None) -> None:
    """Write down why a file cannot be read, and destroy it with all rows that were read of it."""
    locked = move(lock(batch), Step.FAIL, failure=code, failure_params=dict(params or {}), counts={})
    ImportRow.objects.filter(batch=locked).delete()
    audit.append(
        by=by,
        organisation_id=locked.organisation_id,
        action="import.failed",
        ref=locked.ref,
        details={"code": code},
    )
    forget_file(by=by, batch=locked, with_rows=True)


@transaction.atomic
def confirm_mapping(*, by: Actor, batch: ImportBatch, choices: Sequence[SheetChoice] = ()) -> ImportBatch:
    """
    Start checking the rows of a file as its columns were understood, or as a person says otherwise.

    Raises:
        RowRefused: a column was given a field that does not exist, or that another column has.
        StepNotAllowed: the file is not waiting for this.
    """
    require(by, Permission.IMPORT, batch)
    locked = lock(batch)
    require_step(locked, Step.CHECK)
    proposed = mapping_of(locked)
    padded = [*choices, *[SheetChoice(is_wanted=sheet.is_wanted) for sheet in proposed[len(choices) :]]]
    sheets = [_decided(sheet, choice) for sheet, choice in zip(proposed, padded, strict=False)]
    _check(sheets, locked.organisation_id)
    keep_mapping(locked, sheets)
    ImportRow.objects.filter(batch=locked).delete()
    move(locked, Step.CHECK, done=0, total=0, counts={}, failure="")
    audit.append(by=by, organisation_id=locked.organisation_id, action="import.mapped", ref=locked.ref)
    transaction.on_commit(lambda: tasks.start(tasks.check_file, locked, by))
    return locked


@transaction.atomic
def reopen_mapping(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """Go back to the columns, before anything was imported."""
    require(by, Permission.IMPORT, batch)
    locked = lock(batch)
    if locked.raw_destroyed_at is not None:
        require_step(locked, Step.FAIL)
    return move(locked, Step.REMAP)


@transaction.atomic
def _keep_proposal(batch: ImportBatch, kind: str, sheets: list[SheetMapping], notes: list[list[object]]) -> None:
    locked = lock(batch)
    if State(locked.state) is State.STAGED:
        keep_mapping(locked, sheets)
        move(locked, Step.PROPOSE, kind=kind, problems=notes, failure="")


def _proposals(upload: Upload, organisation_id: int) -> list[SheetMapping]:
    own = own_fields(organisation_id)
    found: list[SheetMapping] = []
    refused: UnreadableFile | None = None
    for head in upload.heads:
        try:
            mapping = propose_mapping(head.rows, own)
        except UnreadableFile as error:
            refused = refused or error
            continue
        # The best sheet is imported; a second one may be a copy, so a person decides.
        found.append(SheetMapping(head.sheet, mapping, is_wanted=not found))
    if not found:
        raise refused or UnreadableFile("no_case_sheet")
    return found


def _decided(sheet: SheetMapping, choice: SheetChoice) -> SheetMapping:
    mapping = sheet.mapping
    if choice.reading and choice.reading in {each.code for each in mapping.alternatives}:
        mapping = mapping.choose(choice.reading)
        mapping = replace(mapping, notes=tuple(n for n in mapping.notes if n.code != "address_labels_trusted"))
    present = mapping.fields
    letters = {column.letter for column in mapping.columns}
    changes = {k: v for k, v in choice.changes.items() if k in letters and present.get(k) != v}
    return replace(sheet, mapping=mapping.with_changes(changes) if changes else mapping, is_wanted=choice.is_wanted)


def _check(sheets: Sequence[SheetMapping], organisation_id: int) -> None:
    known = set(htcds.FIELDS) | {field.api_name for field in own_fields(organisation_id)}
    wanted = [sheet for sheet in sheets if sheet.is_wanted]
    problems = [] if any(sheet.mapping.fields for sheet in wanted) else [Problem.of("no_header")]
    for sheet in wanted:
        taken: set[str] = set()
        for column in sheet.mapping.columns:
            if column.api_name is None or column.choice is not None:
                continue
            if column.api_name not in known:
                problems.append(Problem.of("unknown_field", field=column.api_name).at(column=column.letter))
            elif column.api_name in taken:
                problems.append(Problem.of("duplicate_column", field=column.api_name).at(column=column.letter))
            taken.add(column.api_name)
    if problems:
        raise RowRefused(problems)
