"""What can go wrong with the standards library itself; problems in people's data are `checks.Problem`."""

from __future__ import annotations


class StandardsError(Exception):
    """Base of the errors of this package."""


class UnknownField(StandardsError):
    """The field named is not in the standard."""
