"""What is typed on the pages of safety, checked for shape; rules are asked by the actions."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from naungan.access import clock
from naungan.access.forms import DayInput
from naungan.protection.safety.actions import MOST_LETTERS, Draft
from naungan.protection.safety.queries import Shown
from naungan.protection.safety.risks import IMPACTS, LIKELIHOODS, MEASURES, THREATS, TRIGGERS

NOT_THERE = ("", _("Not there"))


class PlanForm(forms.Form):
    """Each threat with how likely and how grave it is, then what is done."""

    steps = forms.CharField(
        label=_("What is done, by whom, and how help is reached"),
        max_length=MOST_LETTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("In words the person knows: safe places, whom to call, the code word, what to take along."),
    )
    agreed = forms.BooleanField(label=_("Made together with the person, who agrees"), required=False)

    def __init__(self, data: QueryDict | None = None, *, before: Shown | None = None) -> None:
        known = before.threats if before else {}
        initial: dict[str, object] = {"steps": before.steps if before else ""}
        for kind, (likelihood, impact) in known.items():
            initial |= {f"{kind}-likelihood": likelihood, f"{kind}-impact": impact}
        super().__init__(data, initial=initial)
        for kind in THREATS:
            self.fields[f"{kind}-likelihood"] = forms.ChoiceField(
                label=_("How likely"), choices=[NOT_THERE, *LIKELIHOODS.items()], required=False
            )
            self.fields[f"{kind}-impact"] = forms.ChoiceField(
                label=_("How grave"), choices=[("", _("Choose one")), *IMPACTS.items()], required=False
            )

    def rows(self) -> list[tuple[object, forms.BoundField, forms.BoundField]]:
        """Each threat in words with its two fields."""
        return [(words, self[f"{kind}-likelihood"], self[f"{kind}-impact"]) for kind, words in THREATS.items()]

    def clean(self) -> dict[str, object]:
        """A threat has both scores or none."""
        said = super().clean() or {}
        for kind in THREATS:
            if bool(said.get(f"{kind}-likelihood")) and not said.get(f"{kind}-impact"):
                self.add_error(f"{kind}-impact", str(_("Say how grave it would be.")))
        return said

    def draft(self) -> Draft:
        """What was typed."""
        said = self.cleaned_data
        threats = {
            kind: (int(said[f"{kind}-likelihood"]), int(said[f"{kind}-impact"]))
            for kind in THREATS
            if said[f"{kind}-likelihood"]
        }
        return Draft(threats, said["steps"], said["agreed"])


class DangerForm(forms.Form):
    """What happened, and when."""

    trigger = forms.ChoiceField(label=_("What happened"), choices=list(TRIGGERS.items()))
    at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    words = forms.CharField(label=_("In short"), max_length=MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"at": timezone.localtime(clock.now())})


class MeasureForm(forms.Form):
    """What protects the person, from when and until when."""

    kind = forms.ChoiceField(label=_("What"), choices=list(MEASURES.items()))
    from_on = forms.DateField(label=_("From"), widget=DayInput)
    until_on = forms.DateField(label=_("Until (left empty: open)"), widget=DayInput, required=False)
    words = forms.CharField(
        label=_("In words"), max_length=MOST_LETTERS, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"from_on": clock.today()})


GUARD_WORDS: dict[str, Promise] = {
    "threats": _("Look at each threat, and say of at least one how likely and how grave it is."),
    "steps": _("Say what is done."),
    "agreed": _("A plan is made together with the person. Without their yes it is not put into force."),
}
