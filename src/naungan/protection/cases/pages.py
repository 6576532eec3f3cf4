"""Puts together what the case pages draw: sections, journey, next steps, both texts of a conflict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from naungan.access import clock
from naungan.access.asking import ID, question
from naungan.access.errors import NotFound
from naungan.access.policy import ROLE_WORDS, Permission, Relation, Role
from naungan.access.rules import Standing
from naungan.protection.cases import forms
from naungan.protection.cases.actions.erasing import ERASE_REASONS, HOLD_REASONS
from naungan.protection.cases.errors import EditConflict
from naungan.protection.cases.fields import NAMES
from naungan.protection.cases.joining import cards_of, title_of_line
from naungan.protection.cases.models import Case, CaseRelation, Deadline
from naungan.protection.cases.queries.lists import Page, WorkItem
from naungan.protection.cases.queries.people import Sighting
from naungan.protection.cases.queries.records import REVEAL_REASONS, CaseRecord, OpenedCase, Part, read_record
from naungan.protection.cases.queries.timeline import TimelineLine
from naungan.protection.cases.states import CLOSURE_REASONS, STATE_WORDS, STEP_WORDS, State, steps_from
from naungan.protection.cases.values import custom_fields, fields_of
from naungan.protection.cases.words import (
    ACTION_WORDS,
    DEADLINE_WORDS,
    ERASE_WORDS,
    HOLD_WORDS,
    REASON_WORDS,
    SET_BY_HAND,
    SETTLED_AT,
)
from naungan.standards import htcds
from naungan.standards.checks import Problem

ENTRY_WORDS = {
    "opened": gettext_lazy("Case opened"),
    "imported": gettext_lazy("Came with an import"),
    "note": gettext_lazy("Note"),
    "comment": gettext_lazy("Case comment"),
    "saved": gettext_lazy("Record changed"),
    "assigned": gettext_lazy("Given to a colleague"),
    "shared": gettext_lazy("Shared with a team"),
    "restricted": gettext_lazy("Who may see the case was changed"),
    "file": gettext_lazy("File added"),
    "emergency": gettext_lazy("Emergency access"),
    "erased": gettext_lazy("Identity and texts erased"),
}
ENTRY_ICONS = {
    "opened": "flag", "imported": "import", "saved": "edit", "moved": "arrow-right", "assigned": "handover",
    "shared": "share", "restricted": "lock", "file": "clip", "emergency": "warning", "consent": "shield",
    "safety": "shield",
}  # fmt: skip
ADULT_AT = 18
JOURNEY = ("identified", "protected", "assisted", "returned", "reintegrated")
JOURNEY_WORDS = {
    "identified": gettext_lazy("Identified"),
    "protected": gettext_lazy("Protected"),
    "assisted": gettext_lazy("Assisted"),
    "returned": gettext_lazy("Returned"),
    "reintegrated": gettext_lazy("Reintegrated"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One value on the case page."""

    name: str
    label: str
    text: str
    is_masked: bool = False
    is_raw: bool = False
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Values under one heading, with the address that edits them."""

    key: str
    title: object
    groups: list[tuple[object, list[Line]]]
    edit_url: str
    missing: int
    masked: bool


@dataclass(frozen=True, slots=True)
class PartCard:
    """An event, a perpetrator or a plan on the page."""

    prefix: str
    ref: str
    title: object
    lines: list[Line]
    edit_url: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something that is worth doing next, where, and why."""

    label: str
    url: str
    detail: str = ""


def case_context(found: Standing[Case], opened: OpenedCase, *, revealed: bool) -> dict[str, object]:
    """Everything the case page draws."""
    case, record = found.record, opened.record
    may_write = found.may(Permission.CASE_WRITE)
    due = _due(case=case.pk)
    return {
        "case": case,
        "lines": timeline_lines(opened.lines),
        "more": opened.more,
        "pills": _pills(case),
        "menu": _menu(found),
        "person_name": _name(record) if revealed else "",
        "has_name": bool({*NAMES} & (record.masked | record.values.keys())),
        "revealed": revealed,
        "may_reveal": found.may(Permission.IDENTITY_REVEAL),
        "may_write": may_write,
        "may_assign": found.may(Permission.CASE_ASSIGN),
        "facts": _facts(record),
        "sections": [_section(record, key) for key in forms.SECTIONS],
        "own": _own(record),
        "has_own_fields": bool(custom_fields(case.organisation_id)),
        "parts": _parts(record),
        "part_kinds": list(forms.PARTS.items()),
        "journey": _journey(record),
        "next_steps": _next_steps(record, is_due=bool(due)) if may_write else [],
        "workers": _workers(case),
        "deadlines": _deadlines(case, due),
        "deadline_kinds": [(kind, word) for kind, word in DEADLINE_WORDS.items() if kind in SET_BY_HAND],
        "cards": cards_of(found),
    }


