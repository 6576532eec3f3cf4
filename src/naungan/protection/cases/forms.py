"""Forms of a record, built from the standard's own field list and the organisation's own fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from naungan.access import clock
from naungan.protection.cases.actions.own_fields import is_live
from naungan.protection.cases.errors import InvalidValues
from naungan.protection.cases.models import CustomChoice, CustomField
from naungan.protection.cases.values import custom_fields, ended_words, fields_of
from naungan.standards import htcds
from naungan.standards.checks import Problem, render

GROUPS: Mapping[str, tuple[object, tuple[str, ...]]] = {
    "name": (
        _("Name and identity"),
        (
            "prs_Salutation",
            "prs_FirstName",
            "prs_MiddleName",
            "prs_SecondName",
            "prs_Birthdate",
            "prs_Gender",
            "prs_IdentityNumber",
            "prs_Citizenship",
            "prs_Deceased",
        ),
    ),
    "contact": (
        _("Contact and address"),
        (
            "prs_MobilePhone",
            "prs_HomePhone",
            "prs_Email",
            "prs_MailingStreet",
            "prs_MailingCity",
            "prs_MailingState",
            "prs_MailingPostalCode",
            "prs_MailingCountry",
            "prs_MailingLatitude",
            "prs_MailingLongitude",
        ),
    ),
    "background": (
        _("Background"),
        (
            "prs_MaritalStatus",
            "prs_NumberOfChildren",
            "prs_PrimaryLanguage",
            "prs_SecondaryLanguage",
            "prs_HighestLevelOfEducation",
            "prs_Title",
        ),
    ),
    "status": (
        _("Status and consent"),
        (
            "con_Consent",
            "vic_AgreementToManagePersonalData",
            "vic_TraffickingStatus",
            "vic_TraffickingStatusDecisionMakingOrg",
            "vic_AgeWhenTrafficked",
        ),
    ),
    "vulnerabilities": (_("Vulnerabilities"), ("vic_Vulnerabilities", "vic_DetailsOfVulnerabilities")),
    "recruitment": (
        _("Recruitment"),
        (
            "vic_MethodOfRecruitment",
            "vic_LocationOfRecruitment",
            "vic_RecruitmentWebsitesAndApps",
            "vic_RelationshipToTrafficker",
            "vic_MethodsOfControl",
        ),
    ),
    "exploitation": (
        _("Exploitation"),
        (
            "vic_TypeOfExploitation",
            "vic_ForcedLabourIndustry",
            "vic_TypeOfSexExploitation",
            "vic_LocationOfExploitation",
            "vic_ExploitationWebsitesAndApps",
        ),
    ),
    "incoming": (
        _("How the person came"),
        (
            "cas_ReferringOrganisation",
            "cas_ReferringPrimaryCaseWorker",
            "cas_IncomingReferralDate",
            "cas_ReasonForIncomingReferral",
            "cas_IncomingReferralDetails",
        ),
    ),
    "outgoing": (
        _("Where the person was referred to"),
        (
            "cas_ReferredOrganisation",
            "cas_ReferredPrimaryCaseWorker",
            "cas_OutgoingReferralDate",
            "cas_ReasonForOutgoingReferral",
            "cas_OutgoingReferralDetails",
        ),
    ),
    "administration": (_("Administration"), ("cas_CaseOwner", "cas_ReasonForCaseClosure")),
}

# What is edited together on the case page.
SECTIONS: Mapping[str, tuple[object, tuple[str, ...]]] = {
    "person": (_("The person"), ("name", "contact", "background")),
    "story": (_("What happened"), ("status", "vulnerabilities", "recruitment", "exploitation")),
    "referral": (_("Referrals"), ("incoming", "outgoing", "administration")),
}
PARTS: Mapping[str, object] = {"hte": _("Event"), "per": _("Perpetrator"), "spl": _("Support plan")}

# A list longer than this is drawn as a select, not as boxes to tick.
LONG_LIST = 24

# What the short form for opening a case asks.
OPENING = (
    "con_Consent",
    "prs_FirstName",
    "prs_SecondName",
    "prs_Birthdate",
    "prs_Gender",
    "prs_MobilePhone",
    "prs_Citizenship",
    "vic_TraffickingStatus",
    "vic_TypeOfExploitation",
    "cas_ReferringOrganisation",
    "cas_ReasonForIncomingReferral",
    "cas_IncomingReferralDate",
)

# One of these a case needs, or nobody finds it again.
HANDLES = ("prs_FirstName", "prs_SecondName", "prs_MobilePhone", "cas_ReferringOrganisation")


@dataclass(frozen=True, slots=True)
class Option:
    """One word of a pick-list on a form."""

    code: str
    label: str
    chosen: bool = False
    is_extension: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form, ready to draw."""

    name: str
    label: str
    kind: str
    value: str = ""
    options: tuple[Option, ...] = ()
    help: str = ""
    errors: tuple[str, ...] = ()
    suggestion: str = ""
    several: bool = False
    long_list: bool = False
    raw: str = ""

    @property
    def id(self) -> str:
        return "f-" + self.name.replace(":", "-")

    @property
    def offered(self) -> tuple[Option, ...]:
        """The words that stand open: all, or of a long list those that are chosen."""
        return tuple(option for option in self.options if option.chosen) if self._is_folded else self.options

    @property
    def more(self) -> tuple[Option, ...]:
        """The words of a long list that one looks for."""
        return tuple(option for option in self.options if not option.chosen) if self._is_folded else ()

    @property
    def _is_folded(self) -> bool:
        return self.several and self.long_list


