"""What the pages of imports and exports send, brought into the shapes that the actions take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from naungan.access.actor import Actor
from naungan.access.models import Team
from naungan.access.references import read_code
from naungan.exchange.actions.mapping import SheetChoice
from naungan.exchange.files import SheetMapping
from naungan.exchange.states import FORM_WORDS
from naungan.protection.cases.forms import custom_label, label_of
from naungan.protection.cases.models import CustomField
from naungan.protection.cases.narrowing import Query, query_of
from naungan.protection.cases.states import STATE_WORDS
from naungan.standards import htcds
from naungan.standards.checks import Problem, render


def words(problem: Problem) -> str:
    """A problem as one line in the present language: what is wrong, then the fix."""
    message, fix = render(problem, get_language() or "id")
    return f"{message} {fix}".strip()


class StartForm(forms.Form):
    """A file, and the team that will hold its cases."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file. If you did, it was larger than this installation takes.")},
    )
    team_ref = forms.ChoiceField(label=_("Team that will hold the cases"), required=False)

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {grant.team_id for grant in by.live_grants if grant.team_id is not None}
        teams = Team.objects.filter(organisation_id=by.organisation_id, ended_at__isnull=True)
        self._teams = {team.ref: team for team in (teams.filter(pk__in=own) if own else teams).order_by("name")}
        field = cast(forms.ChoiceField, self.fields["team_ref"])
        none = [("", _("No team"))] if not own else []
        field.choices = [*none, *((ref, team.name) for ref, team in self._teams.items())]

    def team(self) -> Team | None:
        """The chosen team."""
        return self._teams.get(self.cleaned_data.get("team_ref", ""))


class ExportForm(forms.Form):
    """Which cases leave, in which form, and why."""

    form = forms.ChoiceField(label=_("Form"), choices=list(FORM_WORDS.items()), widget=forms.RadioSelect)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Open cases")), ("all", _("All cases")), *((s.value, w) for s, w in STATE_WORDS.items())],
    )
    opened_from = forms.DateField(
        label=_("Opened from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    opened_until = forms.DateField(
        label=_("Opened until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    with_identity = forms.BooleanField(
        label=_("With names and other identity"),
        required=False,
        help_text=_("Only where it cannot be done without. It asks for your second factor again."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the audit chain. Write no names."),
    )

    codes = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=4_000, widget=forms.HiddenInput)
    by_list = forms.CharField(required=False, max_length=3, widget=forms.HiddenInput)

    def chosen_codes(self) -> list[str]:
        """The cases that were chosen one by one; none when the choice is by state or by the list's filters."""
        return list(dict.fromkeys(code for text in self._given("codes").split(",") if (code := read_code(text))))

    def list_query(self) -> Query | None:
        """The filters of the list from which the export was asked for; None when it was not."""
        return query_of(QueryDict(self._given("query")).dict()) if self._given("by_list") else None

    def choice(self) -> dict[str, object]:
        """The filters as they are kept with the export."""
        if self._given("codes"):
            return {"codes": self.chosen_codes()}
        query = self.list_query()
        if query is not None:
            return {"query": query}
        clean = self.cleaned_data
        dates = {name: clean[name].isoformat() for name in ("opened_from", "opened_until") if clean.get(name)}
        return {"state": clean.get("state", ""), **dates}

    def _given(self, name: str) -> str:
        return str(self.data.get(name, "") if self.is_bound else self.initial.get(name, ""))


def read_choices(sent: QueryDict, sheets: Sequence[SheetMapping]) -> list[SheetChoice]:
    """What the page of the columns sent, sheet by sheet."""
    return [_choice(sent, number, sheet) for number, sheet in enumerate(sheets)]


def _choice(sent: QueryDict, number: int, sheet: SheetMapping) -> SheetChoice:
    changes: dict[str, str | None] = {}
    reading = sent.get(f"reading-{number}", "")
    chosen = next((each.changes for each in sheet.mapping.alternatives if each.code == reading), {})
    for column in sheet.mapping.columns:
        key = f"column-{number}-{column.letter}"
        if key not in sent or column.choice is not None:
            continue
        # A column that another reading speaks for follows the reading, unless it was changed by hand.
        field = sent.get(key, "")
        if column.letter in chosen and field == (column.api_name or ""):
            continue
        changes[column.letter] = field or None
    is_wanted = len(sent.getlist("sheet")) == 0 or str(number) in sent.getlist("sheet")
    return SheetChoice(is_wanted=is_wanted, reading=reading, changes=changes)


def typed_words(values: Mapping[str, object], typed: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What was typed where no value could be made of it; empty where a field without list was emptied."""
    return {
        name: texts[0] if texts else ""
        for name, texts in typed.items()
        if values.get(name) is None and not htcds.choices(name) and htcds.FIELDS[name].kind in ("phone", "email")
    }


def field_options(organisation_id: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every field that a column can stand for, in groups, with its words."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, field in htcds.FIELDS.items():
        if not name.startswith("org_"):
            groups.setdefault(GROUP_WORDS[field.prefix], []).append((name, label_of(name)))
    own = CustomField.objects.filter(organisation_id=organisation_id).order_by("order", "code")
    listed = [(f"x:{each.code}", custom_label(each)) for each in own]
    return [(str(title), fields) for title, fields in groups.items()] + (
        [(str(_("Own fields")), listed)] if listed else []
    )


GROUP_WORDS: Mapping[str, Any] = {
    "prs": _("Person"),
    "vic": _("Victim context"),
    "per": _("Perpetrator"),
    "cas": _("Case and referrals"),
    "cco": _("Comment"),
    "hte": _("Event"),
    "spl": _("Support plan"),
    "con": _("Consent"),
}