@question(case=ID)
def _due(case: int) -> QuerySet[Deadline]:
    return Deadline.objects.filter(case_id=case, done_at__isnull=True).order_by("due_at")[:10]


def timeline_lines(lines: Iterable[TimelineLine]) -> list[dict[str, object]]:
    """Timeline lines with a title and an icon."""
    return [
        {
            "kind": line.kind,
            "icon": ENTRY_ICONS.get(line.kind, "note"),
            "title": _entry_title(line),
            "at": line.at,
            "by": line.by,
            "text": line.text,
            "file": line.file,
            "file_name": line.file_name,
        }
        for line in lines
    ]


def sighting_lines(lines: Iterable[Sighting]) -> list[dict[str, object]]:
    """The lines of "who saw this file" in words."""
    return [
        {
            "at": line.at,
            "action_words": ACTION_WORDS.get(line.action, line.action),
            "organisation": line.organisation,
            "role_words": ", ".join(str(ROLE_WORDS[Role(role)][0]) for role in line.role.split(",") if role),
            "reason_words": _reason_words(line.reason),
            "person": line.person,
        }
        for line in lines
    ]


def sightings_to_print(lines: Iterable[Sighting]) -> list[Sighting]:
    """The same lines for the printed statement, which has its own words for acts and roles."""
    return [replace(line, reason=_reason_words(line.reason)) for line in lines]


def home_figures(work: Sequence[WorkItem], page: Page | None) -> list[dict[str, object]]:
    """The three figures on top of the home page; none for those who see no case."""
    if page is None:
        return []
    late = sum(1 for item in work if item.is_late)
    count = f"{page.count:,}+" if page.count_capped else str(page.count or 0)
    return [
        {"label": _("Open cases"), "value": count, "url": reverse("case_list")},
        {"label": _("Due"), "value": len(work) - late, "url": ""},
        {"label": _("Overdue"), "value": late, "tone": "danger" if late else "", "url": ""},
    ]


def _reason_words(reason: str) -> str:
    code, colon, words = reason.partition(": ")
    return f"{REASON_WORDS[code]}{colon}{words}" if code in REASON_WORDS else reason


def _entry_title(line: TimelineLine) -> str:
    if line.kind == "moved":
        return str(STATE_WORDS[State(str(line.details.get("to")))])
    if line.kind == "file" and line.details.get("what") == "removed":
        return _("File destroyed")
    return title_of_line(line.kind, line.details) or str(ENTRY_WORDS.get(line.kind, line.kind))


def _pills(case: Case) -> list[dict[str, object]]:
    tone = {"open": "accent", "follow_up": "done", "on_hold": "warning"}.get(case.state, "")
    pills: list[dict[str, object]] = [{"label": STATE_WORDS[State(case.state)], "tone": tone}]
    if case.is_restricted:
        pills.append({"label": _("Restricted"), "tone": "danger", "icon": "lock"})
    if case.age_at_opening is not None and case.age_at_opening < ADULT_AT:
        pills.append({"label": _("Child"), "tone": "warning"})
    return pills


def _menu(found: Standing[Case]) -> list[dict[str, object]]:
    case = found.record
    items: list[dict[str, object]] = [
        {
            "label": STEP_WORDS[step],
            "icon": "arrow-right",
            "url": reverse("case_move", kwargs={"code": case.code, "step": step.value}),
        }
        for step, transition in steps_from(State(case.state)).items()
        if found.may(transition.permission)
    ]
    if found.may(Permission.CASE_ASSIGN):
        items.append(
            {"label": _("Who may see this case"), "icon": "people", "url": reverse("case_people", args=[case.code])}
        )
    if found.may(Permission.EXPORT):
        items.append(
            {"label": _("Export this case"), "icon": "export", "url": f"{reverse('export_start')}?codes={case.code}"}
        )
    if found.may(Permission.CASE_STATEMENT):
        items.append({"label": _("Who saw this file"), "icon": "eye", "url": reverse("who_saw", args=[case.code])})
    if found.may(Permission.IDENTITY_ERASE):
        items.append({"label": _("Erase or hold"), "icon": "trash", "url": reverse("case_erase", args=[case.code])})
    return items


def _deadlines(case: Case, due: Sequence[Deadline]) -> list[tuple[Deadline, object, bool, str]]:
    """What is due: the record, its words, whether it is late, and the page that settles it where no tick does."""
    now = clock.now()
    return [
        (
            one,
            DEADLINE_WORDS.get(one.kind, one.kind),
            one.due_at < now,
            reverse(SETTLED_AT[one.kind], args=[case.code]) if one.kind in SETTLED_AT else "",
        )
        for one in due
    ]


def status_context(found: Standing[Case]) -> dict[str, object]:
    """What those see who may know of a case but not read it: code and status."""
    case = found.record
    return {"case": case, "pills": _pills(case), "menu": _menu(found), "workers": _workers(case)}


