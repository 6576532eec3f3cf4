"""
Writes the drawn world into the database: organisations, people who work there, and the caseload in chunks.

The caseload goes in by the bulk path (`bulk.py`); what needs the rules themselves (restricting, sharing, conflicts
of interest) is then done by the real actions (`living.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.db import transaction

from naungan.access import audit
from naungan.access.actor import Actor, local_actor
from naungan.access.inserting import writing_much
from naungan.access.models import Organisation, RoleGrant, Team, User
from naungan.access.policy import Role
from naungan.protection.cases.models import Case
from naungan.vault import actions as vault
from naungan.world import mix
from naungan.world.caseload import Span, case_code, draw_chunk
from naungan.world.organisations import ORGANISATIONS, PASSWORD, PERSONAS

__all__ = ["Desk", "House", "Roster", "build_caseload", "build_organisations", "chunk_is_there", "read_roster"]

Advance = Callable[[int, int], None]
_PEOPLE_A_WORKER = 250
_WORKERS_A_TEAM = 10


@dataclass(slots=True)
class Desk:
    """Somebody who can be given cases, and their team."""

    user: User
    team: Team


@dataclass(slots=True)
class House:
    """One organisation with those who take in and those who accompany."""

    organisation: Organisation
    desks: list[Desk] = field(default_factory=list)
    intakes: list[User] = field(default_factory=list)
    actors: dict[int, Actor] = field(default_factory=dict)

    def actor(self, user: User) -> Actor:
        if user.pk not in self.actors:
            self.actors[user.pk] = local_actor(user)
        return self.actors[user.pk]


Roster = dict[str, House]


@transaction.atomic
def build_organisations(*, people: int) -> Roster:
    """Make the organisations, the personas and, for a large caseload, further workers; what is there stays."""
    password = make_password(PASSWORD)
    for body in ORGANISATIONS:
        organisation, is_new = Organisation.objects.get_or_create(
            name=body.name, defaults={"kind": body.kind, "city": body.city, "country": "ID", "is_fictional": True}
        )
        if is_new:
            audit.append(by=None, organisation_id=organisation.pk, action="organisation.created", ref=organisation.ref)
        for name in body.teams:
            Team.objects.get_or_create(organisation=organisation, name=name)
        _people_of(body.key, organisation, password)
        share = _share(body.key)
        if share:
            vault.expect_people(organisation.pk, int(people * share))
            _further_workers(body.key, organisation, int(people * share / _PEOPLE_A_WORKER))
    return read_roster()


def read_roster() -> Roster:
    """Who works where, as the database has it."""
    roster: Roster = {}
    for body in ORGANISATIONS:
        organisation = Organisation.objects.get(name=body.name)
        house = roster[body.key] = House(organisation)
        grants = RoleGrant.objects.filter(
            user__organisation=organisation, revoked_at__isnull=True, user__is_active=True
        )
        taken: set[int] = set()
        for grant in grants.select_related("user", "team").order_by("user_id", "pk"):
            if grant.role in (Role.INTAKE, Role.CASEWORKER, Role.SUPERVISOR):
                house.intakes.append(grant.user)
            if grant.role == Role.CASEWORKER and grant.team is not None and grant.user_id not in taken:
                taken.add(grant.user_id)
                house.desks.append(Desk(grant.user, grant.team))
        intakes = [user for user in house.intakes if not user.email.startswith("petugas")]
        house.intakes = list(dict.fromkeys(intakes))
    return roster


def chunk_is_there(span: Span, part: range) -> bool:
    """Whether a chunk was written before; it is written whole or not at all."""
    return Case.objects.filter(code=case_code(span.seed, part.start)).exists()


def build_caseload(span: Span, roster: Roster, *, advance: Advance | None = None) -> int:
    """
    Write the people of a span, chunk by chunk; chunks that are there are left alone. Returns how many were added.

    Interrupted at any moment, a second call goes on with the first chunk that is missing.
    """
    from naungan.world.bulk import write_chunk

    added = 0
    with writing_much(400):
        for part in span.chunks():
            if not chunk_is_there(span, part):
                write_chunk(draw_chunk(span, part), roster)
                added += len(part)
            if advance:
                advance(part.stop - span.start, span.stop - span.start)
    return added


def _people_of(key: str, organisation: Organisation, password: str) -> None:
    teams = {team.name: team for team in Team.objects.filter(organisation=organisation)}
    for persona in PERSONAS:
        if persona.organisation != key or User.objects.of_address(persona.email).exists():
            continue
        user = User.objects.create(
            email=persona.email,
            display_name=persona.name,
            organisation=organisation,
            language=persona.language,
            password=password,
        )
        for role in persona.roles:
            RoleGrant.objects.create(user=user, role=role.value, team=teams.get(persona.team))
            details = {"role": role.value, "team": teams[persona.team].ref if persona.team else ""}
            audit.append(by=None, organisation_id=organisation.pk, action="role.granted", ref=user.ref, details=details)


def _further_workers(key: str, organisation: Organisation, count: int) -> None:
    """Colleagues who cannot sign in, so that nobody's caseload becomes absurd in a large world."""
    there = User.objects.filter(organisation=organisation, email__startswith="petugas").count()
    count -= len([persona for persona in PERSONAS if persona.organisation == key])
    if count <= there:
        return
    teams: dict[int, Team] = {}
    made = [
        User(
            email=f"petugas{number:05d}@{key}.example.org",
            display_name=f"Petugas Rekaan {number:05d}",
            organisation=organisation,
            password="!",  # noqa: S106 - no password fits: nobody signs in
        )
        for number in range(there, count)
    ]
    for user in User.objects.bulk_create(made, batch_size=2000):
        group = int(user.email[7:12]) // _WORKERS_A_TEAM
        if group not in teams:
            teams[group], _ = Team.objects.get_or_create(organisation=organisation, name=f"Tim {group + 1:03d}")
        RoleGrant.objects.create(user=user, role=Role.CASEWORKER.value, team=teams[group])


def _share(key: str) -> float:
    weights = dict(zip(mix.ORGANISATIONS.keys, mix.ORGANISATIONS.ends, strict=True))
    before = [end for end in mix.ORGANISATIONS.ends if key in weights and end < weights[key]]
    return weights.get(key, 0.0) - max(before, default=0.0) if key in weights else 0.0
