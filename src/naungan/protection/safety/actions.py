"""Plans for a person's safety, notes what endangers them, records what protects them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.notices import notify
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.protection.cases import actions as cases
from naungan.protection.cases.models import Case, Deadline
from naungan.protection.safety.errors import NotRecorded, PlanIncomplete, StepNotAllowed
from naungan.protection.safety.models import Measure, SafetyPlan
from naungan.protection.safety.risks import (
    IMPACTS,
    LIKELIHOODS,
    MEASURES,
    REVIEW_AFTER,
    THREATS,
    TRIGGERS,
    Level,
    level_of,
)
from naungan.protection.safety.states import State
from naungan.vault import actions as vault

MOST_LETTERS = 10_000
CLOCK = "safety_review"


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """
    What a plan says.

    Args:
        threats: Likelihood and impact, each 1 to 3, by `THREATS`.
        steps: What is done, by whom, and how one reaches help; sealed.
        agreed: Whether the person agrees to it.
    """

    threats: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    steps: str = ""
    agreed: bool = False


@transaction.atomic
def put_into_force(*, by: Actor, case: Case, draft: Draft) -> SafetyPlan:
    """
    Put a plan into force in place of the one before; its level sets the clock of the next review.

    Raises:
        PlanIncomplete: no threat was looked at, a score is none, the steps are missing or too long, or the person does
            not agree. Nothing was changed.
    """
    require(by, Permission.CASE_WRITE, case)
    missing = _missing(draft)
    if missing:
        raise PlanIncomplete(missing)
    locked = cases.lock(case)
    before = _in_force(locked)
    if before is not None:
        _end(before, State.SUPERSEDED)
    level = level_of(draft.threats)
    plan = SafetyPlan.objects.create(
        case=locked,
        state=State.ACTIVE.value,
        level=level.value,
        agreed=True,
        made_at=clock.now(),
        made_by_id=by.user_id,
        active_from=clock.now(),
        deadline=_set_clock(by, locked, clock.now() + REVIEW_AFTER[level]),
    )
    items = {"threats": json.dumps(dict(draft.threats)), "steps": draft.steps.strip()}
    vault.seal(locked.person.subject, {f"safety:{plan.ref}:{part}": text for part, text in items.items()})
    _note(by, locked, "planned", {"level": level.value})
    return plan


@transaction.atomic
def confirm(*, by: Actor, case: Case, ref: str) -> SafetyPlan:
    """
    Note that a plan was looked at together and holds as it is; the next review is set anew.

    Raises:
        StepNotAllowed: the plan is not in force any more.
    """
    require(by, Permission.CASE_WRITE, case)
    locked = cases.lock(case)
    plan = _of_case(locked, ref)
    plan.deadline = _set_clock(by, locked, clock.now() + REVIEW_AFTER[Level(plan.level)])
    plan.save(update_fields=["deadline"])
    _note(by, locked, "reviewed", {"level": plan.level})
    return plan


@transaction.atomic
def close(*, by: Actor, case: Case, ref: str, reason: str) -> SafetyPlan:
    """
    End a plan that is needed no more; the reason stands on the timeline, sealed.

    Raises:
        StepNotAllowed: the plan is not in force any more.
        NotRecorded: there is no reason.
    """
    require(by, Permission.CASE_WRITE, case)
    words = _words(reason, "reason")
    locked = cases.lock(case)
    plan = _of_case(locked, ref)
    _end(plan, State.CLOSED)
    _stop_clock(by, locked)
    _note(by, locked, "closed", {"level": plan.level}, words)
    return plan


@transaction.atomic
def report_danger(*, by: Actor, case: Case, trigger: str, words: str, at: datetime | None = None) -> Deadline:
    """
    Note that something happened which may endanger the person: the plan must be looked at now, and those who answer
    for the case are told. It needs no plan, no status and no consent.

    Args:
        by: Who heard of it.
        case: Whose file it is.
        trigger: One of `TRIGGERS`.
        words: What happened; sealed.
        at: When, if not now; not in the future.

    Raises:
        NotRecorded: the trigger is unknown, nothing is said, or `at` lies in the future.
    """
    require(by, Permission.CASE_WRITE, case)
    if trigger not in TRIGGERS:
        raise NotRecorded("trigger")
    said = _words(words, "words")
    if at is not None and at > clock.now():
        raise NotRecorded("at")
    locked = cases.lock(case)
    plan = _in_force(locked)
    due = _set_clock(by, locked, clock.now())
    if plan is not None:
        plan.deadline = due
        plan.save(update_fields=["deadline"])
    _note(by, locked, "event", {"trigger": trigger}, said, at=at)
    for user in cases.watchers_of(locked, apart_from=by.user_id):
        notify(user, kind="safety", target=f"/cases/{locked.code}/safety/")
    return due


@transaction.atomic
def add_measure(
    *, by: Actor, case: Case, kind: str, from_on: date, until_on: date | None = None, words: str = ""
) -> Measure:
    """
    Record what protects a person; emergency help needs neither status nor plan.

    Raises:
        NotRecorded: the kind is unknown, or it ends before it begins.
    """
    require(by, Permission.CASE_WRITE, case)
    if kind not in MEASURES:
        raise NotRecorded("kind")
    if until_on is not None and until_on < from_on:
        raise NotRecorded("until_on")
    locked = cases.lock(case)
    measure = Measure.objects.create(
        case=locked, kind=kind, from_on=from_on, until_on=until_on, responsible_id=by.user_id, recorded_at=clock.now()
    )
    if words.strip():
        said = _words(words, "words")
        vault.seal(locked.person.subject, {f"measure:{measure.ref}:words": said})
    _note(by, locked, "measure", {"measure": kind})
    return measure


@transaction.atomic
def end_measure(*, by: Actor, case: Case, ref: str, on: date | None = None) -> Measure:
    """
    Note on which day a measure ended; today when None.

    Raises:
        NotFound: the case has no such measure that goes on.
        NotRecorded: it would end before it began, or in the future.
    """
    require(by, Permission.CASE_WRITE, case)
    locked, today = cases.lock(case), clock.today()
    day = on or today
    measure = Measure.objects.filter(case=locked, ref=ref).first()
    if measure is None or (measure.until_on is not None and measure.until_on <= today):
        raise NotFound("There is no such measure that goes on.")
    if not measure.from_on <= day <= today:
        raise NotRecorded("until_on")
    measure.until_on = day
    measure.save(update_fields=["until_on"])
    _note(by, locked, "measure_ended", {"measure": measure.kind})
    return measure


def effective_state(plan: SafetyPlan, at: datetime) -> State:
    """The state at a moment: a plan in force whose review has come is due."""
    state = State(plan.state)
    due = plan.deadline
    if state is State.ACTIVE and (due is None or due.due_at <= at):
        return State.REVIEW_DUE
    return state


def _missing(draft: Draft) -> list[str]:
    scores = draft.threats.values()
    met = {
        "threats": bool(draft.threats)
        and set(draft.threats) <= set(THREATS)
        and all(likelihood in LIKELIHOODS and impact in IMPACTS for likelihood, impact in scores),
        "steps": 0 < len(draft.steps.strip()) <= MOST_LETTERS,
        "agreed": draft.agreed,
    }
    return [guard for guard, holds in met.items() if not holds]


def _words(text: str, name: str) -> str:
    words = text.strip()
    if not words or len(words) > MOST_LETTERS:
        raise NotRecorded(name)
    return words


def _in_force(case: Case) -> SafetyPlan | None:
    return SafetyPlan.objects.select_for_update(of=("self",)).filter(case=case, state=State.ACTIVE.value).first()


def _of_case(case: Case, ref: str) -> SafetyPlan:
    found = SafetyPlan.objects.select_for_update(of=("self",)).filter(case=case, ref=ref).first()
    if found is None:
        raise NotFound("There is no such plan.")
    if found.state != State.ACTIVE.value:
        raise StepNotAllowed("not in force any more")
    return found


def _end(plan: SafetyPlan, state: State) -> None:
    plan.state, plan.ended_at = state.value, clock.now()
    plan.save(update_fields=["state", "ended_at"])


def _set_clock(by: Actor, case: Case, due_at: datetime) -> Deadline:
    """The one clock of a case, instead of any before: a danger reported before there was a plan is answered by it."""
    _stop_clock(by, case)
    return cases.set_deadline(by=by, case=case, kind=CLOCK, due_at=due_at)


def _stop_clock(by: Actor, case: Case) -> None:
    due = Deadline.objects.filter(case=case, kind=CLOCK, done_at__isnull=True)
    due.update(done_at=clock.now(), done_by_id=by.user_id)


def _note(
    by: Actor, case: Case, what: str, details: Mapping[str, str], words: str = "", *, at: datetime | None = None
) -> None:
    cases.add_line(
        by=by, case=case, kind="safety", action=f"safety.{what}", details={"what": what, **details}, words=words, at=at
    )
