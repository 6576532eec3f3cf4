"""What is typed on the pages of access, checked for shape; rules are asked by the actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from naungan.access.actions import ORGANISATION_FIELDS
from naungan.access.actor import Actor
from naungan.access.models import Organisation, Team, User
from naungan.access.policy import ROLE_WORDS, Role
from naungan.access.queries import AuditFilters, PeopleFilters, possible_delegates, teams_of
from naungan.access.references import read_code
from naungan.access.words import ACTION_WORDS
from naungan.standards import htcds
from naungan.standards.checks import render

_HUMAN_ROLES = [role for role in Role if role is not Role.INTEGRATION]


def role_choices() -> list[tuple[str, str]]:
    """The roles people can hold, in words."""
    return [(role.value, str(ROLE_WORDS[role][0])) for role in _HUMAN_ROLES]


class DayInput(forms.DateInput):
    """A day, picked with the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def team_field(**given: Any) -> forms.ModelChoiceField[Team]:
    """A team of one's own organisation, or the whole of it."""
    whole = _("The whole organisation")
    return forms.ModelChoiceField(Team.objects.none(), empty_label=whole, to_field_name="ref", **given)


class RoleForm(forms.Form):
    """Give a role."""

    role = forms.ChoiceField(label=_("Role"), choices=role_choices)
    team = team_field(
        label=_("Team"), required=False, help_text=_("Without a team the role counts in the whole organisation.")
    )

    def __init__(self, by: Actor, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["team"].queryset = teams_of(by)  # type: ignore[attr-defined]  # a ModelChoiceField


class InviteForm(RoleForm):
    """Invite somebody, with their first role."""

    display_name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial="id")
    field_order = ("display_name", "email", "language", "role", "team")


