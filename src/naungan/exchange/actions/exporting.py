"""Lets cases out: against a reason, counted before, audited case by case, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.db import transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.models import AuditEntry
from naungan.access.policy import Permission
from naungan.access.rules import require, require_fresh, visible
from naungan.exchange import tasks
from naungan.exchange.errors import ExportGone, NothingChosen, ReasonMissing
from naungan.exchange.fields import own_fields
from naungan.exchange.formats import Record, stream_csv, stream_json, stream_template
from naungan.exchange.losses import losses_of
from naungan.exchange.models import Export
from naungan.exchange.records import chunks_of_cases, files_records
from naungan.exchange.states import Form
from naungan.exchange.words import OwnWords
from naungan.protection.cases.models import Case
from naungan.protection.cases.narrowing import query_of, read_filters
from naungan.protection.cases.queries.lists import Filters, case_ids
from naungan.standards.htcds.dumping import Form as FileForm

MOST_CASES = 1_000_000
GOOD_FOR = timedelta(hours=1)
MOST_REASON = 500
WITHOUT_LOSS = frozenset({Form.CSV, Form.JSON})
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS: Mapping[Form, tuple[str, str]] = {
    Form.PLAIN: ("xlsx", _WORKBOOK),
    Form.SINGLE: ("xlsx", _WORKBOOK),
    Form.MULTI: ("xlsx", _WORKBOOK),
    Form.CSV: ("csv", "text/csv; charset=utf-8"),
    Form.JSON: ("json", "application/json"),
}


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way out; its name says the day and nothing of whom it holds."""

    name: str
    content_type: str
    chunks: Iterator[bytes]


@transaction.atomic
def start_export(
    *, by: Actor, form: Form, choice: Mapping[str, object], reason: str, with_identity: bool = False
) -> Export:
    """
    Prepare an export: who asks, what for, which cases, and what the form cannot hold.

    Args:
        by: Who asks.
        form: The form of the file.
        choice: `state` (empty for open ones, `all`, or a state), `opened_from`, `opened_until` as ISO dates; or
            `codes`, a list; or `query`, the filters of the list of cases as its address says them.
        reason: Why; kept in the audit chain.
        with_identity: Whether names and other sealed values go along.

    Raises:
        ReasonMissing: there is no reason.
        NothingChosen: no case in scope answers the choice.
    """
    require(by, Permission.EXPORT)
    permission = _permission(with_identity=with_identity)
    require(by, permission)
    if not reason.strip() or len(reason) > MOST_REASON:
        raise ReasonMissing("an export needs a reason")
    ids = chosen_ids(by, permission, choice)
    if not ids:
        raise NothingChosen("no case answers the choice")
    export = Export.objects.create(
        organisation_id=by.organisation_id,
        created_by_id=by.user_id,
        form=form.value,
        with_identity=with_identity,
        choice=dict(choice),
        case_count=len(ids),
        is_ready=form in WITHOUT_LOSS,
        created_at=clock.now(),
    )
    audit.append(
        by=by,
        organisation_id=by.organisation_id,
        action="export.prepare",
        ref=export.ref,
        reason=reason.strip(),
        details={"cases": len(ids), "form": form.value, "identity": int(with_identity)},
    )
    if not export.is_ready:
        transaction.on_commit(lambda: tasks.start(tasks.prepare_export, export, by))
    return export


def count_losses(*, by: Actor, export: Export) -> None:
    """Count what the form cannot hold, so that it is known before anything is downloaded."""
    permission = _permission(with_identity=export.with_identity)
    require(by, permission)
    ids = chosen_ids(by, permission, export.choice)

    def advance(done: int) -> None:
        Export.objects.filter(pk=export.pk).update(done=done)

    found = losses_of(
        cast(FileForm, export.form),
        ids,
        identity=export.with_identity,
        words=OwnWords.of(export.organisation_id),
        look=lambda some: _records(export, some),
        advance=advance,
    )
    losses = {"records": found.records, "parts": dict(found.parts)}
    Export.objects.filter(pk=export.pk).update(is_ready=True, losses=losses, done=len(ids), case_count=len(ids))


