"""The policy table, asked through `require` and `visible` for each role and each permission."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings as live

from naungan.access import clock
from naungan.access.actor import Actor, actor_for
from naungan.access.errors import Forbidden, NotFound, SecondFactorNeeded
from naungan.access.models import AuditEntry, Organisation, RoleGrant, Team, User
from naungan.access.policy import (
    FRESH_FOR,
    POLICY,
    REVEALING_ROLES,
    ROLE_WORDS,
    Permission,
    Relation,
    Role,
)
from naungan.access.queries import policy_table
from naungan.access.rules import may, require, require_fresh, visible
from naungan.access.words import PERMISSION_WORDS, RELATION_WORDS
from tests.personas import Persona, make_persona, make_team

OWN = (
    (Permission.ORGANISATION_MANAGE, Organisation),
    (Permission.ORGANISATION_MANAGE, Team),
    (Permission.USER_MANAGE, User),
    (Permission.AUDIT_READ, AuditEntry),
)


@pytest.fixture
def holder(org_a: Organisation) -> Callable[[Role], Persona]:
    return lambda role: make_persona(f"pemegang.{role.value}", org_a, role)


def allowed(by: Actor, permission: Permission) -> bool:
    try:
        require(by, permission)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("role", list(Role))
def test_require_follows_the_table(holder: Callable[[Role], Persona], role: Role) -> None:
    by = holder(role).actor()

    assert {permission for permission in Permission if allowed(by, permission)} == set(POLICY[role])


@pytest.mark.parametrize("role", list(Role))
def test_own_records_follow_the_table(
    holder: Callable[[Role], Persona], org_a: Organisation, org_b: Organisation, role: Role
) -> None:
    by = holder(role).actor()
    for organisation in (org_a, org_b):
        make_team(organisation, "Tim")

    for permission, model in OWN:
        records = visible(by, permission, model)
        if permission not in POLICY[role]:
            assert not records.exists()
        elif model is not AuditEntry:
            assert records.exists()
            assert all(getattr(r, "organisation_id", r.pk) == org_a.pk for r in records)


def test_record_of_another_organisation_is_not_found(esra: Persona, org_b: Organisation) -> None:
    with pytest.raises(NotFound):
        require(esra.actor(), Permission.ORGANISATION_MANAGE, org_b)


def test_record_without_permission_is_not_found_by_those_who_see_none(amara: Persona, org_a: Organisation) -> None:
    with pytest.raises(NotFound):
        require(amara.actor(), Permission.ORGANISATION_MANAGE, org_a)


def test_record_in_scope_without_the_permission_is_forbidden(esra: Persona, amara: Persona) -> None:
    with pytest.raises(Forbidden):
        require(esra.actor(), Permission.CASE_READ, amara.user)


def test_administrators_and_analysts_reach_no_case() -> None:
    for role in (Role.ADMINISTRATOR, Role.ANALYST, Role.CAMPAIGN, Role.SECRETARIAT, Role.LINKAGE):
        assert not any(permission.value.startswith(("case", "identity")) for permission in POLICY[role])


def test_holder_alone_never_writes_or_reveals_for_people() -> None:
    people = {role: row for role, row in POLICY.items() if role is not Role.INTEGRATION}
    for row in people.values():
        for permission in (Permission.CASE_WRITE, Permission.CASE_MOVE, Permission.IDENTITY_REVEAL):
            assert Relation.HOLDER not in row.get(permission, ())


def test_everything_in_the_policy_has_words() -> None:
    assert set(PERMISSION_WORDS) == set(Permission)
    assert set(RELATION_WORDS) == set(Relation)
    assert set(ROLE_WORDS) == set(Role) == set(POLICY)
    assert [line.role for line in policy_table()] == list(Role)


def test_role_in_a_team_counts_in_that_team(sari: Persona, team_1: Team) -> None:
    assert sari.actor().relations(Permission.CASE_READ)[Relation.TEAM] == frozenset({team_1.pk})


def test_limits_narrow_what_the_roles_give(sari: Persona) -> None:
    by = replace(sari.actor(), limits=frozenset({Permission.CASE_LIST}))

    assert may(by, Permission.CASE_LIST)
    assert not may(by, Permission.CASE_READ)


def test_revoked_and_inactive_grants_are_gone(amara: Persona) -> None:
    assert amara.actor().has(Role.CASEWORKER)

    RoleGrant.objects.update(revoked_at=clock.now())
    assert amara.actor().grants == ()
    RoleGrant.objects.update(revoked_at=None)
    amara.user.is_active = False
    assert actor_for(amara.user).grants == ()


@pytest.mark.parametrize("role", sorted(REVEALING_ROLES))
def test_revealing_role_without_second_factor_is_inert(holder: Callable[[Role], Persona], role: Role) -> None:
    by = holder(role).actor_without_factor()

    assert by.live_grants == ()
    assert not any(may(by, permission) for permission in Permission)


def test_other_roles_work_without_second_factor(bilal: Persona) -> None:
    assert may(bilal.actor_without_factor(), Permission.CASE_READ)


def test_demonstration_lets_revealing_roles_work_without_second_factor(
    amara: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SECOND_FACTOR_OPTIONAL", True)

    assert may(amara.actor_without_factor(), Permission.IDENTITY_REVEAL)
    require_fresh(amara.actor_without_factor(), Permission.EXPORT)


@pytest.mark.parametrize("permission", sorted(FRESH_FOR))
def test_second_factor_must_be_fresh(sari: Persona, permission: Permission) -> None:
    within = FRESH_FOR[permission]

    require_fresh(sari.actor(second_factor_at=clock.now() - within + timedelta(seconds=5)), permission)
    with pytest.raises(SecondFactorNeeded):
        require_fresh(sari.actor(second_factor_at=clock.now() - within - timedelta(seconds=5)), permission)
    with pytest.raises(SecondFactorNeeded):
        require_fresh(sari.actor_without_factor(), permission)


@pytest.mark.parametrize("via", ["api", "cli", "task"])
def test_programs_and_the_machine_give_no_second_factor(sari: Persona, via: str) -> None:
    require_fresh(replace(sari.actor_without_factor(), via=via), Permission.EXPORT)


def test_clock_can_be_held_still() -> None:
    moment = clock.now() - timedelta(days=400)

    with clock.fixed(moment):
        assert clock.now() == moment
        assert clock.today() <= moment.date() + timedelta(days=1)
    assert clock.now() > moment
