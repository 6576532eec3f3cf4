"""
Asks the rest of the house whether somebody may leave, or a team may end.

Access knows nothing of cases, so whoever gives people or teams something to hold registers a question here.
"""

from __future__ import annotations

from collections.abc import Callable

from naungan.access.models import Team, User
from naungan.access.policy import Role

# Says in one whole sentence what the person or the team still holds, or nothing.
Check = Callable[[User], str]
TeamCheck = Callable[[Team], str]

# The same, of somebody who would be left with these roles.
RoleCheck = Callable[[User, frozenset[Role]], str]

_checks: list[Check] = []
_role_checks: list[RoleCheck] = []
_team_checks: list[TeamCheck] = []


def register_check(check: Check) -> Check:
    """Have a question asked before a person is deactivated."""
    if check not in _checks:
        _checks.append(check)
    return check


def register_team_check(check: TeamCheck) -> TeamCheck:
    """Have a question asked before a team ends."""
    if check not in _team_checks:
        _team_checks.append(check)
    return check


def register_role_check(check: RoleCheck) -> RoleCheck:
    """Have a question asked before a role is taken from a person."""
    if check not in _role_checks:
        _role_checks.append(check)
    return check


def role_obstacles(user: User, remaining: frozenset[Role]) -> list[str]:
    """What must be handed over before somebody is left with these roles, a sentence each."""
    return [said for check in _role_checks if (said := check(user, remaining))]


def obstacles(user: User) -> list[str]:
    """What must be handed over first, a sentence each; empty when the person may leave."""
    return [said for check in _checks if (said := check(user))]


def team_obstacles(team: Team) -> list[str]:
    """What the team must give away first, a sentence each; empty when it may end."""
    return [said for check in _team_checks if (said := check(team))]