@dataclass(frozen=True, slots=True)
class Fieldset:
    """Inputs that belong together under one heading."""

    title: object
    inputs: list[Input] = field(default_factory=list)


def label_of(name: str) -> str:
    """A standard field's words in the present language."""
    return htcds.FIELDS[name].label_in(_language())


def custom_label(own: CustomField | CustomChoice) -> str:
    """An own field's or word's label in the present language."""
    return own.label_id if _language() == "id" or not own.label_en else own.label_en


def shown(known: htcds.Field | str, value: object) -> str:
    """A canonical value as people read it; a field of the standard may be given by name."""
    if value is None or value == "" or value == ():
        return ""
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, date):
        return date_format(value, "j F Y")
    field = htcds.FIELDS[known] if isinstance(known, str) else known
    several = value if isinstance(value, tuple | list) else (value,)
    words = field.choices
    return ", ".join(words[str(v)].label_in(_language()) if str(v) in words else str(v) for v in several)


def build(
    names: Iterable[str],
    values: Mapping[str, object],
    *,
    organisation_id: int,
    problems: Iterable[Problem] = (),
    typed: Mapping[str, list[str]] | None = None,
    raw: Mapping[str, str] | None = None,
) -> list[Input]:
    """Inputs for fields by API name; `typed` holds what was sent when the form comes back with problems."""
    fields, listed = fields_of(organisation_id), list(problems)
    ended = ended_words(organisation_id, clock.today())
    return [_input(fields[name], values.get(name), ended, listed, typed, (raw or {}).get(name, "")) for name in names]


def build_own(
    organisation_id: int,
    values: Mapping[str, object],
    *,
    problems: Iterable[Problem] = (),
    typed: Mapping[str, list[str]] | None = None,
) -> list[Input]:
    """Inputs for the organisation's own fields that have not ended; `values` by code."""
    live = {f"x:{code}": own for code, own in custom_fields(organisation_id).items() if is_live(own.ends_on)}
    by_name = {f"x:{code}": value for code, value in values.items()}
    inputs = build(live, by_name, organisation_id=organisation_id, problems=problems, typed=typed)
    helps = {n: own.help_en if _language() == "en" and own.help_en else own.help_id for n, own in live.items()}
    return [replace(one, help=helps[one.name]) for one in inputs]


def fieldsets(groups: Iterable[str], inputs: list[Input]) -> list[Fieldset]:
    """Sort inputs under the headings of their groups."""
    by_name = {one.name: one for one in inputs}
    sets = [Fieldset(GROUPS[group][0], [by_name[n] for n in GROUPS[group][1] if n in by_name]) for group in groups]
    return [one for one in sets if one.inputs]


