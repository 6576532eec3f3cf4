"""Who acts: the person or program behind a call, with the grants that hold at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from naungan.access import clock
from naungan.access.asking import ID, question
from naungan.access.models import RoleGrant, User
from naungan.access.policy import POLICY, REVEALING_ROLES, Permission, Relation, Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held, and the team it is held in (None: the whole organisation)."""

    role: Role
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks or changes something; every action takes one as `by`."""

    user_id: int
    user_ref: str
    organisation_id: int
    grants: tuple[Grant, ...]
    second_factor_at: datetime | None = None
    via: str = "web"
    limits: frozenset[Permission] | None = None
    has_second_factor: bool = True

    @property
    def live_grants(self) -> tuple[Grant, ...]:
        """The grants that can be used: a revealing role needs a second factor outside the demonstration."""
        if self.has_second_factor or settings.SECOND_FACTOR_OPTIONAL:
            return self.grants
        return tuple(grant for grant in self.grants if grant.role not in REVEALING_ROLES)

    def has(self, *roles: Role) -> bool:
        return any(grant.role in roles for grant in self.live_grants)

    def relations(self, permission: Permission) -> dict[Relation, frozenset[int | None]]:
        """The relations through which this permission is given, each with the teams it counts in."""
        if self.limits is not None and permission not in self.limits:
            return {}
        found: dict[Relation, set[int | None]] = {}
        for grant in self.live_grants:
            for relation in POLICY[grant.role].get(permission, ()):
                found.setdefault(relation, set()).add(grant.team_id)
        return {relation: frozenset(teams) for relation, teams in found.items()}

    @property
    def roles(self) -> str:
        return ",".join(sorted({grant.role.value for grant in self.live_grants}))


def actor_for(
    user: User,
    *,
    second_factor_at: datetime | None = None,
    via: str = "web",
    limits: frozenset[Permission] | None = None,
    has_second_factor: bool = True,
) -> Actor:
    """Read the grants of a user afresh, so that a revoked role stops at once."""
    grants = tuple(Grant(Role(role), team) for role, team in _grants_of(user=user.pk)) if user.is_active else ()
    return Actor(
        user_id=user.pk,
        user_ref=user.ref,
        organisation_id=user.organisation_id,
        grants=grants,
        second_factor_at=second_factor_at,
        via=via,
        limits=limits,
        has_second_factor=has_second_factor,
    )


@question(user=ID)
def _grants_of(user: int) -> QuerySet[RoleGrant, tuple[str, int | None]]:
    return RoleGrant.objects.filter(user_id=user, revoked_at__isnull=True).values_list("role", "team_id")


def local_actor(user: User) -> Actor:
    """The actor of a command typed at the machine itself, whose operator holds the keys anyway."""
    return actor_for(user, second_factor_at=clock.now(), via="cli")
