"""What people of the tests are asked and answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from naungan.access import clock
from naungan.access.models import Organisation
from naungan.protection.cases.models import Case
from naungan.protection.consent import actions
from naungan.protection.consent.actions import Question
from naungan.protection.consent.models import Consent
from naungan.protection.consent.purposes import TOLD
from naungan.protection.consent.rules import Answer, Conversation
from tests.personas import Persona


def talk(**changes: Any) -> Conversation:
    """A conversation that lacks nothing for an adult."""
    said: dict[str, Any] = {
        "given_on": clock.today(),
        "language": "ind",
        "how": "written",
        "told": tuple(TOLD),
        "is_child": False,
    }
    return Conversation(**{**said, **changes})


def childs_talk(**changes: Any) -> Conversation:
    """A conversation that lacks nothing for a child with their guardian."""
    said = {"given_by": "guardian", "guardian": "Ibu Contoh", "guardian_suspected": False, "assent": True}
    return talk(**{"is_child": True, **said, **changes})


def yes(days: int = 60, fields: Sequence[str] = ()) -> Answer:
    """A yes that holds for some days."""
    return Answer(yes=True, until=clock.today() + timedelta(days=days), fields=tuple(fields))


NO = Answer(yes=False)


def asked(by: Persona, case: Case, purpose: str = "interview", **given: Any) -> Consent:
    """One question put to the person of a case."""
    return actions.ask(by=by.actor(), case=case, questions=[Question(purpose, **given)])[0]


def answered(by: Persona, case: Case, consent: Consent, one: Answer, said: Conversation | None = None) -> Consent:
    """The answer to it."""
    made = actions.answer(by=by.actor(), case=case, said=said or talk(), answers={consent.ref: one})
    return made[0]


def given(by: Persona, case: Case, purpose: str = "interview", **changes: Any) -> Consent:
    """A consent that stands."""
    return answered(by, case, asked(by, case, purpose), yes(), talk(**changes))


def withdrawn(by: Persona, case: Case) -> Consent:
    """A consent that was given and taken back."""
    return actions.withdraw(by=by.actor(), case=case, ref=given(by, case).ref)


def shared(by: Persona, case: Case, to: Organisation, fields: Sequence[str] = ("needs", "health")) -> Consent:
    """A consent to share with an organisation."""
    consent = asked(by, case, "share", recipient=to, fields=list(fields))
    return answered(by, case, consent, yes(fields=fields))
