"""Cases: the list, one record, opening, changing, notes and steps."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.models import Team, User
from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.exchange.api import paging
from naungan.exchange.api.answers import answer, refusal, unchanged
from naungan.exchange.api.bearer import actor_with, caller_of, require_scope
from naungan.exchange.api.errors import ApiError, Fault
from naungan.exchange.api.filters import filters_from
from naungan.exchange.api.reading import (
    Reader,
    matches,
    names_identity,
    read_version,
    require_part,
)
from naungan.exchange.api.records import case_body, row_body, values_body, visible_names
from naungan.exchange.api.repeats import Made, once
from naungan.exchange.api.routes.answering import answers, described
from naungan.exchange.api.schemas.cases import (
    CaseBody,
    CaseChange,
    CaseFilters,
    CasePage,
    CaseWritten,
    ChangedMeanwhile,
    NewCase,
    NewNote,
    NewStep,
    NoteWritten,
    PersonQuery,
)
from naungan.exchange.api.schemas.common import Code, Key, Version
from naungan.exchange.api.scopes import Scope
from naungan.protection.cases import actions, queries
from naungan.protection.cases.actions import CaseDraft
from naungan.protection.cases.actions.saving import lock
from naungan.protection.cases.errors import EditConflict
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries.lists import workers_of
from naungan.protection.cases.states import Step

router = Router(tags=["cases"])
LIST_QUERY = (*CaseFilters.model_fields, "x:")


@router.get(
    "/cases",
    response=answers({200: CasePage}),
    operation_id="list_cases",
    url_name="api_cases",
    openapi_extra=described(Scope.CASES_READ),
)
def list_cases(request: HttpRequest, filters: Query[CaseFilters]) -> HttpResponse:
    """One page of the cases in scope: codes and dates, newest first. Pages go by key: none repeats or misses a case."""
    by = actor_with(request, Scope.CASES_READ, query=LIST_QUERY)
    own = {name[2:]: str(value) for name, value in request.GET.items() if name.startswith("x:")}
    chosen = filters_from(by, filters.model_dump(exclude_none=True), own)
    after = paging.key_in(filters.after, sort=filters.sort)
    page = queries.case_page(by, chosen, after=after, limit=filters.limit, count=filters.count == "true")
    body: dict[str, object] = {"cases": [row_body(row) for row in page.rows], "next": paging.key_out(page.after)}
    if page.count is not None:
        body |= {"count": page.count, "count_is_capped": page.count_capped}
    return answer(body)


@router.post(
    "/cases",
    response=answers({201: CaseWritten}, 409, 413, 415),
    operation_id="open_case",
    url_name="api_cases",
    openapi_extra=described(Scope.CASES_WRITE, also="identity:write for fields that tell who somebody is"),
)
def open_case(request: HttpRequest, body: NewCase, key: Key) -> HttpResponse:
    """Open a case. Give a team or a colleague, so that somebody answers for it."""
    by = actor_with(request, Scope.CASES_WRITE)
    return once(request, key, lambda: _open(request, by, body))


@router.get(
    "/cases/{code}",
    response=answers({200: CaseBody, 304: None}, 404, 410),
    operation_id="read_case",
    url_name="api_case",
    openapi_extra=described(Scope.CASES_READ, also="identity:read with a reason"),
)
def read_case(request: HttpRequest, code: Code, query: Query[PersonQuery]) -> HttpResponse:
    """A whole case. With a reason, and the scope for it, the identity is shown; each reading is audited."""
    by = actor_with(request, Scope.CASES_READ, query=("reason",))
    if query.reason:
        require_scope(caller_of(request), Scope.IDENTITY_READ)
    case = _find(by, code, Permission.CASE_READ)
    if not query.reason and matches(request, str(case.version)):
        return unchanged(str(case.version))
    if query.reason:
        queries.reveal_identity(by=by, case=case, reason=query.reason)
    record = queries.case_record(by, case, revealed=query.reason is not None)
    return answer(case_body(record, identity=query.reason is not None), etag=str(case.version))


@router.patch(
    "/cases/{code}",
    response=answers({200: CaseWritten, 412: ChangedMeanwhile}, 404, 409, 410, 413, 415, 428),
    operation_id="change_case",
    url_name="api_case",
    openapi_extra=described(Scope.CASES_WRITE, also="identity:write for fields that tell who somebody is"),
)
def change_case(request: HttpRequest, code: Code, body: CaseChange, version: Version) -> HttpResponse:
    """Change fields and parts of a case that stands at the version of If-Match; otherwise 412 and the present texts."""
    by = actor_with(request, Scope.CASES_WRITE)
    case = _find(by, code, Permission.CASE_WRITE)
    try:
        with transaction.atomic():
            changed, reader = _change(request, by, case, body, read_version(version))
    except EditConflict as error:
        return _conflict(request, error)
    return answer(_written(changed, reader), etag=str(changed.version))


@router.post(
    "/cases/{code}/notes",
    response=answers({201: NoteWritten}, 404, 409, 410, 413, 415),
    operation_id="add_note",
    url_name="api_case_notes",
    openapi_extra=described(Scope.CASES_WRITE),
)
def add_note(request: HttpRequest, code: Code, body: NewNote, key: Key) -> HttpResponse:
    """Write a note, or a case comment in the sense of HTCDS, on the timeline; it is sealed."""
    by = actor_with(request, Scope.CASES_WRITE)
    case = _find(by, code, Permission.CASE_WRITE)

    def act() -> Made:
        entry = actions.add_note(by=by, case=case, text=body.text, kind=body.kind)
        return 201, {"ref": entry.ref, "code": case.code, "version": entry.case.version}

    return once(request, key, act)


@router.post(
    "/cases/{code}/steps",
    response=answers({200: CaseWritten}, 404, 409, 410, 413, 415),
    operation_id="move_case",
    url_name="api_case_steps",
    openapi_extra=described(Scope.CASES_WRITE),
)
def move_case(request: HttpRequest, code: Code, body: NewStep, key: Key) -> HttpResponse:
    """Take one step of the case's state machine; `given` holds what the step's guards ask."""
    by = actor_with(request, Scope.CASES_WRITE)
    case = _find(by, code, Permission.CASE_LIST)
    given = body.given.model_dump(exclude_none=True) if body.given else {}

    def act() -> Made:
        moved = actions.move_case(by=by, case=case, step=Step(body.step), given=given)
        return 200, _written(moved, None)

    return once(request, key, act)


def _find(by: Actor, code: str, permission: Permission) -> Case:
    known = read_code(code)
    if known is None:
        raise NotFound("There is no such case.")
    return queries.find_case(by, known, permission)


def _open(request: HttpRequest, by: Actor, body: NewCase) -> Made:
    reader = Reader(by.organisation_id)
    draft = CaseDraft(
        values=_given(reader.fields(body.fields)),
        repeated=_parts(reader, body.parts),
        custom=_given(reader.own(body.own)),
    )
    if body.opened_on and body.opened_on > clock.today():
        reader.faults.append(Fault("opened_on", "in_future", "The day lies in the future.", "Give a day until today."))
    reader.finish()
    if names_identity(draft.values) or any(names_identity(one) for many in draft.repeated.values() for one in many):
        require_scope(caller_of(request), Scope.IDENTITY_WRITE)
    _require_own_class(request, reader, draft.custom)
    team, worker = _team(by, body.team), _worker(by, body.assigned_to)
    case = actions.open_case(by=by, draft=draft, team=team, assigned_to=worker, opened_on=body.opened_on)
    return 201, _written(case, reader)


def _change(request: HttpRequest, by: Actor, case: Case, body: CaseChange, version: int) -> tuple[Case, Reader]:
    reader = Reader(by.organisation_id)
    values, own = reader.fields(body.fields), reader.own(body.own)
    parts = [
        (prefix, one, reader.part(prefix, one.fields, f"parts.{prefix}"))
        for prefix, several in body.parts.items()
        for one in several
    ]
    reader.finish()
    if names_identity(values) or any(names_identity(given) for _, _, given in parts):
        require_scope(caller_of(request), Scope.IDENTITY_WRITE)
    _require_own_class(request, reader, own)
    _require_version(request, lock(case), values, version, also=bool(own or parts))
    saved = actions.save_fields(by=by, case=case, values=values, custom=own, version=version)
    for prefix, one, given in parts:
        if one.remove and one.ref:
            actions.remove_part(by=by, case=case, prefix=prefix, ref=one.ref)
        elif not one.remove:
            now = lock(case).version
            actions.save_part(by=by, case=case, prefix=prefix, values=given, version=now, ref=one.ref or "")
    return (lock(case) if parts else saved), reader


def _require_version(
    request: HttpRequest, case: Case, values: Mapping[str, object], version: int, *, also: bool
) -> None:
    """
    Refuse a stale version where the action would not notice: own fields, parts, and identity that may not be read.

    The last one, so that whoever may only write cannot ask whether a guess is right.
    """
    blind = names_identity(values) and Scope.IDENTITY_READ.value not in caller_of(request).scopes
    if case.version != version and (also or blind):
        theirs = queries.current_values(case, names=values) if values else {}
        raise EditConflict(version=case.version, theirs=theirs, mine=values)


def _require_own_class(request: HttpRequest, reader: Reader, own: Mapping[str, object]) -> None:
    if reader.identifying_own(own):
        require_scope(caller_of(request), Scope.IDENTITY_WRITE)


def _conflict(request: HttpRequest, error: EditConflict) -> HttpResponse:
    scopes = caller_of(request).scopes
    names = visible_names(
        list(error.mine), read=Scope.CASES_READ.value in scopes, identity=Scope.IDENTITY_READ.value in scopes
    )
    shown = {name: error.theirs.get(name) for name in names}
    faults = [Fault(name, "changed", "Somebody changed this.", "Compare, and send it again.") for name in error.mine]
    return refusal(
        "changed_meanwhile", faults, beside={"current": {"version": error.version, "fields": values_body(shown)}}
    )


def _written(case: Case, reader: Reader | None) -> dict[str, object]:
    notes = (
        [{"field": n.field, "rule": n.rule, "message": n.message, "fix": n.fix} for n in reader.notes] if reader else []
    )
    return {"code": case.code, "person": case.person.ref, "state": case.state, "version": case.version, "notes": notes}


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _parts(reader: Reader, sent: Mapping[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for prefix, several in sent.items():
        require_part(prefix, comments=True)
        read = [_given(reader.part(prefix, one, f"parts.{prefix}")) for one in several]
        found[prefix] = [one for one in read if one]
    return found


def _team(by: Actor, ref: str | None) -> Team | None:
    if ref is None:
        return None
    team = Team.objects.filter(ref=ref, organisation_id=by.organisation_id, ended_at__isnull=True).first()
    if team is None:
        raise ApiError("invalid", [Fault("team", "unknown", "There is no such team.", "GET /api/v1/me lists teams.")])
    return team


def _worker(by: Actor, ref: str | None) -> User | None:
    if ref is None:
        return None
    found = next((user for user in workers_of(by.organisation_id) if user.ref == ref), None)
    if found is None:
        fix = "Choose a colleague whose role works on cases."
        raise ApiError("invalid", [Fault("assigned_to", "unknown", "There is no such colleague.", fix)])
    return found
