"""Tokens and their screen: made and ended by administrators, the secret shown once and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from naungan.access import clock
from naungan.access.actor import actor_for
from naungan.access.errors import Forbidden, NotFound, Refused, SecondFactorNeeded
from naungan.access.models import AuditEntry
from naungan.access.policy import Permission, Role
from naungan.exchange.api.actions import create_token, revoke_token
from naungan.exchange.api.models import IdempotentAnswer, Token
from naungan.exchange.api.queries import caller_with, find_token, tokens_of
from naungan.exchange.api.scopes import SCOPE_WORDS, Scope, limits_of
from tests.exchange.api.conftest import Program
from tests.personas import Persona, make_persona

pytestmark = pytest.mark.django_db
SENT = {"name": "Survei lapangan", "scopes": ["cases:read", "imports"], "lasts_days": "90"}


def test_administrator_makes_token_and_sees_secret_once(esra: Persona) -> None:
    browser = esra.client()
    page = browser.post("/integrations/", SENT).content.decode()
    token = Token.objects.get()
    secret = page.split('value="naungan_', 1)[1].split('"', 1)[0]
    caller = caller_with("naungan_" + secret)

    assert caller is not None
    assert caller.ref == token.ref
    assert secret not in browser.get("/integrations/").content.decode()
    assert secret not in repr(list(Token.objects.values()))
    assert AuditEntry.objects.get(action="token.created").ref == token.ref


def test_caller_is_the_actor_that_access_would_read(full: Program) -> None:
    caller = caller_with(full.secret)
    assert caller is not None

    assert caller.actor == actor_for(full.token.user, via="api", limits=limits_of(Scope))


def test_program_of_token_cannot_sign_in_and_holds_one_role(full: Program) -> None:
    user = full.token.user

    assert user.is_program
    assert not user.has_usable_password()
    assert list(user.grants.values_list("role", flat=True)) == [Role.INTEGRATION.value]


def test_administrator_ends_token_at_once(esra: Persona, full: Program) -> None:
    response = esra.client().post(f"/integrations/{full.token.ref}/revoke/")
    token = Token.objects.get()

    assert response.status_code == 302
    assert token.revoked_by == esra.user
    assert not token.user.is_active
    assert caller_with(full.secret) is None
    assert AuditEntry.objects.filter(action="token.revoked", ref=token.ref).count() == 1


def test_ending_twice_changes_nothing(esra: Persona, full: Program) -> None:
    revoke_token(by=esra.actor(), token=full.token)
    first = Token.objects.get().revoked_at
    revoke_token(by=esra.actor(), token=full.token)

    assert Token.objects.get().revoked_at == first


@pytest.mark.parametrize("name", ["amara", "bilal", "dana", "sari", "dewi", "tono"])
def test_nobody_else_sees_or_makes_tokens(persona: Callable[[str], Persona], full: Program, name: str) -> None:
    browser = persona(name).client()

    assert browser.get("/integrations/").status_code == 403
    assert browser.post("/integrations/", SENT).status_code == 403
    assert browser.post(f"/integrations/{full.token.ref}/revoke/").status_code == 403
    assert Token.objects.count() == 1


def test_administrator_of_another_organisation_does_not_find_token(full: Program, chen: Persona) -> None:
    other = make_persona("farid", chen.user.organisation, Role.ADMINISTRATOR)

    assert tokens_of(other.actor()) == []
    with pytest.raises(NotFound):
        find_token(other.actor(), full.token.ref)
    with pytest.raises(NotFound):
        revoke_token(by=other.actor(), token=full.token)
    assert other.client().post(f"/integrations/{full.token.ref}/revoke/").status_code == 404


def test_token_needs_a_fresh_second_factor(esra: Persona) -> None:
    stale = esra.actor(second_factor_at=clock.now() - timedelta(minutes=11))
    with pytest.raises(SecondFactorNeeded):
        create_token(by=stale, name="Lama", scopes=["imports"], lasts_days=30)


def test_program_makes_no_tokens(full: Program) -> None:
    caller = caller_with(full.secret)
    assert caller is not None
    with pytest.raises(Forbidden):
        create_token(by=caller.actor, name="Anak", scopes=["imports"], lasts_days=30)


@pytest.mark.parametrize(
    "change", [{"name": " "}, {"name": "x" * 81}, {"scopes": []}, {"scopes": ["all"]}, {"lasts_days": 9999}]
)
def test_bad_token_is_refused(esra: Persona, change: dict[str, object]) -> None:
    given: dict[str, object] = {"name": "Contoh", "scopes": ["imports"], "lasts_days": 30, **change}
    with pytest.raises(Refused):
        create_token(by=esra.actor(), **given)  # type: ignore[arg-type]  # bad on purpose

    assert esra.client().post("/integrations/", {**SENT, **change}).status_code == 422
    assert not Token.objects.exists()


def test_page_says_what_has_ended(esra: Persona, full: Program) -> None:
    with clock.fixed(clock.now() + timedelta(days=31)):
        assert [line.state for line in tokens_of(esra.actor())] == ["expired"]
    revoke_token(by=esra.actor(), token=full.token)

    assert [line.state for line in tokens_of(esra.actor())] == ["revoked"]
    assert "Ended" in esra.client().get("/integrations/").content.decode()


def test_page_speaks_indonesian(esra: Persona) -> None:
    browser = esra.client()
    browser.cookies["language"] = "id"

    assert "Token baru" in browser.get("/integrations/").content.decode()


def test_every_scope_has_words_and_opens_something() -> None:
    assert set(SCOPE_WORDS) == set(Scope)
    assert all(limits_of([scope]) for scope in Scope)


def test_identities_leave_in_exports_only_with_both_scopes() -> None:
    assert Permission.EXPORT_IDENTITY not in limits_of(["exports"])
    assert Permission.EXPORT_IDENTITY in limits_of(["exports", "identity:read"])


def test_token_that_ends_before_it_begins_is_refused_by_the_database(full: Program) -> None:
    with pytest.raises(IntegrityError, match="api_token_term"), transaction.atomic():
        Token.objects.update(expires_at=clock.now() - timedelta(days=1))


def test_token_revoked_by_nobody_is_refused_by_the_database(full: Program) -> None:
    with pytest.raises(IntegrityError, match="api_token_revoked_pair"), transaction.atomic():
        Token.objects.update(revoked_at=clock.now())


def test_second_answer_for_a_key_is_refused_by_the_database(full: Program) -> None:
    given = {"token": full.token, "key_digest": "a", "request_digest": "b", "made_at": clock.now()}
    IdempotentAnswer.objects.create(**given)
    with pytest.raises(IntegrityError), transaction.atomic():
        IdempotentAnswer.objects.create(**given)
