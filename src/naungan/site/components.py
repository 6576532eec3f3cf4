"""The component page: every component with every state, so that a screen is put together and not invented."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

ICONS: Final = tuple(
    re.findall(r'<symbol id="([a-z-]+)"', (Path(__file__).parent / "static" / "icons.svg").read_text(encoding="utf-8"))
)
SWATCHES: Final = (
    "paper", "surface", "sunken", "accent", "accent-soft", "rail", "warn", "warn-soft", "danger", "danger-soft",
)  # fmt: skip


class SampleForm(forms.Form):
    """One field of each kind; the first is left empty to show an error."""

    place = forms.CharField(label=gettext_lazy("City or regency"), max_length=120)
    day = forms.DateField(
        label=gettext_lazy("Date of identification"),
        required=False,
        help_text=gettext_lazy("If only the month is known, choose its first day and say so in a note."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    sector = forms.ChoiceField(
        label=gettext_lazy("Sector"),
        choices=[
            ("", gettext_lazy("Choose one")),
            ("fishing", gettext_lazy("Fishing")),
            ("domestic", gettext_lazy("Domestic work")),
        ],
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    contact = forms.ChoiceField(
        label=gettext_lazy("May we leave a message?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")), ("unknown", gettext_lazy("Not known"))],
        widget=forms.RadioSelect,
    )
    means = forms.MultipleChoiceField(
        label=gettext_lazy("Means of control"),
        required=False,
        choices=[
            ("debt", gettext_lazy("Debt bondage")),
            ("documents", gettext_lazy("Withholds documents")),
            ("threats", gettext_lazy("Threats")),
            ("wages", gettext_lazy("Withholds wages")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("The person agreed to this referral"),
        help_text=gettext_lazy("Refusing one purpose never closes another."),
        required=False,
    )


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show every component; nothing here comes from the database."""
    wrong = SampleForm(
        {"wrong-place": "", "wrong-sector": "mining", "wrong-contact": "yes", "wrong-note": _("What was typed stays.")},
        prefix="wrong",
    )
    wrong.is_valid()
    return render(
        request,
        "site/components.html",
        {
            "form": SampleForm(),
            "wrong": wrong,
            "icons": ICONS,
            "sample_time": datetime(2026, 11, 23, 9, 10, 4, tzinfo=UTC),
            "swatches": SWATCHES,
            "columns": _columns(),
            "rows": _rows(),
            **_navigation_samples(),
            **_case_samples(),
        },
    )


def _columns() -> list[dict[str, object]]:
    return [
        {"label": _("Code"), "sort_url": "#table", "sorted": "ascending"},
        {"label": _("Status")},
        {"label": _("Owner"), "sort_url": "#table"},
        {"label": _("Due"), "sort_url": "#table"},
        {"label": _("Days open"), "number": True},
    ]


def _rows() -> list[dict[str, object]]:
    lines = [
        ("K7M2-XP4R", _("Open"), "Ratna Ayuningtyas", _("Tomorrow"), 12),
        ("B9QD-3HTW", _("On hold"), "Made Sudarsana", _("3 December 2026"), 140),
        ("T4WC-8FNE", _("Follow-up"), "Yosef Nabunome", _("Overdue by 2 days"), 71),
    ]
    return [{"key": line[0], "code": True, "url": "#table", "cells": line} for line in lines]


def _navigation_samples() -> dict[str, object]:
    return {
        "crumbs": [{"label": _("Cases"), "url": "#crumbs"}, {"label": "K7M2-XP4R"}],
        "tabs": [
            {"label": _("Record"), "url": "#tabs", "current": True},
            {"label": _("Timeline"), "url": "#tabs", "count": 14},
            {"label": _("Files"), "url": "#tabs", "count": 0},
        ],
        "views": [
            {"label": _("My open cases"), "url": "#saved-views", "current": True, "count": 23},
            {"label": _("Due this week"), "url": "#saved-views", "count": 4},
            {"label": _("Children"), "url": "#saved-views", "count": "1,000+", "shared": True},
        ],
        "active": [
            {"label": _("Status: open"), "url": "#filter-bar"},
            {"label": _("Province: East Nusa Tenggara"), "url": "#filter-bar"},
        ],
        "steps": [
            {"label": _("Choose the file"), "state": "done", "url": "#stepper"},
            {"label": _("Match the columns"), "state": "done", "url": "#stepper"},
            {"label": _("Check the rows"), "state": "current"},
            {"label": _("Take them over"), "state": "todo"},
        ],
        "menu_items": [
            {"label": _("Share with an organisation"), "url": "#menu", "icon": "share"},
            {"label": _("Hand over"), "url": "#menu", "icon": "handover"},
            {"label": _("Delete the note"), "url": "#menu", "icon": "trash", "tone": "danger"},
        ],
        "bulk_actions": [
            {"label": _("Assign"), "value": "assign", "icon": "person"},
            {"label": _("Share"), "value": "share", "icon": "share"},
        ],
    }


def _case_samples() -> dict[str, object]:
    return {
        "stages": [
            {"label": _("Identified"), "state": "done", "date": _("2 March 2026")},
            {"label": _("Protected"), "state": "done", "date": _("2 March 2026")},
            {"label": _("Assisted"), "state": "current", "date": _("since 9 March 2026")},
            {"label": _("Returned"), "state": "todo"},
            {"label": _("Reintegrated"), "state": "todo"},
        ],
        "pills": [
            {"label": _("Open"), "tone": "accent"},
            {"label": _("Child"), "tone": "warning", "icon": "shield"},
            {"label": _("Restricted"), "tone": "danger", "icon": "lock"},
        ],
        "facts": [
            {"label": _("Gender"), "value": _("Male")},
            {"label": _("Citizenship"), "value": "Indonesia"},
            {"label": _("Sector"), "value": _("Fishing")},
            {"label": _("Owner"), "value": "Ratna Ayuningtyas"},
            {"label": _("Consent"), "value": ""},
        ],
        "next_steps": [
            {
                "label": _("Answer the referral of the clinic"),
                "url": "#next-steps",
                "due": _("Overdue by 2 days"),
                "tone": "danger",
            },
            {"label": _("Review the safety plan"), "url": "#next-steps", "due": _("Tomorrow"), "tone": "warning"},
            {"label": _("Ask about the travel document"), "url": "#next-steps", "due": _("12 December 2026")},
            {"label": _("Record the consent"), "done": True},
        ],
        "mine": _("He wants to return to his village in January and asks for help with the boat fare."),
        "theirs": _("He wants to return to his village in March and asks for help with school fees."),
    }
