"""Moves a case along its state machine."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.rules import require
from naungan.protection.cases.actions.people import keep_owned
from naungan.protection.cases.actions.saving import lock
from naungan.protection.cases.errors import StepNotAllowed
from naungan.protection.cases.models import Case, Deadline, Entry
from naungan.protection.cases.relations import touch
from naungan.protection.cases.states import CLOSURE_REASONS, LIVE, TRANSITIONS, State, Step
from naungan.protection.cases.words import SETTLED_AT
from naungan.vault import actions as vault


@transaction.atomic
def move_case(*, by: Actor, case: Case, step: Step, given: dict[str, object] | None = None) -> Case:
    """
    Take one step of the table in `states.py`.

    Args:
        by: Who moves it.
        case: The case, in a state from which the step leads on.
        step: The step.
        given: What the guards ask: `reason` text, `closure_reason` code, `later_contact` yes or no,
            `retention_until` date, and yes for `safety_plan`, `services_ended`, `referrals_settled`.

    Raises:
        StepNotAllowed: no such step from here, or `missing` guards are not met.
        CannotAssign: the case would live again without anybody who works on it.
    """
    locked = lock(case)
    transition = TRANSITIONS.get((State(locked.state), step))
    if transition is None:
        require(by, next(iter(TRANSITIONS.values())).permission, locked)
        raise StepNotAllowed(step.value)
    require(by, transition.permission, locked)
    facts = given or {}
    missing = [guard for guard in transition.guards if not _met(guard, facts)]
    if missing:
        raise StepNotAllowed(step.value, missing)
    before, locked.state = locked.state, transition.to.value
    _settle(locked, facts)
    touch(locked, "state", "closed_on", "closure_reason", "closed_with_contact", "retention_until")
    if State(before) not in LIVE and State(locked.state) in LIVE:
        keep_owned(locked, by=by)
    _record(by, locked, step, before, facts)
    return locked


def _met(guard: str, facts: dict[str, object]) -> bool:
    value = facts.get(guard)
    if guard == "closure_reason":
        return value in CLOSURE_REASONS
    if guard == "retention_until":
        return isinstance(value, date) and value > clock.today()
    if guard == "later_contact":
        return isinstance(value, bool)
    if guard == "reason":
        return isinstance(value, str) and bool(value.strip())
    return value is True


def _settle(case: Case, facts: dict[str, object]) -> None:
    if State(case.state) in LIVE:
        case.closed_on, case.closure_reason, case.closed_with_contact = None, "", None
        case.retention_until = None
        return
    case.closed_on = clock.today()
    case.closure_reason = str(facts["closure_reason"])
    case.closed_with_contact = bool(facts["later_contact"])
    case.retention_until = facts["retention_until"]  # type: ignore[assignment]  # the guard has seen a date
    # What the law has begun to count goes on, whether the case is open or not.
    due = Deadline.objects.filter(case=case, done_at__isnull=True).exclude(kind__in=SETTLED_AT)
    due.update(done_at=clock.now())


def _record(by: Actor, case: Case, step: Step, before: str, facts: dict[str, object]) -> None:
    text = str(facts.get("reason") or "").strip()
    entry = Entry.objects.create(
        case=case,
        kind="moved",
        at=clock.now(),
        by_id=by.user_id,
        details={"from": before, "to": case.state},
        has_text=bool(text),
    )
    items: dict[str, str | None] = {f"note:{entry.ref}": text} if text else {}
    if facts.get("closure_reason"):
        items["cas_ReasonForCaseClosure"] = text or str(CLOSURE_REASONS[str(facts["closure_reason"])])
    if items:
        vault.seal(case.person.subject, items)
    audit.append(
        by=by,
        organisation_id=case.organisation_id,
        action=f"case.{step.value}",
        ref=case.code,
        details={"from": before, "to": case.state},
    )
