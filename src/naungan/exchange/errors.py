"""What imports and exports refuse; no message ever carries a value of a file."""

from __future__ import annotations

from collections.abc import Sequence

from naungan.standards.checks import Problem


class ExchangeError(Exception):
    """Base of what imports and exports refuse."""


class FileRefused(ExchangeError):
    """The file cannot be taken or read; `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class StepNotAllowed(ExchangeError):
    """The batch is not in a state from which this step leads on."""


class BatchWorkedOn(ExchangeError):
    """Somebody has worked on cases of the batch, so it cannot be undone; `count` says on how many."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class RowRefused(ExchangeError):
    """A mended row still breaks rules; each problem names the field, the rule and the fix."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(sorted({problem.code for problem in problems})))
        self.problems = list(problems)


class DiskFull(ExchangeError):
    """There is no room to keep the file or its rows; what was there before is untouched."""


class ReasonMissing(ExchangeError):
    """An export needs a reason."""


class NothingChosen(ExchangeError):
    """No case of the choice is in the scope of the one who asks."""


class ExportGone(ExchangeError):
    """The export was prepared too long ago, or by somebody else; start it again."""