def erase_context(case: Case, *, problem: str = "") -> dict[str, object]:
    """The page on which a data protection officer erases a person or holds them."""
    subject = case.person.subject
    return {
        "case": case,
        "problem": problem,
        "erased_at": subject.erased_at,
        "held_at": subject.held_at,
        "held_until": subject.held_until,
        "erase_reasons": [(code, ERASE_WORDS[code]) for code in ERASE_REASONS],
        "hold_reasons": [(code, HOLD_WORDS[code]) for code in HOLD_REASONS],
    }


def edit_context(
    case: Case,
    section: str,
    names: tuple[str, ...],
    *,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, list[str]] | None = None,
) -> dict[str, object]:
    """The form of one section; the page asks for the identity only after a reveal."""
    record = read_record(case, identity=True)
    organisation = case.organisation_id
    context: dict[str, object] = {"case": case, "section": section, "problems": problem_lines(problems)}
    if section == "own":
        own = forms.build_own(organisation, record.custom, problems=problems, typed=typed)
        return {**context, "title": _("Own fields"), "fieldsets": [forms.Fieldset("", own)]}
    inputs = forms.build(
        names, record.values, organisation_id=organisation, problems=problems, typed=typed, raw=record.raw
    )
    title, groups = forms.SECTIONS[section]
    return {**context, "title": title, "fieldsets": forms.fieldsets(groups, inputs)}


def part_context(
    case: Case,
    prefix: str,
    ref: str,
    names: tuple[str, ...],
    *,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, list[str]] | None = None,
) -> dict[str, object]:
    """
    The form of one event, perpetrator or plan.

    Raises:
        NotFound: the case has none of this reference.
    """
    values: Mapping[str, object] = {}
    if ref:
        found = [part.values for part in read_record(case, identity=False).parts[prefix] if part.ref == ref]
        if not found:
            raise NotFound("There is no such record.")
        values = found[0]
    inputs = forms.build(names, values, organisation_id=case.organisation_id, problems=problems, typed=typed)
    return {
        "case": case,
        "prefix": prefix,
        "ref": ref,
        "title": forms.PARTS[prefix],
        "inputs": inputs,
        "problems": problem_lines(problems),
    }


def conflict_context(
    case: Case, section: str, error: EditConflict, typed: Mapping[str, list[str]] | None, *, ref: str = ""
) -> dict[str, object]:
    """Both texts of every field that two people changed."""
    fields, language = fields_of(case.organisation_id), get_language() or "id"
    rows = [
        {
            "name": name,
            "choice": f"choice:{name}",
            "label": fields[name].label_in(language),
            "mine": forms.shown(fields[name], mine),
            "theirs": forms.shown(fields[name], _plain(fields[name], error.theirs.get(name))),
            "mine_typed": (typed or {}).get(name, []),
            "theirs_typed": forms._texts(error.theirs.get(name)),
        }
        for name, mine in error.mine.items()
    ]
    return {"case": case, "section": section, "ref": ref, "rows": rows, "version": error.version}


def reveal_context(case: Case, *, next_section: str = "", missing: bool = False) -> dict[str, object]:
    """The question why somebody wants to see who the person is."""
    reasons = [(code, REASON_WORDS[code]) for code in REVEAL_REASONS]
    return {"case": case, "reasons": reasons, "section": next_section, "missing": missing}


def move_context(
    case: Case, step: str, guards: Iterable[str], missing: Iterable[str], given: Mapping[str, object]
) -> dict[str, object]:
    """The form of a step with its guards."""
    return {
        "case": case,
        "step": step,
        "title": STEP_WORDS[next(s for s in STEP_WORDS if s.value == step)],
        "guards": list(guards),
        "missing": list(missing),
        "given": given,
        "closure_reasons": list(CLOSURE_REASONS.items()),
    }


