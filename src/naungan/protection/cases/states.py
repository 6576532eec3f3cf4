"""The case's state machine as one table (domain reference, section 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from naungan.access.policy import Permission
from naungan.protection.transitions import Transition


class State(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    TRANSFERRED = "transferred"


class Step(StrEnum):
    """What moves a case."""

    HOLD = "hold"
    RESUME = "resume"
    FOLLOW_UP = "follow_up"
    CLOSE = "close"
    TRANSFER = "transfer"
    REOPEN = "reopen"


CLOSING = ("closure_reason", "later_contact", "retention_until", "safety_plan", "services_ended", "referrals_settled")

TRANSITIONS: Mapping[tuple[State, Step], Transition[State]] = {
    (State.OPEN, Step.HOLD): Transition(State.ON_HOLD, Permission.CASE_MOVE, ("reason",)),
    (State.ON_HOLD, Step.RESUME): Transition(State.OPEN, Permission.CASE_MOVE),
    (State.OPEN, Step.FOLLOW_UP): Transition(State.FOLLOW_UP, Permission.CASE_MOVE),
    (State.ON_HOLD, Step.FOLLOW_UP): Transition(State.FOLLOW_UP, Permission.CASE_MOVE),
    (State.FOLLOW_UP, Step.RESUME): Transition(State.OPEN, Permission.CASE_MOVE),
    (State.FOLLOW_UP, Step.CLOSE): Transition(State.CLOSED, Permission.CASE_CLOSE, CLOSING),
    (State.FOLLOW_UP, Step.TRANSFER): Transition(State.TRANSFERRED, Permission.CASE_CLOSE, CLOSING),
    (State.CLOSED, Step.REOPEN): Transition(State.OPEN, Permission.CASE_CLOSE, ("reason",)),
    (State.TRANSFERRED, Step.REOPEN): Transition(State.OPEN, Permission.CASE_CLOSE, ("reason",)),
}

LIVE = frozenset({State.OPEN, State.ON_HOLD, State.FOLLOW_UP})

# HTCDS 2.0 has four values; ours map down, and theirs come in as the nearest of ours.
TO_HTCDS: Mapping[State, str] = {
    State.OPEN: "Active",
    State.ON_HOLD: "Active",
    State.FOLLOW_UP: "FollowUp",
    State.CLOSED: "Closed",
    State.TRANSFERRED: "ClosedReferred",
}
FROM_HTCDS: Mapping[str, State] = {
    "Active": State.OPEN,
    "FollowUp": State.FOLLOW_UP,
    "Closed": State.CLOSED,
    "ClosedReferred": State.TRANSFERRED,
}

STATE_WORDS: Mapping[State, object] = {
    State.OPEN: _("Open"),
    State.ON_HOLD: _("On hold"),
    State.FOLLOW_UP: _("Follow-up"),
    State.CLOSED: _("Closed"),
    State.TRANSFERRED: _("Closed, transferred"),
}
STEP_WORDS: Mapping[Step, object] = {
    Step.HOLD: _("Put on hold"),
    Step.RESUME: _("Resume"),
    Step.FOLLOW_UP: _("Start follow-up"),
    Step.CLOSE: _("Close the case"),
    Step.TRANSFER: _("Close: handed over to another organisation"),
    Step.REOPEN: _("Reopen"),
}
CLOSURE_REASONS: Mapping[str, object] = {
    "goals_met": _("Goals met"),
    "moved": _("Moved away"),
    "withdrew": _("The person withdrew"),
    "lost_contact": _("Contact lost after repeated attempts"),
    "died": _("The person died"),
    "transferred": _("Handed over to another organisation"),
    "not_eligible": _("Not eligible for this help"),
}


def steps_from(state: State) -> dict[Step, Transition[State]]:
    """The steps that the table allows from a state."""
    return {step: transition for (origin, step), transition in TRANSITIONS.items() if origin == state}
