"""
Turns the policy table into answers: which records, and this record.

A model registers the rule once for lists (`register`, a condition that the database applies) and may tell how one
record is judged (`judged_by`); a test holds the two to the same answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.errors import Forbidden, NotFound, SecondFactorNeeded
from naungan.access.policy import FRESH_FOR, Permission, Relation

Record = TypeVar("Record", bound=Model)
Relations = dict[Relation, frozenset[int | None]]
Reaches = Callable[[Relations], bool]
Judge = Callable[[Actor, Record], Reaches]


class Scope(Protocol):
    """How one model answers for its records: the rows that a relation reaches."""

    def __call__(self, by: Actor, relations: Relations) -> Q: ...


_scopes: dict[type[Model], tuple[Scope, Permission]] = {}
_judges: dict[type[Model], Judge[Any]] = {}


def register(model: type[Model], *, seen_with: Permission) -> Callable[[Scope], Scope]:
    """Tell access how a model's records are reached, and which permission lets one know they exist."""

    def keep(scope: Scope) -> Scope:
        _scopes[model] = (scope, seen_with)
        return scope

    return keep


def judged_by(model: type[Record]) -> Callable[[Judge[Record]], Judge[Record]]:
    """Tell access how one record of a model is judged after a single question to the database."""

    def keep(judge: Judge[Record]) -> Judge[Record]:
        _judges[model] = judge
        return judge

    return keep


@dataclass(frozen=True)
class Standing(Generic[Record]):
    """What somebody is to one record, asked of the database once: every button of a page is answered from it."""

    by: Actor
    record: Record
    reaches: Reaches

    def may(self, permission: Permission) -> bool:
        """Whether the permission is given, freshness aside."""
        relations = self.by.relations(permission)
        return bool(relations) and self.reaches(relations)

    def require(self, permission: Permission) -> None:
        """The same as `require` for this record."""
        self.require_given(permission)
        require_fresh(self.by, permission)

    def require_given(self, permission: Permission) -> None:
        """The same, freshness aside."""
        if not self.may(permission):
            _, seen_with = _scopes[type(self.record)]
            if not self.may(seen_with):
                raise NotFound("There is no such record.")
            raise Forbidden(permission.value)


def standing(by: Actor, record: Record) -> Standing[Record]:
    """What `by` is to a record now; keep it no longer than the work at hand."""
    judge = _judges.get(type(record), _judge)
    return Standing(by, record, judge(by, record))


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
    if record is not None:
        standing(by, record).require(permission)
        return
    if not may(by, permission):
        raise Forbidden(permission.value)
    require_fresh(by, permission)


def may(by: Actor, permission: Permission, record: Model | None = None) -> bool:
    """Whether the permission is given, freshness aside."""
    if record is not None:
        return standing(by, record).may(permission)
    return bool(by.relations(permission))


def require_fresh(by: Actor, permission: Permission) -> None:
    """Refuse when the second factor was given too long ago for this permission."""
    within = FRESH_FOR.get(permission)
    if within is None or settings.SECOND_FACTOR_OPTIONAL or by.via in ("api", "cli", "task"):
        return
    if by.second_factor_at is None or clock.now() - by.second_factor_at > within:
        raise SecondFactorNeeded(permission.value)


def _judge(by: Actor, record: Model) -> Reaches:
    """Ask the database for each relation anew, where a model has no judge of its own."""
    model = type(record)
    scope, _ = _scopes[model]
    return lambda relations: model._default_manager.filter(scope(by, relations), pk=record.pk).exists()
