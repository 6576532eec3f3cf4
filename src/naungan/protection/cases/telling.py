"""Tells the audit viewer what the codes in entries about cases are called."""

from __future__ import annotations

from naungan.access.words import register_values
from naungan.protection.cases.forms import label_of
from naungan.protection.cases.states import STATE_WORDS, State
from naungan.protection.cases.words import DEADLINE_WORDS, ERASE_WORDS, HOLD_WORDS, REASON_WORDS
from naungan.standards import htcds


def field_words(name: str) -> str:
    """A field of the standard in words; nothing for an own field, and for a name that was cut short."""
    return label_of(name) if name in htcds.FIELDS else ""


def state_words(code: str) -> object:
    """A state of a case in words."""
    return STATE_WORDS[State(code)] if code in set(State) else ""


for _words in (REASON_WORDS, ERASE_WORDS, HOLD_WORDS):
    register_values("reason", _words.get)
register_values("kind", DEADLINE_WORDS.get)
register_values("fields", field_words)
register_values("from", state_words)
register_values("to", state_words)
