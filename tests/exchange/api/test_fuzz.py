"""Whatever the document allows, and much that it does not, is answered as it says: bounded, same every run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from naungan.exchange.api import document, limits
from naungan.exchange.api.scopes import Scope
from naungan.protection.cases.models import Case
from tests.exchange.api.conftest import IDENTITY, KEYS, Program

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(json.loads(document.written()))
SCHEMA.app = get_wsgi_application()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
EXAMPLES = {GenerationMode.POSITIVE: 10, GenerationMode.NEGATIVE: 8}


@pytest.fixture(autouse=True)
def _same_connection() -> Iterator[None]:
    """The server closes old connections around a request; inside a test's transaction it must not."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def requests_of(operation: Any, mode: GenerationMode) -> st.SearchStrategy[Any]:
    """Requests to one address, as the document allows them or not; nothing when it has none of that kind."""
    strategy: st.SearchStrategy[Any] = operation.as_strategy(generation_mode=mode)
    return strategy


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "broken"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_every_answer_is_as_the_document_says(
    operation: Any,
    mode: GenerationMode,
    program: Callable[..., Program],
    case: Case,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "PER_MINUTE", 10**9)
    who = program(Scope.CASES_READ, Scope.CASES_WRITE, Scope.IMPORTS, Scope.EXPORTS)

    @settings(max_examples=EXAMPLES[mode], deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(asked=requests_of(operation, mode))
    def fuzz(asked: Any) -> None:
        _aim(asked, case)
        headers = {"Authorization": f"Bearer {who.secret}", "Host": "localhost"}
        if mode is GenerationMode.POSITIVE and "Idempotency-Key" in (asked.headers or {}):
            headers["Idempotency-Key"] = f"fuzzed-key-{next(KEYS)}"
        response = asked.call(headers=headers)
        asked.validate_response(response, checks=CHECKS)
        assert not any(secret.encode() in response.content for secret in IDENTITY)

    fuzz()


def _aim(asked: Any, case: Case) -> None:
    """Point a request at a record that is there, so that more than the 404 is tried."""
    if "code" in asked.path_parameters:
        asked.path_parameters["code"] = case.code
    if "ref" in asked.path_parameters and "people" in asked.path:
        asked.path_parameters["ref"] = case.person.ref
