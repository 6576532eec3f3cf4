"""Safety plans: how a level comes about, when it is reviewed, and what reopens it (F02)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naungan.access import clock
from naungan.access.errors import Forbidden, NotFound
from naungan.access.models import Notice
from naungan.access.rules import standing
from naungan.protection.cases.actions import finish_deadline
from naungan.protection.cases.models import Case, Deadline
from naungan.protection.cases.queries import timeline, work_list
from naungan.protection.safety import actions
from naungan.protection.safety.actions import Draft
from naungan.protection.safety.errors import NotRecorded, PlanIncomplete, StepNotAllowed
from naungan.protection.safety.models import SafetyPlan
from naungan.protection.safety.queries import safety_of
from naungan.protection.safety.risks import THREATS, Level, level_of
from naungan.protection.safety.states import State
from naungan.vault.models import SealedItem
from tests.personas import Persona, case_of
from tests.protection.safety.planning import HIGH, LOW, MEDIUM, draft, endangered, planned

SCORE = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(threats=st.dictionaries(st.sampled_from(sorted(THREATS)), SCORE, min_size=1), more=SCORE)
def test_the_level_is_the_largest_and_another_threat_never_lowers_it(
    threats: dict[str, tuple[int, int]], more: tuple[int, int]
) -> None:
    order = [Level.LOW, Level.MEDIUM, Level.HIGH]
    alone = [level_of({kind: score}) for kind, score in threats.items()]

    assert level_of(threats) is max(alone, key=order.index)
    assert order.index(level_of({**threats, "more": more})) >= order.index(level_of(threats))


@pytest.mark.parametrize(("threats", "days"), [(HIGH, 7), (MEDIUM, 30), (LOW, 90)])
def test_the_level_sets_the_next_review(amara: Persona, threats: dict[str, tuple[int, int]], days: int) -> None:
    plan = planned(amara, case_of(amara), threats=threats)

    assert plan.deadline is not None
    assert plan.active_from is not None
    assert abs(plan.deadline.due_at - plan.active_from - timedelta(days=days)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"threats": {}}, "threats"),
        ({"threats": {"rumour": (1, 1)}}, "threats"),
        ({"threats": {"debt": (0, 3)}}, "threats"),
        ({"threats": {"debt": (1, 4)}}, "threats"),
        ({"steps": "   "}, "steps"),
        ({"steps": "x" * 100_000}, "steps"),
        ({"agreed": False}, "agreed"),
    ],
)
def test_a_plan_that_lacks_something_is_refused_and_names_it(
    amara: Persona, change: dict[str, object], guard: str
) -> None:
    case = case_of(amara)
    standing_plan = planned(amara, case)

    with pytest.raises(PlanIncomplete) as refused:
        actions.put_into_force(by=amara.actor(), case=case, draft=draft(**change))

    assert refused.value.missing == [guard]
    assert SafetyPlan.objects.get(state=State.ACTIVE.value) == standing_plan


def test_a_new_plan_replaces_the_one_before(amara: Persona) -> None:
    case = case_of(amara)
    planned(amara, case)
    planned(amara, case, threats=LOW)

    known = safety_of(standing(amara.actor(), case))
    assert [one.state for one in known.plans] == [State.ACTIVE, State.SUPERSEDED]
    assert [item.kind for item in work_list(amara.actor())] == ["safety_review"]


def test_a_high_risk_falls_due_after_a_week(amara: Persona) -> None:
    case = case_of(amara)
    planned(amara, case)

    with clock.fixed(clock.now() + timedelta(days=7, minutes=1)):
        known = safety_of(standing(amara.actor(), case))
        assert known.in_force is not None
        assert known.in_force.state is State.REVIEW_DUE


def test_a_danger_makes_the_plan_due_at_once(amara: Persona) -> None:
    case = case_of(amara)
    planned(amara, case)
    endangered(amara, case)

    known = safety_of(standing(amara.actor(), case))
    assert known.in_force is not None
    assert known.in_force.state is State.REVIEW_DUE
    assert [item.is_late for item in work_list(amara.actor())] == [True]


def test_a_danger_tells_the_supervisor(amara: Persona, sari: Persona) -> None:
    case = case_of(amara)
    endangered(amara, case)

    assert Notice.objects.filter(user=sari.user, kind="safety").count() == 1


def test_what_happened_is_sealed_and_stands_on_the_timeline(amara: Persona) -> None:
    case = case_of(amara)
    endangered(amara, case, words="Pria bermotor di depan rumah")

    lines, _ = timeline(standing(amara.actor(), case))
    assert [line.text for line in lines if line.kind == "safety"] == ["Pria bermotor di depan rumah"]
    assert not any(b"bermotor" in bytes(row.ciphertext) for row in SealedItem.objects.all())


def test_looking_at_a_plan_sets_the_next_review(amara: Persona) -> None:
    case = case_of(amara)
    plan = planned(amara, case)
    endangered(amara, case)

    actions.confirm(by=amara.actor(), case=case, ref=plan.ref)

    assert [item.is_late for item in work_list(amara.actor())] == [False]


def test_a_plan_made_after_a_danger_answers_it(amara: Persona) -> None:
    case = case_of(amara)
    endangered(amara, case)
    planned(amara, case)

    assert Deadline.objects.filter(kind="safety_review", done_at=None).count() == 1


def test_no_tick_ends_the_clock_of_a_review(amara: Persona) -> None:
    plan = planned(amara, case_of(amara))

    assert plan.deadline is not None
    with pytest.raises(NotFound):
        finish_deadline(by=amara.actor(), ref=plan.deadline.ref)


def test_two_people_on_one_plan_and_the_second_is_told(amara: Persona, sari: Persona) -> None:
    case = case_of(amara)
    first = planned(amara, case)
    planned(sari, case, threats=LOW)

    with pytest.raises(StepNotAllowed):
        actions.confirm(by=amara.actor(), case=case, ref=first.ref)


def test_closing_a_plan_needs_a_reason_and_ends_its_clock(amara: Persona) -> None:
    case = case_of(amara)
    plan = planned(amara, case)

    with pytest.raises(NotRecorded):
        actions.close(by=amara.actor(), case=case, ref=plan.ref, reason=" ")
    actions.close(by=amara.actor(), case=case, ref=plan.ref, reason="Sudah pindah jauh.")

    assert work_list(amara.actor()) == []


@pytest.mark.parametrize(("trigger", "words"), [("earthquake", "x"), ("threat", "  "), ("threat", "x" * 100_000)])
def test_a_danger_that_says_nothing_is_refused(amara: Persona, trigger: str, words: str) -> None:
    case = case_of(amara)

    with pytest.raises(NotRecorded):
        endangered(amara, case, trigger, words)

    assert not Deadline.objects.exists()


def test_emergency_help_is_given_before_any_status_plan_or_consent(amara: Persona) -> None:
    case = case_of(amara)

    measure = actions.add_measure(
        by=amara.actor(), case=case, kind="emergency_help", from_on=clock.today(), words="Makanan dan obat"
    )

    assert Case.objects.get(pk=case.pk).trafficking_status == ""
    assert safety_of(standing(amara.actor(), case)).words == {measure.ref: "Makanan dan obat"}


def test_a_measure_does_not_end_before_it_begins(amara: Persona) -> None:
    case, today = case_of(amara), clock.today()

    with pytest.raises(NotRecorded):
        actions.add_measure(
            by=amara.actor(), case=case, kind="escort", from_on=today, until_on=today - timedelta(days=1)
        )


def test_a_measure_ends_on_a_day(amara: Persona) -> None:
    case = case_of(amara)
    measure = actions.add_measure(by=amara.actor(), case=case, kind="escort", from_on=clock.today())

    assert actions.end_measure(by=amara.actor(), case=case, ref=measure.ref).until_on == clock.today()
    with pytest.raises(NotFound):  # it has ended
        actions.end_measure(by=amara.actor(), case=case, ref=measure.ref)


def test_others_find_nothing_and_observers_write_nothing(amara: Persona, chen: Persona, bilal: Persona) -> None:
    case = case_of(amara)

    with pytest.raises(NotFound):
        safety_of(standing(chen.actor(), case))
    with pytest.raises(Forbidden):
        actions.put_into_force(by=bilal.actor(), case=case, draft=Draft(HIGH, "x", agreed=True))
