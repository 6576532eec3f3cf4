"""Keys of pages: opaque to callers, checked before they reach a query."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime

from naungan.exchange.api.errors import ApiError, Fault

PAGE, MOST = 50, 200
_INNER = re.compile(r"([0-9T:.+ -]{10,40})~[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\Z")


def key_out(inner: str | None) -> str | None:
    """The key of the next page as callers get it; None on the last page."""
    return urlsafe_b64encode(inner.encode()).decode().rstrip("=") if inner else None


def key_in(given: str, *, sort: str) -> str:
    """
    The key of a page as the query takes it.

    Raises:
        ApiError: it is not one of ours, or belongs to another sort (422).
    """
    if not given:
        return ""
    try:
        inner = urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode("ascii")
        found = _INNER.match(inner)
        if found is None:
            raise ValueError
        (date if sort == "opened" else datetime).fromisoformat(found[1])
    except ValueError:
        fix = "Take it from `next` of the page before, with the same sort."
        raise ApiError("invalid", [Fault("after", "bad_key", "This is not the key of a page.", fix)]) from None
    return inner
