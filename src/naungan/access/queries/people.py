"""The people, teams and sessions of one's own organisation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from naungan.access import clock
from naungan.access.actions.people import away_now
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.models import Organisation, Recovery, RoleGrant, Team, User
from naungan.access.policy import Permission, Role
from naungan.access.rules import require, visible
from naungan.access.words import role_name

PAGE = 50

# The first mark that is found counts: most browsers also call themselves by the names further down.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class PeopleFilters:
    """What the list of people is narrowed by; empty: not at all."""

    text: str = ""
    role: str = ""
    team: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line of the list of people."""

    user: User
    roles: tuple[str, ...]
    has_second_factor: bool
    is_away: bool
    state: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A place where somebody is signed in, and what device it seems to be."""

    session: UserSession
    device: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of people, and where the next one begins."""

    lines: tuple[PersonLine, ...]
    after: str = ""


def people_page(by: Actor, filters: PeopleFilters, *, after: str = "", limit: int = PAGE) -> PeoplePage:
    """The people of the organisation by name, from the one after `after` (a reference) on."""
    require(by, Permission.USER_MANAGE)
    people = _narrowed(visible(by, Permission.USER_MANAGE, User).filter(is_program=False), filters)
    people = people.annotate(sorted_name=Lower("display_name")).order_by("sorted_name", "pk")
    start = people.model.objects.filter(ref=after, organisation_id=by.organisation_id).first() if after else None
    if start is not None:
        name = start.display_name.lower()
        people = people.filter(Q(sorted_name__gt=name) | Q(sorted_name=name, pk__gt=start.pk))
    live = RoleGrant.objects.filter(revoked_at__isnull=True).select_related("team")
    has_one = Exists(_factors().filter(user_id=OuterRef("pk")))
    found = list(people.annotate(has_one=has_one).prefetch_related(Prefetch("grants", live))[: limit + 1])
    lines = tuple(_line(user) for user in found[:limit])
    return PeoplePage(lines, after=lines[-1].user.ref if len(found) > limit else "")


def find_person(by: Actor, ref: str) -> User:
    """One person of the organisation, or NotFound."""
    require(by, Permission.USER_MANAGE)
    found = visible(by, Permission.USER_MANAGE, User).filter(ref=ref, is_program=False)
    user = found.select_related("organisation", "delegate").first()
    if user is None:
        raise NotFound("There is no such person.")
    return user


def find_grant(by: Actor, user: User, grant_id: int) -> RoleGrant:
    """A live role of a person, or NotFound."""
    require(by, Permission.USER_MANAGE, user)
    grant = user.grants.filter(pk=grant_id, revoked_at__isnull=True).select_related("user", "team").first()
    if grant is None:
        raise NotFound("There is no such role.")
    return grant


def find_recovery(by: Actor, user: User, ref: str) -> Recovery:
    """A recovery of a person, or NotFound."""
    require(by, Permission.USER_MANAGE, user)
    recovery = user.recoveries.filter(ref=ref).select_related("user").first()
    if recovery is None:
        raise NotFound("There is no such recovery.")
    return recovery


def find_team(by: Actor, ref: str) -> Team:
    """A team of the organisation, or NotFound."""
    require(by, Permission.ORGANISATION_MANAGE)
    team = visible(by, Permission.ORGANISATION_MANAGE, Team).filter(ref=ref).first()
    if team is None:
        raise NotFound("There is no such team.")
    return team


def teams_of(by: Actor) -> QuerySet[Team]:
    """The living teams of one's own organisation."""
    return Team.objects.filter(organisation_id=by.organisation_id, ended_at__isnull=True).order_by("name")


def teams_with_people(by: Actor) -> QuerySet[Team]:
    """All teams of the organisation, living ones first, each with `people`: how many hold a role in it."""
    require(by, Permission.ORGANISATION_MANAGE)
    people = Count("grants__user", filter=Q(grants__revoked_at__isnull=True), distinct=True)
    teams = visible(by, Permission.ORGANISATION_MANAGE, Team).annotate(people=people)
    return teams.order_by(F("ended_at").asc(nulls_first=True), "name")


def organisation_of(by: Actor) -> Organisation:
    """One's own organisation."""
    return Organisation.objects.get(pk=by.organisation_id)


def possible_delegates(user: User) -> QuerySet[User]:
    """Colleagues who can receive somebody's notices."""
    colleagues = User.objects.filter(organisation_id=user.organisation_id, is_active=True, is_program=False)
    return colleagues.exclude(pk=user.pk).order_by("display_name")


def sessions_of(by: Actor, user: User) -> list[SessionLine]:
    """Where somebody is signed in, newest first: one's own sessions, or as an administrator a colleague's."""
    if by.user_id != user.pk:
        require(by, Permission.USER_MANAGE, user)
    living = [session for session in UserSession.objects.filter(user_id=user.pk) if not session.purge()]
    living.sort(key=lambda session: session.last_seen_at, reverse=True)
    return [SessionLine(session, device_name(session.user_agent)) for session in living]


def device_name(user_agent: str) -> str:
    """A browser's self-description in few words, or as much of it as fits when it is unknown."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or user_agent[:60] or _("Unknown device")


def has_second_factor(user: User) -> bool:
    """Whether somebody has set up a second factor."""
    return _factors().filter(user_id=user.pk).exists()


def _factors() -> QuerySet[Authenticator]:
    found: QuerySet[Authenticator] = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return found


def _narrowed(people: QuerySet[User], filters: PeopleFilters) -> QuerySet[User]:
    live = RoleGrant.objects.filter(user_id=OuterRef("pk"), revoked_at__isnull=True)
    if filters.text:
        people = people.filter(Q(display_name__icontains=filters.text) | Q(email__icontains=filters.text))
    if filters.role in set(Role):
        people = people.filter(Exists(live.filter(role=filters.role)))
    if filters.team:
        people = people.filter(Exists(live.filter(team__ref=filters.team)))
    for wanted, condition in _states():
        if filters.state == wanted:
            people = people.filter(condition)
    return people


def _states() -> Iterable[tuple[str, Q]]:
    today = clock.today()
    yield "active", Q(is_active=True)
    yield "closed", Q(is_active=False)
    yield "invited", Q(is_active=True, last_login__isnull=True)
    yield "away", Q(is_active=True, away_from__lte=today, away_until__gte=today)
    yield "no_factor", Q(~Exists(_factors().filter(user_id=OuterRef("pk"))), is_active=True)


def _line(user: User) -> PersonLine:
    away = away_now(user)
    state = "closed" if not user.is_active else "invited" if user.last_login is None else "away" if away else "active"
    places = [
        f"{role_name(grant.role)} ({grant.team.name})" if grant.team else role_name(grant.role)
        for grant in user.grants.all()
    ]
    return PersonLine(
        user=user,
        roles=tuple(sorted(places)),
        has_second_factor=bool(user.has_one),  # type: ignore[attr-defined]  # annotated by people_page
        is_away=away,
        state=state,
    )
