"""The policy table in words, and the roles a person holds."""

from __future__ import annotations

from dataclasses import dataclass

from naungan.access.models import RoleGrant, User
from naungan.access.policy import FRESH_FOR, POLICY, REVEALING_ROLES, ROLE_WORDS, Permission, Relation, Role
from naungan.access.words import PERMISSION_WORDS, RELATION_WORDS


@dataclass(frozen=True, slots=True)
class PermissionLine:
    """A permission that a role gives, and on which records."""

    permission: Permission
    words: str
    relations: tuple[str, ...]
    fresh_minutes: int | None


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role in words, with everything it gives."""

    role: Role
    name: str
    sentence: str
    needs_second_factor: bool
    permissions: tuple[PermissionLine, ...]


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that a person holds, and where."""

    grant: RoleGrant
    line: RoleLine


def what_role_may(role: Role) -> RoleLine:
    """One row of the policy table, in words."""
    name, sentence = ROLE_WORDS[role]
    row = POLICY[role]
    return RoleLine(
        role=role,
        name=str(name),
        sentence=str(sentence),
        needs_second_factor=role in REVEALING_ROLES,
        permissions=tuple(_permission(permission, row[permission]) for permission in Permission if permission in row),
    )


def policy_table() -> list[RoleLine]:
    """The whole policy, role by role; everybody who is signed in may read it."""
    return [what_role_may(role) for role in Role]


def roles_of(user: User) -> list[HeldRole]:
    """The live roles of a person, in the order of the policy table."""
    order = {role.value: place for place, role in enumerate(Role)}
    grants = user.grants.filter(revoked_at__isnull=True).select_related("team")
    found = sorted(grants, key=lambda grant: (order[grant.role], grant.team.name if grant.team else ""))
    return [HeldRole(grant, what_role_may(Role(grant.role))) for grant in found]


def _permission(permission: Permission, relations: frozenset[Relation]) -> PermissionLine:
    within = FRESH_FOR.get(permission)
    return PermissionLine(
        permission=permission,
        words=str(PERMISSION_WORDS[permission]),
        relations=tuple(str(RELATION_WORDS[relation]) for relation in Relation if relation in relations),
        fresh_minutes=int(within.total_seconds() // 60) if within else None,
    )
