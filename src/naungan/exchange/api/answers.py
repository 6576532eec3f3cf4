"""Makes every answer of the API: JSON, its version as an ETag, and the one shape of an error."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import singledispatch

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja.errors import AuthenticationError, HttpError, ValidationError

from naungan.access.errors import AccessError, Forbidden, NotFound
from naungan.exchange import errors as exchange
from naungan.exchange.api.errors import CODES, ApiError, Fault
from naungan.exchange.api.names import safe
from naungan.protection.cases.errors import (
    CannotAssign,
    CaseError,
    EditConflict,
    FileRefused,
    InvalidValues,
    StepNotAllowed,
)
from naungan.standards.checks import Problem
from naungan.vault.errors import SubjectErased, VaultError

JSON = "application/json"
log = logging.getLogger(__name__)

# What `pydantic` says of a value, in our words: rule and fix.
_RULES: Mapping[str, tuple[str, str, str]] = {
    "missing": ("required", "This must be given.", "Add it."),
    "extra_forbidden": ("unknown_field", "There is no field of this name here.", "Leave it out, or correct the name."),
}
_PLACES = ("body", "query", "filters", "header", "path", "[key]")
# Sentences of the standard's checks that promise to keep what the API refuses.
_REFUSED: Mapping[str, str] = {
    "unknown_choice": "The list has no such entry.",
    "phone_without_country": "The phone number has no country.",
    "phone_unreadable": "This is not a phone number in the international form.",
    "email_unreadable": "This is not an e-mail address.",
}


def answer(
    body: object, *, status: int = 200, etag: str = "", headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A JSON answer; the caller has made sure that it may be seen."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    response = HttpResponse(content, status=status, content_type=JSON)
    if etag:
        response.headers["ETag"] = f'"{etag}"'
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def unchanged(etag: str) -> HttpResponse:
    """304: what the caller holds is still so."""
    response = HttpResponse(status=304)
    response.headers["ETag"] = f'"{etag}"'
    del response.headers["Content-Type"]
    return response


def refusal(
    code: str,
    faults: Iterable[Fault] = (),
    *,
    headers: Mapping[str, str] | None = None,
    message: str = "",
    beside: Mapping[str, object] | None = None,
) -> HttpResponse:
    """An error in the one shape; `beside` is what a 412 says of the record's present state."""
    status, words = CODES[code]
    fields = [{"field": f.field, "rule": f.rule, "message": f.message, "fix": f.fix} for f in faults]
    body = {"error": {"code": code, "message": message or words, "fields": fields}, **(beside or {})}
    return answer(body, status=status, headers=headers)


def fault_of(problem: Problem) -> Fault:
    """A problem of the standard's checks, without the value or a suggestion."""
    return Fault(problem.field or "", problem.code, _REFUSED.get(problem.code, problem.message), problem.fix)


@singledispatch
def refusal_for(error: Exception, request: HttpRequest) -> HttpResponse:
    """The answer to an exception that nobody foresaw; its type and place are logged, never its text."""
    log.error("The API failed.", exc_info=error)
    return refusal("broken")


@refusal_for.register
def _(error: ApiError, request: HttpRequest) -> HttpResponse:
    return refusal(error.code, error.faults, headers=error.headers, message=error.message)


