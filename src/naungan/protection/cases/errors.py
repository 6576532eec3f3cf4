"""What an action on a case refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from naungan.standards.checks import Problem


class CaseError(Exception):
    """Base of what cases refuse."""


class InvalidValues(CaseError):
    """Values break rules; each problem names the field, the rule and the fix."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(sorted({problem.code for problem in problems})))
        self.problems = list(problems)


def words_problem(field: str, words: str, limit: int) -> Problem:
    """What is wrong with words that are empty or too long."""
    if not words:
        return Problem.of("required", field=field)
    return Problem.of("too_long", {"length": len(words), "limit": limit}, field=field)


class EditConflict(CaseError):
    """Somebody saved between reading and saving; both texts are kept to choose from."""

    def __init__(self, *, version: int, theirs: Mapping[str, object], mine: Mapping[str, object]) -> None:
        super().__init__("The record was changed by somebody else.")
        self.version = version
        self.theirs = theirs
        self.mine = mine


class StepNotAllowed(CaseError):
    """The state machine has no such step from here, or a guard is not met; `missing` names the guards."""

    def __init__(self, action: str, missing: Sequence[str] = ()) -> None:
        super().__init__(action)
        self.action = action
        self.missing = list(missing)


class CannotAssign(CaseError):
    """The person cannot take the case: not in the organisation, away for good, or barred by a conflict."""


class WouldLeaveUnowned(CaseError):
    """A case must always have somebody who answers for it."""


class FileRefused(CaseError):
    """An attachment is too large, of a kind not allowed, or infected; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
