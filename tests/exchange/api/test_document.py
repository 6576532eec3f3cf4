"""The document of the API: kept in the repository, served to those who may know it, true under fuzzing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from naungan.exchange.api import document
from naungan.exchange.api.errors import CODES
from naungan.exchange.api.scopes import Scope
from naungan.exchange.api.urls import urlpatterns
from tests.exchange.api.conftest import Program
from tests.personas import Persona

KEPT = Path(__file__).parents[3] / document.PATH


def test_kept_document_is_the_present_one() -> None:
    """Announce a change: `python -m naungan.exchange.api.document`, and a line in CHANGELOG."""
    assert KEPT.read_text(encoding="utf-8") == document.written()


def test_document_names_every_address_and_only_scopes_that_exist() -> None:
    found = json.loads(document.written())
    routes = {"/" + str(p.pattern).replace("<", "{").replace(">", "}") for p in urlpatterns if p.name}
    named = {scope for path in found["paths"].values() for op in path.values() for scope in op.get("x-scopes", [])}

    assert {path for path in routes if path.startswith("/api/v1/")} - {"/api/v1/openapi.json"} == set(found["paths"])
    assert named <= set(Scope)


@pytest.mark.django_db
def test_document_is_served_to_people_and_programs_only(bilal: Persona, full: Program) -> None:
    assert Client().get("/api/v1/openapi.json").status_code == 401
    assert bilal.client().get("/api/v1/openapi.json").content.decode() == document.written()
    assert full.ask("GET", "/openapi.json").status_code == 200


def test_reference_names_every_error_and_scope() -> None:
    words = (KEPT.parent / "api.md").read_text(encoding="utf-8")

    assert all(f"| {status} | `{code}` | {text} |" in words for code, (status, text) in CODES.items())
    assert all(f"| `{scope.value}` |" in words for scope in Scope)
