"""Imports: a file sent, what was found in it, and the step that makes cases of it."""

from __future__ import annotations

from hashlib import sha256
from itertools import islice

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile

from naungan.access.actor import Actor
from naungan.access.models import Team
from naungan.exchange.actions import accept_good, confirm_mapping, stage_file
from naungan.exchange.api.answers import answer, unchanged
from naungan.exchange.api.bearer import actor_with
from naungan.exchange.api.errors import ApiError, Fault
from naungan.exchange.api.reading import REF_FORM, matches
from naungan.exchange.api.records import moment
from naungan.exchange.api.repeats import Made, once, once_outside
from naungan.exchange.api.routes.answering import answers, described
from naungan.exchange.api.schemas.common import Key, Ref
from naungan.exchange.api.schemas.files import ImportBody, ImportList, ImportMoved, NewImport
from naungan.exchange.api.scopes import Scope
from naungan.exchange.models import ImportBatch
from naungan.exchange.queries.batches import batch_list, find_batch, problems_of
from naungan.standards.checks import Problem

router = Router(tags=["imports"])
PROBLEMS_SHOWN = 200


@router.get(
    "/imports",
    response=answers({200: ImportList}),
    operation_id="list_imports",
    url_name="api_imports",
    openapi_extra=described(Scope.IMPORTS),
)
def list_imports(request: HttpRequest) -> HttpResponse:
    """The newest hundred imports of this token."""
    by = actor_with(request, Scope.IMPORTS)
    return answer({"imports": [_line(batch) for batch in batch_list(by)]})


@router.post(
    "/imports",
    response=answers({202: ImportMoved}, 409, 413, 415),
    operation_id="send_import",
    url_name="api_imports",
    openapi_extra=described(Scope.IMPORTS),
)
def send_import(request: HttpRequest, form: Form[NewImport], file: File[UploadedFile], key: Key) -> HttpResponse:
    """Send a workbook, CSV or survey answers. It is read and checked next; nothing becomes a case before you accept."""
    by = actor_with(request, Scope.IMPORTS)
    _require_form(request)
    team, name = _team(by, form.team or ""), file.name or ""

    def act() -> Made:
        staged = stage_file(by=by, file=file.file, name=name, team=team)  # type: ignore[arg-type]  # a file of bytes
        return 202, {"ref": staged.batch.ref, "state": staged.batch.state, "is_known": staged.is_known}

    return once_outside(request, key, act, content=_fingerprint(file, name, form.team or ""))


@router.get(
    "/imports/{ref}",
    response=answers({200: ImportBody, 304: None}, 404),
    operation_id="read_import",
    url_name="api_import",
    openapi_extra=described(Scope.IMPORTS),
)
def read_import(request: HttpRequest, ref: Ref) -> HttpResponse:
    """Where an import stands, and its first 200 problems by sheet, row and column, each with its fix."""
    by = actor_with(request, Scope.IMPORTS)
    batch = _find(by, ref)
    etag = sha256(f"{batch.ref} {batch.state} {batch.moved_at.isoformat()}".encode()).hexdigest()[:20]
    if matches(request, etag):
        return unchanged(etag)
    found = list(islice(problems_of(batch), PROBLEMS_SHOWN + 1))
    problems = [_place(problem) for problem in found[:PROBLEMS_SHOWN]]
    more = len(found) > PROBLEMS_SHOWN
    return answer({**_line(batch), "problems": problems, "has_more_problems": more}, etag=etag)


@router.post(
    "/imports/{ref}/check",
    response=answers({202: ImportMoved}, 404, 409),
    operation_id="check_import",
    url_name="api_import_check",
    openapi_extra=described(Scope.IMPORTS),
)
def check_import(request: HttpRequest, ref: Ref, key: Key) -> HttpResponse:
    """Say yes to the columns as they were understood; every row is checked next."""
    by = actor_with(request, Scope.IMPORTS)
    batch = _find(by, ref)
    return once(request, key, lambda: _moved(confirm_mapping(by=by, batch=batch)))


@router.post(
    "/imports/{ref}/accept",
    response=answers({202: ImportMoved}, 404, 409),
    operation_id="accept_import",
    url_name="api_import_accept",
    openapi_extra=described(Scope.IMPORTS),
)
def accept_import(request: HttpRequest, ref: Ref, key: Key) -> HttpResponse:
    """Make cases of the good rows; the others stay in quarantine, to be mended on screen."""
    by = actor_with(request, Scope.IMPORTS)
    batch = _find(by, ref)
    return once(request, key, lambda: _moved(accept_good(by=by, batch=batch)))


def _require_form(request: HttpRequest) -> None:
    """Refuse fields that the form does not have; ninja looks only at those it knows."""
    if set(request.POST) - {"team"} or set(request.FILES) - {"file"}:
        raise ApiError(
            "invalid", [Fault("*", "unknown_field", "There is no field of this name here.", "Leave it out.")]
        )


def _find(by: Actor, ref: str) -> ImportBatch:
    return find_batch(by, ref if REF_FORM.match(ref) else "-")


def _moved(batch: ImportBatch) -> Made:
    return 202, {"ref": batch.ref, "state": batch.state}


def _team(by: Actor, ref: str) -> Team | None:
    if not ref:
        return None
    team = Team.objects.filter(ref=ref, organisation_id=by.organisation_id, ended_at__isnull=True).first()
    if team is None:
        raise ApiError("invalid", [Fault("team", "unknown", "There is no such team.", "GET /api/v1/me lists teams.")])
    return team


def _fingerprint(file: UploadedFile, name: str, team: str) -> bytes:
    running = sha256()
    for chunk in file.chunks():
        running.update(chunk)
    return running.digest() + f"{name}\0{team}".encode("utf-8", "replace")


def _line(batch: ImportBatch) -> dict[str, object]:
    return {
        "ref": batch.ref,
        "state": batch.state,
        "kind": batch.kind,
        "size_bytes": batch.size_bytes,
        "created_at": moment(batch.created_at),
        "counts": batch.counts,
        "done": batch.done,
        "total": batch.total,
        "failure": batch.failure or None,
    }


def _place(problem: Problem) -> dict[str, object]:
    return {
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "field": problem.field or "",
        "rule": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "fix": problem.fix,
    }
