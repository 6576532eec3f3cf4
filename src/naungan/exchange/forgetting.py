"""Tells the cases what imports forget with a person who is erased."""

from __future__ import annotations

from naungan.access.actor import Actor
from naungan.protection.cases.erased import forgets_people
from naungan.protection.cases.models import Person


@forgets_people
def forget_imports(by: Actor, person: Person) -> None:
    """The raw files in which the person stands."""
    from naungan.exchange.actions.closing import forget_files_of  # noqa: PLC0415 - start-up needs no reader of workbooks

    forget_files_of(by=by, person=person)
