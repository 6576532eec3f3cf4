"""The pages of safety: the plan in force, a new one, a danger, and what protects the person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.protection.cases.views.reading import case_to_write, standing_of
from naungan.protection.safety import actions, pages, queries
from naungan.protection.safety.errors import NotRecorded, PlanIncomplete, StepNotAllowed
from naungan.protection.safety.forms import GUARD_WORDS, DangerForm, MeasureForm, PlanForm

ALREADY = gettext_lazy("This plan was replaced or closed in the meantime. Nothing was saved.")


@require_GET
def safety(request: HttpRequest, code: str) -> HttpResponse:
    """What endangers a person, what is done, and what protects them."""
    return _page(request, code)


@require_http_methods(["GET", "POST"])
def safety_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Write a plan; it begins with what the one before says."""
    found = standing_of(request, code)
    found.require(Permission.CASE_WRITE)
    before = queries.safety_of(found).in_force
    form = PlanForm(request.POST) if request.method == "POST" else PlanForm(before=before)
    if request.method == "POST" and form.is_valid():
        try:
            actions.put_into_force(by=found.by, case=found.record, draft=form.draft())
        except PlanIncomplete as refused:
            for guard in refused.missing:
                form.add_error(guard if guard in form.fields else None, str(GUARD_WORDS[guard]))
        else:
            messages.success(request, _("The plan is in force, and its review is on the work list."))
            return redirect("safety", code=found.record.code)
    context = {"case": found.record, "form": form, "is_first": before is None}
    return render(request, "safety/plan.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def danger_report(request: HttpRequest, code: str) -> HttpResponse:
    """Say that something happened; the plan is due at once and supervisors are told."""
    case = case_to_write(request, code)
    form = DangerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.report_danger(
                by=actor_of(request), case=case, trigger=said["trigger"], words=said["words"], at=said["at"]
            )
        except NotRecorded as refused:
            form.add_error(refused.field, _("Give a moment that is past."))
        else:
            messages.success(request, _("Noted. Those who answer for the case are told; look at the plan now."))
            return redirect("safety", code=case.code)
    return render(request, "safety/danger.html", {"case": case, "form": form}, status=422 if form.errors else 200)


@require_POST
def measure_add(request: HttpRequest, code: str) -> HttpResponse:
    """Record what protects the person."""
    case = case_to_write(request, code)
    form = MeasureForm(request.POST)
    if form.is_valid():
        try:
            actions.add_measure(by=actor_of(request), case=case, **form.cleaned_data)
        except NotRecorded as refused:
            form.add_error(refused.field, _("Give a day that is not before the first one."))
        else:
            messages.success(request, _("Recorded."))
            return redirect("safety", code=case.code)
    return _page(request, code, form)


@require_POST
def measure_end(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """A measure ended today."""
    case = case_to_write(request, code)
    try:
        actions.end_measure(by=actor_of(request), case=case, ref=ref)
    except NotRecorded:
        messages.error(request, _("It has not begun yet. Nothing was saved."))
    else:
        messages.success(request, _("Ended."))
    return redirect("safety", code=case.code)


@require_POST
def plan_confirm(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """The plan was looked at and holds."""
    case = case_to_write(request, code)
    try:
        actions.confirm(by=actor_of(request), case=case, ref=ref)
    except StepNotAllowed:
        messages.error(request, ALREADY)
    else:
        messages.success(request, _("The plan holds; its next review is on the work list."))
    return redirect("safety", code=case.code)


@require_POST
def plan_close(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """The plan is needed no more."""
    case = case_to_write(request, code)
    try:
        actions.close(by=actor_of(request), case=case, ref=ref, reason=request.POST.get("reason", ""))
    except StepNotAllowed:
        messages.error(request, ALREADY)
    except NotRecorded:
        messages.error(request, _("Say why the plan is needed no more. Nothing was saved."))
    else:
        messages.success(request, _("The plan is closed."))
    return redirect("safety", code=case.code)


def _page(request: HttpRequest, code: str, measure_form: MeasureForm | None = None) -> HttpResponse:
    found = standing_of(request, code)
    known = queries.safety_of(found)
    context = {
        "case": found.record,
        "plans": pages.plan_lines(known),
        "measures": pages.measure_lines(known),
        "measure_form": measure_form or MeasureForm(),
        "is_wrong": measure_form is not None,
        "may_write": found.may(Permission.CASE_WRITE),
    }
    return render(request, "safety/safety.html", context, status=422 if measure_form else 200)
