"""What may be asked about a person's safety: the plan in force, the ones before, and the measures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from naungan.access import clock
from naungan.access.asking import ID, question
from naungan.access.policy import Permission
from naungan.access.rules import Standing
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries import note_reading
from naungan.protection.safety.actions import effective_state
from naungan.protection.safety.models import Measure, SafetyPlan
from naungan.protection.safety.states import State
from naungan.vault import queries as vault


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """One plan with what it says."""

    plan: SafetyPlan
    state: State
    threats: dict[str, tuple[int, int]]
    steps: str


@dataclass(frozen=True, slots=True, repr=False)
class Safety:
    """All that protects a person: plans, newest first, and measures with their words, by reference."""

    plans: list[Shown]
    measures: Sequence[Measure]
    words: dict[str, str] = field(default_factory=dict)

    @property
    def in_force(self) -> Shown | None:
        return next((one for one in self.plans if one.plan.state == State.ACTIVE.value), None)


def safety_of(found: Standing[Case]) -> Safety:
    """
    Plans and measures of a case, with one audit entry.

    Raises:
        NotFound, Forbidden: the case is out of scope, or the role does not read it.
    """
    found.require(Permission.CASE_READ)
    case = found.record
    note_reading(found, False)
    plans = list(SafetyPlan.objects.filter(case=case).select_related("deadline", "made_by").order_by("-pk")[:20])
    measures = list(Measure.objects.filter(case=case).select_related("responsible").order_by("-from_on", "-pk")[:100])
    names = [f"safety:{plan.ref}:{part}" for plan in plans for part in ("threats", "steps")]
    names += [f"measure:{measure.ref}:words" for measure in measures]
    subject = case.person.subject_id
    opened = vault.read([subject], names).get(subject, {}) if names else {}
    return Safety(
        plans=[_shown(plan, opened) for plan in plans],
        measures=measures,
        words={measure.ref: opened.get(f"measure:{measure.ref}:words", "") for measure in measures},
    )


def _shown(plan: SafetyPlan, opened: dict[str, str]) -> Shown:
    threats = json.loads(opened.get(f"safety:{plan.ref}:threats", "{}"))
    return Shown(
        plan=plan,
        state=effective_state(plan, clock.now()),
        threats={kind: (int(likelihood), int(impact)) for kind, (likelihood, impact) in threats.items()},
        steps=opened.get(f"safety:{plan.ref}:steps", ""),
    )


def plan_in_force(case_id: int) -> SafetyPlan | None:
    """The plan in force, for the card beside a case; its texts stay sealed."""
    return _in_force.first(case=case_id)


@question(case=ID)
def _in_force(case: int) -> QuerySet[SafetyPlan]:
    return SafetyPlan.objects.select_related("deadline").filter(case_id=case, state=State.ACTIVE.value)
