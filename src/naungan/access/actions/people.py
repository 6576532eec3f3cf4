"""The people of an organisation: invite, profile, absence, leaving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from naungan.access import audit, clock, leaving
from naungan.access.actions.roles import grant_role, require_not_last, revoke_role
from naungan.access.actions.sessions import close_sessions
from naungan.access.actor import Actor, actor_for
from naungan.access.errors import LastOfItsKind, Refused
from naungan.access.links import address_of, invitation_token
from naungan.access.models import Organisation, Team, User
from naungan.access.policy import Permission, Role
from naungan.access.rules import require


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody invited, and the token of the link that lets them set a password; it is shown once and kept nowhere."""

    user: User
    token: str


@transaction.atomic
def invite_user(
    *,
    by: Actor | None,
    email: str,
    display_name: str,
    language: str = "id",
    roles: Sequence[tuple[Role, Team | None]] = (),
    organisation: Organisation | None = None,
    origin: str = "",
) -> Invitation:
    """
    Make an account and mail a one-time link to it; nobody can make one for themselves.

    Without `by`, at the machine itself, `organisation` says where: the first people of an organisation.
    """
    if by is not None:
        require(by, Permission.USER_MANAGE)
    organisation_id = by.organisation_id if by is not None else organisation.pk if organisation is not None else 0
    user = User(
        email=email.strip(), display_name=display_name.strip(), language=language, organisation_id=organisation_id
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("This e-mail address cannot be invited: it already has an account.")) from error
    audit.append(by=by, organisation_id=organisation_id, action="user.invited", ref=user.ref)
    for role, team in roles:
        grant_role(by=by, user=user, role=role, team=team)
    return _invitation(user, origin)


@transaction.atomic
def invite_again(*, by: Actor, user: User, origin: str = "") -> Invitation:
    """Send somebody who has never signed in a new link; the one before stops working."""
    require(by, Permission.USER_MANAGE, user)
    if user.last_login is not None or user.has_usable_password():
        raise Refused(_("This person has already set a password. A lost password is reset on the sign-in page."))
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.append(by=by, organisation_id=user.organisation_id, action="user.invited", ref=user.ref, details={"again": 1})
    return _invitation(user, origin)


@transaction.atomic
def save_profile(*, by: Actor, user: User, display_name: str, language: str, wants_digest: bool) -> User:
    """Change a name, a language and whether a daily e-mail is wanted: one's own, or as an administrator."""
    _require_self_or_administrator(by, user)
    user.display_name, user.language, user.wants_digest = display_name, language, wants_digest
    user.save(update_fields=["display_name", "language", "wants_digest"])
    audit.append(by=by, organisation_id=user.organisation_id, action="user.saved", ref=user.ref)
    return user


@transaction.atomic
def change_email(*, by: Actor, user: User, email: str) -> User:
    """Correct the address with which somebody signs in; the one before is told by mail."""
    require(by, Permission.USER_MANAGE, user)
    if by.user_id == user.pk:
        raise Refused(_("Nobody changes the address of their own account. Another administrator can do it."))
    before, user.email = user.email, email.strip()
    if user.email == before:
        return user
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise Refused(_("This e-mail address cannot be used: it already has an account.")) from error
    audit.append(by=by, organisation_id=user.organisation_id, action="user.email", ref=user.ref)
    transaction.on_commit(lambda: _tell_of_new_address(before, user.language))
    return user


def _tell_of_new_address(before: str, language: str) -> None:
    with translation.override(language):
        send_mail(
            _("Naungan: another e-mail address signs you in"),
            _(
                "An administrator of your organisation gave your account another e-mail address. This one signs in no"
                " more. If you did not ask for it, tell your supervisor at once."
            ),
            None,
            [before],
        )


@transaction.atomic
def set_away(*, by: Actor, user: User, away_from: date | None, away_until: date | None, delegate: User | None) -> User:
    """Say from when until when somebody is away, and who receives their notices meanwhile; no dates: they are back."""
    _require_self_or_administrator(by, user)
    if (away_from is None) != (away_until is None) or (away_from and away_until and away_from > away_until):
        raise Refused(_("Please give both days of the absence, the first not after the last."))
    if away_from is not None and delegate is None:
        raise Refused(_("Please choose a colleague who receives the notices meanwhile."))
    if delegate is not None and not _can_stand_in(delegate, user):
        raise Refused(_("The colleague must be another active person of the same organisation."))
    if delegate is not None and _lists_cases(user) and not _lists_cases(delegate):
        raise Refused(_("The colleague sees no cases, and could do nothing with your notices. Choose another one."))
    user.away_from, user.away_until = away_from, away_until
    user.delegate = delegate if away_from is not None else None
    user.save(update_fields=["away_from", "away_until", "delegate"])
    details = {"to": delegate.ref} if delegate is not None and away_from is not None else {}
    audit.append(by=by, organisation_id=user.organisation_id, action="user.away", ref=user.ref, details=details)
    return user


@transaction.atomic
def deactivate_user(*, by: Actor, user: User) -> User:
    """
    Close an account: its roles and sessions end at once.

    Raises:
        LastOfItsKind: the person still owns cases, or is the last of an indispensable role.
    """
    require(by, Permission.USER_MANAGE, user)
    if user.pk == by.user_id:
        raise Refused(_("Nobody closes their own account. Another administrator can do it."))
    held = leaving.obstacles(user)
    if held:
        raise LastOfItsKind(" ".join(held))
    require_not_last(user, [Role(role) for role in _live(user)])
    for grant in user.grants.filter(revoked_at__isnull=True):
        revoke_role(by=by, grant=grant)
    User.objects.filter(delegate=user).update(delegate=None)
    user.is_active = False
    user.save(update_fields=["is_active"])
    ended = close_sessions(user)
    audit.append(
        by=by,
        organisation_id=user.organisation_id,
        action="user.deactivated",
        ref=user.ref,
        details={"sessions": ended},
    )
    return user


@transaction.atomic
def reactivate_user(*, by: Actor, user: User) -> User:
    """Open a closed account again, without any role: those are granted anew."""
    require(by, Permission.USER_MANAGE, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.append(by=by, organisation_id=user.organisation_id, action="user.reactivated", ref=user.ref)
    return user


def _live(user: User) -> list[str]:
    return list(user.grants.filter(revoked_at__isnull=True).values_list("role", flat=True))


def _require_self_or_administrator(by: Actor, user: User) -> None:
    if by.user_id != user.pk:
        require(by, Permission.USER_MANAGE, user)


def _lists_cases(user: User) -> bool:
    return bool(actor_for(user).relations(Permission.CASE_LIST))


def _can_stand_in(delegate: User, user: User) -> bool:
    return (
        delegate.pk != user.pk
        and delegate.organisation_id == user.organisation_id
        and delegate.is_active
        and not delegate.is_program
    )


def _invitation(user: User, origin: str) -> Invitation:
    token = invitation_token(user)
    with translation.override(user.language):
        subject = _("Naungan: set your password")
        body = _("An account waits for you. Open this link within seven days and set your password:\n\n%(link)s\n") % {
            "link": address_of(token, origin)
        }
    transaction.on_commit(lambda: send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email]))
    return Invitation(user, token)


def away_now(user: User) -> bool:
    """Whether somebody is away today."""
    return bool(user.away_from and user.away_until and user.away_from <= clock.today() <= user.away_until)
