"""What safety refuses."""

from __future__ import annotations

from collections.abc import Sequence


class SafetyError(Exception):
    """Base of what safety refuses."""


class PlanIncomplete(SafetyError):
    """A plan cannot be put into force; `missing` names what it lacks, and nothing was changed."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = list(missing)


class StepNotAllowed(SafetyError):
    """The plan stands somewhere else by now: replaced or closed."""


class NotRecorded(SafetyError):
    """A danger or a measure lacks something; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field
