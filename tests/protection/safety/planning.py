"""What people of the tests plan and record."""

from __future__ import annotations

from typing import Any

from naungan.access import clock
from naungan.protection.cases.models import Case
from naungan.protection.safety import actions
from naungan.protection.safety.actions import Draft
from naungan.protection.safety.models import Measure, SafetyPlan
from tests.personas import Persona

HIGH = {"address_known": (3, 3), "debt": (1, 1)}
MEDIUM = {"relatives": (2, 2)}
LOW = {"stigma": (1, 2)}


def draft(**changes: Any) -> Draft:
    """A plan that lacks nothing."""
    return Draft(**{"threats": HIGH, "steps": "Rumah aman, kata sandi payung.", "agreed": True, **changes})


def planned(by: Persona, case: Case, **changes: Any) -> SafetyPlan:
    """A plan in force."""
    return actions.put_into_force(by=by.actor(), case=case, draft=draft(**changes))


def measured(by: Persona, case: Case, kind: str = "escort", **given: Any) -> Measure:
    """A measure from today on."""
    return actions.add_measure(by=by.actor(), case=case, kind=kind, from_on=clock.today(), **given)


def endangered(by: Persona, case: Case, trigger: str = "threat", words: str = "Telepon ancaman.") -> None:
    """A danger that is reported now."""
    actions.report_danger(by=by.actor(), case=case, trigger=trigger, words=words)
