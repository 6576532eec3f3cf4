"""What the table of sessions tells opens no session."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.personas import PASSWORD, Persona, session_of

pytestmark = pytest.mark.django_db


def cookie_of(browser: Client) -> str:
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def test_signing_in_gives_a_cookie_that_opens_the_site(amara: Persona, client: Client) -> None:
    client.post("/account/login/", {"login": amara.user.email, "password": PASSWORD})
    before = cookie_of(client)

    assert client.get("/").status_code == 200
    assert cookie_of(client) == before


def test_no_table_holds_what_the_cookie_carries(amara: Persona) -> None:
    browser = amara.client()
    browser.get("/")
    kept = [*Session.objects.values_list("session_key", flat=True)]
    kept += UserSession.objects.values_list("session_key", flat=True)

    assert len(kept) == 2
    assert cookie_of(browser) not in kept


def test_what_a_table_holds_opens_nothing(amara: Persona) -> None:
    for key in Session.objects.filter(session_key=session_of(amara.client()).session_key).values_list("session_key"):
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = key[0]

        assert thief.get("/").status_code == 302


def test_signing_in_again_changes_the_cookie_and_ends_the_old_one(amara: Persona, client: Client) -> None:
    client.get("/account/login/")
    client.post("/account/login/", {"login": amara.user.email, "password": PASSWORD})
    first = cookie_of(client)
    client.post("/account/logout/")
    client.post("/account/login/", {"login": amara.user.email, "password": PASSWORD})
    old = Client()
    old.cookies[settings.SESSION_COOKIE_NAME] = first

    assert cookie_of(client) != first
    assert old.get("/").status_code == 302
