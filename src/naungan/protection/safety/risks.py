"""
What may endanger a person, how a level comes of it, and how soon it is looked at again.

Sources: threats, triggers and the rule "level is the largest, not the mean" from the domain reference, section 8.8; the
three steps of the scales, the limits of the levels and the days of review are our own, as that section marks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Level(StrEnum):
    """How endangered somebody is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


THREATS: Mapping[str, object] = {
    "address_known": _("The trafficker knows where the person lives or works"),
    "relatives": _("Relatives are threatened, or involved"),
    "debt": _("Debt, or people who claim it"),
    "corruption": _("Officials or staff who may be bought"),
    "self_harm": _("The person may harm themselves"),
    "stigma": _("Shame or rejection by family or neighbours"),
    "other": _("Something else"),
}
# One to three; what is not known is asked again, never counted as nothing.
LIKELIHOODS: Mapping[int, object] = {1: _("Unlikely"), 2: _("Possible"), 3: _("Likely")}
IMPACTS: Mapping[int, object] = {1: _("Bearable"), 2: _("Serious"), 3: _("Life or freedom at risk")}

LEVEL_WORDS: Mapping[Level, object] = {
    Level.LOW: _("Low risk"),
    Level.MEDIUM: _("Medium risk"),
    Level.HIGH: _("High risk"),
}
REVIEW_AFTER: Mapping[Level, timedelta] = {
    Level.HIGH: timedelta(days=7),
    Level.MEDIUM: timedelta(days=30),
    Level.LOW: timedelta(days=90),
}

TRIGGERS: Mapping[str, object] = {
    "threat": _("A threat, a visit or a call"),
    "status": _("The status of the person changed"),
    "return": _("Return or travel comes near"),
    "trial": _("A date in court"),
    "media": _("Press or social media"),
    "other": _("Something else"),
}

MEASURES: Mapping[str, object] = {
    "emergency_help": _("Emergency help: food, clothes, medicine, money"),
    "shelter": _("Shelter"),
    "relocation": _("Another place to live"),
    "escort": _("Escort"),
    "contact": _("Safe telephone or contact"),
    "police": _("Protection by the police"),
    "lpsk": _("Protection by LPSK"),
    "court_order": _("Court order"),
    "no_publicity": _("No publicity, closed hearing"),
    "other": _("Something else"),
}


def level_of(threats: Mapping[str, tuple[int, int]]) -> Level:
    """
    The level of a plan: the largest of likelihood times impact, one to nine, over all threats.

    Args:
        threats: Likelihood and impact, each 1 to 3, by threat; none is low.
    """
    largest = max((likelihood * impact for likelihood, impact in threats.values()), default=0)
    return Level.HIGH if largest >= 6 else Level.MEDIUM if largest >= 3 else Level.LOW
