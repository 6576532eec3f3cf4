"""Why a file as a whole cannot be read or written."""

from __future__ import annotations

from naungan.standards.checks import Param, Problem


class FormatsError(Exception):
    """Base of the errors of this package."""


class UnreadableFile(FormatsError):
    """The file was refused; `problem` says why and how to mend it, and nothing of it was read."""

    def __init__(self, code: str, **params: Param) -> None:
        self.problem = Problem.of(code, params)
        super().__init__(f"{self.problem.message} {self.problem.fix}")

    @property
    def code(self) -> str:
        """The stable code of the reason."""
        return self.problem.code

    @property
    def message(self) -> str:
        """The reason in English."""
        return self.problem.message

    @property
    def fix(self) -> str:
        """What to do about it, in English."""
        return self.problem.fix


class UnknownForm(FormatsError):
    """No form of this name is published."""
