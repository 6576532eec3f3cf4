"""Finds tokens: those of an organisation for its administrators, and the one that a request presents."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import connection

from naungan.access import clock
from naungan.access.actor import Actor, Grant
from naungan.access.errors import NotFound
from naungan.access.inserting import moment
from naungan.access.policy import Permission, Role
from naungan.access.rules import require, visible
from naungan.exchange.api.actions import digest_of
from naungan.exchange.api.models import Token
from naungan.exchange.api.scopes import SCOPE_WORDS, Scope, limits_of


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One integration as its administrators see it; `state` is live, expired or revoked."""

    token: Token
    state: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind a request."""

    token_id: int
    ref: str
    organisation_id: int
    actor: Actor
    scopes: frozenset[str]


def tokens_of(by: Actor) -> list[TokenLine]:
    """The integrations of one's own organisation, living ones first, newest first."""
    require(by, Permission.TOKEN_MANAGE)
    found = visible(by, Permission.TOKEN_MANAGE, Token).select_related("created_by").order_by("-created_at", "-pk")
    lines = [TokenLine(token, state_of(token), _words(token)) for token in found]
    return sorted(lines, key=lambda line: line.state != "live")


def find_token(by: Actor, ref: str) -> Token:
    """One integration of the organisation, or NotFound."""
    require(by, Permission.TOKEN_MANAGE)
    token = visible(by, Permission.TOKEN_MANAGE, Token).filter(ref=ref).first()
    if token is None:
        raise NotFound("There is no such integration.")
    return token


def state_of(token: Token) -> str:
    """Whether a token is live, expired or revoked."""
    if token.revoked_at is not None:
        return "revoked"
    return "live" if token.expires_at > clock.now() else "expired"


# One statement and no model: every request passes here, and building the query costs more than answering it.
_PRESENTED = """
SELECT t.id, t.ref, t.organisation_id, t.scopes, t.last_used_on, u.id, u.ref, g.role, g.team_id
FROM api_token t
JOIN access_user u ON u.id = t.user_id
JOIN access_organisation o ON o.id = t.organisation_id
LEFT JOIN access_rolegrant g ON g.user_id = u.id AND g.revoked_at IS NULL
WHERE t.digest = %s AND t.revoked_at IS NULL AND t.expires_at > %s AND u.is_active AND o.is_active
"""


def caller_with(secret: str) -> Caller | None:
    """The program whose secret this is, with its grants of this moment; None when the token does not hold any more."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENTED, [digest_of(secret), moment(clock.now())])
        rows = cursor.fetchall()
    if not rows:
        return None
    token_id, ref, organisation_id, listed, used_on, user_id, user_ref = rows[0][:7]
    today = clock.today()
    if str(used_on) != today.isoformat():
        Token.objects.filter(pk=token_id).update(last_used_on=today)
    scopes = frozenset(json.loads(listed) if isinstance(listed, str) else listed)
    actor = Actor(
        user_id=user_id,
        user_ref=user_ref,
        organisation_id=organisation_id,
        grants=tuple(Grant(Role(role), team) for *_, role, team in rows if role),
        via="api",
        limits=limits_of(scopes),
    )
    return Caller(token_id, ref, organisation_id, actor, scopes)


def token_of(caller: Caller) -> Token:
    """The token itself, with its organisation."""
    return Token.objects.select_related("organisation").get(pk=caller.token_id)


def _words(token: Token) -> tuple[str, ...]:
    return tuple(str(SCOPE_WORDS[Scope(scope)]) for scope in token.scopes if scope in set(Scope))
