"""What the case pages share: the case in scope, and whether its identity was revealed in this session."""

from __future__ import annotations

import time

from django.http import HttpRequest

from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.access.requests import actor_of
from naungan.access.rules import Standing, require
from naungan.protection.cases import queries
from naungan.protection.cases.models import Case

REVEALED_FOR_SECONDS = 15 * 60


def case_of(request: HttpRequest, code: str, permission: Permission = Permission.CASE_READ) -> Case:
    """
    The case that an address names.

    Raises:
        NotFound: no such code in the scope of the one who asks.
    """
    return standing_of(request, code, permission).record


def standing_of(request: HttpRequest, code: str, permission: Permission = Permission.CASE_READ) -> Standing[Case]:
    """The same, with what the one who asks is to the case."""
    known = read_code(code)
    if known is None:
        raise NotFound("There is no such case.")
    return queries.reach_case(actor_of(request), known, permission)


def case_to_write(request: HttpRequest, code: str) -> Case:
    """The same, for whoever may change it; a fresh enough second factor is asked for too."""
    case = case_of(request, code)
    require(actor_of(request), Permission.CASE_WRITE, case)
    return case


def is_revealed(request: HttpRequest, case: Case) -> bool:
    """Whether this session revealed the identity within the last quarter of an hour."""
    return time.time() - float(request.session.get("revealed", {}).get(case.code, 0)) < REVEALED_FOR_SECONDS


def keep_revealed(request: HttpRequest, case: Case) -> None:
    """Remember a reveal in this session."""
    now = time.time()
    kept = {code: at for code, at in request.session.get("revealed", {}).items() if now - at < REVEALED_FOR_SECONDS}
    request.session["revealed"] = {**kept, case.code: now}


def forget_revealed(request: HttpRequest, case: Case) -> None:
    """Mask the identity again."""
    request.session["revealed"] = {c: at for c, at in request.session.get("revealed", {}).items() if c != case.code}
