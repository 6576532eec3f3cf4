"""Clocks warn by themselves: once a day ahead, once when they have run out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from naungan.access import clock
from naungan.access.models import Notice
from naungan.protection.cases.actions import set_deadline
from naungan.protection.cases.clocks import warn
from naungan.protection.cases.models import Case, Deadline
from tests.personas import Persona, case_of

HOUR = timedelta(hours=1)


def clock_on(by: Persona, hours: int) -> tuple[Case, Deadline]:
    """A clock that runs out after some hours."""
    case = case_of(by)
    return case, set_deadline(by=by.actor(), case=case, kind="safety_review", due_at=clock.now() + hours * HOUR)


def told(*people: Persona) -> list[list[str]]:
    """What each was told, oldest first."""
    return [_kinds(Notice.objects.filter(user=one.user).order_by("pk")) for one in people]


def _kinds(notices: Iterable[Notice]) -> list[str]:
    return [one.kind for one in notices if one.kind.startswith("clock_")]


def test_nobody_is_told_while_there_is_time(amara: Persona, sari: Persona) -> None:
    clock_on(amara, 72)

    assert warn() == 0
    assert told(amara, sari) == [[], []]


def test_the_worker_is_told_once_a_day_ahead(amara: Persona, sari: Persona) -> None:
    clock_on(amara, 23)

    assert [warn(), warn()] == [1, 0]
    assert told(amara, sari) == [["clock_runs_out"], []]


def test_the_supervisor_is_told_once_when_it_has_run_out(amara: Persona, sari: Persona) -> None:
    clock_on(amara, 23)
    warn()

    with clock.fixed(clock.now() + 24 * HOUR):
        assert [warn(), warn()] == [1, 0]
    assert told(amara, sari) == [["clock_runs_out", "clock_ran_out"], ["clock_ran_out"]]


def test_a_clock_that_was_answered_tells_nobody(amara: Persona, sari: Persona) -> None:
    _, due = clock_on(amara, 1)
    Deadline.objects.filter(pk=due.pk).update(done_at=clock.now(), done_by=amara.user)

    assert warn() == 0


def test_a_clock_that_nobody_owns_is_told_to_the_supervisor(amara: Persona, sari: Persona) -> None:
    _, due = clock_on(amara, 1)
    Deadline.objects.filter(pk=due.pk).update(user=None)
    warn()

    assert told(amara, sari) == [[], ["clock_runs_out"]]


def test_a_task_that_is_no_clock_warns_nobody(amara: Persona) -> None:
    set_deadline(by=amara.actor(), case=case_of(amara), kind="review", due_at=clock.now() - HOUR)

    assert warn() == 0
