"""Who else must forget when a person is erased: an app that keeps something of people enters a way of its own here."""

from __future__ import annotations

from collections.abc import Callable

from naungan.access.actor import Actor
from naungan.protection.cases.models import Person

# Called inside the transaction of the erasure, after the key is destroyed.
Forget = Callable[[Actor, Person], None]
_ways: list[Forget] = []


def forgets_people(way: Forget) -> Forget:
    """Register what an app forgets with a person; a decorator."""
    _ways.append(way)
    return way


def forget_elsewhere(by: Actor, person: Person) -> None:
    """Let every app forget what it keeps of a person."""
    for way in _ways:
        way(by, person)
