"""What every state machine of protection is made of: steps, each with where it leads, who may take it, what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from naungan.access.policy import Permission

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[State]):
    """One allowed step: where it leads, who may take it and what must be given."""

    to: State
    permission: Permission
    guards: tuple[str, ...] = ()
