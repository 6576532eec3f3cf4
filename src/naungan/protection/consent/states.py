"""The state machine of one consent as a table (domain reference, section 8.6)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from naungan.access.policy import Permission
from naungan.protection.transitions import Transition


class State(StrEnum):
    """Where a consent stands."""

    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What moves a consent."""

    GIVE = "give"
    REFUSE = "refuse"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


# What an agreement needs; `rules.py` says when each is met. A refusal needs nothing but its day.
GIVING = (
    "given_on", "told", "language", "how", "witness", "is_child", "given_by", "guardian", "assent", "trusted", "fields",
    "until",
)  # fmt: skip

TRANSITIONS: Mapping[tuple[State, Step], Transition[State]] = {
    (State.REQUESTED, Step.GIVE): Transition(State.GIVEN, Permission.CASE_WRITE, GIVING),
    (State.REQUESTED, Step.REFUSE): Transition(State.REFUSED, Permission.CASE_WRITE, ("given_on",)),
    # Nobody takes this step: the day after `until` does, so that no consent outlives its term unnoticed.
    (State.GIVEN, Step.EXPIRE): Transition(State.EXPIRED, Permission.CASE_READ, ("until_passed",)),
    (State.GIVEN, Step.WITHDRAW): Transition(State.WITHDRAWN, Permission.CASE_WRITE, ("withdrawn_at",)),
}
# What lies in the database; `expired` is read from the day.
STORED = (State.REQUESTED, State.GIVEN, State.REFUSED, State.WITHDRAWN)

STATE_WORDS: Mapping[State, object] = {
    State.REQUESTED: _("Asked, not answered"),
    State.GIVEN: _("Given"),
    State.REFUSED: _("Refused"),
    State.EXPIRED: _("Expired"),
    State.WITHDRAWN: _("Withdrawn"),
}
