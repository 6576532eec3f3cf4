"""Mends rows of the quarantine: on the screen, or by deciding what becomes of a survey submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from django.db import transaction
from django.db.models import Q

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.rules import require, visible
from naungan.exchange.content import RowContent, field_of
from naungan.exchange.errors import RowRefused, StepNotAllowed
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.progress import lock, moved_rows, touch
from naungan.exchange.sealing import Digests, open_row, seal_row
from naungan.exchange.states import IMPORTED, MENDING, RowState, State
from naungan.protection.cases import forms
from naungan.protection.cases.actions import add_note, save_fields, save_part
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries.records import read_record
from naungan.standards import htcds
from naungan.standards.checks import Problem
from naungan.vault.store import data_key

WAITING = (RowState.QUARANTINED, RowState.GOOD)


@transaction.atomic
def mend_row(
    *,
    by: Actor,
    batch: ImportBatch,
    row: ImportRow,
    values: Mapping[str, object],
    custom: Mapping[str, tuple[str, object]] | None = None,
    words: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> ImportRow:
    """
    Take what a person typed into a row; the row becomes good, and is imported with the next accepting.

    Args:
        by: Who mends.
        batch: The batch.
        row: A row that waits in it.
        values: Canonical values by API name; None empties a field. What is not given stays.
        custom: Own fields by code, each with its kind.
        words: Texts to keep as they were typed, because a number has no country; empty ones are dropped.
        problems: What reading the form found; the errors among them refuse it.

    Raises:
        RowRefused: a value still breaks a rule, or a refused cell of the file was not looked at.
        StepNotAllowed: the row does not wait any more.
    """
    require(by, Permission.IMPORT, batch)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise RowRefused(errors)
    locked, waiting = _waiting(batch, row)
    content = _content(locked, waiting).with_values(values, custom or {}, words)
    unseen = [Problem.of("required", field=name) for name in content.refused if name in htcds.FIELDS]
    if unseen:
        raise RowRefused(unseen)
    kept = {field_of(name) for name in content.kept}
    settle(locked, waiting, content, [problem for problem in waiting.problems if problem[1] in kept])
    _record(by, locked, "import.row_mended", waiting)
    return waiting


def settle(batch: ImportBatch, row: ImportRow, content: RowContent, problems: list[list[object]]) -> None:
    """Write a mended row and call it good, unless it may be somebody known; the caller holds the lock."""
    row.sealed = seal_row(data_key(batch.rows_subject), (row.sheet, row.number), content.to_plain())
    row.problems, row.has_problems = problems, bool(problems)
    waits = bool(row.candidates) and not row.decided
    _move(batch, row, RowState.QUARANTINED if waits else RowState.GOOD)
    row.save(update_fields=["sealed", "problems", "has_problems", "state"])


@transaction.atomic
def skip_row(*, by: Actor, batch: ImportBatch, row: ImportRow) -> ImportRow:
    """Leave a waiting row out; `bring_back` undoes it."""
    require(by, Permission.IMPORT, batch)
    locked, waiting = _waiting(batch, row)
    _move(locked, waiting, RowState.SKIPPED)
    waiting.save(update_fields=["state"])
    _record(by, locked, "import.row_skipped", waiting)
    return waiting


@transaction.atomic
def bring_back(*, by: Actor, batch: ImportBatch, row: ImportRow) -> ImportRow:
    """
    Put a row that was left out into quarantine: by a person, or because one that says the same was imported before.

    The second is about somebody else then; it counts as one more of the same words, and is known when both come again.
    """
    require(by, Permission.IMPORT, batch)
    locked, skipped = _waiting(batch, row, states=(RowState.SKIPPED,))
    if skipped.sealed is None:
        raise StepNotAllowed("bring_back")
    if skipped.case_id is not None:
        skipped.digest, skipped.case = _digest_of_another(locked, skipped), None
    _move(locked, skipped, RowState.QUARANTINED)
    skipped.save(update_fields=["state", "digest", "case"])
    _record(by, locked, "import.row_back", skipped)
    return skipped


@transaction.atomic
def create_anyway(*, by: Actor, batch: ImportBatch, row: ImportRow) -> ImportRow:
    """Decide that a submission is about somebody new."""
    require(by, Permission.IMPORT, batch)
    locked, waiting = _waiting(batch, row)
    waiting.decided = "create"
    if not _content(locked, waiting).refused:
        _move(locked, waiting, RowState.GOOD)
    waiting.save(update_fields=["decided", "state"])
    _record(by, locked, "import.row_new", waiting)
    return waiting


@transaction.atomic
def match_row(*, by: Actor, batch: ImportBatch, row: ImportRow, code: str) -> ImportRow:
    """
    Decide that a submission is about somebody whose case is open already.

    What the case does not say yet is filled in; what it says otherwise is left as it is, and the
    submission's words are kept beside it as a note.

    Raises:
        NotFound: the code is none of the candidates, or outside the scope of the one who asks.
    """
    require(by, Permission.IMPORT, batch)
    locked, waiting = _waiting(batch, row)
    case = visible(by, Permission.CASE_WRITE, Case).select_related("person__subject").filter(code=code).first()
    if case is None or code not in waiting.candidates:
        raise NotFound("There is no such case.")
    _add_to(by, case, _content(locked, waiting))
    _move(locked, waiting, RowState.MATCHED)
    waiting.case, waiting.sealed, waiting.decided = case, None, "match"
    waiting.save(update_fields=["case", "sealed", "decided", "state"])
    _record(by, locked, "import.row_matched", waiting)
    return waiting


def _add_to(by: Actor, case: Case, content: RowContent) -> None:
    known = read_record(case, identity=True)
    given = {name: value for name, value in content.values.items() if name != "cas_Status" and name[:4] != "org_"}
    new = {name: value for name, value in given.items() if known.values.get(name) in (None, "", (), [])}
    own = {code: value for code, (_kind, value) in content.custom.items() if known.custom.get(code) is None}
    if new or own:
        save_fields(by=by, case=case, values=new, custom=own, version=case.version)
    _add_parts(by, case, content)
    other = {name: value for name, value in given.items() if name not in new and known.values.get(name) != value}
    lines = [f"{forms.label_of(name)}: {forms.shown(name, value)}" for name, value in other.items()]
    lines += [f"{forms.label_of(field_of(name))}: {word}" for name, word in {**content.kept, **content.refused}.items()]
    if lines:
        add_note(by=by, case=case, text="\n".join(lines)[:20_000])


def _add_parts(by: Actor, case: Case, content: RowContent) -> None:
    for prefix, several in content.repeated.items():
        for values in several:
            if prefix == "cco":
                add_note(by=by, case=case, text=str(values.get("cco_CaseComment", "")), kind="comment")
            else:
                save_part(by=by, case=case, prefix=prefix, values=values, version=case.version)


def _waiting(batch: ImportBatch, row: ImportRow, states: Sequence[RowState] = WAITING) -> tuple[ImportBatch, ImportRow]:
    locked = lock(batch)
    if State(locked.state) not in MENDING:
        raise StepNotAllowed("mend")
    found = ImportRow.objects.filter(batch=locked, pk=row.pk, state__in=[state.value for state in states]).first()
    if found is None:
        raise StepNotAllowed("mend")
    return locked, found


def _content(batch: ImportBatch, row: ImportRow) -> RowContent:
    if row.sealed is None:
        raise StepNotAllowed("mend")
    return RowContent.from_plain(open_row(data_key(batch.rows_subject), (row.sheet, row.number), row.sealed))


def _digest_of_another(batch: ImportBatch, row: ImportRow) -> str:
    """What a row is called that says the same as one or more before it, as the check counts them."""
    content = _content(batch, row)
    said, digests = content.fingerprint(content.to_plain()), Digests(batch.organisation_id, "row")
    taken = ImportRow.objects.filter(
        Q(batch=batch) | Q(state__in=[state.value for state in IMPORTED]), organisation_id=batch.organisation_id
    )
    names = (digests.known_as(said + b"#%d" % number) for number in count(2))
    return next(name[0] for name in names if not taken.filter(digest__in=name).exists())


def _move(batch: ImportBatch, row: ImportRow, to: RowState) -> None:
    if row.state != to.value:
        touch(batch, counts=moved_rows(batch, [row], to.value))
        row.state = to.value


def _record(by: Actor, batch: ImportBatch, action: str, row: ImportRow) -> None:
    audit.append(
        by=by, organisation_id=batch.organisation_id, action=action, ref=batch.ref, details={"row": row.number}
    )
