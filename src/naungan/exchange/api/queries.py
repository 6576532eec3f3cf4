"""Finds tokens: those of an organisation for its administrators, and the one that a request presents."""

from __future__ import annotations

from dataclasses import dataclass

from naungan.access import clock
from naungan.access.actor import Actor, actor_for
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
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

    token: Token
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


def caller_with(secret: str) -> Caller | None:
    """The program whose secret this is, with its grants of this moment; None when the token does not hold any more."""
    found = Token.objects.select_related("user", "organisation").filter(digest=digest_of(secret)).first()
    if found is None or state_of(found) != "live" or not (found.user.is_active and found.organisation.is_active):
        return None
    if found.last_used_on != clock.today():
        Token.objects.filter(pk=found.pk).update(last_used_on=clock.today())
    return Caller(found, actor_for(found.user, via="api", limits=limits_of(found.scopes)), frozenset(found.scopes))


def _words(token: Token) -> tuple[str, ...]:
    return tuple(str(SCOPE_WORDS[Scope(scope)]) for scope in token.scopes if scope in set(Scope))
