"""The form for a new integration."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from naungan.exchange.api.actions import LASTS_DAYS, NAME_MOST
from naungan.exchange.api.scopes import SCOPE_WORDS

TERMS = {
    30: _("30 days"),
    90: _("90 days"),
    180: _("half a year"),
    365: _("one year"),
}


class NewToken(forms.Form):
    """Name, scopes and term of a token."""

    name = forms.CharField(
        label=_("Name of the program"), max_length=NAME_MOST, help_text=_("What it is and whose, for colleagues.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope.value, words) for scope, words in SCOPE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give as little as the program needs. Reading identities is audited with the program's reason."),
    )
    lasts_days = forms.TypedChoiceField(
        label=_("Ends after"), coerce=int, initial=90, choices=[(days, TERMS[days]) for days in LASTS_DAYS]
    )
