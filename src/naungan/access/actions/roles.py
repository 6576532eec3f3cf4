"""Roles: given and taken, with effect at the next request."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from naungan.access import audit, clock, leaving
from naungan.access.actor import Actor
from naungan.access.errors import LastOfItsKind, NotFound, Refused
from naungan.access.models import Organisation, RoleGrant, Team, User
from naungan.access.notices import notify, tell_protection_officers
from naungan.access.policy import REVEALING_ROLES, Permission, Role
from naungan.access.rules import require

# An organisation must always have somebody of these.
NEVER_WITHOUT = (Role.ADMINISTRATOR, Role.PROTECTION_OFFICER)


@transaction.atomic
def grant_role(*, by: Actor | None, user: User, role: Role, team: Team | None = None) -> RoleGrant:
    """
    Give a role, in a team or in the whole organisation; giving it twice changes nothing.

    Raises:
        Refused: administrators do not give roles to themselves, so that they cannot let themselves into cases.
    """
    if by is not None:
        require(by, Permission.USER_MANAGE, user)
        if user.pk == by.user_id and by.via != "cli":
            raise Refused(_("Nobody gives a role to themselves. Another administrator can do it."))
    _check_place(user, role, team)
    held = RoleGrant.objects.filter(user=user, role=role.value, team=team, revoked_at__isnull=True).first()
    if held is not None:
        return held
    grant = RoleGrant.objects.create(user=user, role=role.value, team=team, granted_by_id=by.user_id if by else None)
    audit.append(
        by=by,
        organisation_id=user.organisation_id,
        action="role.granted",
        ref=user.ref,
        details={"role": role.value, "team": team.ref if team else ""},
    )
    notify(user, kind="role_granted", target="/profile/")
    if role in REVEALING_ROLES:
        tell_protection_officers(user.organisation_id)
    return grant


@transaction.atomic
def revoke_role(*, by: Actor, grant: RoleGrant) -> RoleGrant:
    """
    Take a role away; it stops working with the person's next request.

    Raises:
        LastOfItsKind: the organisation would be left without an administrator or a data protection officer.
        Refused: the person holds something that nobody without this role can work on.
    """
    require(by, Permission.USER_MANAGE, grant.user)
    if grant.revoked_at is not None:
        return grant
    others = grant.user.grants.filter(revoked_at__isnull=True).exclude(pk=grant.pk).values_list("role", flat=True)
    held = leaving.role_obstacles(grant.user, frozenset(map(Role, others)))
    if held:
        raise Refused(" ".join(held))
    if not _holds_twice(grant):
        require_not_last(grant.user, [Role(grant.role)])
    grant.revoked_at, grant.revoked_by_id = clock.now(), by.user_id
    grant.save(update_fields=["revoked_at", "revoked_by"])
    audit.append(
        by=by,
        organisation_id=grant.user.organisation_id,
        action="role.revoked",
        ref=grant.user.ref,
        details={"role": grant.role, "team": grant.team.ref if grant.team else ""},
    )
    notify(grant.user, kind="role_revoked", target="/profile/")
    return grant


def require_not_last(user: User, roles: Iterable[Role]) -> None:
    """Refuse to take an indispensable role from the last active person who has it; locks the organisation."""
    Organisation.objects.select_for_update().get(pk=user.organisation_id)
    for role in roles:
        others = RoleGrant.objects.filter(
            role=role.value,
            revoked_at__isnull=True,
            user__organisation_id=user.organisation_id,
            user__is_active=True,
            user__is_program=False,
        ).exclude(user=user)
        if role is Role.ADMINISTRATOR and not others.exists():
            raise LastOfItsKind(
                _("This is the organisation's last administrator. Please give that role to somebody else first.")
            )
        if role is Role.PROTECTION_OFFICER and not others.exists():
            raise LastOfItsKind(
                _(
                    "This is the organisation's last data protection officer. "
                    "Please give that role to somebody else first."
                )
            )


def _check_place(user: User, role: Role, team: Team | None) -> None:
    if team is not None and team.organisation_id != user.organisation_id:
        raise NotFound("There is no such team.")
    if team is not None and team.ended_at is not None:
        raise Refused(_("This team has ended. Please choose another."))
    if not user.is_active:
        raise Refused(_("This account is closed. Please open it again before giving it a role."))
    if user.is_program != (role is Role.INTEGRATION):
        raise Refused(_("Programs hold the role of an integration and no other; people never hold it."))


def _holds_twice(grant: RoleGrant) -> bool:
    same = RoleGrant.objects.filter(user=grant.user, role=grant.role, revoked_at__isnull=True)
    return same.exclude(pk=grant.pk).exists()
