"""Return of access to somebody who lost their factors: asked by one administrator, granted by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from naungan.access import audit, clock
from naungan.access.actions.sessions import close_sessions
from naungan.access.actor import Actor, actor_for
from naungan.access.errors import NotFound, Refused
from naungan.access.links import address_of, read_link, recovery_token
from naungan.access.models import Recovery, User
from naungan.access.notices import notify
from naungan.access.policy import Permission
from naungan.access.rules import require

ASKED_LASTS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A granted recovery, and the token of its link; it is shown once and kept nowhere."""

    recovery: Recovery
    token: str


@transaction.atomic
def ask_recovery(*, by: Actor, user: User) -> Recovery:
    """Ask that somebody be let in again; nothing changes until another administrator agrees."""
    require(by, Permission.USER_MANAGE, user)
    if user.pk == by.user_id:
        raise Refused(_("Nobody recovers their own account. Another administrator can ask for it."))
    if not user.is_active or user.is_program:
        raise Refused(_("Only the account of an active person can be recovered."))
    if waiting_recovery(user) is not None:
        raise Refused(_("This recovery was already asked for and waits for a second administrator."))
    recovery = Recovery.objects.create(user=user, asked_by_id=by.user_id, asked_at=clock.now())
    audit.append(by=by, organisation_id=user.organisation_id, action="recovery.asked", ref=user.ref)
    notify(user, kind="recovery_asked", target="/profile/")
    for administrator in _other_administrators(by, user):
        notify(administrator, kind="recovery_waits", target=f"/people/{user.ref}/")
    return recovery


@transaction.atomic
def decline_recovery(*, by: Actor, recovery: Recovery) -> None:
    """Take a recovery back, or turn it down."""
    require(by, Permission.USER_MANAGE, recovery.user)
    if recovery.granted_at is not None:
        raise Refused(_("This recovery was already granted."))
    audit.append(
        by=by, organisation_id=recovery.user.organisation_id, action="recovery.declined", ref=recovery.user.ref
    )
    recovery.delete()


@transaction.atomic
def grant_recovery(*, by: Actor, recovery: Recovery, origin: str = "") -> Recovered:
    """
    Agree to a recovery: the factors, the password and the sessions of the person end, a link valid for a day begins.

    Raises:
        Refused: the one who asked cannot grant, nor can the person themself.
    """
    require(by, Permission.USER_MANAGE, recovery.user)
    locked = Recovery.objects.select_for_update().select_related("user").filter(pk=recovery.pk).first()
    if locked is None or locked.granted_at is not None or locked.asked_at < clock.now() - ASKED_LASTS:
        raise Refused(_("This recovery is no longer open. Please ask for it again."))
    if by.user_id in (locked.asked_by_id, locked.user_id):
        raise Refused(_("A second administrator must grant what the first has asked for."))
    user = locked.user
    token, locked.token_digest = recovery_token()
    locked.granted_by_id, locked.granted_at = by.user_id, clock.now()
    locked.save(update_fields=["token_digest", "granted_by", "granted_at"])
    factors, _each = Authenticator.objects.filter(user_id=user.pk).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    ended = close_sessions(user)
    audit.append(
        by=by,
        organisation_id=user.organisation_id,
        action="recovery.granted",
        ref=user.ref,
        details={"factors": factors, "sessions": ended},
    )
    notify(user, kind="recovery_granted", target="/profile/")
    _mail_link(user, address_of(token, origin))
    return Recovered(locked, token)


@transaction.atomic
def use_link(*, token: str, password: str) -> User:
    """
    Set a password by a one-time link; the person then signs in as always and sets up a second factor.

    Raises:
        NotFound: the link was used, has expired, or never was one.
        django.core.exceptions.ValidationError: the password breaks a rule.
    """
    before = read_link(token)
    if before is not None:
        User.objects.select_for_update().get(pk=before.user.pk)
    link = read_link(token)  # somebody may have used it while this request waited
    if link is None:
        raise NotFound("The link cannot be used.")
    user = link.user
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    close_sessions(user)
    if link.recovery is not None:
        Recovery.objects.filter(pk=link.recovery.pk).update(used_at=clock.now())
    action = "recovery.used" if link.recovery is not None else "invitation.used"
    audit.append(by=actor_for(user), organisation_id=user.organisation_id, action=action, ref=user.ref)
    return user


def waiting_recovery(user: User) -> Recovery | None:
    """The recovery of this person that waits for a second administrator, if one does."""
    open_ones = user.recoveries.filter(granted_at__isnull=True, asked_at__gt=clock.now() - ASKED_LASTS)
    return open_ones.select_related("asked_by").order_by("-asked_at").first()


def _other_administrators(by: Actor, user: User) -> list[User]:
    people = User.objects.filter(
        organisation_id=user.organisation_id,
        is_active=True,
        grants__role="administrator",
        grants__revoked_at__isnull=True,
    )
    return list(people.exclude(pk__in=[by.user_id, user.pk]).distinct())


def _mail_link(user: User, address: str) -> None:
    with translation.override(user.language):
        subject = _("Naungan: set a new password")
        body = _(
            "Two administrators have agreed to let you in again. Open this link within 24 hours and set a new "
            "password, then set up your second factor:\n\n%(link)s\n\nIf you did not ask for this, please tell "
            "your data protection officer at once.\n"
        ) % {"link": address}
    transaction.on_commit(lambda: send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email]))
