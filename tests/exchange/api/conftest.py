"""Programs with tokens of every kind, and ways to ask as them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from django.test import Client

from naungan.access.models import Team
from naungan.exchange.api.actions import create_token
from naungan.exchange.api.models import Token
from naungan.exchange.api.scopes import Scope
from naungan.protection.cases.actions import CaseDraft, open_case
from naungan.protection.cases.models import Case
from tests.personas import Persona, case_of

KEYS = count(1)
FIRST_NAME, STREET, NOTE = "Zubaidah-Contoh", "Jalan Rekaan 71", "Bercerita tentang Pak Fulan"
VALUES: dict[str, object] = {
    "prs_FirstName": FIRST_NAME,
    "prs_MailingStreet": STREET,
    "prs_Gender": "Feminine",
    "vic_TypeOfExploitation": ("Servitude",),
    "cas_CaseOwner": "Petugas Rekaan",
    "cas_IncomingReferralDetails": "Datang sendiri",
}
IDENTITY = (FIRST_NAME, STREET, "Petugas Rekaan")


@dataclass(frozen=True, slots=True)
class Program:
    """A program that asks the API."""

    secret: str
    token: Token

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """One request; POST gets a fresh Idempotency-Key unless one is given."""
        sent = {"Authorization": f"Bearer {self.secret}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if method == "POST":
            sent.setdefault("Idempotency-Key", f"test-key-{next(KEYS)}")
        return ask(method, path, body, sent)


def ask(method: str, path: str, body: object, headers: dict[str, str]) -> Any:
    """One request with exactly these headers."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    kind = "application/json" if body is not None else "application/octet-stream"
    return Client(raise_request_exception=False).generic(
        method, f"/api/v1{path}", content, content_type=kind, headers={k: v for k, v in headers.items() if v}
    )


def body_of(response: Any) -> dict[str, Any]:
    """The JSON of an answer."""
    found: dict[str, Any] = json.loads(response.getvalue())
    return found


@pytest.fixture
def program(esra: Persona) -> Callable[..., Program]:
    """Make a program of organisation A with some scopes."""

    def make(*scopes: Scope, by: Persona = esra) -> Program:
        made = create_token(by=by.actor(), name="Program contoh", scopes=scopes, lasts_days=30)
        return Program(made.secret, made.token)

    return make


@pytest.fixture
def reader(program: Callable[..., Program]) -> Program:
    """Reads cases, no identity."""
    return program(Scope.CASES_READ)


@pytest.fixture
def writer(program: Callable[..., Program]) -> Program:
    """Reads and writes cases, no identity."""
    return program(Scope.CASES_READ, Scope.CASES_WRITE)


@pytest.fixture
def full(program: Callable[..., Program]) -> Program:
    """Holds every scope."""
    return program(*Scope)


@pytest.fixture
def case(amara: Persona, team_1: Team) -> Case:
    """A case of organisation A with an identity."""
    return open_case(by=amara.actor(), draft=CaseDraft(values=VALUES), team=team_1)


@pytest.fixture
def foreign(chen: Persona) -> Case:
    """A case of organisation B."""
    return case_of(chen, prs_FirstName="Orang Lain")
