"""Tells the audit viewer what the codes in entries about consents are called."""

from __future__ import annotations

from naungan.access.words import register_values
from naungan.protection.consent.purposes import PURPOSES
from naungan.protection.consent.states import STATE_WORDS, State

register_values("purpose", lambda code: PURPOSES[code].words if code in PURPOSES else "")
# What was done is written as a state, but for asking, which an action's own words say already.
register_values("to", lambda code: STATE_WORDS[State(code)] if code in set(State) else "")
