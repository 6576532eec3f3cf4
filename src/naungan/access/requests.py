"""What a request says of the one who makes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from naungan.access.actor import Actor, actor_for
from naungan.access.models import User

# Ways of signing in that count as a second factor.
STRONG = ("mfa",)


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a signed-in request; grants are read once a request, so a revoked role stops at the next click."""
    kept = getattr(request, "_actor", None)
    if kept is None:
        moment = second_factor_at(request)
        kept = actor_for(user_of(request), second_factor_at=moment, has_second_factor=moment is not None)
        request._actor = kept  # type: ignore[attr-defined]  # kept for this request only
    return cast(Actor, kept)


def user_of(request: HttpRequest) -> User:
    """The signed-in user."""
    return cast(User, request.user)


def second_factor_at(request: HttpRequest) -> datetime | None:
    """When the newest second factor of this session was given."""
    return _newest(request, STRONG)


def authenticated_at(request: HttpRequest) -> datetime | None:
    """When this session was last proved by any means."""
    return _newest(request, None)


def _newest(request: HttpRequest, methods: tuple[str, ...] | None) -> datetime | None:
    records = get_authentication_records(request, user_of(request))
    moments = [float(record["at"]) for record in records if methods is None or record["method"] in methods]
    return datetime.fromtimestamp(max(moments), UTC) if moments else None
