"""What a private release refuses: a code, the field concerned, what is wrong and how to mend it; never a value."""

from __future__ import annotations

__all__ = ["Refusal", "ReleaseError"]


class ReleaseError(Exception):
    """
    A release, a schema, a table or a ledger that cannot be used as it is.

    Attributes:
        code: Short and stable, for programs: `outside-schema`, `budget-exhausted`...
        field: Column, option or file part concerned; None where it is the whole.
        fix: What to do, a whole sentence.
        row: Row number in the file, the first row after the header being 1; None where no row is meant.
    """

    def __init__(self, code: str, message: str, *, fix: str, field: str | None = None, row: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.fix = fix
        self.row = row

    def __str__(self) -> str:
        return f"{self.args[0]} {self.fix}"


class Refusal(ReleaseError):
    """The release would break a promise, so it does not happen."""