def day_of(text: str) -> date | None:
    """A day as a browser's date field sends it; None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read(
    sent: QueryDict, names: Iterable[str], organisation_id: int
) -> tuple[dict[str, object], list[Problem], dict[str, list[str]]]:
    """
    What a form sent: canonical values, problems, and the typed texts to show again.

    Only fields that the form carried are returned (`name__shown` marks a list with nothing chosen).
    """
    values: dict[str, object] = {}
    problems: list[Problem] = []
    typed: dict[str, list[str]] = {}
    fields = fields_of(organisation_id)
    for name in names:
        if name not in sent and f"{name}__shown" not in sent:
            continue
        typed[name] = [text for text in sent.getlist(name) if text.strip()]
        values[name], found = _parsed(fields[name], typed[name])
        problems.extend(found)
    return values, problems, typed


def read_own(sent: QueryDict, organisation_id: int) -> tuple[dict[str, object], list[Problem], dict[str, list[str]]]:
    """What a form sent for the organisation's own fields; values by code."""
    names = [f"x:{code}" for code, own in custom_fields(organisation_id).items() if is_live(own.ends_on)]
    values, problems, typed = read(sent, names, organisation_id)
    return {name[2:]: value for name, value in values.items()}, problems, typed


def settled(sent: QueryDict) -> QueryDict:
    """The fields of a form; where it came from the page that shows both texts, the chosen one of each."""
    if sent.get("chosen") != "yes":
        return sent
    plain = sent.copy()
    for name in sent.getlist("conflicted"):
        side = "theirs" if sent.get(f"choice:{name}") == "theirs" else "mine"
        plain.setlist(name, sent.getlist(f"{side}:{name}") or [""])
    return plain


def require_clean(problems: Iterable[Problem]) -> None:
    """
    Refuse a form that breaks rules.

    Raises:
        InvalidValues: a problem is an error.
    """
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidValues(errors)


def require_handle(values: Mapping[str, object]) -> None:
    """
    Refuse a form to open a case that holds nothing by which the case can be found again.

    Raises:
        InvalidValues: there is neither name, number nor referral.
    """
    if not any(values.get(name) for name in HANDLES):
        raise InvalidValues([Problem.of("no_handle", field=HANDLES[0])])


def problem_words(problem: Problem) -> str:
    """A problem as one line in the present language: what is wrong, then the fix."""
    message, fix = render(problem, _language())
    return f"{message} {fix}".strip()


def _input(
    field: htcds.Field,
    value: object,
    ended: set[tuple[str, str]],
    problems: list[Problem],
    typed: Mapping[str, list[str]] | None,
    raw: str,
) -> Input:
    name = field.api_name
    given = (typed or {}).get(name, _texts(value))
    return Input(
        name=name,
        label=field.label_in(_language()),
        kind=field.kind,
        value=given[0] if given else "",
        options=_options(field, given, ended),
        errors=tuple(problem_words(p) for p in problems if p.field == name and p.severity == "error"),
        suggestion=next((_suggested(p) for p in problems if p.field == name and p.suggestion), ""),
        several=field.several,
        long_list=len(field.choices) > LONG_LIST,
        raw=raw,
    )


def _suggested(problem: Problem) -> str:
    """What may be meant, in words: a day with its month's name beside how it is written."""
    words = [_with_month(text) for text in problem.suggestions]
    return gettext("%(one)s or %(other)s") % {"one": words[0], "other": words[1]} if len(words) == 2 else words[0]


def _with_month(text: str) -> str:
    try:
        return f"{text} ({date_format(date.fromisoformat(text), 'j F Y')})"
    except ValueError:
        return text


def _options(field: htcds.Field, given: list[str], ended: set[tuple[str, str]]) -> tuple[Option, ...]:
    if field.kind == "boolean":
        said = given[0].lower() if given else ""
        return (Option("true", str(_("Yes")), said == "true"), Option("false", str(_("No")), said == "false"))
    return tuple(
        Option(choice.code, choice.label_in(_language()), choice.code in given, choice.extension)
        for choice in field.choices.values()
        if choice.code in given or (field.api_name, choice.code) not in ended
    )


def _parsed(field: htcds.Field, texts: list[str]) -> tuple[object, list[Problem]]:
    if not field.several:
        parsed = htcds.parse(field, texts[0] if texts else None, source="form")
        return parsed.value, list(parsed.problems)
    codes: list[str] = []
    problems: list[Problem] = []
    for text in texts:
        parsed = htcds.parse(field, text, source="form")
        problems.extend(parsed.problems)
        codes.extend(parsed.value if isinstance(parsed.value, tuple) else ())
    return tuple(dict.fromkeys(codes)) or None, problems


def _texts(value: object) -> list[str]:
    if isinstance(value, tuple | list):
        return [str(one) for one in value]
    text = htcds.to_text(value)
    return [] if text is None else [text]


def _language() -> str:
    return "id" if (get_language() or "id").startswith("id") else "en"
