"""Prints the form on which a person agrees or does not: what is asked, what was told, and room to sign."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from naungan.access import clock
from naungan.access.printing import paper
from naungan.protection.cases.models import Case
from naungan.protection.consent.models import Consent
from naungan.protection.consent.purposes import FIELDS, PURPOSES, TOLD


def consent_pdf(case: Case, asked: Sequence[tuple[Consent, str]], language: str) -> bytes:
    """
    A form for all that a person is asked, to be signed or marked with a thumb.

    Args:
        case: Whose file it is; the form carries its code and no name.
        asked: Each consent with the name of its receiver outside; without one a line is left to write it on.
        language: `id` or `en`.

    Returns:
        bytes: a tagged PDF (PDF/UA-1).
    """
    data = words_of_form(case, asked, language)
    template = resources.files("naungan.protection.consent").joinpath("form.typ").read_text(encoding="utf-8")
    return paper.pdf(template, data)


def words_of_form(case: Case, asked: Sequence[tuple[Consent, str]], language: str) -> dict[str, object]:
    """What the form says, in the order of the page; arguments as above."""
    code = "id" if language == "id" else "en"
    with translation.override(code):
        return {"language": code, **_words(case, asked)}


def _words(case: Case, asked: Sequence[tuple[Consent, str]]) -> dict[str, object]:
    day = date_format(clock.today(), "j F Y")
    return {
        "title": _("What you agree to, and what not"),
        "organisation": case.organisation.name,
        "intro": _(
            "You decide each point for yourself. A no to one point changes nothing in the others, and nothing in the "
            "help you have a right to. If you cannot or do not wish to read, this is read to you in a language you "
            "understand."
        ),
        "told_title": _("You were told"),
        "told": [str(words) for words in TOLD.values()],
        "asked_title": _("You are asked"),
        "asked": [_question(consent, outside) for consent, outside in asked],
        "yes": _("Yes"),
        "no": _("No"),
        "withdrawal_title": _("You may change your mind"),
        "withdrawal": _(
            "Tell us in any way, at any time, without a reason. From then on everybody who worked with your consent "
            "has at most 72 hours to stop, and we tell you when they have."
        ),
        "child": _("Under 18: the child agrees too, and a parent, guardian or representative signs with the child."),
        "signatures": [
            _("The person: signature or mark"),
            _("Parent, guardian or representative, if needed"),
            _("Witness, if needed"),
            _("Interpreter, if there is one"),
            _("For the organisation"),
        ],
        "thumb": _("Thumb print, instead of a signature"),
        "place_and_day": _("Place and day"),
        "footer": _("Case %(code)s, printed %(moment)s") % {"code": case.code, "moment": day},
    }


def _question(consent: Consent, outside: str) -> dict[str, object]:
    known = PURPOSES[consent.purpose]
    recipient = consent.recipient.name if consent.recipient else outside
    facts = []
    if known.names_recipient:
        facts.append([_("To whom"), recipient or "…" * 20])
    if consent.fields:
        facts.append([_("What"), ", ".join(str(FIELDS[field]) for field in consent.fields)])
    facts.append([_("Until"), "…" * 12])
    return {"title": str(known.words), "words": _("Do you agree %(what)s?") % {"what": known.question}, "facts": facts}
