"""Says what somebody, or a team, still holds before they leave: no case stays without an owner."""

from __future__ import annotations

from django.utils.translation import ngettext

from naungan.access.leaving import register_check, register_role_check, register_team_check
from naungan.access.models import Team, User
from naungan.access.policy import Relation, Role
from naungan.protection.cases.actions.people import WORKING_ROLES
from naungan.protection.cases.models import CaseRelation


@register_check
def held_by(user: User) -> str:
    """The open cases that only this person works on."""
    mine = CaseRelation.objects.filter(kind=Relation.ASSIGNED.value, user=user, is_open=True)
    return _sentence(mine.count())


@register_role_check
def held_without_role(user: User, remaining: frozenset[Role]) -> str:
    """The same of somebody who would be left without a role that works on cases."""
    return held_by(user) if remaining.isdisjoint(WORKING_ROLES) else ""


@register_team_check
def held_by_team(team: Team) -> str:
    """The open cases that the team holds."""
    return _sentence(CaseRelation.objects.filter(kind=Relation.TEAM.value, team=team, is_open=True).count())


def _sentence(count: int) -> str:
    if not count:
        return ""
    text = ngettext(
        "%(count)d open case must be handed over first.", "%(count)d open cases must be handed over first.", count
    )
    return text % {"count": count}
