"""Puts together what the pages of safety draw, and the card beside a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from naungan.access import clock
from naungan.access.rules import Standing
from naungan.protection.cases.joining import Card, card_beside, titles_of_lines
from naungan.protection.cases.models import Case
from naungan.protection.safety.actions import effective_state
from naungan.protection.safety.models import Measure, SafetyPlan
from naungan.protection.safety.queries import Safety, Shown, plan_in_force
from naungan.protection.safety.risks import (
    IMPACTS,
    LEVEL_WORDS,
    LIKELIHOODS,
    MEASURES,
    THREATS,
    TRIGGERS,
    Level,
    level_of,
)
from naungan.protection.safety.states import STATE_WORDS, State

LEVEL_TONES = {Level.HIGH: "danger", Level.MEDIUM: "warning", Level.LOW: "done"}
STATE_TONES = {State.ACTIVE: "done", State.REVIEW_DUE: "danger"}


@dataclass(frozen=True, slots=True)
class ThreatLine:
    """One threat in words, the gravest first."""

    words: object
    likelihood: object
    impact: object
    level: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One plan on the page."""

    shown: Shown
    pills: list[Mapping[str, object]]
    threats: list[ThreatLine]
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure on the page."""

    measure: Measure
    title: object
    words: str
    goes_on: bool


def plan_lines(known: Safety) -> list[PlanLine]:
    """The plans of a case in words."""
    return [
        PlanLine(one, _pills(one.plan, one.state), _threats(one), one.plan.state == State.ACTIVE.value)
        for one in known.plans
    ]


def measure_lines(known: Safety) -> list[MeasureLine]:
    """The measures of a case in words."""
    today = clock.today()
    return [
        MeasureLine(one, MEASURES[one.kind], known.words.get(one.ref, ""), one.until_on is None or one.until_on > today)
        for one in known.measures
    ]


def _pills(plan: SafetyPlan, state: State) -> list[Mapping[str, object]]:
    level = Level(plan.level)
    pills: list[Mapping[str, object]] = [{"label": STATE_WORDS[state], "tone": STATE_TONES.get(state, "")}]
    if plan.state == State.ACTIVE.value:
        pills.insert(0, _level_pill(level))
    return pills


def _level_pill(level: Level) -> Mapping[str, object]:
    return {"label": LEVEL_WORDS[level], "tone": LEVEL_TONES[level]}


def _threats(one: Shown) -> list[ThreatLine]:
    ordered = sorted(one.threats.items(), key=lambda item: -item[1][0] * item[1][1])
    return [
        ThreatLine(THREATS[kind], LIKELIHOODS[likely], IMPACTS[grave], _level_pill(level_of({kind: (likely, grave)})))
        for kind, (likely, grave) in ordered
    ]


@card_beside
def card(found: Standing[Case]) -> Card:
    """The plan in force and when it is looked at again, beside the case."""
    case = found.record
    plan = plan_in_force(case.pk)
    context: dict[str, object] = {"plan": plan, "url": reverse("safety", args=[case.code])}
    if plan is not None:
        context |= {"pills": _pills(plan, effective_state(plan, clock.now())), "due": plan.deadline}
    return Card(
        id="safety",
        title=_("Safety"),
        url=str(context["url"]),
        template="safety/card.html",
        context=context,
    )


@titles_of_lines("safety")
def title_of(details: Mapping[str, object]) -> str:
    """What a line of the timeline says of safety."""
    what = str(details["what"])
    if what == "event":
        return _("Danger: %(what)s") % {"what": TRIGGERS[str(details["trigger"])]}
    if what in ("measure", "measure_ended"):
        words = _("Protection: %(what)s") if what == "measure" else _("Protection ended: %(what)s")
        return words % {"what": MEASURES[str(details["measure"])]}
    words = {
        "planned": _("Safety plan in force: %(level)s"),
        "reviewed": _("Safety plan reviewed, unchanged: %(level)s"),
        "closed": _("Safety plan closed: %(level)s"),
    }[what]
    return words % {"level": LEVEL_WORDS[Level(str(details["level"]))]}
