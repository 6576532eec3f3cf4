"""Tells the audit viewer what the codes in entries about files and integrations are called."""

from __future__ import annotations

from naungan.access.words import register_values
from naungan.exchange.api.scopes import SCOPE_WORDS, Scope
from naungan.exchange.states import FORM_WORDS, Form

register_values("scopes", lambda code: SCOPE_WORDS[Scope(code)] if code in set(Scope) else "")
register_values("form", lambda code: FORM_WORDS[Form(code)] if code in set(Form) else "")
