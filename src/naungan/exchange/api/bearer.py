"""Who calls: reads the token of a request, and asks for the scope that a route needs."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.exchange.api import limits
from naungan.exchange.api.errors import ApiError, Fault
from naungan.exchange.api.names import safe
from naungan.exchange.api.queries import Caller, caller_with
from naungan.exchange.api.scopes import Scope


class Bearer(HttpBearer):
    """Lets a program in by its token, and counts its requests."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        caller = caller_with(token)
        if caller is not None:
            limits.count_request(caller.token_id)
        return caller

    def __call__(self, request: HttpRequest) -> Caller | None:
        caller: Caller | None = super().__call__(request)
        if caller is None:
            limits.count_refusal(request)
        return caller


def caller_of(request: HttpRequest) -> Caller:
    """The program behind a request that has passed `Bearer`."""
    return cast(Caller, request.auth)  # type: ignore[attr-defined]  # set by ninja


def actor_with(request: HttpRequest, *scopes: Scope, query: tuple[str, ...] = ()) -> Actor:
    """
    The actor of a request, if its token has the scopes and the address carries no unknown parameter.

    Raises:
        ApiError: a scope is missing (403), or a parameter is unknown or repeated (422).
    """
    caller = caller_of(request)
    for scope in scopes:
        require_scope(caller, scope)
    require_query(request, query)
    return caller.actor


def require_scope(caller: Caller, scope: Scope) -> None:
    """Refuse a token without a scope."""
    if scope.value not in caller.scopes:
        fix = "An administrator makes a token with this scope under Integrations."
        raise ApiError("scope_missing", [Fault("scope", scope.value, "The token lacks this scope.", fix)])


def require_query(request: HttpRequest, known: tuple[str, ...]) -> None:
    """Refuse parameters of the address that are unknown, or given twice."""
    faults = []
    for name, values in request.GET.lists():
        if name not in known and not (name.startswith("x:") and "x:" in known):
            message = "There is no such parameter here."
            faults.append(Fault(safe(name), "unknown_field", message, "Leave it out, or correct the name."))
        elif len(values) > 1:
            faults.append(Fault(safe(name), "repeated", "The parameter is given twice.", "Give it once."))
    if faults:
        raise ApiError("invalid", faults)


def record_denial(caller: Caller, status: int, route: str) -> None:
    """Write that a token was refused something, after the refused work was undone."""
    audit.append(
        by=caller.actor,
        organisation_id=caller.organisation_id,
        action="denied",
        ref=caller.ref,
        details={"status": status, "route": route[:60]},
    )
