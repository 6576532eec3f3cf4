"""Each route for each kind of caller: right scope, missing scope, other organisation, no token, one that has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from naungan.access import clock
from naungan.access.models import AuditEntry, RoleGrant
from naungan.access.policy import Role
from naungan.exchange.api import limits
from naungan.exchange.api.actions import revoke_token
from naungan.exchange.api.models import Token
from naungan.exchange.api.scopes import Scope
from naungan.protection.cases.models import Case
from tests.exchange.api.conftest import FIRST_NAME, IDENTITY, Program, ask, body_of
from tests.personas import Persona, make_persona

pytestmark = pytest.mark.django_db

# Method, address, body, the scope it needs, what a good call answers; {code} and {person} are of a case.
ROUTES: list[tuple[str, str, object, Scope | None, int]] = [
    ("GET", "/me", None, None, 200),
    ("GET", "/fields", None, None, 200),
    ("GET", "/cases", None, Scope.CASES_READ, 200),
    ("POST", "/cases", {"fields": {"prs_Gender": "Feminine"}}, Scope.CASES_WRITE, 201),
    ("GET", "/cases/{code}", None, Scope.CASES_READ, 200),
    ("PATCH", "/cases/{code}", {"fields": {"prs_Gender": "Masculine"}}, Scope.CASES_WRITE, 200),
    ("POST", "/cases/{code}/notes", {"text": "Catatan"}, Scope.CASES_WRITE, 201),
    ("POST", "/cases/{code}/steps", {"step": "follow_up"}, Scope.CASES_WRITE, 200),
    ("GET", "/people/{person}", None, Scope.CASES_READ, 200),
    ("GET", "/imports", None, Scope.IMPORTS, 200),
]
NEEDING = [route for route in ROUTES if route[3] is not None]
OF_A_CASE = [route for route in ROUTES if "{" in route[1]]
IDS = [f"{method} {path}" for method, path, *_ in ROUTES]


def call(who: Program | None, route: tuple[str, str, object, Scope | None, int], case: Case, secret: str = "") -> Any:
    """Call a route about a case, as a program or with any secret."""
    method, path, body, _, _ = route
    address = path.format(code=case.code, person=case.person.ref)
    headers = {"If-Match": f'"{case.version}"'} if method == "PATCH" else {}
    if who is not None:
        return who.ask(method, address, body, **headers)
    sent = {**headers, "Authorization": f"Bearer {secret}" if secret else "", "Idempotency-Key": "a-key-of-a-test"}
    return ask(method, address, body, sent)


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_route_with_its_scope_answers(
    program: Callable[..., Program], case: Case, route: tuple[str, str, object, Scope | None, int]
) -> None:
    who = program(route[3] or Scope.IMPORTS)

    response = call(who, route, case)

    assert response.status_code == route[4]
    assert not any(secret.encode() in response.getvalue() for secret in IDENTITY)


@pytest.mark.parametrize("route", NEEDING, ids=[f"{r[0]} {r[1]}" for r in NEEDING])
def test_route_without_its_scope_is_forbidden_and_recorded(
    program: Callable[..., Program], case: Case, route: tuple[str, str, object, Scope | None, int]
) -> None:
    who = program(*(scope for scope in Scope if scope is not route[3]))

    response = call(who, route, case)

    assert response.status_code == 403
    assert body_of(response)["error"]["fields"][0]["rule"] == route[3]
    assert AuditEntry.objects.get(action="denied").ref == who.token.ref


@pytest.mark.parametrize("route", OF_A_CASE, ids=[f"{r[0]} {r[1]}" for r in OF_A_CASE])
def test_route_about_another_organisations_case_finds_nothing(
    full: Program, foreign: Case, route: tuple[str, str, object, Scope | None, int]
) -> None:
    response = call(full, route, foreign)

    assert response.status_code == 404
    assert body_of(response)["error"]["code"] == "not_found"


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_route_without_token_is_unauthorized(case: Case, route: tuple[str, str, object, Scope | None, int]) -> None:
    response = call(None, route, case)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert body_of(response)["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_route_with_revoked_token_is_unauthorized(
    full: Program, esra: Persona, case: Case, route: tuple[str, str, object, Scope | None, int]
) -> None:
    revoke_token(by=esra.actor(), token=full.token)

    assert call(full, route, case).status_code == 401


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_route_with_expired_token_is_unauthorized(
    full: Program, case: Case, route: tuple[str, str, object, Scope | None, int]
) -> None:
    with clock.fixed(clock.now() + timedelta(days=31)):
        assert call(full, route, case).status_code == 401


def test_route_with_invented_token_is_unauthorized(case: Case) -> None:
    assert call(None, ROUTES[0], case, secret="naungan_invented").status_code == 401


def test_token_whose_role_was_taken_reaches_nothing(full: Program, case: Case) -> None:
    RoleGrant.objects.filter(user=full.token.user).update(revoked_at=clock.now())

    assert full.ask("GET", f"/cases/{case.code}").status_code == 404
    assert body_of(full.ask("GET", "/cases"))["cases"] == []


def test_restricted_case_is_not_found_by_programs(full: Program, sari: Persona, case: Case) -> None:
    from naungan.protection.cases.actions import restrict_case

    restrict_case(by=sari.actor(), case=case, named=[], reason="Pelaku dikenal staf")

    assert full.ask("GET", f"/cases/{case.code}").status_code == 404
    assert body_of(full.ask("GET", "/cases"))["cases"] == []


def test_tokens_of_two_organisations_do_not_meet(
    program: Callable[..., Program], full: Program, chen: Persona, foreign: Case, case: Case
) -> None:
    admin = make_persona("farid", chen.user.organisation, Role.ADMINISTRATOR)
    theirs = program(*Scope, by=admin)

    assert [line["code"] for line in body_of(theirs.ask("GET", "/cases"))["cases"]] == [foreign.code]
    assert [line["code"] for line in body_of(full.ask("GET", "/cases"))["cases"]] == [case.code]


def test_person_shows_codes_and_no_identity(reader: Program, case: Case) -> None:
    response = reader.ask("GET", f"/people/{case.person.ref}")
    body = body_of(response)

    assert body["cases"] == [{"code": case.code, "state": "open"}]
    assert body["fields"] == {"prs_Gender": "Feminine"}
    assert body["masked"] == ["prs_FirstName", "prs_MailingStreet"]
    assert "identity" not in body


def test_person_with_reason_and_scope_shows_identity_and_audits(full: Program, case: Case) -> None:
    body = body_of(full.ask("GET", f"/people/{case.person.ref}?reason=legal"))
    entry = AuditEntry.objects.get(action="identity.reveal")

    assert body["identity"]["prs_FirstName"] == FIRST_NAME
    assert (entry.ref, entry.via, entry.actor) == (case.code, "api", full.token.user.ref)


@pytest.mark.parametrize("reason", ["", "curious"])
def test_person_with_another_reason_is_refused(full: Program, case: Case, reason: str) -> None:
    response = full.ask("GET", f"/people/{case.person.ref}?reason={reason}")

    assert response.status_code == 422
    assert not AuditEntry.objects.filter(action="identity.reveal").exists()


def test_person_held_already_answers_304(reader: Program, case: Case) -> None:
    etag = reader.ask("GET", f"/people/{case.person.ref}").headers["ETag"]

    assert reader.ask("GET", f"/people/{case.person.ref}", If_None_Match=etag).status_code == 304


def test_me_says_scopes_and_teams(reader: Program, case: Case) -> None:
    body = body_of(reader.ask("GET", "/me"))

    assert body["scopes"] == ["cases:read"]
    assert [team["name"] for team in body["teams"]] == ["Tim Satu"]


def test_fields_are_the_84_with_lists_in_two_languages(reader: Program) -> None:
    response = reader.ask("GET", "/fields")
    body = body_of(response)
    by_name = {field["name"]: field for field in body["fields"]}

    assert len(by_name) == 84
    assert by_name["prs_MaritalStatus"]["label"] == {"id": "Status perkawinan", "en": "Marital Status"}
    assert body["lists"][by_name["prs_Gender"]["list"]][0]["label"] == {"id": "Perempuan", "en": "Feminine"}
    assert reader.ask("GET", "/fields", If_None_Match=response.headers["ETag"]).status_code == 304


def test_own_fields_are_listed_and_written(
    program: Callable[..., Program], esra: Persona, writer: Program, case: Case
) -> None:
    from naungan.protection.cases.actions import add_field

    add_field(by=esra.actor(), code="visits", kind="number", data_class="operational", label_id="Kunjungan")
    sent = {"own": {"visits": 3}}
    response = writer.ask("PATCH", f"/cases/{case.code}", sent, If_Match='"1"')
    fields = body_of(writer.ask("GET", "/fields"))["fields"]

    assert response.status_code == 200
    assert "x:visits" in [field["name"] for field in fields]
    assert body_of(writer.ask("GET", f"/cases/{case.code}"))["own"] == {"visits": 3}
    assert writer.ask("PATCH", f"/cases/{case.code}", sent, If_Match='"1"').status_code == 412


@pytest.mark.parametrize(
    ("query", "status", "found"),
    [
        ("x:visits:from=3", 200, 1),
        ("x:visits:from=4", 200, 0),
        ("x:visits:until=3", 200, 1),
        ("x:visits:until=many", 422, None),
        ("x:visits=3", 422, None),
        ("x:alias=Rekaan", 422, None),
    ],
)
def test_list_narrows_by_an_own_field(
    reader: Program, writer: Program, esra: Persona, case: Case, query: str, status: int, found: int | None
) -> None:
    from naungan.protection.cases.actions import add_field

    add_field(by=esra.actor(), code="visits", kind="number", data_class="operational", label_id="Kunjungan")
    add_field(by=esra.actor(), code="alias", kind="text", data_class="identifying", label_id="Alias")
    writer.ask("PATCH", f"/cases/{case.code}", {"own": {"visits": 3}}, If_Match='"1"')

    response = reader.ask("GET", f"/cases?{query}&count=true")

    assert response.status_code == status
    assert body_of(response).get("count") == found


def test_own_identifying_field_needs_identity_write(writer: Program, esra: Persona, case: Case) -> None:
    from naungan.protection.cases.actions import add_field

    add_field(by=esra.actor(), code="alias", kind="text", data_class="identifying", label_id="Nama panggilan")

    response = writer.ask("PATCH", f"/cases/{case.code}", {"own": {"alias": "Rekaan"}}, If_Match='"1"')

    assert response.status_code == 403


def test_token_over_its_rate_is_asked_to_wait(reader: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_MINUTE", 2)
    monkeypatch.setattr("naungan.exchange.api.limits.time.time", lambda: 1_000_000_005.0)
    statuses = [reader.ask("GET", "/me").status_code for _ in range(3)]
    response = reader.ask("GET", "/me")

    assert statuses == [200, 200, 429]
    assert response.headers["Retry-After"] == "15"
    assert body_of(response)["error"]["code"] == "too_many"


def test_bad_tokens_are_slowed_and_good_ones_are_not(
    reader: Program, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REFUSED_PER_MINUTE", 1)
    monkeypatch.setattr("naungan.exchange.api.limits.time.time", lambda: 1_000_000_005.0)

    assert [call(None, ROUTES[0], case, secret="x").status_code for _ in range(2)] == [401, 429]
    assert reader.ask("GET", "/me").status_code == 200


def test_use_of_a_token_is_noted_by_day_only(reader: Program) -> None:
    reader.ask("GET", "/me")

    assert Token.objects.get(pk=reader.token.pk).last_used_on == clock.today()
