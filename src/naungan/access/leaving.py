"""
Asks the rest of the house whether somebody may leave, or a team may end.

Access knows nothing of cases, so whoever gives people or teams something to hold registers a question here.
"""

from __future__ import annotations

from collections.abc import Callable

from naungan.access.models import Team, User

# Says in one whole sentence what the person or the team still holds, or nothing.
Check = Callable[[User], str]
TeamCheck = Callable[[Team], str]

_checks: list[Check] = []
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


def obstacles(user: User) -> list[str]:
    """What must be handed over first, a sentence each; empty when the person may leave."""
    return [said for check in _checks if (said := check(user))]


def team_obstacles(team: Team) -> list[str]:
    """What the team must give away first, a sentence each; empty when it may end."""
    return [said for check in _team_checks if (said := check(team))]