@refusal_for.register
def _(error: AuthenticationError, request: HttpRequest) -> HttpResponse:
    return refusal("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="naungan"'})


@refusal_for.register
def _(error: HttpError, request: HttpRequest) -> HttpResponse:
    # The only one that ninja itself raises: the body could not be parsed.
    return refusal("bad_json" if request.content_type == "application/json" else "wrong_type")


@refusal_for.register
def _(error: ValidationError, request: HttpRequest) -> HttpResponse:
    missing = {
        str(one["loc"][-1]).lower() for one in error.errors if one["type"] == "missing" and "header" in one["loc"]
    }
    if "if-match" in missing:
        return refusal("version_missing")
    if "idempotency-key" in missing:
        return refusal("key_missing")
    return refusal("invalid", [_fault(one) for one in error.errors])


@refusal_for.register(NotFound)
@refusal_for.register(Http404)
def _(error: Exception, request: HttpRequest) -> HttpResponse:
    return refusal("not_found")


@refusal_for.register
def _(error: Forbidden, request: HttpRequest) -> HttpResponse:
    return refusal("forbidden")


@refusal_for.register
def _(error: AccessError, request: HttpRequest) -> HttpResponse:
    return refusal("conflict")


@refusal_for.register
def _(error: InvalidValues, request: HttpRequest) -> HttpResponse:
    return refusal("invalid", [fault_of(problem) for problem in error.problems])


@refusal_for.register
def _(error: EditConflict, request: HttpRequest) -> HttpResponse:
    return refusal("changed_meanwhile")


@refusal_for.register
def _(error: StepNotAllowed, request: HttpRequest) -> HttpResponse:
    faults = [Fault(f"given.{name}", "guard", "This step needs it.", "Give it in `given`.") for name in error.missing]
    return refusal("step_not_allowed", faults)


@refusal_for.register
def _(error: CannotAssign, request: HttpRequest) -> HttpResponse:
    field = "team" if str(error) == "team" else "assigned_to"
    return refusal("invalid", [Fault(field, "cannot_take", "The case cannot be given to them.", "Choose another.")])


@refusal_for.register
def _(error: FileRefused, request: HttpRequest) -> HttpResponse:
    return refusal("invalid", [Fault("file", error.code, "This file is not taken.", "Send another kind of file.")])


@refusal_for.register
def _(error: CaseError, request: HttpRequest) -> HttpResponse:
    return refusal("conflict")


@refusal_for.register
def _(error: exchange.FileRefused, request: HttpRequest) -> HttpResponse:
    return refusal("invalid", [replace(fault_of(error.problem), field="file")])


@refusal_for.register(exchange.ReasonMissing)
def _(error: Exception, request: HttpRequest) -> HttpResponse:
    return refusal("invalid", [Fault("reason", "required", "An export needs a reason.", "Say why the cases leave.")])


@refusal_for.register(exchange.NothingChosen)
def _(error: Exception, request: HttpRequest) -> HttpResponse:
    return refusal("invalid", [Fault("choice", "nothing_chosen", "No case answers the choice.", "Choose others.")])


@refusal_for.register
def _(error: exchange.ExchangeError, request: HttpRequest) -> HttpResponse:
    return refusal("conflict")


@refusal_for.register
def _(error: SubjectErased, request: HttpRequest) -> HttpResponse:
    return refusal("gone")


@refusal_for.register(exchange.DiskFull)
@refusal_for.register(VaultError)
@refusal_for.register(OperationalError)
def _(error: Exception, request: HttpRequest) -> HttpResponse:
    log.error("The API could not answer.", exc_info=error)
    return refusal("unavailable", headers={"Retry-After": "5"})


@refusal_for.register
def _(error: RequestDataTooBig, request: HttpRequest) -> HttpResponse:
    return refusal("too_large")


@refusal_for.register(SuspiciousOperation)
@refusal_for.register(BadRequest)
@refusal_for.register(MultiPartParserError)
@refusal_for.register(UnreadablePostError)
def _(error: Exception, request: HttpRequest) -> HttpResponse:
    return refusal("bad_request")


def _fault(one: Mapping[str, object]) -> Fault:
    place = one["loc"] if isinstance(one["loc"], tuple | list) else ()
    parts = [safe(str(part)) for part in place if part not in _PLACES]
    kind = str(one["type"])
    rule, message, fix = _RULES.get(kind, (kind, "This does not have the form that the address takes.", ""))
    return Fault(".".join(parts[-4:]), rule, message, fix or "See the document of the API for its form.")
