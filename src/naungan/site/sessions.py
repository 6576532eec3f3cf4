"""
Sessions in the database, filed under a digest of what the browser holds.

Whoever copies the database cannot act as those who are signed in: the table tells what a cookie hashes to, and no
cookie. Everything on this side, the list of sign-ins included, knows a session by the digest only.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, QuerySet
from django.http import HttpRequest, HttpResponse

from naungan.access import clock
from naungan.access.asking import question

_DIGEST_LETTERS = 40


class SessionStore(DatabaseStore):
    """
    Django's store, whose key is the digest of a secret; its way to the row is shorter too.

    `secret` is what the cookie carries. It is known in the request that brought it, and in the one that made it.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.secret = ""

    @classmethod
    def of_cookie(cls, secret: str | None) -> SessionStore:
        """The session that a cookie opens."""
        store = cls(_digest(secret) if secret else None)
        store.secret = secret or ""
        return store

    def _get_new_session_key(self) -> str:
        self.secret = str(super()._get_new_session_key())  # type: ignore[misc]  # the stubs lack it
        return _digest(self.secret)

    def _get_session_from_db(self) -> Session | None:
        found = _sessions.first(key=self.session_key, now=clock.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found


class Middleware(SessionMiddleware):
    """Django's middleware, which gives browsers the secret and not the key."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the session of the cookie."""
        request.session = SessionStore.of_cookie(request.COOKIES.get(settings.SESSION_COOKIE_NAME))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session, and put its secret where Django put its key."""
        answered = super().process_response(request, response)
        given = answered.cookies.get(settings.SESSION_COOKIE_NAME)
        if given is not None and given.value:
            answered.cookies[settings.SESSION_COOKIE_NAME] = request.session.secret  # type: ignore[attr-defined]  # ours
        return answered


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()[:_DIGEST_LETTERS]


@question(key=CharField(), now=DateTimeField())
def _sessions(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
