"""What the document says of each route's answers."""

from __future__ import annotations

from collections.abc import Mapping

from naungan.exchange.api.schemas.common import Error
from naungan.exchange.api.scopes import Scope

ALWAYS = (400, 401, 403, 422, 429, 500, 503)


def answers(good: Mapping[int, object], *also: int) -> dict[int, object]:
    """The answers of a route: the good ones, those that any route may give, and its own refusals."""
    refusals: dict[int, object] = dict.fromkeys(sorted({*ALWAYS, *also}), Error)
    return {**refusals, **good}


def described(*scopes: Scope, also: str = "") -> dict[str, object]:
    """What the document says of the scopes that a route asks."""
    return {"x-scopes": [scope.value for scope in scopes], **({"x-scopes-also": also} if also else {})}
