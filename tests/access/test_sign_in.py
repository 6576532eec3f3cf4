"""Signing in: throttled, closed to strangers, locked when idle, and nothing to go back to."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as live
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from naungan.access import audit, clock
from naungan.access.actions import deactivate_user, revoke_role
from naungan.access.models import AuditEntry
from naungan.access.references import new_code
from naungan.access.requests import STRONG
from naungan.site.public import PUBLIC
from naungan.site.sign_in import MFAAdapter
from tests.browser.test_factors import six_digits
from tests.personas import PASSWORD, Persona, session_of

LOGIN = "/account/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post(LOGIN, {"login": email, "password": password}).status_code


def test_password_signs_in_and_leaves_an_entry(client: Client, bilal: Persona) -> None:
    assert sign_in(client, "BILAL@example.org") == 302

    assert client.get("/profile/").status_code == 200
    assert AuditEntry.objects.filter(action="sign_in", actor=bilal.user.ref).count() == 1


def test_wrong_password_and_unknown_address_say_the_same(client: Client, bilal: Persona) -> None:
    wrong = client.post(LOGIN, {"login": "bilal@example.org", "password": "nope"})
    unknown = client.post(LOGIN, {"login": "nobody@example.org", "password": "nope"})

    assert wrong.context["form"].errors == unknown.context["form"].errors != {}


def test_sixth_wrong_password_is_throttled_even_for_the_right_one(client: Client, bilal: Persona) -> None:
    for _ in range(5):
        sign_in(client, "bilal@example.org", "nope")

    assert sign_in(client, "bilal@example.org") != 302


def test_sign_up_is_closed(client: Client, db: None) -> None:
    said = {"email": "baru@example.org", "password1": PASSWORD}

    answer = client.post("/account/signup/", said)

    assert answer.status_code in (302, 403, 404)
    assert not any("baru" in str(one.get_decoded()) for one in Session.objects.all())


def test_closed_account_cannot_sign_in(client: Client, esra: Persona, bilal: Persona) -> None:
    deactivate_user(by=esra.actor(), user=bilal.user)

    sign_in(client, "bilal@example.org")

    assert client.get("/profile/").status_code == 302


def test_second_factor_is_asked_when_one_is_set_up(client: Client, bilal: Persona) -> None:
    Authenticator.objects.create(user=bilal.user, type="totp", data={"secret": "x"})

    answer = client.post(LOGIN, {"login": "bilal@example.org", "password": PASSWORD})

    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get("/profile/").status_code == 302


def test_revoked_role_stops_at_the_next_request_of_the_same_session(esra: Persona, dewi: Persona) -> None:
    page = dewi.client()
    assert page.get("/audit/").status_code == 200
    dewi.user.grants.update(revoked_at=clock.now())

    assert page.get("/audit/").status_code == 403


def test_closed_account_loses_its_living_session(esra: Persona, bilal: Persona) -> None:
    page = bilal.client()
    assert page.get("/profile/").status_code == 200

    deactivate_user(by=esra.actor(), user=bilal.user)

    assert page.get("/profile/").status_code == 302


def test_administration_asks_for_a_second_factor(esra: Persona, amara: Persona) -> None:
    page = esra.client_without_factor()

    answer = page.get("/people/")

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("mfa_index"))


def test_administration_asks_again_for_a_stale_second_factor(esra: Persona) -> None:
    Authenticator.objects.create(user=esra.user, type="totp", data={})
    page = esra.client()
    session = session_of(page)
    for record in session["account_authentication_methods"]:
        record["at"] -= 13 * 3600
    session.save()

    answer = page.get("/people/")

    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    assert "next=%2Fpeople%2F" in answer["Location"]


def test_second_factor_of_somebody_else_counts_for_nothing(amara: Persona, bilal: Persona) -> None:
    page = amara.client()
    session = session_of(page)
    session["account_authentication_methods_user"] = str(bilal.user.pk)
    session.save()

    assert page.get("/profile/").context["actor"].has_second_factor is False


def test_password_alone_is_no_second_factor() -> None:
    assert STRONG == ("mfa",)


def test_idle_session_locks_and_opens_again(bilal: Persona) -> None:
    page = bilal.client()
    page.get("/profile/")
    session = session_of(page)
    session["seen_at"] = time.time() - live.IDLE_LOCK_MINUTES * 60 - 1
    session.save()

    locked = page.get("/profile/")
    assert locked["Location"].startswith(reverse("account_reauthenticate"))
    assert page.get("/policy/").status_code == 302

    page.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert page.get("/profile/").status_code == 200


def test_lock_button_locks_at_once(bilal: Persona) -> None:
    page = bilal.client()

    page.post("/lock/")

    assert page.get("/profile/").status_code == 302


def test_pages_are_kept_by_no_browser(bilal: Persona, client: Client) -> None:
    for answer in (bilal.client().get("/profile/"), client.get(LOGIN), client.get("/nothing/")):
        assert answer["Cache-Control"].startswith("no-store") or "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", ["/account/logout/"])
def test_signing_out_clears_the_browser_and_back_shows_nothing(bilal: Persona, address: str) -> None:
    page = bilal.client()
    page.get("/profile/")

    answer = page.post(address)

    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert page.get("/profile/").status_code == 302
    assert AuditEntry.objects.filter(action="sign_out", actor=bilal.user.ref).exists()


def test_everything_needs_sign_in_unless_listed(client: Client, db: None) -> None:
    open_ones = {"account_login", "recover", "alive", "signed_out"}

    assert open_ones <= PUBLIC
    assert client.get("/alive").status_code == 200
    for address in ("/", "/people/", "/profile/", "/policy/", "/audit/", "/notices/", "/account/2fa/", "/cases/"):
        assert client.get(address)["Location"].startswith(LOGIN), address


def test_partial_update_of_a_stranger_is_sent_to_sign_in_whole(client: Client, db: None) -> None:
    answer = client.get("/profile/", headers={"hx-request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (204, LOGIN)


def test_sign_in_of_one_breaks_no_chain(client: Client, bilal: Persona, anchors: object) -> None:
    sign_in(client, "bilal@example.org")
    client.post("/account/logout/")

    assert audit.verify(bilal.user.organisation_id).broken_at is None


def test_revoke_through_the_action_works_in_the_same_session(esra: Persona, sari: Persona) -> None:
    page = sari.client()
    assert page.get("/profile/").context["actor"].grants

    revoke_role(by=esra.actor(), grant=sari.user.grants.get())

    assert page.get("/profile/").context["actor"].grants == ()


def test_refusals_leave_an_entry_of_their_own(bilal: Persona, chen: Persona, esra: Persona) -> None:
    bilal.client().get("/people/")
    esra.client().get(f"/people/{chen.user.ref}/")

    found = AuditEntry.objects.filter(action="denied").order_by("number")
    assert [(entry.actor, entry.ref, entry.details) for entry in found] == [
        (bilal.user.ref, "", {"status": 403, "route": "people"}),
        (esra.user.ref, "", {"status": 404, "route": "person_edit"}),
    ]


def test_refused_case_is_recorded_by_its_code_and_never_by_what_else_was_typed(amara: Persona) -> None:
    code = new_code()
    page = amara.client()

    assert page.get(f"/cases/{code}/").status_code == 404
    assert page.get("/cases/Nama-Orang/").status_code == 404

    refs = AuditEntry.objects.filter(action="denied").values_list("ref", flat=True)
    assert set(refs) <= {code, ""}
    assert code in refs


SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # that of RFC 6238, appendix B
MOMENT = 1_111_111_111.0


@pytest.fixture
def asked_for_a_code(client: Client, bilal: Persona, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], int]:
    """Somebody with an authenticator app; the answer to the code of a moment, `seconds` from the server's clock."""
    Authenticator.objects.create(user=bilal.user, type="totp", data={"secret": MFAAdapter().encrypt(SECRET)})
    monkeypatch.setattr(time, "time", lambda: MOMENT)

    def answer(seconds: float) -> int:
        client.post("/account/logout/")
        sign_in(client, "bilal@example.org")
        code = six_digits(SECRET, MOMENT + seconds)
        return client.post(reverse("mfa_authenticate"), {"code": code}).status_code

    return answer


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_code_of_a_telephone_half_a_minute_off_signs_in(
    asked_for_a_code: Callable[[float], int], client: Client, seconds: float
) -> None:
    assert asked_for_a_code(seconds) == 302
    assert client.get("/profile/").status_code == 200


