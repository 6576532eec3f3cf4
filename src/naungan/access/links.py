"""One-time links to set a password: for the invited, and for those who lost their factors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from naungan.access import clock
from naungan.access.models import Recovery, User
from naungan.access.references import new_ref

INVITATION_LASTS = timedelta(days=7)
RECOVERY_LASTS = timedelta(hours=24)
_SALT = "naungan invitation"


@dataclass(frozen=True, slots=True)
class Link:
    """Whom a token lets in, and the recovery it belongs to (None: an invitation)."""

    user: User
    recovery: Recovery | None = None


def invitation_token(user: User) -> str:
    """A token that dies with its first use: it is signed over the password it replaces."""
    return signing.dumps({"user": user.ref, "state": _state(user)}, salt=_SALT)


def recovery_token() -> tuple[str, str]:
    """A token of 160 bits of chance, and the digest that is kept of it."""
    token = new_ref(32)
    return token, _digest(token)


def read_link(token: str) -> Link | None:
    """Whom the token lets in now; None when it was used, has expired, or never was one."""
    link = _invitation(token) if ":" in token else _recovery(token)
    return link if link is not None and link.user.is_active else None


def address_of(token: str, origin: str = "") -> str:
    """The whole address of a link; `origin` is where the site was reached, else the first host of the settings."""
    if not origin:
        scheme = "https" if settings.BEHIND_TLS else "http"
        origin = f"{scheme}://{settings.ALLOWED_HOSTS[0]}"
    return origin.rstrip("/") + reverse("recover", args=[token])


def _invitation(token: str) -> Link | None:
    try:
        said = signing.loads(token, salt=_SALT, max_age=INVITATION_LASTS)
    except signing.BadSignature:
        return None
    user = User.objects.filter(ref=said["user"]).first()
    return Link(user) if user is not None and said["state"] == _state(user) else None


def _recovery(token: str) -> Link | None:
    found = Recovery.objects.filter(
        token_digest=_digest(token), used_at__isnull=True, granted_at__gt=clock.now() - RECOVERY_LASTS
    ).select_related("user")
    recovery = found.first()
    return Link(recovery.user, recovery) if recovery is not None else None


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _state(user: User) -> str:
    return salted_hmac(_SALT, f"{user.pk}:{user.password}:{user.last_login}").hexdigest()[:32]
