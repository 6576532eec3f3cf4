"""The invented people of the tests: two organisations, and somebody for every role that matters."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.test import Client

from naungan.access import clock
from naungan.access.actor import Actor, actor_for
from naungan.access.models import Organisation, RoleGrant, Team, User
from naungan.access.policy import Role
from naungan.site.sessions import SessionStore

if TYPE_CHECKING:
    from naungan.protection.cases.models import Case

PASSWORD = "an invented password for tests"
BROWSER = "Mozilla/5.0 (invented)"


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the tests, and the ways to act as them."""

    user: User
    team: Team | None = field(default=None)

    def actor(self, *, second_factor_at: datetime | None = None, via: str = "web") -> Actor:
        """Act with a second factor given just now, or when said; grants are read afresh each time."""
        return actor_for(self.user, second_factor_at=second_factor_at or clock.now(), via=via)

    def actor_without_factor(self) -> Actor:
        """Act from a session in which no second factor was given."""
        return actor_for(self.user, has_second_factor=False)

    def client(self) -> Client:
        """A browser in which this person signed in with password and second factor a moment ago."""
        return signed_in(self.user, ("password", "mfa"))

    def client_without_factor(self) -> Client:
        """A browser in which this person signed in with the password alone."""
        return signed_in(self.user, ("password",))


def make_organisation(name: str, kind: str = "NGO") -> Organisation:
    """An invented organisation."""
    return Organisation.objects.create(name=name, kind=kind, is_fictional=True)


def make_team(organisation: Organisation, name: str) -> Team:
    """A team of an invented organisation."""
    return Team.objects.create(organisation=organisation, name=name)


def make_persona(name: str, organisation: Organisation, *roles: Role, team: Team | None = None) -> Persona:
    """Somebody invented, signed up with a password and holding the roles."""
    user = User(email=f"{name}@example.org", display_name=name.title(), organisation=organisation, language="en")
    user.set_password(PASSWORD)
    user.last_login = clock.now()
    user.save()
    RoleGrant.objects.bulk_create([RoleGrant(user=user, role=role.value, team=team) for role in roles])
    return Persona(user, team)


def case_of(persona: Persona, *, team: Team | None = None, **values: object) -> Case:
    """A case that this person opens; values are canonical, by API name."""
    from naungan.protection.cases.actions import CaseDraft, open_case

    return open_case(by=persona.actor(), draft=CaseDraft(values=values), team=team or persona.team)


def signed_in(user: User, methods: Sequence[str]) -> Client:
    """A browser in which somebody signed in a moment ago by these methods."""
    browser = Client(headers={"user-agent": BROWSER})
    session = sign_in(browser, user)
    session["account_authentication_methods"] = [{"method": method, "at": time.time()} for method in methods]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    browser.cookies["language"] = "en"
    return browser


def sign_in(browser: Client, user: User) -> SessionStore:
    """What Django's `force_login` does, for sessions whose cookie is not their key."""
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = request.session.secret
    return request.session


def session_of(browser: Client) -> SessionStore:
    """The session that a browser's cookie opens."""
    return SessionStore.of_cookie(browser.cookies[settings.SESSION_COOKIE_NAME].value)