class PeopleFilterForm(forms.Form):
    """Narrow the list of people."""

    text = forms.CharField(label=_("Name or e-mail address"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("Role"), required=False)
    team = team_field(label=_("Team"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Any")),
            ("active", _("Active")),
            ("invited", _("Invited, never signed in")),
            ("away", _("Away today")),
            ("no_factor", _("Without a second factor")),
            ("closed", _("Closed")),
        ],
    )

    def __init__(self, by: Actor, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["role"].choices = [("", _("Any")), *role_choices()]  # type: ignore[attr-defined]  # a ChoiceField
        team = self.fields["team"]
        team.queryset, team.empty_label = teams_of(by), _("Any")  # type: ignore[attr-defined]  # a ModelChoiceField

    def filters(self) -> PeopleFilters:
        """What was chosen; what cannot be read is left out."""
        self.is_valid()
        said = getattr(self, "cleaned_data", {})
        team = said.get("team")
        return PeopleFilters(
            text=said.get("text", ""),
            role=said.get("role", ""),
            team=team.ref if team else "",
            state=said.get("state", ""),
        )


class ProfileForm(forms.Form):
    """One's own name and language."""

    display_name = forms.CharField(label=_("Name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class EmailForm(forms.Form):
    """The address with which a colleague signs in."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)


class NoticeForm(forms.Form):
    """Whether notices are also announced by e-mail."""

    wants_digest = forms.BooleanField(
        label=_("Tell me once a day by e-mail how many notices wait"),
        help_text=_("The e-mail says only how many. It names no case, no person and no reason."),
        required=False,
    )


class AwayForm(forms.Form):
    """When somebody is away, and who stands in."""

    away_from = forms.DateField(label=_("Away from"), required=False, widget=DayInput())
    away_until = forms.DateField(label=_("Away until"), required=False, widget=DayInput())
    delegate = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who receives the notices meanwhile"),
        required=False,
        to_field_name="ref",
        empty_label=_("Nobody"),
    )

    def __init__(self, user: User, *args: Any, **given: Any) -> None:
        given.setdefault(
            "initial",
            {
                "away_from": user.away_from,
                "away_until": user.away_until,
                "delegate": user.delegate and user.delegate.ref,
            },
        )
        super().__init__(*args, **given)
        self.fields["delegate"].queryset = possible_delegates(user)  # type: ignore[attr-defined]  # a ModelChoiceField


class TeamForm(forms.Form):
    """Name a team."""

    name = forms.CharField(label=_("Name of the team"), max_length=120)


class OrganisationForm(forms.Form):
    """The ten organisation fields of HTCDS 2.0, in the standard's words and by its rules."""

    def __init__(self, organisation: Organisation, *args: Any, **given: Any) -> None:
        given.setdefault(
            "initial", {name: getattr(organisation, column) for name, column in ORGANISATION_FIELDS.items()}
        )
        super().__init__(*args, **given)
        for name in ORGANISATION_FIELDS:
            self.fields[name] = _standard_field(name)

    def clean(self) -> dict[str, Any]:
        for name, column in ORGANISATION_FIELDS.items():
            raw = self.cleaned_data.get(name)
            known = htcds.FIELDS[name]
            parsed = htcds.parse(known, raw or None)
            empty = None if known.kind == "decimal_degrees" else ""
            self.cleaned_data[column] = empty if parsed.value is None else parsed.value
            if raw and parsed.value is None:
                for problem in parsed.problems:
                    self.add_error(name, " ".join([*render(problem, _language()), problem.suggestion or ""]).strip())
        return self.cleaned_data


class AuditFilterForm(forms.Form):
    """Narrow the audit chain."""

    person = forms.ModelChoiceField(
        User.objects.none(), label=_("Person"), required=False, to_field_name="ref", empty_label=_("Anybody")
    )
    action = forms.ChoiceField(label=_("What was done"), required=False)
    code = forms.CharField(label=_("Case code"), max_length=20, required=False)
    first_day = forms.DateField(label=_("From"), required=False, widget=DayInput())
    last_day = forms.DateField(label=_("Until"), required=False, widget=DayInput())

    def __init__(self, by: Actor, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        people = User.objects.filter(organisation_id=by.organisation_id).order_by("display_name")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # a ModelChoiceField
        actions = sorted(((code, str(words)) for code, words in ACTION_WORDS.items()), key=lambda pair: pair[1])
        self.fields["action"].choices = [("", _("Anything")), *actions]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_code(self) -> str:
        typed = str(self.cleaned_data["code"]).strip()
        if typed and read_code(typed) is None:
            raise forms.ValidationError(_("This is not a case code. A code looks like K7QF-2M9D-9."))
        return typed

    def filters(self) -> AuditFilters:
        """What was chosen; what cannot be read is left out."""
        self.is_valid()
        said = getattr(self, "cleaned_data", {})
        person = said.get("person")
        return AuditFilters(
            person=person.ref if person else "",
            action=said.get("action", ""),
            code=said.get("code", ""),
            first_day=said.get("first_day"),
            last_day=said.get("last_day"),
        )


class ReasonForm(forms.Form):
    """Why something is taken out of the system."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The reason is kept, encrypted, in the audit chain. Please name nobody."),
    )


class NewPasswordForm(forms.Form):
    """A password set by a one-time link."""

    password = forms.CharField(
        label=_("New password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two passwords are not the same."))
        return again


def _standard_field(name: str) -> forms.Field:
    known = htcds.FIELDS[name]
    label = known.label_in(_language())
    required = name in ("org_Name", "org_Type", "org_ShippingCountry")
    if known.choices:
        words = [(code, choice.label_in(_language())) for code, choice in known.choices.items()]
        return forms.ChoiceField(label=label, choices=words, required=required)
    return forms.CharField(label=label, max_length=_columns_length(name), required=required)


def _columns_length(name: str) -> int:
    return getattr(Organisation._meta.get_field(ORGANISATION_FIELDS[name]), "max_length", None) or 20


def _language() -> str:
    return get_language() or "id"
