"""What is typed on the pages of consents, checked for shape; rules are asked by the actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from naungan.access import clock
from naungan.access.forms import DayInput
from naungan.access.models import Organisation
from naungan.protection.cases.models import Case
from naungan.protection.consent import rules
from naungan.protection.consent.actions import Question
from naungan.protection.consent.models import Consent
from naungan.protection.consent.purposes import FIELDS, GIVERS, HOW, PURPOSES, TOLD
from naungan.protection.consent.rules import Answer, Conversation
from naungan.standards import htcds

YES_NO = (("yes", _("Yes")), ("no", _("No")))


class AskForm(forms.Form):
    """What a person is to be asked: each chosen purpose becomes a question of its own."""

    purposes = forms.MultipleChoiceField(
        label=_("What for"),
        choices=[(code, known.words) for code, known in PURPOSES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each is asked and answered for itself: a no to one never costs another."),
    )
    recipient = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("To whom"),
        required=False,
        to_field_name="ref",
        empty_label=_("Somebody who is not in this list"),
    )
    outside = forms.CharField(
        label=_("Name of the receiver outside the list"), max_length=rules.MOST_WORDS, required=False
    )
    fields_asked = forms.MultipleChoiceField(
        label=_("What may be passed on"),
        choices=list(FIELDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Only what the receiver needs to help."),
    )

    def __init__(self, case: Case, data: QueryDict | None = None) -> None:
        super().__init__(data)
        others = Organisation.objects.filter(is_active=True).exclude(pk=case.organisation_id).order_by("name")
        self.fields["recipient"].queryset = others  # type: ignore[attr-defined]  # a ModelChoiceField

    def questions(self) -> list[Question]:
        """What was chosen; receiver and fields go with the purposes that pass something on."""
        said = self.cleaned_data
        return [
            Question(purpose, said["recipient"], said["outside"], said["fields_asked"])
            if PURPOSES[purpose].names_recipient
            else Question(purpose)
            for purpose in said["purposes"]
        ]


def _languages() -> list[tuple[str, str]]:
    language = "id" if get_language() == "id" else "en"
    known = htcds.FIELDS["prs_PrimaryLanguage"].choices.values()
    return [("", str(_("Choose one"))), *((choice.code, choice.label_in(language)) for choice in known)]


class TalkForm(forms.Form):
    """How the person was asked; everything but the day counts for a yes only."""

    given_on = forms.DateField(label=_("Day of the answer"), widget=DayInput, required=False)
    language = forms.ChoiceField(label=_("Language of the talk"), choices=_languages, required=False)
    interpreter = forms.CharField(label=_("Interpreter"), max_length=rules.MOST_WORDS, required=False)
    told = forms.MultipleChoiceField(
        label=_("What the person was told"),
        choices=list(TOLD.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    how = forms.ChoiceField(
        label=_("How the person answered"), choices=[("", _("Choose one")), *HOW.items()], required=False
    )
    witness = forms.CharField(
        label=_("Witness"),
        max_length=rules.MOST_WORDS,
        required=False,
        help_text=_("Needed for spoken words and a thumb print."),
    )
    is_child = forms.ChoiceField(
        label=_("Is the person under 18, or might they be?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("When in doubt, yes: until it is settled somebody is protected as a child."),
    )
    given_by = forms.ChoiceField(label=_("Who answers"), choices=list(GIVERS.items()), required=False, initial="self")
    guardian = forms.CharField(
        label=_("Name of the parent, guardian or representative"), max_length=rules.MOST_WORDS, required=False
    )
    guardian_suspected = forms.ChoiceField(
        label=_("Might the parent or guardian be involved in what happened?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("If so, a representative answers with the child instead."),
    )
    assent = forms.ChoiceField(
        label=_("Does the child agree too?"), choices=YES_NO, widget=forms.RadioSelect, required=False
    )

    def __init__(self, case: Case, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"given_on": clock.today(), "language": case.person.primary_language})
        if rules.adult_from(case) is not None:
            del self.fields["is_child"]
        child = rules.is_child(case, Conversation(), clock.today())
        self.is_for_a_child = child is True
        if child is False:
            del self.fields["assent"]

    def conversation(self) -> Conversation:
        """What was typed."""
        said = self.cleaned_data
        return Conversation(
            given_on=said["given_on"],
            language=said["language"],
            how=said["how"],
            told=said["told"],
            given_by=said["given_by"] or "self",
            is_child=_yes(said.get("is_child", "")),
            assent=_yes(said.get("assent", "")),
            guardian_suspected=_yes(said["guardian_suspected"]),
            guardian=said["guardian"],
            witness=said["witness"],
            interpreter=said["interpreter"],
        )


class AnswerForm(forms.Form):
    """The answer to one question; left open, the question waits."""

    answer = forms.ChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No")), ("", _("Not answered yet"))],
        widget=forms.RadioSelect,
        required=False,
        label=_("Answer"),
    )
    passed_on = forms.MultipleChoiceField(
        label=_("What may be passed on"), choices=(), widget=forms.CheckboxSelectMultiple, required=False
    )
    until = forms.DateField(label=_("Until"), widget=DayInput, required=False)

    def __init__(self, consent: Consent, data: QueryDict | None = None) -> None:
        until = clock.today() + timedelta(days=PURPOSES[consent.purpose].days)
        adult = rules.adult_from(consent.case)
        if adult is not None and clock.today() < adult:
            until = min(until, adult - timedelta(days=1))
        initial = {"until": until, "passed_on": consent.fields, "answer": ""}
        super().__init__(data, prefix=consent.ref, initial=initial)
        self.consent = consent
        if consent.fields:
            choices = [(code, words) for code, words in FIELDS.items() if code in consent.fields]
            self.fields["passed_on"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["passed_on"]

    def answered(self) -> Answer | None:
        """What was answered; None while it is open."""
        said = self.cleaned_data
        if not said["answer"]:
            return None
        return Answer(said["answer"] == "yes", said["until"], said.get("passed_on", ()))


class WithdrawForm(forms.Form):
    """When a person took a consent back."""

    at = forms.DateTimeField(
        label=_("When the person said so"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=_("From this moment 72 hours count, nights and Sundays included."),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"at": timezone.localtime(clock.now())})


GUARD_WORDS: dict[str, Promise] = {
    "purpose": _("Choose what is asked for."),
    "recipient": _("Say to whom it goes."),
    "given_on": _("Give the day of the answer: not to come, and at most a month before the case was opened."),
    "told": _("Tell the person each of these things, then tick them all."),
    "language": _("Choose the language of the talk."),
    "how": _("Choose how the person answered."),
    "witness": _("Name somebody who saw or heard it."),
    "is_child": _("Say whether the person is or might be under 18."),
    "given_by": _("For a child a parent, guardian or representative answers, together with the child."),
    "guardian": _("Name who answers for the person."),
    "assent": _("Without the child's own yes there is no consent. Record a no instead."),
    "trusted": _("Say that the guardian is not involved, or let a representative answer."),
    "fields": _("Choose what may be passed on, no more than was asked for."),
    "until": _("Give a day that has not passed, within ten years; for a child, one before they turn 18."),
    "answers": _("Choose yes or no for at least one question."),
}
# Where a guard is shown, when the field bears another name.
_PLACES = {"trusted": "guardian_suspected", "fields": "passed_on"}


def say_missing(form: forms.Form, guards: Sequence[str]) -> None:
    """Put what is missing beside its field, or on top where the form has none."""
    for guard in guards:
        place = _PLACES.get(guard, guard)
        form.add_error(place if place in form.fields else None, str(GUARD_WORDS[guard]))


def _yes(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)
