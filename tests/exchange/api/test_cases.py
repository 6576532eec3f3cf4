"""The routes of cases: reading, opening, changing, notes and steps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from naungan.access.models import AuditEntry, Team
from naungan.protection.cases.models import Case
from tests.exchange.api.conftest import FIRST_NAME, IDENTITY, NOTE, Program, body_of

pytestmark = pytest.mark.django_db


def actions_on(case: Case) -> list[str]:
    """What the chain says of a case, oldest first."""
    return list(AuditEntry.objects.filter(ref=case.code).order_by("number").values_list("action", flat=True))


def test_list_of_cases_shows_own_organisation_without_identity(reader: Program, case: Case, foreign: Case) -> None:
    response = reader.ask("GET", "/cases")

    assert response.status_code == 200
    assert [line["code"] for line in body_of(response)["cases"]] == [case.code]
    assert not any(secret.encode() in response.getvalue() for secret in IDENTITY)


def test_read_case_without_reason_masks_identity_and_audits(reader: Program, case: Case) -> None:
    response = reader.ask("GET", f"/cases/{case.code}")
    body = body_of(response)

    assert response.headers["ETag"] == f'"{case.version}"'
    assert not any(secret.encode() in response.getvalue() for secret in IDENTITY)
    assert body["masked"] == ["cas_CaseOwner", "prs_FirstName", "prs_MailingStreet"]
    assert body["fields"]["cas_IncomingReferralDetails"] == "Datang sendiri"
    assert actions_on(case) == ["case.opened", "case.read"]


def test_read_case_with_reason_needs_identity_scope(reader: Program, case: Case) -> None:
    response = reader.ask("GET", f"/cases/{case.code}?reason=contact")

    assert response.status_code == 403
    assert body_of(response)["error"]["code"] == "scope_missing"
    assert AuditEntry.objects.filter(action="denied", ref=reader.token.ref).count() == 1


def test_read_case_with_reason_and_scope_reveals_and_audits(full: Program, case: Case) -> None:
    body = body_of(full.ask("GET", f"/cases/{case.code}?reason=contact"))

    assert body["fields"]["prs_FirstName"] == FIRST_NAME
    assert actions_on(case) == ["case.opened", "identity.reveal", "case.read"]
    assert AuditEntry.objects.get(action="identity.reveal").details["reason"] == "contact"


def test_read_case_held_already_answers_304_and_reads_nothing(reader: Program, case: Case) -> None:
    response = reader.ask("GET", f"/cases/{case.code}", If_None_Match=f'"{case.version}"')

    assert response.status_code == 304
    assert response.getvalue() == b""
    assert actions_on(case) == ["case.opened"]


def test_open_case_with_parts_is_found_again(writer: Program, team_1: Team) -> None:
    sent = {
        "fields": {"prs_Gender": "Feminine", "vic_TypeOfExploitation": ["Servitude"]},
        "parts": {"hte": [{"hte_Country": "MY", "hte_Date": "2024-05-01"}], "cco": [{"cco_CaseComment": NOTE}]},
        "team": team_1.ref,
        "opened_on": "2024-06-01",
    }
    opened = writer.ask("POST", "/cases", sent)
    assert opened.status_code == 201, opened.getvalue()
    body = body_of(writer.ask("GET", f"/cases/{body_of(opened)['code']}"))

    assert opened.status_code == 201
    assert body["opened_on"] == "2024-06-01"
    assert body["parts"]["hte"][0]["fields"]["hte_Country"] == "MY"
    assert body["parts"]["cco"][0]["fields"]["cco_CaseComment"] == NOTE


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"prs_Gender": "Rekaan"}, "unknown_choice"),
        ({"prs_Umur": 3}, "unknown_field"),
        ({"cas_Status": "Closed"}, "read_only"),
        ({"org_Name": "X"}, "of_organisation"),
        ({"hte_Country": "MY"}, "repeated_object"),
        ({"prs_NumberOfChildren": "tiga"}, "number_unreadable"),
        ({"cas_IncomingReferralDate": "2024-02-31"}, "date_impossible"),
    ],
)
def test_open_case_with_bad_value_is_refused_by_rule(writer: Program, fields: dict[str, object], rule: str) -> None:
    response = writer.ask("POST", "/cases", {"fields": fields})

    assert response.status_code == 422
    assert [fault["rule"] for fault in body_of(response)["error"]["fields"]] == [rule]
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"fields": {"prs_FirstName": FIRST_NAME}},
        {"parts": {"per": [{"per_Organisation": "Perusahaan Rekaan"}]}},
    ],
)
def test_open_case_with_identity_needs_identity_write(writer: Program, full: Program, sent: dict[str, object]) -> None:
    refused, taken = writer.ask("POST", "/cases", sent), full.ask("POST", "/cases", sent)

    assert (refused.status_code, taken.status_code) == (403, 201)
    assert Case.objects.count() == 1


def test_change_case_with_its_version_saves(writer: Program, case: Case) -> None:
    sent = {"fields": {"prs_Gender": "Masculine"}, "parts": {"spl": [{"fields": {"spl_PlannedEndDate": "2027-01-01"}}]}}
    response = writer.ask("PATCH", f"/cases/{case.code}", sent, If_Match=f'"{case.version}"')
    body = body_of(writer.ask("GET", f"/cases/{case.code}"))

    assert response.status_code == 200
    assert response.headers["ETag"] == f'"{body["version"]}"'
    assert body["fields"]["prs_Gender"] == "Masculine"
    assert body["parts"]["spl"][0]["fields"] == {"spl_PlannedEndDate": "2027-01-01"}


def test_change_case_removes_part(writer: Program, case: Case) -> None:
    writer.ask("PATCH", f"/cases/{case.code}", {"parts": {"hte": [{"fields": {"hte_Country": "MY"}}]}}, If_Match='"1"')
    before = body_of(writer.ask("GET", f"/cases/{case.code}"))
    ref = before["parts"]["hte"][0]["ref"]
    sent = {"parts": {"hte": [{"ref": ref, "remove": True}]}}
    response = writer.ask("PATCH", f"/cases/{case.code}", sent, If_Match=f'"{before["version"]}"')

    assert response.status_code == 200
    assert body_of(writer.ask("GET", f"/cases/{case.code}"))["parts"]["hte"] == []


def test_change_case_without_version_is_asked_for_it(writer: Program, case: Case) -> None:
    response = writer.ask("PATCH", f"/cases/{case.code}", {"fields": {"prs_Gender": "Masculine"}})

    assert response.status_code == 428
    assert body_of(response)["error"]["code"] == "version_missing"


def test_change_case_changed_meanwhile_shows_present_text(writer: Program, case: Case) -> None:
    writer.ask("PATCH", f"/cases/{case.code}", {"fields": {"prs_Gender": "Masculine"}}, If_Match='"1"')
    response = writer.ask("PATCH", f"/cases/{case.code}", {"fields": {"prs_Gender": "NonConforming"}}, If_Match='"1"')
    body = body_of(response)

    assert response.status_code == 412
    assert body["current"] == {"version": 2, "fields": {"prs_Gender": "Masculine"}}
    assert [fault["field"] for fault in body["error"]["fields"]] == ["prs_Gender"]


def test_change_case_repeated_with_old_version_but_same_text_changes_nothing(writer: Program, case: Case) -> None:
    sent = {"fields": {"prs_Gender": "Masculine"}}
    first = writer.ask("PATCH", f"/cases/{case.code}", sent, If_Match='"1"')
    again = writer.ask("PATCH", f"/cases/{case.code}", sent, If_Match='"1"')

    assert body_of(first) == body_of(again)


@pytest.mark.parametrize("guess", [FIRST_NAME, "Salah"])
def test_stale_guess_at_identity_tells_a_writer_nothing(
    program: Callable[..., Program], case: Case, guess: str
) -> None:
    blind = program("cases:read", "cases:write", "identity:write")
    response = blind.ask("PATCH", f"/cases/{case.code}", {"fields": {"prs_FirstName": guess}}, If_Match='"99"')

    assert response.status_code == 412
    assert body_of(response)["current"] == {"version": 1, "fields": {}}


def test_note_is_written_sealed_and_not_repeated(writer: Program, case: Case) -> None:
    response = writer.ask("POST", f"/cases/{case.code}/notes", {"text": NOTE})

    assert response.status_code == 201
    assert NOTE.encode() not in response.getvalue()
    assert actions_on(case)[-1] == "case.note"


def test_step_moves_case_and_a_missing_guard_is_named(writer: Program, case: Case) -> None:
    refused = writer.ask("POST", f"/cases/{case.code}/steps", {"step": "hold"})
    moved = writer.ask("POST", f"/cases/{case.code}/steps", {"step": "hold", "given": {"reason": NOTE}})

    assert refused.status_code == 409
    assert body_of(refused)["error"]["fields"][0]["field"] == "given.reason"
    assert body_of(moved)["state"] == "on_hold"


def test_step_that_closes_is_not_the_integrations(writer: Program, case: Case) -> None:
    writer.ask("POST", f"/cases/{case.code}/steps", {"step": "follow_up"})
    response = writer.ask("POST", f"/cases/{case.code}/steps", {"step": "close"})

    assert response.status_code == 403


def test_write_only_token_opens_but_does_not_read(program: Callable[..., Program], case: Case) -> None:
    intake = program("cases:write")

    assert intake.ask("POST", "/cases", {"fields": {"prs_Gender": "Feminine"}}).status_code == 201
    assert intake.ask("GET", f"/cases/{case.code}").status_code == 403
    assert intake.ask("GET", "/cases").status_code == 403


@pytest.mark.parametrize(
    "query",
    ["bogus=1", "limit=0", "limit=201", "state=lost", "exploitation=%22", "gender=x", "after=!!", "sort=name",
     "assigned_to=0000000000000000", "x:nothing=1", "open=yes", "limit=1&limit=2", "opened_from=31-02-2024"],
)  # fmt: skip
def test_list_with_bad_parameter_is_refused(reader: Program, query: str) -> None:
    response = reader.ask("GET", f"/cases?{query}")

    assert response.status_code == 422
    assert body_of(response)["error"]["fields"]


@pytest.mark.parametrize(
    ("query", "found"),
    [("gender=Feminine", 1), ("gender=Masculine", 0), ("exploitation=Servitude", 1), ("state=closed", 0),
     ("open=any", 1), ("child=true", 0), ("opened_from=2000-01-01", 1), ("sort=opened", 1)],
)  # fmt: skip
def test_list_narrows(reader: Program, case: Case, query: str, found: int) -> None:
    assert body_of(reader.ask("GET", f"/cases?{query}&count=true"))["count"] == found
