"""The case page and the forms that change a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.protection.cases import actions, forms, pages, queries
from naungan.protection.cases.actions import CaseDraft
from naungan.protection.cases.errors import EditConflict, InvalidValues
from naungan.protection.cases.fields import IDENTITY, prefix_of
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries.records import REVEAL_REASONS
from naungan.protection.cases.queries.search import Hit
from naungan.protection.cases.views.reading import case_of, forget_revealed, is_revealed, keep_revealed, standing_of
from naungan.standards import htcds
from naungan.standards.checks import Problem

# The newest lines; older ones come on request, so that the record is one thumb away.
TIMELINE_FIRST = 6


@require_GET
def case_page(request: HttpRequest, code: str) -> HttpResponse:
    """One case: the journey on top, the record, the timeline, next steps beside."""
    found = standing_of(request, code, Permission.CASE_LIST)
    if not found.may(Permission.CASE_READ):
        return render(request, "cases/status.html", pages.status_context(found))
    revealed = is_revealed(request, found.record) and found.may(Permission.IDENTITY_REVEAL)
    opened = queries.open_record(found, revealed=revealed, lines=TIMELINE_FIRST)
    context = pages.case_context(found, opened, revealed=revealed)
    return render(request, "cases/case.html", context)


@require_GET
def timeline_more(request: HttpRequest, code: str) -> HttpResponse:
    """Older lines of the timeline."""
    before = request.GET.get("before", "")
    found = standing_of(request, code)
    lines, more = queries.timeline(found, before=int(before) if before.isdecimal() else None)
    context = {"case": found.record, "lines": pages.timeline_lines(lines), "more": more}
    return render(request, "cases/timeline.html", {**context, "may_write": found.may(Permission.CASE_WRITE)})


@require_http_methods(["GET", "POST"])
def open_new(request: HttpRequest) -> HttpResponse:
    """Open a case: a dozen questions, the rest later; whoever may be known already is shown first."""
    by = actor_of(request)
    require(by, Permission.CASE_OPEN)
    if request.method != "POST":
        return _open_form(request, by)
    values, problems, typed = forms.read(request.POST, forms.OPENING, by.organisation_id)
    custom, more, own_typed = forms.read_own(request.POST, by.organisation_id)
    typed = {**typed, **own_typed}
    given = {name: value for name, value in values.items() if value is not None}
    try:
        forms.require_clean([*problems, *more])
        forms.require_handle(given)
        known = queries.perhaps_known(by, given)
        if {hit.code for hit in known} - set(request.POST.getlist("seen")):
            return _open_form(request, by, typed=typed, known=known)
        case = actions.open_case(by=by, draft=CaseDraft(values=given, custom=custom))
    except InvalidValues as error:
        return _open_form(request, by, typed=typed, problems=error.problems)
    keep_revealed(request, case)
    messages.success(request, _("The case is open: %(code)s.") % {"code": case.code})
    return redirect("case_page", code=case.code)


def _open_form(
    request: HttpRequest,
    by: Actor,
    *,
    typed: Mapping[str, list[str]] | None = None,
    problems: Sequence[Problem] = (),
    known: Sequence[Hit] = (),
) -> HttpResponse:
    """The short form; with what was typed where a rule is broken (422) or somebody may be known already (409)."""
    context = {
        "inputs": forms.build(forms.OPENING, {}, organisation_id=by.organisation_id, problems=problems, typed=typed),
        "own": forms.build_own(by.organisation_id, {}, problems=problems, typed=typed),
        "problems": pages.problem_lines(problems),
        "known": known,
    }
    return render(request, "cases/open.html", context, status=409 if known else 422 if problems else 200)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str, section: str) -> HttpResponse:
    """Change one section of a record; a conflict shows both texts and lets the person choose."""
    case, by = case_of(request, code), actor_of(request)
    require(by, Permission.CASE_WRITE, case)
    names = _section_names(section)
    if IDENTITY & set(names) and not is_revealed(request, case):
        return render(request, "cases/reveal.html", pages.reveal_context(case, next_section=section))
    if request.method == "POST":
        return _save(request, case, section, names)
    return _edit_form(request, case, section, names)


def _save(request: HttpRequest, case: Case, section: str, names: tuple[str, ...]) -> HttpResponse:
    by = actor_of(request)
    sent = forms.settled(request.POST)
    values, problems, typed = forms.read(sent, names, by.organisation_id)
    custom, more, own_typed = forms.read_own(sent, by.organisation_id) if section == "own" else ({}, [], {})
    try:
        forms.require_clean([*problems, *more])
        actions.save_fields(by=by, case=case, values=values, custom=custom, version=_version(request))
    except InvalidValues as error:
        return _edit_form(request, case, section, names, problems=error.problems, typed={**typed, **own_typed})
    except EditConflict as error:
        return render(request, "cases/conflict.html", pages.conflict_context(case, section, error, typed), status=409)
    messages.success(request, _("Saved."))
    return redirect("case_page", code=case.code)


def _edit_form(
    request: HttpRequest,
    case: Case,
    section: str,
    names: tuple[str, ...],
    *,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, list[str]] | None = None,
) -> HttpResponse:
    context = pages.edit_context(case, section, names, problems=problems, typed=typed)
    return render(request, "cases/edit.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "POST"])
def part_edit(request: HttpRequest, code: str, prefix: str, ref: str = "") -> HttpResponse:
    """Add or change an event, a perpetrator or a support plan."""
    case, by = case_of(request, code), actor_of(request)
    require(by, Permission.CASE_WRITE, case)
    if prefix not in forms.PARTS:
        raise NotFound("There is no such part.")
    names = tuple(name for name in htcds.FIELDS if prefix_of(name) == prefix)
    problems: list[Problem] = []
    typed: dict[str, list[str]] | None = None
    if request.method == "POST":
        values, problems, typed = forms.read(forms.settled(request.POST), names, by.organisation_id)
        try:
            forms.require_clean(problems)
            actions.save_part(by=by, case=case, prefix=prefix, values=values, ref=ref, version=_version(request))
        except InvalidValues as error:
            problems = error.problems
        except EditConflict as error:
            context = pages.conflict_context(case, prefix, error, typed, ref=ref)
            return render(request, "cases/conflict.html", context, status=409)
        else:
            messages.success(request, _("Saved."))
            return redirect("case_page", code=case.code)
    context = pages.part_context(case, prefix, ref, names, problems=problems, typed=typed)
    return render(request, "cases/part.html", context, status=422 if problems else 200)


@require_POST
def part_remove(request: HttpRequest, code: str, prefix: str, ref: str) -> HttpResponse:
    """Take an event, a perpetrator or a plan off the record."""
    case = case_of(request, code)
    if prefix not in forms.PARTS:
        raise NotFound("There is no such part.")
    actions.remove_part(by=actor_of(request), case=case, prefix=prefix, ref=ref)
    messages.success(request, _("Removed."))
    return redirect("case_page", code=case.code)


@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, code: str) -> HttpResponse:
    """Show who the person is, for a reason that is kept."""
    case, by = case_of(request, code), actor_of(request)
    require(by, Permission.IDENTITY_REVEAL, case)
    if request.method == "GET":
        return render(request, "cases/reveal.html", pages.reveal_context(case))
    reason = request.POST.get("reason", "")
    if reason not in REVEAL_REASONS:
        return render(request, "cases/reveal.html", pages.reveal_context(case, missing=True), status=422)
    queries.reveal_identity(by=by, case=case, reason=reason, words=request.POST.get("words", "")[:500])
    keep_revealed(request, case)
    section = request.POST.get("section", "")
    if section in forms.SECTIONS:
        return redirect("case_edit", code=case.code, section=section)
    return redirect("case_page", code=case.code)


@require_POST
def hide(request: HttpRequest, code: str) -> HttpResponse:
    """Mask the identity again."""
    case = case_of(request, code)
    forget_revealed(request, case)
    return redirect("case_page", code=case.code)


def _section_names(section: str) -> tuple[str, ...]:
    if section == "own":
        return ()
    if section not in forms.SECTIONS:
        raise NotFound("There is no such section.")
    return tuple(name for group in forms.SECTIONS[section][1] for name in forms.GROUPS[group][1])


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else 0
