"""Who works on a case: no case without an owner, restricted cases, conflicts, emergency access."""

from __future__ import annotations

from datetime import timedelta

import pytest

from naungan.access import clock
from naungan.access.actions import deactivate_user, revoke_role
from naungan.access.errors import NotFound, Refused
from naungan.access.models import AuditEntry, Notice, Organisation, Team
from naungan.access.policy import Permission, Role
from naungan.access.rules import may, visible
from naungan.protection.cases.actions import (
    assign_case,
    assign_cases,
    hand_over_caseload,
    lift_conflict,
    lift_restriction,
    mark_conflict,
    move_case,
    open_emergency_access,
    restrict_case,
    set_deadline,
    share_case,
    share_cases,
    unassign_case,
    undo_assignments,
    unshare_case,
)
from naungan.protection.cases.errors import CannotAssign, WouldLeaveUnowned
from naungan.protection.cases.models import Case, CaseRelation
from naungan.protection.cases.queries import work_list
from naungan.protection.cases.queries.lists import worker_names
from naungan.protection.cases.queries.people import caseloads
from naungan.protection.cases.states import Step
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

    done = hand_over_caseload(by=sari.actor(), leaving=amara.user, to=rina.user)

    assert (done.moved, done.left) == (3, 0)
    assert all(reads(rina, case) for case in cases)


def _owed(persona: Persona) -> list[str]:
    return [item.ref for item in work_list(persona.actor()) if item.kind == "contact"]


def _due(persona: Persona, case: Case) -> str:
    due_at = clock.now() + timedelta(days=3)
    return set_deadline(by=persona.actor(), case=case, kind="contact", due_at=due_at, user=persona.user).ref


@pytest.mark.parametrize("way", ["caseload", "bulk", "single", "unassign", "conflict"])
def test_what_is_due_passes_on_with_the_case(amara: Persona, rina: Persona, sari: Persona, way: str) -> None:
    case = case_of(amara)
    ref = _due(amara, case)
    by = sari.actor()
    if way == "caseload":
        hand_over_caseload(by=by, leaving=amara.user, to=rina.user)
    elif way == "bulk":
        assign_cases(by=by, codes=[case.code], to=rina.user)
    else:
        assign_case(by=by, case=case, to=rina.user, instead_of=amara.user if way == "single" else None)
    if way == "unassign":
        unassign_case(by=by, case=case, user=amara.user)
    if way == "conflict":
        mark_conflict(by=by, case=case, user=amara.user, reason="Keluarga terduga pelaku")

    assert (_owed(amara), _owed(rina)) == ([], [ref])


def test_what_somebody_owes_on_a_case_out_of_reach_is_not_on_their_list(
    amara: Persona, rina: Persona, sari: Persona
) -> None:
    case = case_of(amara)
    due_at = clock.now() + timedelta(days=3)
    set_deadline(by=amara.actor(), case=case, kind="contact", due_at=due_at, user=rina.user)
    restrict_case(by=sari.actor(), case=case, named=[], reason="Ancaman")

    assert _owed(rina) == []


def test_hand_over_leaves_what_the_supervisor_may_not_see_and_says_how_many(
    amara: Persona, rina: Persona, sari: Persona, tono: Persona
) -> None:
    free, closed = case_of(amara), case_of(amara)
    restrict_case(by=sari.actor(), case=closed, named=[], reason="Ancaman")

    done = hand_over_caseload(by=tono.actor(), leaving=amara.user, to=rina.user)

    assert (done.moved, done.left) == (1, 1)
    assert reads(rina, free)
    assert not reads(rina, closed)


def test_a_share_ends_and_the_last_team_stays(
    amara: Persona, sari: Persona, team_1: Team, team_2: Team, rina: Persona
) -> None:
    case = case_of(amara)
    share_case(by=sari.actor(), case=case, with_team=team_2)
    unshare_case(by=sari.actor(), case=case, team=team_2)

    assert not case.relations.filter(kind="team", team=team_2).exists()
    with pytest.raises(WouldLeaveUnowned):
        unshare_case(by=sari.actor(), case=case, team=team_1)


def test_a_conflict_that_was_marked_by_mistake_is_lifted(amara: Persona, rina: Persona, sari: Persona) -> None:
    case = case_of(amara)
    mark_conflict(by=sari.actor(), case=case, user=rina.user, reason="Salah orang")
    lift_conflict(by=sari.actor(), case=case, user=rina.user, reason="Salah orang")
    assign_case(by=sari.actor(), case=case, to=rina.user)

    assert reads(rina, case)


