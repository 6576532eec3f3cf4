"""The state machine of a safety plan as a table (domain reference, section 8.8)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from naungan.access.policy import Permission
from naungan.protection.transitions import Transition


class State(StrEnum):
    """Where a safety plan stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    REVIEW_DUE = "review_due"
    SUPERSEDED = "superseded"
    CLOSED = "closed"


class Step(StrEnum):
    """What moves a safety plan."""

    ACTIVATE = "activate"
    FALL_DUE = "fall_due"
    CONFIRM = "confirm"
    SUPERSEDE = "supersede"
    CLOSE = "close"


# What a plan needs before it is in force; `rules.py` says when each is met.
ACTIVATING = ("threats", "steps", "agreed")

_WRITE = Permission.CASE_WRITE
TRANSITIONS: Mapping[tuple[State, Step], Transition[State]] = {
    (State.DRAFT, Step.ACTIVATE): Transition(State.ACTIVE, _WRITE, ACTIVATING),
    # Nobody takes this step: the day of the review does, or a danger that is reported.
    (State.ACTIVE, Step.FALL_DUE): Transition(State.REVIEW_DUE, Permission.CASE_READ, ("review_passed",)),
    (State.ACTIVE, Step.CONFIRM): Transition(State.ACTIVE, _WRITE),
    (State.REVIEW_DUE, Step.CONFIRM): Transition(State.ACTIVE, _WRITE),
    (State.ACTIVE, Step.SUPERSEDE): Transition(State.SUPERSEDED, _WRITE),
    (State.REVIEW_DUE, Step.SUPERSEDE): Transition(State.SUPERSEDED, _WRITE),
    (State.DRAFT, Step.CLOSE): Transition(State.CLOSED, _WRITE, ("reason",)),
    (State.ACTIVE, Step.CLOSE): Transition(State.CLOSED, _WRITE, ("reason",)),
    (State.REVIEW_DUE, Step.CLOSE): Transition(State.CLOSED, _WRITE, ("reason",)),
}
# What lies in the database; `review_due` is read from the clock.
STORED = (State.DRAFT, State.ACTIVE, State.SUPERSEDED, State.CLOSED)

STATE_WORDS: Mapping[State, object] = {
    State.DRAFT: _("Draft"),
    State.ACTIVE: _("In force"),
    State.REVIEW_DUE: _("Review is due"),
    State.SUPERSEDED: _("Replaced"),
    State.CLOSED: _("Closed"),
}