def find_export(by: Actor, ref: str) -> Export:
    """
    One's own export.

    Raises:
        NotFound: there is none of this reference for the one who asks.
    """
    require(by, Permission.EXPORT)
    export = visible(by, Permission.EXPORT, Export).filter(ref=ref).first()
    if export is None:
        raise NotFound("There is no such export.")
    return export


def download(*, by: Actor, export: Export) -> Download:
    """
    The file, streamed; each case is audited before its line leaves.

    Raises:
        ExportGone: it was prepared more than an hour ago, or is not ready.
    """
    permission = _permission(with_identity=export.with_identity)
    require(by, Permission.EXPORT, export)
    require(by, permission)
    require_fresh(by, permission)
    if not export.is_ready or clock.now() - export.created_at > GOOD_FOR:
        raise ExportGone("prepare the export again")
    ids = chosen_ids(by, permission, export.choice)
    with transaction.atomic():
        audit.append(
            by=by,
            organisation_id=by.organisation_id,
            action="export",
            ref=export.ref,
            reason=_reason(export),
            details={"cases": len(ids), "form": export.form, "identity": int(export.with_identity)},
        )
        Export.objects.filter(pk=export.pk).update(downloaded_at=clock.now())
    ending, content_type = _KINDS[Form(export.form)]
    name = f"naungan-{clock.today().isoformat()}-{export.ref[:6].lower()}.{ending}"
    return Download(name, content_type, _stream(export, _audited(by, export, ids), count=len(ids)))


def chosen_ids(by: Actor, permission: Permission, choice: Mapping[str, object]) -> list[int]:
    """The ids of the cases that a choice means and on which `by` has the permission."""
    codes = choice.get("codes")
    if isinstance(codes, list):
        found = visible(by, permission, Case).filter(code__in=[str(code) for code in codes])
        return list(found.order_by("-touched_at", "-pk").values_list("pk", flat=True))
    query = choice.get("query")
    if isinstance(query, dict):
        return case_ids(by, permission, read_filters(query_of(query), by), most=MOST_CASES)
    state = str(choice.get("state") or "")
    filters = Filters(
        open=True if not state else None,
        equal={"state": state} if state and state != "all" else {},
        opened_from=_day(choice, "opened_from"),
        opened_until=_day(choice, "opened_until"),
    )
    return case_ids(by, permission, filters, most=MOST_CASES)


def _day(choice: Mapping[str, object], name: str) -> date | None:
    text = choice.get(name)
    return date.fromisoformat(text) if isinstance(text, str) and text else None


def _permission(*, with_identity: bool) -> Permission:
    return Permission.EXPORT_IDENTITY if with_identity else Permission.EXPORT


def _records(export: Export, ids: Sequence[int]) -> Iterator[Record]:
    own, words = own_fields(export.organisation_id), OwnWords.of(export.organisation_id)
    for cases in chunks_of_cases(ids):
        yield from files_records(cases, own, words, identity=export.with_identity, with_organisation=False)


def _audited(by: Actor, export: Export, ids: Sequence[int]) -> Iterator[Record]:
    own, words = own_fields(export.organisation_id), OwnWords.of(export.organisation_id)
    details: dict[str, str | int] = {"export": export.ref, "identity": int(export.with_identity)}
    for cases in chunks_of_cases(ids):
        audit.append_many(
            by=by,
            organisation_id=by.organisation_id,
            lines=[audit.Line("export.case", case.code, details) for case in cases],
        )
        yield from files_records(
            cases, own, words, identity=export.with_identity, with_organisation=Form(export.form) in WITHOUT_LOSS
        )


def _stream(export: Export, records: Iterator[Record], *, count: int) -> Iterator[bytes]:
    form = Form(export.form)
    own = own_fields(export.organisation_id)
    if form is Form.CSV:
        return stream_csv(records, custom=own)
    if form is Form.JSON:
        return stream_json(records, custom=own)
    return stream_template(cast(FileForm, form.value), records, count=count)


def _reason(export: Export) -> str:
    entry = AuditEntry.objects.filter(
        organisation_id=export.organisation_id, action="export.prepare", ref=export.ref
    ).first()
    return (audit.read_reason(entry) or "") if entry else ""
