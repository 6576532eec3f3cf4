"""One shape of every error, and never a value in it."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from naungan.exchange.api import limits
from naungan.protection.cases import queries
from naungan.protection.cases.models import Case
from naungan.vault.errors import KeysMissing, SubjectErased
from tests.exchange.api.conftest import Program, body_of

pytestmark = pytest.mark.django_db
SECRET = "Rahasia-Sekali"


def assert_shape(content: bytes, code: str) -> None:
    """An error has the one shape, and no value of the request."""
    body = json.loads(content)
    assert set(body) <= {"error", "current"}
    assert set(body["error"]) == {"code", "message", "fields"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert all(set(field) == {"field", "rule", "message", "fix"} for field in body["error"]["fields"])
    assert SECRET.encode() not in content


BODIES = [
    (b"{", "application/json", 400, "bad_json"),
    (b"", "application/json", 422, "invalid"),
    (b"[]", "application/json", 400, "bad_json"),
    (b'{"fields": {"prs_NumberOfChildren": NaN}}', "application/json", 400, "bad_json"),
    (b'{"fields": {"prs_NumberOfChildren": 1e999}}', "application/json", 400, "bad_json"),
    (b'{"fields": {}, "fields": {}}', "application/json", 400, "bad_json"),
    (b'{"fields": {"prs_FirstName": "\\ud800"}}', "application/json", 400, "bad_json"),
    (b"\xff\xfe{}", "application/json", 400, "bad_json"),
    (b"[" * 100_000, "application/json", 400, "bad_json"),
    (b'{"fields": {"prs_NumberOfChildren": ' + b"9" * 5000 + b"}}", "application/json", 400, "bad_json"),
    (b'{"fields": {}}', "text/plain", 415, "wrong_type"),
    (b"fields=1", "application/x-www-form-urlencoded", 415, "wrong_type"),
    (b'{"Rahasia-Sekali": 1}', "application/json", 422, "invalid"),
    (b'{"fields": {"Rahasia-Sekali": 1}}', "application/json", 422, "invalid"),
    (b'{"own": {"Rahasia-Sekali": 1}}', "application/json", 422, "invalid"),
    (b'{"parts": {"Rahasia-Sekali": []}}', "application/json", 422, "invalid"),
    (b'{"parts": {"hte": {}}}', "application/json", 422, "invalid"),
    (b'{"fields": {"prs_Gender": "Rahasia-Sekali"}}', "application/json", 422, "invalid"),
    (b'{"fields": {"prs_Gender": {"Rahasia-Sekali": 1}}}', "application/json", 422, "invalid"),
    (b'{"fields": {"prs_HomePhone": "Rahasia-Sekali"}}', "application/json", 422, "invalid"),
    (b'{"fields": {"prs_Birthdate": "Rahasia-Sekali"}}', "application/json", 422, "invalid"),
    (b'{"team": "Rahasia-Sekali"}', "application/json", 422, "invalid"),
    (b'{"team": "0000000000000000"}', "application/json", 422, "invalid"),
    (b'{"assigned_to": "0000000000000000"}', "application/json", 422, "invalid"),
    (b'{"opened_on": "2999-01-01"}', "application/json", 422, "invalid"),
]


@pytest.mark.parametrize(("content", "kind", "status", "code"), BODIES)
def test_bad_body_is_refused_in_shape(full: Program, content: bytes, kind: str, status: int, code: str) -> None:
    headers = {"Authorization": f"Bearer {full.secret}", "Idempotency-Key": "key-of-a-test"}
    response = Client(raise_request_exception=False).generic(
        "POST", "/api/v1/cases", content, content_type=kind, headers=headers
    )

    assert response.status_code == status
    assert_shape(response.content, code)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/cases/", 404, "not_found"),
        ("GET", "/cases/Rahasia-Sekali", 404, "not_found"),
        ("GET", "/cases/K7QF-2M9D-X", 404, "not_found"),
        ("GET", "/people/Rahasia-Sekali", 404, "not_found"),
        ("GET", "/people/%00", 404, "not_found"),
        ("GET", "/imports/%00", 404, "not_found"),
        ("DELETE", "/cases", 405, "method_not_allowed"),
        ("PUT", "/me", 405, "method_not_allowed"),
        ("POST", "/openapi.json", 405, "method_not_allowed"),
        ("GET", "/cases?after=Rahasia-Sekali", 422, "invalid"),
        ("GET", "/cases?Rahasia-Sekali=1", 422, "invalid"),
        ("GET", "/cases?state=Rahasia-Sekali", 422, "invalid"),
        ("GET", "/me?x=1", 422, "invalid"),
    ],
)
def test_bad_address_is_refused_in_shape(full: Program, method: str, path: str, status: int, code: str) -> None:
    response = full.ask(method, path)

    assert response.status_code == status
    assert_shape(response.getvalue(), code)


def test_unknown_address_below_api_has_the_shape_without_token() -> None:
    response = Client().get("/api/v2/cases")

    assert response.status_code == 404
    assert_shape(response.content, "not_found")


def test_method_not_allowed_names_those_that_are(full: Program) -> None:
    assert full.ask("DELETE", "/cases").headers["Allow"] == "GET, POST"


def test_body_too_large_is_refused_before_it_is_read(full: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_MOST_BYTES", 10)
    response = full.ask("POST", "/cases", {"fields": {"prs_FirstName": SECRET}})

    assert response.status_code == 413
    assert_shape(response.getvalue(), "too_large")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError(SECRET), 500, "broken"),
        (KeysMissing(SECRET), 503, "unavailable"),
        (SubjectErased(SECRET), 410, "gone"),
    ],
)
def test_failure_inside_is_answered_in_shape_and_logged_without_its_text(
    reader: Program,
    case: Case,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    status: int,
    code: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(queries, "case_record", fail)
    response = reader.ask("GET", f"/cases/{case.code}")

    assert response.status_code == status
    assert_shape(response.getvalue(), code)
    assert SECRET not in capsys.readouterr().err


def test_denial_that_cannot_be_written_down_is_a_failure(
    reader: Program, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("naungan.exchange.api.bearer.audit.append", fail)
    response = reader.ask("POST", "/cases", {})

    assert response.status_code == 500
    assert_shape(response.getvalue(), "broken")


def test_errors_are_not_kept_by_browsers(reader: Program) -> None:
    response = reader.ask("GET", "/nothing")

    assert response.headers["Cache-Control"] == "no-store"
    assert body_of(response)["error"]["code"] == "not_found"
