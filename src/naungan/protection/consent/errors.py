"""What consents refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class ConsentError(Exception):
    """Base of what consents refuse."""


class NotAskable(ConsentError):
    """A consent cannot be asked for as it stands; `missing` names what is not said or does not fit."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = list(missing)


class AnswerRefused(ConsentError):
    """Answers lack what an agreement needs: `shared` of the conversation, `missing` by consent; nothing was saved."""

    def __init__(self, shared: Sequence[str], missing: Mapping[str, Sequence[str]]) -> None:
        super().__init__(", ".join([*shared, *(guard for guards in missing.values() for guard in guards)]))
        self.shared = list(shared)
        self.missing = {ref: list(guards) for ref, guards in missing.items()}


class StepNotAllowed(ConsentError):
    """The consent stands somewhere else by now: answered, withdrawn or run out."""


class MomentRefused(ConsentError):
    """A withdrawal cannot lie in the future or before the consent."""
