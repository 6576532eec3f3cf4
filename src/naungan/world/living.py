"""What only the rules themselves can do in the world: restrict, share, bar, be away, tell. By the real actions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from naungan.access import clock
from naungan.access.actor import Actor, local_actor
from naungan.access.models import RoleGrant, Team, User
from naungan.access.notices import notify
from naungan.access.policy import Relation, Role
from naungan.protection.cases import actions
from naungan.protection.cases.models import Case, CaseRelation
from naungan.protection.cases.scope import scope_number
from naungan.protection.cases.states import LIVE
from naungan.world.building import Roster
from naungan.world.caseload import Span

__all__ = ["live_a_week"]

_RESTRICTED, _SHARED = 4, 6


def live_a_week(span: Span, roster: Roster) -> int:
    """
    Let the supervisors do a week's work on recent cases; returns how many things were done.

    Nothing is done a second time: a team with a restricted case has lived already.
    """
    random = Random(f"naungan week {span.seed}")
    done = 0
    for house in roster.values():
        for supervisor, team in _supervisors(house.organisation.pk):
            if house.desks:
                done += _live(random, span, local_actor(supervisor), team)
    return done


def _live(random: Random, span: Span, by: Actor, team: Team) -> int:
    cases = _recent(team)
    if not cases or any(case.is_restricted for case in cases):
        return 0
    chosen = random.sample(cases, min(len(cases), _RESTRICTED + _SHARED))
    moments = _moments(span)
    done = 0
    for case in chosen[: max(1, len(chosen) * _RESTRICTED // (_RESTRICTED + _SHARED))]:
        with clock.fixed(next(moments)):
            actions.restrict_case(
                by=by, case=case, named=[], reason="Ada ancaman; hanya yang bernama yang boleh membuka."
            )
            done += 1
    for case in chosen[_RESTRICTED:]:
        other = (
            Team.objects.filter(organisation_id=by.organisation_id, ended_at__isnull=True).exclude(pk=team.pk).first()
        )
        if other is not None:
            with clock.fixed(next(moments)):
                actions.share_case(by=by, case=case, with_team=other)
                done += 1
    for case in chosen[-2:]:
        with clock.fixed(next(moments)):
            _tell(case)
            done += 1
    return done


def _tell(case: Case) -> None:
    for relation in CaseRelation.objects.filter(case=case, kind=Relation.ASSIGNED.value).select_related("user"):
        if relation.user is not None:
            notify(relation.user, kind="assigned", target=f"/cases/{case.code}/")


def _supervisors(organisation_id: int) -> list[tuple[User, Team]]:
    grants = RoleGrant.objects.filter(
        user__organisation_id=organisation_id, role=Role.SUPERVISOR.value, team__isnull=False, revoked_at__isnull=True
    )
    return [(g.user, g.team) for g in grants.select_related("user", "team").order_by("pk") if g.team is not None]


def _recent(team: Team) -> list[Case]:
    relations = CaseRelation.objects.filter(scope=scope_number(Relation.TEAM, team.pk), is_open=True)
    ids = relations.order_by("-touched_at", "-case_id").values_list("case_id", flat=True)[:60]
    live = [state.value for state in LIVE]
    return list(Case.objects.filter(pk__in=list(ids), state__in=live).order_by("code"))


def _moments(span: Span) -> Iterator[datetime]:
    """One moment after another over the last week, never in the future."""
    start = timezone.make_aware(datetime.combine(span.today - timedelta(days=7), time(9, 0)))
    step = timedelta(hours=7)
    while True:
        yield min(start, timezone.now())
        start += step
