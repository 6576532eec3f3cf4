"""What the API refuses: a status, a code, a sentence, and the fields concerned; never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Every code that an answer can carry: its status and its sentence.
CODES: Mapping[str, tuple[int, str]] = {
    "bad_request": (400, "The request cannot be understood."),
    "bad_json": (400, "The body is not JSON that can be read."),
    "key_missing": (400, "Requests that write need an Idempotency-Key header of 8 to 200 visible characters."),
    "unauthorized": (401, "A valid token is needed: Authorization: Bearer <token>."),
    "forbidden": (403, "The record is in scope, but this token may not do that."),
    "scope_missing": (403, "The token lacks a scope that this request needs."),
    "not_found": (404, "There is no such record or address."),
    "method_not_allowed": (405, "This address does not take this method; the Allow header names those it takes."),
    "conflict": (409, "The record's present state does not allow this."),
    "key_used": (409, "This Idempotency-Key was used with another request."),
    "in_progress": (409, "A request with this Idempotency-Key is still being worked on."),
    "step_not_allowed": (409, "The case cannot take this step now."),
    "gone": (410, "The person's identity was erased; nothing can be read or written any more."),
    "changed_meanwhile": (412, "The record was changed since this version was read. Nothing was saved."),
    "too_large": (413, "The request is larger than this address takes."),
    "wrong_type": (415, "This address takes another content type."),
    "invalid": (422, "Some of what was sent breaks a rule. Nothing was saved."),
    "version_missing": (428, "Changing a record needs an If-Match header with the version that was read."),
    "too_many": (429, "Too many requests; the Retry-After header says when to come back."),
    "broken": (500, "Something broke on our side. Nothing was saved."),
    "unavailable": (503, "This cannot be done right now; please try again."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that breaks a rule, and the way to mend it."""

    field: str
    rule: str
    message: str
    fix: str = ""


class ApiError(Exception):
    """A refusal of the API itself, by its code."""

    def __init__(
        self, code: str, faults: Sequence[Fault] = (), *, headers: Mapping[str, str] | None = None, message: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.message = message
