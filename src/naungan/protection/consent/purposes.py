"""
What a consent may be for, what of a person it may let go, and what must be told when it is asked for.

Sources: purposes from the domain reference, section 8.6; the six things to tell from the guidance of HTCDS 2.0 on
`con_Consent` (IOM, CC BY 4.0). How long each holds where nobody says otherwise is our own choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose: its words, what the person is asked, and whether something of theirs goes to somebody."""

    words: object
    question: object
    names_recipient: bool = False
    days: int = 365


PURPOSES: Mapping[str, Purpose] = {
    "interview": Purpose(
        _("Interview"), _("that we ask you about what happened, to learn whether and how we can help"), days=90
    ),
    "case_work": Purpose(_("Help and case work"), _("that we keep a file about you and work on the help you want")),
    "share": Purpose(
        _("Sharing with a named organisation"),
        _("that we pass on what is named here to the organisation named here, so that it can help you"),
        names_recipient=True,
        days=180,
    ),
    "police": Purpose(
        _("Cooperation with the police"),
        _("that we pass on what is named here to the police or the prosecutor"),
        names_recipient=True,
        days=180,
    ),
    "medical": Purpose(_("Medical examination and care"), _("that you are examined and treated"), days=180),
    "media": Purpose(_("Photo, film or media"), _("that a picture, a sound or your words are taken or shown"), days=90),
    "research": Purpose(
        _("Research and statistics without identity"),
        _("that what happened is counted and studied, without anything that tells who you are"),
        days=1825,
    ),
    "later_contact": Purpose(
        _("Later contact"), _("that we ask you later how you are, in the way you say is safe"), days=730
    ),
    "transfer_abroad": Purpose(
        _("Transfer to another country"),
        _("that we pass on what is named here to the body named here, in another country"),
        names_recipient=True,
        days=180,
    ),
    "consular_notice": Purpose(
        _("Notice to the consulate"),
        _("that we tell the consulate named here of you"),
        names_recipient=True,
        days=90,
    ),
}

# What may be passed on, in the pieces in which a person can agree to it or not.
FIELDS: Mapping[str, object] = {
    "identity": _("Name, birth date and papers"),
    "contact": _("Safe ways to reach you"),
    "family": _("Family and dependants"),
    "needs": _("What you need now"),
    "health": _("Health"),
    "plan": _("The plan of help and what was done"),
    "account": _("What happened to you"),
    "offenders": _("Who did it"),
    "decision": _("What was decided about you"),
    "files": _("Papers and pictures of the file"),
}

TOLD: Mapping[str, object] = {
    "purpose": _("What we ask this for"),
    "uses": _("How what you tell us is used, and how it might be used"),
    "research": _("That figures without identity may be used for research"),
    "own_data": _("That you may ask to see what is kept about you"),
    "kept_until": _("How long it is kept"),
    "withdrawal": _("That you may change your mind at any time, and how"),
}

HOW: Mapping[str, object] = {
    "written": _("In writing, signed"),
    "thumb_print": _("By thumb print"),
    "spoken": _("In spoken words"),
    "recorded": _("In a recording"),
}
# A mark that can be made for somebody needs somebody who saw it.
NEEDS_WITNESS = frozenset({"thumb_print", "spoken"})

GIVERS: Mapping[str, object] = {
    "self": _("The person"),
    "guardian": _("A parent or guardian"),
    "representative": _("A representative appointed for the person"),
}
