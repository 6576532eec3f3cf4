"""How much one caller may send: requests a minute for each token, bytes for each request."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from naungan.exchange.api.errors import ApiError

PER_MINUTE = 600
REFUSED_PER_MINUTE = 60
BODY_MOST_BYTES = 1_000_000


def count_request(token_id: int) -> None:
    """
    Count one request of a token.

    Raises:
        ApiError: it has used up this minute (429 with Retry-After).
    """
    _count(f"api:{token_id}", PER_MINUTE)


def count_refusal(request: HttpRequest) -> None:
    """Count a request without a valid token; whoever sends too many is asked to wait, never a valid token."""
    _count(f"api:refused:{request.META.get('REMOTE_ADDR', '')}", REFUSED_PER_MINUTE)


def require_size(request: HttpRequest, *, is_upload: bool) -> None:
    """
    Refuse a body before it is read.

    Raises:
        ApiError: it is larger than the address takes (413).
    """
    most = settings.UPLOAD_MOST_BYTES if is_upload else BODY_MOST_BYTES
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise ApiError("bad_request") from None
    if length > most:
        raise ApiError("too_large")


def _count(name: str, most: int) -> None:
    minute, second = divmod(int(time.time()), 60)
    key = f"{name}:{minute}"
    try:
        used = cache.incr(key)
    except ValueError:
        cache.add(key, 0, 120)
        used = cache.incr(key)
    if used > most:
        raise ApiError("too_many", headers={"Retry-After": str(60 - second)})