def test_the_last_working_role_is_not_taken_from_somebody_who_holds_open_cases(esra: Persona, amara: Persona) -> None:
    case_of(amara)

    with pytest.raises(Refused):
        revoke_role(by=esra.actor(), grant=amara.user.grants.get())
    assert amara.user.grants.get().revoked_at is None


def test_a_case_that_lives_again_belongs_to_somebody_who_can_work_on_it(
    esra: Persona, amara: Persona, sari: Persona
) -> None:
    case = case_of(amara)
    given = {"closure_reason": "goals_met", "later_contact": True, "retention_until": clock.today() + timedelta(days=9)}
    ready = {"safety_plan": True, "services_ended": True, "referrals_settled": True, "reason": "Selesai"}
    move_case(by=sari.actor(), case=case, step=Step.FOLLOW_UP)
    move_case(by=sari.actor(), case=case, step=Step.CLOSE, given={**given, **ready})
    deactivate_user(by=esra.actor(), user=amara.user)

    move_case(by=sari.actor(), case=case, step=Step.REOPEN, given={"reason": "Perlu bantuan lagi"})

    assert [row.user for row in case.relations.filter(kind="assigned")] == [sari.user]


def test_somebody_who_was_only_invited_is_offered_no_case(
    org_a: Organisation, team_1: Team, amara: Persona, sari: Persona
) -> None:
    invited = make_persona("undangan", org_a, Role.CASEWORKER, team=team_1)
    invited.user.set_unusable_password()
    invited.user.save()

    assert "Undangan" not in [name for _, name in worker_names(org_a.pk)]
    with pytest.raises(CannotAssign, match="person"):
        assign_case(by=sari.actor(), case=case_of(amara), to=invited.user)


def test_whoever_holds_a_case_without_a_role_is_among_the_caseloads(amara: Persona, sari: Persona) -> None:
    case_of(amara)
    amara.user.grants.update(revoked_at=clock.now())

    row = next(row for row in caseloads(sari.actor()) if row.user == amara.user)
    assert (row.open_cases, row.can_work) == (1, False)


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
    assert CaseRelation.objects.filter(kind="own_intake", user=amara.user).count() == 2
    assert visible(amara.actor(), Permission.CASE_WRITE, Case).count() == 2


def test_many_cases_are_shared_with_a_team_at_once(amara: Persona, sari: Persona, team_2: Team) -> None:
    codes = [case_of(amara).code for _ in range(2)]

    answer = sari.client().post("/cases/bulk/", {"code": [*codes, "AAAA-AAAA-A"], "to": f"team:{team_2.ref}"})

    assert answer.status_code == 302
    held = CaseRelation.objects.filter(kind="team", team=team_2).values_list("case__code", flat=True)
    assert set(held) == set(codes)
    assert share_cases(by=sari.actor(), codes=codes, team=team_2) == 0


def test_a_caseworker_shares_nothing_in_bulk(amara: Persona, team_2: Team) -> None:
    code = case_of(amara).code

    assert amara.client().post("/cases/bulk/", {"code": [code], "to": f"team:{team_2.ref}"}).status_code == 403
    assert not CaseRelation.objects.filter(kind="team", team=team_2).exists()


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


def test_emergency_tells_supervisors_of_the_whole_organisation_too(org_a: Organisation, amara: Persona) -> None:
    whole = make_persona("kepala", org_a, Role.SUPERVISOR)
    other = make_persona("darurat", org_a, Role.CASEWORKER)
    case = case_of(amara)

    open_emergency_access(by=other.actor(), code=case.code, reason="Nyawa terancam")

    assert Notice.objects.filter(user=whole.user, kind="emergency").exists()


def test_emergency_in_a_house_without_supervisor_or_officer_tells_its_administrator(
    org_a: Organisation, amara: Persona, esra: Persona
) -> None:
    case = case_of(amara)
    other = make_persona("darurat", org_a, Role.CASEWORKER)

    open_emergency_access(by=other.actor(), code=case.code, reason="Nyawa terancam")

    assert Notice.objects.filter(user=esra.user, kind="emergency").exists()
    page = other.client().post("/cases/emergency/", {"code": case.code, "reason": "Nyawa terancam"}, follow=True)
    assert "1 colleague who reviews it was told" in page.content.decode()
