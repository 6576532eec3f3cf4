"""Who asks in the measurements: sessions and tokens of the biggest organisation of a world."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from naungan.access.actor import Actor, local_actor
from naungan.access.models import Organisation, User
from naungan.exchange.api.actions import create_token
from naungan.exchange.api.queries import caller_with
from naungan.exchange.api.scopes import Scope
from tests.personas import signed_in

BIGGEST = "uptd"
SUPERVISOR, WORKER, ADMINISTRATOR = "ratih", "wulan", "admin"


def person(key: str, organisation: str = BIGGEST) -> User:
    """A persona of the world."""
    return User.objects.get(email=f"{key}@{organisation}.example.org")


def actor(key: str) -> Actor:
    return local_actor(person(key))


def organisation_ids() -> list[int]:
    """All organisations that hold people, the biggest first."""
    first = person(WORKER).organisation_id
    others = Organisation.objects.exclude(pk=first).filter(cases__isnull=False).distinct()
    return [first, *others.values_list("pk", flat=True)]


def token(name: str = "Measurement") -> str:
    """The secret of a new token with every scope; the program's role reaches the whole organisation."""
    return create_token(by=actor(ADMINISTRATOR), name=name, scopes=set(Scope), lasts_days=30).secret


def program(secret: str) -> Actor:
    """The actor behind a token."""
    caller = caller_with(secret)
    assert caller is not None
    return caller.actor


def cookie(key: str) -> str:
    """A session in which a persona signed in a moment ago with both factors."""
    browser = signed_in(person(key), ("password", "mfa"))
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}; language=id"


@dataclass(slots=True)
class Door:
    """Calls the site as granian would, through WSGI and every middleware, in this process."""

    headers: dict[str, str] = field(default_factory=dict)
    last: bytes = b""

    def get(self, path: str) -> bytes:
        return self.call("GET", path)

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """
        One request; the body of its answer.

        Raises:
            RuntimeError: the answer is not a success, so that a wrong measurement is not taken for a fast one.
        """
        from naungan.site.wsgi import application

        told: list[str] = []
        address, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": address, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost",
            "REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": "measurement", "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False, **self.headers, **headers,
        }  # fmt: skip
        answer = application(environ, _telling(told))
        try:
            content = b"".join(answer)
        finally:
            answer.close()
        if not told[0].startswith("2"):
            raise RuntimeError(f"{method} {path}: {told[0]} {content[:200]!r}")
        return content


def _telling(told: list[str]) -> Any:
    """WSGI's `start_response`, which keeps the status and sends nothing."""
    return lambda status, _headers, _error=None: told.append(status)


def program_door(secret: str) -> Door:
    return Door({"HTTP_AUTHORIZATION": f"Bearer {secret}"})


def browser_door(key: str) -> Door:
    return Door({"HTTP_COOKIE": cookie(key)})
