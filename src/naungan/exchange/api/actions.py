"""Makes and revokes the tokens of integrations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction
from django.utils.translation import gettext as _

from naungan.access import audit, clock
from naungan.access.actions import grant_role, revoke_role
from naungan.access.actor import Actor
from naungan.access.errors import Refused
from naungan.access.models import User
from naungan.access.notices import tell_protection_officers
from naungan.access.policy import Permission, Role
from naungan.access.references import new_ref
from naungan.access.rules import require
from naungan.exchange.api.models import IdempotentAnswer, Token
from naungan.exchange.api.scopes import Scope

LASTS_DAYS = (30, 90, 180, 365)
NAME_MOST = 80
PREFIX = "naungan_"  # lets scanners for leaked secrets know one when they see it


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token just made, and its secret: shown once, kept nowhere."""

    token: Token
    secret: str


def digest_of(secret: str) -> str:
    """What is kept of a secret; 256 bits of chance need no slow hash."""
    return sha256(secret.encode()).hexdigest()


@transaction.atomic
def create_token(*, by: Actor, name: str, scopes: Collection[str], lasts_days: int) -> MadeToken:
    """
    Make a program's user, with the role of an integration, and the token that lets it in.

    Raises:
        Refused: no name, no scope, a scope that does not exist, or a term that is not offered.
    """
    require(by, Permission.TOKEN_MANAGE)
    words = " ".join(name.split())
    if not words or len(words) > NAME_MOST:
        raise Refused(_("Please give the integration a name of at most 80 characters."))
    if not scopes or not set(scopes) <= set(Scope):
        raise Refused(_("Please choose at least one scope."))
    if lasts_days not in LASTS_DAYS:
        raise Refused(_("Please choose one of the terms that are offered."))
    user = _program(by, words)
    secret = PREFIX + token_urlsafe(32)
    token = Token.objects.create(
        organisation_id=by.organisation_id,
        user=user,
        name=words,
        digest=digest_of(secret),
        scopes=sorted(set(scopes)),
        created_at=clock.now(),
        created_by_id=by.user_id,
        expires_at=clock.now() + timedelta(days=lasts_days),
    )
    details: dict[str, str | int] = {"user": user.ref, "scopes": ",".join(token.scopes), "days": lasts_days}
    audit.append(by=by, organisation_id=by.organisation_id, action="token.created", ref=token.ref, details=details)
    if {Scope.IDENTITY_READ, Scope.IDENTITY_WRITE, Scope.EXPORTS} & set(scopes):
        tell_protection_officers(by.organisation_id)
    return MadeToken(token, secret)


@transaction.atomic
def revoke_token(*, by: Actor, token: Token) -> Token:
    """End a token with its program's account; it stops with its next request. Revoking twice changes nothing."""
    require(by, Permission.TOKEN_MANAGE, token)
    locked = Token.objects.select_for_update(of=("self",)).select_related("user").get(pk=token.pk)
    if locked.revoked_at is not None:
        return locked
    locked.revoked_at, locked.revoked_by_id = clock.now(), by.user_id
    locked.save(update_fields=["revoked_at", "revoked_by"])
    for grant in locked.user.grants.filter(revoked_at__isnull=True).select_related("user", "team"):
        revoke_role(by=by, grant=grant)
    locked.user.is_active = False
    locked.user.save(update_fields=["is_active"])
    IdempotentAnswer.objects.filter(token=locked).delete()
    audit.append(by=by, organisation_id=locked.organisation_id, action="token.revoked", ref=locked.ref)
    return locked


def _program(by: Actor, name: str) -> User:
    user = User(
        email=f"{new_ref().lower()}@programs.invalid",
        display_name=name,
        organisation_id=by.organisation_id,
        is_program=True,
        wants_digest=False,
        language="en",
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    grant_role(by=by, user=user, role=Role.INTEGRATION)
    return user