def problem_lines(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems for the summary on top of a form: where each points and what it says."""
    return [
        {
            "target": "f-" + (problem.field or "").replace(":", "-"),
            "text": forms.problem_words(problem),
            "label": _problem_label(problem),
        }
        for problem in problems
        if problem.severity == "error"
    ]


def _problem_label(problem: Problem) -> str:
    return forms.label_of(problem.field) if problem.field and problem.field in htcds.FIELDS else ""


def _name(record: CaseRecord) -> str:
    return " ".join(str(record.values[name]) for name in NAMES if record.values.get(name))


def _facts(record: CaseRecord) -> list[dict[str, str]]:
    case = record.case
    age = case.age_at_opening
    years = ngettext("%(years)d year", "%(years)d years", age) % {"years": age} if age is not None else ""
    return [
        {"label": forms.label_of("prs_Gender"), "value": forms.shown("prs_Gender", case.person.gender)},
        {"label": _("Age at opening"), "value": years},
        {
            "label": forms.label_of("vic_TypeOfExploitation"),
            "value": forms.shown("vic_TypeOfExploitation", tuple(case.exploitation_types)),
        },
        {"label": _("Opened"), "value": forms.shown("hte_Date", case.opened_on)},
    ]


def _section(record: CaseRecord, key: str) -> Section:
    title, groups = forms.SECTIONS[key]
    drawn, missing = [], 0
    for group in groups:
        heading, names = forms.GROUPS[group]
        lines = [line for name in names if (line := _line(record, name))]
        missing += sum(1 for name in names if htcds.FIELDS[name].core and not any(li.name == name for li in lines))
        if lines:
            drawn.append((heading, lines))
    url = reverse("case_edit", kwargs={"code": record.case.code, "section": key})
    masked = any(line.is_masked for _, lines in drawn for line in lines)
    return Section(key, title, drawn, url, missing, masked)


def _line(record: CaseRecord, name: str) -> Line | None:
    if name in record.masked:
        return Line(name, forms.label_of(name), "", is_masked=True)
    if name in record.raw and not record.values.get(name):
        return Line(name, forms.label_of(name), record.raw[name], is_raw=True)
    text = forms.shown(name, record.values.get(name))
    return Line(name, forms.label_of(name), text, is_long=len(text) > 80) if text else None


def _own(record: CaseRecord) -> list[Line]:
    if not record.custom:
        return []
    fields = fields_of(record.case.organisation_id)
    found = [
        (fields[f"x:{c}"], value) for c, value in record.custom.items() if f"x:{c}" in fields and value is not None
    ]
    return [
        Line(f.api_name, f.label_in(get_language() or "id"), forms.shown(f, _plain(f, value))) for f, value in found
    ]


def _plain(field: htcds.Field, value: object) -> object:
    return htcds.from_kind_text(field.kind, value) if isinstance(value, str) else value


def _parts(record: CaseRecord) -> list[PartCard]:
    cards = []
    for prefix, title in forms.PARTS.items():
        for part in record.parts.get(prefix, []):
            url = reverse("part_edit", kwargs={"code": record.case.code, "prefix": prefix, "ref": part.ref})
            cards.append(PartCard(prefix, part.ref, title, _part_lines(part), url))
    return cards


def _part_lines(part: Part) -> list[Line]:
    found = [(name, forms.shown(name, value)) for name, value in part.values.items()]
    return [Line(name, forms.label_of(name), text, is_long=len(text) > 80) for name, text in found if text]


def _journey(record: CaseRecord) -> list[dict[str, object]]:
    case = record.case
    plans = record.parts.get("spl", [])
    reached = {
        "identified": case.trafficking_status in ("ActualVictimOfTrafficking", "NotAVictimOfTrafficking"),
        "protected": bool(case.consent_given),
        "assisted": bool(plans),
        "returned": case.state in (State.FOLLOW_UP.value, State.CLOSED.value),
        "reintegrated": case.state == State.CLOSED.value and case.closure_reason == "goals_met",
    }
    current = next((step for step in JOURNEY if not reached[step]), "")
    return [
        {"label": JOURNEY_WORDS[step], "state": "done" if reached[step] else "current" if step == current else "ahead"}
        for step in JOURNEY
    ]


def _next_steps(record: CaseRecord, *, is_due: bool) -> list[NextStep]:
    case = record.case
    found = []

    def edit(section: str, text: str, why: str) -> None:
        found.append(NextStep(text, reverse("case_edit", kwargs={"code": case.code, "section": section}), why))

    if case.consent_given is None:
        url = reverse("consents", args=[case.code])
        found.append(NextStep(_("Ask for consent"), url, _("Nothing may be shared before it is asked.")))
    if not case.trafficking_status:
        edit("story", _("Record the trafficking status"), _("A possible victim already has a right to help."))
    if record.raw:
        edit(
            "story",
            _("Settle words that the lists do not know"),
            _("They came with an import and were kept as written."),
        )
    if case.state == State.OPEN.value and not record.parts.get("spl"):
        url = reverse("part_add", kwargs={"code": case.code, "prefix": "spl"})
        found.append(
            NextStep(_("Agree on a support plan"), url, _("Goals, measures and a date, together with the person."))
        )
    if not is_due:
        found.append(NextStep(_("Set the next review"), "#due", _("Nothing is due on this case.")))
    return found[:4]


def _workers(case: Case) -> list[str]:
    return sorted(name for (name,) in _assigned(case=case.pk))


@question(case=ID)
def _assigned(case: int) -> QuerySet[CaseRelation, tuple[str]]:
    assigned = CaseRelation.objects.filter(case_id=case, kind=Relation.ASSIGNED.value, user__isnull=False)
    return assigned.values_list("user__display_name")
