"""Puts together what the pages of consents draw, and the card of them beside a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from naungan.access import clock
from naungan.access.rules import Standing
from naungan.protection.cases.forms import shown
from naungan.protection.cases.joining import Card, card_beside, titles_of_lines
from naungan.protection.cases.models import Case
from naungan.protection.consent.actions import effective_state
from naungan.protection.consent.models import Confirmation
from naungan.protection.consent.purposes import FIELDS, GIVERS, HOW, PURPOSES
from naungan.protection.consent.queries import Shown, newest_by_purpose
from naungan.protection.consent.states import STATE_WORDS, State

TONES = {State.GIVEN: "done", State.REQUESTED: "accent", State.WITHDRAWN: "danger", State.EXPIRED: "warning"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a consent in words; masked where only a name that nobody revealed would say it."""

    label: str
    text: str
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class Waited:
    """Who must confirm that a withdrawn consent is acted on, and what they said."""

    confirmation: Confirmation
    who: str
    is_masked: bool
    ground: str


@dataclass(frozen=True, slots=True)
class Line:
    """One consent on the page."""

    shown: Shown
    title: object
    pill: Mapping[str, object]
    facts: list[Fact]
    waited: list[Waited]
    may_be_withdrawn: bool


def lines_of(consents: Sequence[Shown]) -> list[Line]:
    """The consents of a case in words."""
    return [
        Line(
            shown=one,
            title=PURPOSES[one.consent.purpose].words,
            pill={"label": STATE_WORDS[one.state], "tone": TONES.get(one.state, "")},
            facts=_facts(one),
            waited=[_waited(one, confirmation) for confirmation in one.confirmations],
            may_be_withdrawn=one.state is State.GIVEN,
        )
        for one in consents
    ]


def _facts(one: Shown) -> list[Fact]:
    consent = one.consent
    facts: list[Fact] = []

    def add(label: str, text: object) -> None:
        if text:
            facts.append(Fact(label, str(text)))

    def name(label: str, part: str) -> None:
        if part in one.has_names:
            facts.append(Fact(label, one.names.get(part, ""), is_masked=part not in one.names))

    add(_("To whom"), consent.recipient.name if consent.recipient else "")
    name(_("To whom"), "recipient")
    add(_("What may be passed on"), ", ".join(str(FIELDS[field]) for field in consent.fields))
    add(_("Answered on"), shown("", consent.given_on))
    add(_("Until"), shown("", consent.until))
    add(_("Language of the talk"), shown("prs_PrimaryLanguage", consent.language) if consent.language else "")
    add(_("How the person answered"), HOW.get(consent.how, ""))
    add(_("Who answered"), GIVERS.get(consent.given_by, ""))
    name(_("Parent, guardian or representative"), "guardian")
    add(_("The child agrees too"), _("Yes") if consent.assent else "")
    name(_("Witness"), "witness")
    name(_("Interpreter"), "interpreter")
    return facts


def _waited(one: Shown, confirmation: Confirmation) -> Waited:
    outside = confirmation.organisation_id is None
    who = confirmation.organisation.name if confirmation.organisation else one.names.get("recipient", "")
    return Waited(confirmation, who, outside and not who, one.grounds.get(confirmation.ref, ""))


@card_beside
def card(found: Standing[Case]) -> Card:
    """Which consents stand, beside the case."""
    case, today = found.record, clock.today()
    rows = [(PURPOSES[one.purpose].words, effective_state(one, today)) for one in newest_by_purpose(case.pk)]
    lines = [{"words": words, "label": STATE_WORDS[state], "tone": TONES.get(state, "")} for words, state in rows]
    return Card(
        id="consents",
        title=_("Consents"),
        url=reverse("consents", args=[case.code]),
        template="consent/card.html",
        context={"lines": lines},
    )


@titles_of_lines("consent")
def title_of(details: Mapping[str, object]) -> str:
    """What a line of the timeline says of a consent."""
    purpose = PURPOSES[str(details["purpose"])].words
    if "answer" in details:
        return _("Acted on the withdrawn consent: %(purpose)s") % {"purpose": purpose}
    words = {
        "asked": _("Consent asked for: %(purpose)s"),
        "given": _("Consent given: %(purpose)s"),
        "refused": _("Consent refused: %(purpose)s"),
        "withdrawn": _("Consent withdrawn: %(purpose)s"),
    }
    return words[str(details["to"])] % {"purpose": purpose}


def moment_words(moment: datetime) -> str:
    """A moment as it is said: day and hour."""
    return date_format(moment, "l, j F Y, H:i")