@pytest.mark.parametrize("seconds", [-60, 60])
def test_code_of_a_telephone_a_minute_off_is_refused(
    asked_for_a_code: Callable[[float], int], client: Client, seconds: float
) -> None:
    assert asked_for_a_code(seconds) == 200
    assert client.get("/profile/").status_code == 302


def test_code_that_served_is_refused_as_long_as_it_would_be_right(
    asked_for_a_code: Callable[[float], int], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for_a_code(30)
    cache.clear()  # as after a restart, or half a minute later, when the library has forgotten the code
    monkeypatch.setattr(time, "time", lambda: MOMENT + 30)

    assert asked_for_a_code(30) == 200
    assert client.get("/profile/").status_code == 302


def test_code_older_than_one_that_served_is_refused(asked_for_a_code: Callable[[float], int]) -> None:
    asked_for_a_code(0)

    assert asked_for_a_code(-30) == 200


def test_code_that_served_at_sign_in_proves_nothing_again(
    asked_for_a_code: Callable[[float], int], client: Client
) -> None:
    asked_for_a_code(0)
    cache.clear()

    again = client.post(reverse("mfa_reauthenticate"), {"code": six_digits(SECRET, MOMENT)})

    assert again.status_code == 200
    assert again.context["form"].errors


@pytest.mark.slow
def test_guesses_at_made_up_addresses_do_not_make_the_throttle_forget(client: Client, bilal: Persona) -> None:
    for _ in range(5):
        sign_in(client, "bilal@example.org", "nope")
    for number in range(160):
        sign_in_from(client, f"10.0.0.{number}", f"made-up-{number}@example.org")

    assert sign_in_from(client, "10.1.0.1", "bilal@example.org") != 302


def sign_in_from(client: Client, address: str, email: str) -> int:
    return client.post(LOGIN, {"login": email, "password": PASSWORD}, REMOTE_ADDR=address).status_code


def test_letter_that_is_another_among_capitals_makes_another_address(client: Client, bilal: Persona) -> None:
    assert sign_in(client, "b\u0131lal@example.org") == 200
