"""Imports and exports through the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from naungan.access.models import AuditEntry
from naungan.exchange.api.scopes import Scope
from naungan.exchange.models import ImportBatch
from naungan.protection.cases.models import Case
from tests.exchange.api.conftest import FIRST_NAME, Program, body_of

pytestmark = pytest.mark.django_db
FILE = f"prs_FirstName,prs_Gender,prs_NumberOfChildren\n{FIRST_NAME},Feminine,2\nRekaan,Feminine,tiga\n".encode()


def send(who: Program, content: bytes = FILE, *, key: str = "key-of-an-import", **form: str) -> Any:
    """Send a file."""
    file = SimpleUploadedFile("kasus.csv", content, "text/csv")
    headers = {"Authorization": f"Bearer {who.secret}", "Idempotency-Key": key}
    return Client().post("/api/v1/imports", {"file": file, **form}, headers=headers)


@pytest.fixture
def sender(program: Callable[..., Program]) -> Program:
    """Sends files."""
    return program(Scope.IMPORTS)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_file_sent_checked_and_accepted_becomes_cases(sender: Program) -> None:
    ref = body_of(send(sender))["ref"]
    mapped = body_of(sender.ask("GET", f"/imports/{ref}"))
    sender.ask("POST", f"/imports/{ref}/check")
    checked = body_of(sender.ask("GET", f"/imports/{ref}"))
    accepted = sender.ask("POST", f"/imports/{ref}/accept")
    done = body_of(sender.ask("GET", f"/imports/{ref}"))

    assert mapped["state"] == "mapping"
    assert checked["counts"] == {"good": 1, "quarantined": 1}
    assert [(p["row"], p["field"], p["rule"]) for p in checked["problems"] if p["severity"] == "error"] == [
        (3, "prs_NumberOfChildren", "number_unreadable")
    ]
    assert accepted.status_code == 202
    assert done["state"] == "partly_accepted"
    assert Case.objects.get().batch == ref


def test_same_file_twice_is_known(sender: Program) -> None:
    first, again = body_of(send(sender)), body_of(send(sender, key="another-key"))

    assert (again["ref"], again["is_known"]) == (first["ref"], True)


def test_same_key_repeats_answer_and_other_file_is_refused(sender: Program) -> None:
    first, again = send(sender), send(sender)
    other = send(sender, FILE + b"x")

    assert body_of(first) == body_of(again)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.status_code == 409
    assert ImportBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "form", "rule"),
    [(b"", {}, "file_empty"), (FILE, {"team": "0000000000000000"}, "unknown"), (FILE, {"team": "x"}, None)],
)
def test_bad_file_is_refused_in_shape_and_frees_its_key(
    sender: Program, content: bytes, form: dict[str, str], rule: str | None
) -> None:
    response = send(sender, content, **form)

    assert response.status_code == 422
    assert rule is None or body_of(response)["error"]["fields"][0]["rule"] == rule
    assert send(sender).status_code == 202


def test_unknown_form_field_is_refused(sender: Program) -> None:
    assert send(sender, tim="x").status_code == 422
    assert not ImportBatch.objects.exists()


def test_import_of_another_organisation_or_token_is_not_found(sender: Program, program: Callable[..., Program]) -> None:
    ref = body_of(send(sender))["ref"]
    other = program(Scope.IMPORTS)

    for method, path in (("GET", ""), ("POST", "/check"), ("POST", "/accept")):
        assert other.ask(method, f"/imports/{ref}{path}").status_code == 404


def test_accept_before_check_is_a_conflict(sender: Program) -> None:
    ref = body_of(send(sender))["ref"]

    assert sender.ask("POST", f"/imports/{ref}/accept").status_code == 409


def test_import_without_scope_is_forbidden(reader: Program) -> None:
    assert send(reader).status_code == 403
    assert not ImportBatch.objects.exists()


def test_export_without_identity_streams_codes_and_audits(program: Callable[..., Program], case: Case) -> None:
    who = program(Scope.EXPORTS)
    response = who.ask("POST", "/exports", {"form": "csv", "reason": "Laporan bulanan"})
    content = response.getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))

    assert response.status_code == 200
    assert response.streaming
    assert rows[0]["prs_Gender"] == "Feminine"
    assert FIRST_NAME not in content
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"export.prepare", "export", "export.case"}


def test_export_with_identity_needs_both_scopes(program: Callable[..., Program], case: Case) -> None:
    sent = {"identity": True, "reason": "Pemindahan"}
    refused = program(Scope.EXPORTS).ask("POST", "/exports", sent)
    taken = program(Scope.EXPORTS, Scope.IDENTITY_READ).ask("POST", "/exports", sent)

    assert refused.status_code == 403
    assert FIRST_NAME.encode() in taken.getvalue()


def test_export_of_another_organisations_case_leaves_nothing(full: Program, foreign: Case) -> None:
    response = full.ask("POST", "/exports", {"reason": "Mencoba", "choice": {"codes": [foreign.code]}})

    assert response.status_code == 422
    assert body_of(response)["error"]["fields"][0]["rule"] == "nothing_chosen"


@pytest.mark.parametrize("sent", [{}, {"reason": ""}, {"reason": "Ya begitu", "form": "xlsx"}])
def test_export_without_reason_or_form_is_refused(full: Program, case: Case, sent: dict[str, str]) -> None:
    assert full.ask("POST", "/exports", sent).status_code == 422


def test_export_without_scope_is_forbidden(reader: Program, case: Case) -> None:
    assert reader.ask("POST", "/exports", {"reason": "Laporan"}).status_code == 403
