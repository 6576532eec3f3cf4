"""What an agreement needs before it counts: of the conversation, and of each answer given in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from naungan.protection.cases.models import Case
from naungan.protection.consent.purposes import FIELDS, GIVERS, HOW, NEEDS_WITNESS, PURPOSES, TOLD
from naungan.standards import htcds

ADULT_AT = 18
LANGUAGES = frozenset(htcds.FIELDS["prs_PrimaryLanguage"].choices)
MOST_YEARS = 10
MOST_WORDS = 200
PAPER_FOR = timedelta(days=31)


@dataclass(frozen=True, slots=True, repr=False)
class Conversation:
    """
    How the person was asked; the same for every question of one talk.

    `is_child` is what the asker says where the file does not settle it; names are sealed.
    """

    given_on: date | None = None
    language: str = ""
    how: str = ""
    told: Collection[str] = ()
    given_by: str = "self"
    is_child: bool | None = None
    assent: bool | None = None
    guardian_suspected: bool | None = None
    guardian: str = ""
    witness: str = ""
    interpreter: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no to one question; of a yes, until when, and what of all that was asked for may be passed on."""

    yes: bool
    until: date | None = None
    fields: Collection[str] = ()


def adult_from(case: Case) -> date | None:
    """
    The first day on which the person is an adult for certain, by the age at opening; None where no age is recorded.

    The birth date is sealed and stays so: whoever was 16 when the case was opened is 18 two years later at the latest.
    Until that day a child is protected as one (domain reference, section 1, rule 7).
    """
    if case.age_at_opening is None:
        return None
    years = max(0, ADULT_AT - case.age_at_opening)
    opened = case.opened_on
    try:
        return opened.replace(year=opened.year + years)
    except ValueError:  # 29 February
        return date(opened.year + years, 3, 1)


def is_child(case: Case, said: Conversation, today: date) -> bool | None:
    """Whether the person answers as a child; None where the file does not tell and nobody said."""
    adult = adult_from(case)
    return said.is_child if adult is None else today < adult


def missing_of_talk(case: Case, said: Conversation, today: date) -> list[str]:
    """What the conversation lacks for any yes in it to count; named as in `states.GIVING`."""
    child = is_child(case, said, today)
    by_other = said.given_by in ("guardian", "representative")
    met: Mapping[str, bool] = {
        "given_on": given_on_fits(case, said, today),
        "told": set(said.told) == set(TOLD),
        "language": said.language in LANGUAGES,
        "how": said.how in HOW,
        "witness": said.how not in NEEDS_WITNESS or bool(said.witness.strip()),
        "is_child": child is not None,
        "given_by": said.given_by in GIVERS and (by_other or not child),
        "guardian": not by_other or bool(said.guardian.strip()),
        "assent": not child or said.assent is True,
        "trusted": said.given_by != "guardian" or said.guardian_suspected is False,
    }
    return [guard for guard, holds in met.items() if not holds]


def given_on_fits(case: Case, said: Conversation, today: date) -> bool:
    """Whether the day of the answer is one: not to come, and not long before the file was opened, as on paper."""
    return said.given_on is not None and case.opened_on - PAPER_FOR <= said.given_on <= today


def missing_of_answer(
    case: Case, purpose: str, asked: Collection[str], said: Conversation, answer: Answer, today: date
) -> list[str]:
    """What one yes lacks: a term that has not passed and ends when a child grows up, and something to pass on."""
    met: Mapping[str, bool] = {
        "fields": not PURPOSES[purpose].names_recipient or (bool(answer.fields) and set(answer.fields) <= set(asked)),
        "until": _until_fits(case, said, answer.until, today),
    }
    return [guard for guard, holds in met.items() if not holds]


def _until_fits(case: Case, said: Conversation, until: date | None, today: date) -> bool:
    if until is None or until < today or until.year > today.year + MOST_YEARS:
        return False
    adult = adult_from(case)
    return not (is_child(case, said, today) and adult is not None and until >= adult)


def missing_of_question(purpose: str, fields: Collection[str], *, has_recipient: bool) -> list[str]:
    """What a question lacks before it can be put to somebody."""
    known = PURPOSES.get(purpose)
    if known is None:
        return ["purpose"]
    passes_on = known.names_recipient
    met: Mapping[str, bool] = {
        "recipient": has_recipient == passes_on,
        "fields": set(fields) <= set(FIELDS) and bool(fields) == passes_on,
    }
    return [guard for guard, holds in met.items() if not holds]
