"""Who works on a case: no case without an owner, restricted cases, conflicts, emergency access."""

from __future__ import annotations

from datetime import timedelta

import pytest

from naungan.access import clock
from naungan.access.errors import NotFound
from naungan.access.models import AuditEntry, Notice, Organisation, Team
from naungan.access.policy import Permission, Role
from naungan.access.rules import may, visible
from naungan.protection.cases.actions import (
    assign_case,
    assign_cases,
    hand_over_caseload,
    lift_restriction,
    mark_conflict,
    open_emergency_access,
    restrict_case,
    share_case,
    unassign_case,
    undo_assignments,
)
from naungan.protection.cases.errors import CannotAssign, WouldLeaveUnowned
from naungan.protection.cases.models import Case
from tests.personas import Persona, case_of, make_persona


@pytest.fixture
def rina(org_a: Organisation, team_1: Team) -> Persona:
    """A second case manager of team 1."""
    return make_persona("rina", org_a, Role.CASEWORKER, team=team_1)


def reads(persona: Persona, case: Case) -> bool:
    """Whether somebody may read a case's content."""
    return may(persona.actor(), Permission.CASE_READ, case)


def test_assign_gives_the_case_and_takes_it_from_the_one_before(amara: Persona, rina: Persona, sari: Persona) -> None:
    case = case_of(amara)

    assign_case(by=sari.actor(), case=case, to=rina.user, instead_of=amara.user)

    assert reads(rina, case)
    assert not reads(amara, case)


def test_assign_tells_the_colleague_without_code_or_name(amara: Persona, rina: Persona, sari: Persona) -> None:
    assign_case(by=sari.actor(), case=case_of(amara, prs_FirstName="Tini"), to=rina.user)

    assert Notice.objects.get(user=rina.user).kind == "assigned"


def test_unassign_the_last_owner_is_refused(amara: Persona, sari: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(WouldLeaveUnowned):
        unassign_case(by=sari.actor(), case=case, user=amara.user)


@pytest.mark.parametrize(("who", "why"), [("bilal", "role"), ("chen", "person")])
def test_assign_to_somebody_who_cannot_take_it_is_refused(
    amara: Persona, sari: Persona, request: pytest.FixtureRequest, who: str, why: str
) -> None:
    case = case_of(amara)

    with pytest.raises(CannotAssign, match=why):
        assign_case(by=sari.actor(), case=case, to=request.getfixturevalue(who).user)


def test_hand_over_moves_every_case_of_a_leaver(amara: Persona, rina: Persona, sari: Persona) -> None:
    cases = [case_of(amara) for _ in range(3)]

    count = hand_over_caseload(by=sari.actor(), leaving=amara.user, to=rina.user)

    assert count == 3
    assert all(reads(rina, case) for case in cases)


def test_hand_over_stops_whole_when_one_case_cannot_go(amara: Persona, rina: Persona, sari: Persona) -> None:
    free, barred = case_of(amara), case_of(amara)
    mark_conflict(by=sari.actor(), case=barred, user=rina.user, reason="Keluarga terduga pelaku")

    with pytest.raises(CannotAssign):
        hand_over_caseload(by=sari.actor(), leaving=amara.user, to=rina.user)

    assert not reads(rina, free)


def test_bulk_assignment_can_be_undone(amara: Persona, rina: Persona, sari: Persona) -> None:
    codes = [case_of(amara).code for _ in range(2)]

    done = assign_cases(by=sari.actor(), codes=codes, to=rina.user)
    count = undo_assignments(by=sari.actor(), done=done)

    assert count == 2
    assert visible(amara.actor(), Permission.CASE_WRITE, Case).count() == 2


def test_bulk_assignment_of_a_foreign_code_changes_nothing(
    amara: Persona, chen: Persona, rina: Persona, sari: Persona
) -> None:
    mine, foreign = case_of(amara), case_of(chen)

    with pytest.raises(NotFound):
        assign_cases(by=sari.actor(), codes=[mine.code, foreign.code], to=rina.user)

    assert reads(amara, mine)


def test_restricted_case_is_read_by_the_named_alone(
    amara: Persona, rina: Persona, sari: Persona, tono: Persona
) -> None:
    case = case_of(amara)

    restrict_case(by=sari.actor(), case=case, named=[], reason="Ancaman")

    assert reads(amara, case)
    assert not may(tono.actor(), Permission.CASE_LIST, case)
    assert not may(rina.actor(), Permission.CASE_LIST, case)


def test_lifted_restriction_opens_the_case_to_its_team(amara: Persona, sari: Persona, tono: Persona) -> None:
    case = case_of(amara)
    restrict_case(by=sari.actor(), case=case, named=[], reason="Ancaman")

    lift_restriction(by=sari.actor(), case=case, reason="Ancaman berakhir")

    assert may(tono.actor(), Permission.CASE_LIST, case)


def test_conflict_of_interest_bars_even_a_supervisor(amara: Persona, sari: Persona, org_a: Organisation) -> None:
    case = case_of(amara)
    other = make_persona("wati", org_a, Role.SUPERVISOR)

    mark_conflict(by=other.actor(), case=case, user=sari.user, reason="Saudara")

    assert not reads(sari, case)
    assert case not in visible(sari.actor(), Permission.CASE_LIST, Case)


def test_shared_case_is_seen_by_the_other_team_until_its_end(
    amara: Persona, sari: Persona, team_2: Team, org_a: Organisation
) -> None:
    case = case_of(amara)
    other = make_persona("wati", org_a, Role.SUPERVISOR, team=team_2)
    until = clock.now() + timedelta(days=2)

    share_case(by=sari.actor(), case=case, with_team=team_2, until=until)

    assert reads(other, case)
    with clock.fixed(until + timedelta(minutes=1)):
        assert not reads(other, case)


def test_emergency_access_opens_for_an_hour_and_tells_the_watchers(
    amara: Persona, rina: Persona, sari: Persona, dewi: Persona
) -> None:
    case = case_of(amara)

    open_emergency_access(by=rina.actor(), code=case.code, reason="Nyawa terancam malam ini")

    assert reads(rina, case)
    assert {n.user_id for n in Notice.objects.filter(kind="emergency")} == {sari.user.pk, dewi.user.pk}
    with clock.fixed(clock.now() + timedelta(minutes=61)):
        assert not reads(rina, case)


def test_emergency_access_to_a_foreign_case_finds_nothing(amara: Persona, chen: Persona) -> None:
    case = case_of(amara)

    assert open_emergency_access(by=chen.actor(), code=case.code, reason="Nyawa terancam malam ini") is None
    assert not reads(chen, case)


def test_emergency_access_keeps_its_reason_sealed(amara: Persona, rina: Persona) -> None:
    case = case_of(amara)

    open_emergency_access(by=rina.actor(), code=case.code, reason="Kanarikata dalam bahaya")

    entry = AuditEntry.objects.get(ref=case.code, action="case.emergency")
    assert b"Kanarikata" not in bytes(entry.reason or b"")
