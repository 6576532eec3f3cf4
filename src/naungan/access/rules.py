"""Turns the policy table into answers: which records, and this record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.errors import Forbidden, NotFound, SecondFactorNeeded
from naungan.access.policy import FRESH_FOR, Permission, Relation

Record = TypeVar("Record", bound=Model)


class Scope(Protocol):
    """How one model answers for its records: the rows that a relation reaches."""

    def __call__(self, by: Actor, relations: dict[Relation, frozenset[int | None]]) -> Q: ...


_scopes: dict[type[Model], tuple[Scope, Permission]] = {}


def register(model: type[Model], *, seen_with: Permission) -> Callable[[Scope], Scope]:
    """Tell access how a model's records are reached, and which permission lets one know they exist."""

    def keep(scope: Scope) -> Scope:
        _scopes[model] = (scope, seen_with)
        return scope

    return keep


def visible(by: Actor, permission: Permission, model: type[Record]) -> QuerySet[Record]:
    """The records on which `by` has the permission."""
    scope, _ = _scopes[model]
    relations = by.relations(permission)
    records: QuerySet[Record] = model._default_manager.all()
    return records.filter(scope(by, relations)) if relations else records.none()


def require(by: Actor, permission: Permission, record: Model | None = None) -> None:
    """
    Let `by` go on, or refuse.

    Raises:
        NotFound: the record is outside the scope of the one who asks.
        Forbidden: it is inside, but the role does not give this permission.
        SecondFactorNeeded: the permission asks for a fresher second factor.
    """
    if not may(by, permission, record):
        if record is not None and not _knows_of(by, record):
            raise NotFound("There is no such record.")
        raise Forbidden(permission.value)
    require_fresh(by, permission)


def may(by: Actor, permission: Permission, record: Model | None = None) -> bool:
    """Whether the permission is given, freshness aside."""
    relations = by.relations(permission)
    if not relations:
        return False
    if record is None:
        return True
    scope, _ = _scopes[type(record)]
    return type(record)._default_manager.filter(scope(by, relations), pk=record.pk).exists()


def require_fresh(by: Actor, permission: Permission) -> None:
    """Refuse when the second factor was given too long ago for this permission."""
    within = FRESH_FOR.get(permission)
    if within is None or settings.SECOND_FACTOR_OPTIONAL or by.via in ("api", "cli", "task"):
        return
    if by.second_factor_at is None or clock.now() - by.second_factor_at > within:
        raise SecondFactorNeeded(permission.value)


def _knows_of(by: Actor, record: Model) -> bool:
    _, seen_with = _scopes[type(record)]
    return may(by, seen_with, record)
