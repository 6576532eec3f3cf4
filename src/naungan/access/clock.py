"""The clock that every rule asks, so that tests can set it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_fixed: ContextVar[datetime | None] = ContextVar("naungan_clock", default=None)


def now() -> datetime:
    """The present moment, with its zone."""
    return _fixed.get() or timezone.now()


def today() -> date:
    """The present day in the installation's zone."""
    return timezone.localtime(now()).date()


@contextmanager
def fixed(moment: datetime) -> Iterator[None]:
    """Hold the clock still at a moment."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
