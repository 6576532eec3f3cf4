"""The state machine: what the table allows, who may, and what each guard asks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naungan.access import clock
from naungan.access.errors import Forbidden
from naungan.protection.cases.actions import move_case
from naungan.protection.cases.errors import StepNotAllowed
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries import case_page, case_record
from naungan.protection.cases.states import CLOSING, LIVE, TO_HTCDS, TRANSITIONS, State, Step, steps_from
from tests.personas import Persona, case_of


def closing(**changes: object) -> dict[str, object]:
    """All that the guards of closing ask."""
    given_facts: dict[str, object] = {
        "closure_reason": "goals_met",
        "later_contact": True,
        "retention_until": clock.today() + timedelta(days=3650),
        "safety_plan": True,
        "services_ended": True,
        "referrals_settled": True,
    }
    return {**given_facts, **changes}


def closed(persona: Persona) -> Case:
    """A case moved to its end."""
    case = case_of(persona)
    move_case(by=persona.actor(), case=case, step=Step.FOLLOW_UP)
    return move_case(by=persona.actor(), case=case, step=Step.CLOSE, given=closing())


def test_close_leaves_the_open_list(sari: Persona) -> None:
    case = closed(sari)

    assert case.code not in [row.code for row in case_page(sari.actor()).rows]


def test_close_is_exported_with_the_standard_word(sari: Persona) -> None:
    case = closed(sari)

    assert case_record(sari.actor(), case).values["cas_Status"] == "Closed"


@pytest.mark.parametrize("guard", CLOSING)
def test_close_without_a_guard_names_it_and_changes_nothing(sari: Persona, guard: str) -> None:
    case = case_of(sari)
    move_case(by=sari.actor(), case=case, step=Step.FOLLOW_UP)

    with pytest.raises(StepNotAllowed) as refused:
        move_case(by=sari.actor(), case=case, step=Step.CLOSE, given=closing(**{guard: None}))

    assert refused.value.missing == [guard]
    case.refresh_from_db()
    assert case.state == State.FOLLOW_UP


def test_close_with_retention_in_the_past_is_refused(sari: Persona) -> None:
    case = case_of(sari)
    move_case(by=sari.actor(), case=case, step=Step.FOLLOW_UP)

    with pytest.raises(StepNotAllowed):
        move_case(by=sari.actor(), case=case, step=Step.CLOSE, given=closing(retention_until=date(2001, 1, 1)))


def test_reopen_asks_a_reason_and_clears_the_closure(sari: Persona) -> None:
    case = closed(sari)

    with pytest.raises(StepNotAllowed):
        move_case(by=sari.actor(), case=case, step=Step.REOPEN)
    reopened = move_case(by=sari.actor(), case=case, step=Step.REOPEN, given={"reason": "Datang lagi"})

    assert (reopened.state, reopened.closed_on, reopened.closure_reason) == (State.OPEN, None, "")


def test_move_by_observer_is_forbidden(amara: Persona, bilal: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(Forbidden):
        move_case(by=bilal.actor(), case=case, step=Step.FOLLOW_UP)


def test_every_state_maps_to_the_standard() -> None:
    assert set(TO_HTCDS) == set(State)


def test_every_state_can_be_left() -> None:
    assert all(steps_from(state) for state in State)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(list(Step)), max_size=8))
def test_any_walk_stays_on_the_table(sari: Persona, steps: list[Step]) -> None:
    case = case_of(sari)
    for step in steps:
        before = State(case.state)
        allowed = (before, step) in TRANSITIONS
        try:
            case = move_case(by=sari.actor(), case=case, step=step, given=closing(reason="Alasan"))
        except StepNotAllowed:
            assert not allowed
        else:
            assert State(case.state) == TRANSITIONS[before, step].to
        assert case.relations.filter(is_open=State(case.state) in LIVE).count() == case.relations.count()
