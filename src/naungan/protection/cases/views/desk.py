"""Daily work on a case: notes, files, deadlines and steps."""

from __future__ import annotations

from datetime import datetime, time
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.protection.cases import actions, pages, queries
from naungan.protection.cases.errors import FileRefused, InvalidValues, StepNotAllowed
from naungan.protection.cases.forms import day_of
from naungan.protection.cases.states import State, Step, steps_from
from naungan.protection.cases.views.reading import case_of
from naungan.protection.cases.words import SET_BY_HAND


@require_POST
def note_add(request: HttpRequest, code: str) -> HttpResponse:
    """Write a note on the timeline."""
    case = case_of(request, code)
    kind = "comment" if request.POST.get("kind") == "comment" else "note"
    try:
        actions.add_note(by=actor_of(request), case=case, text=request.POST.get("text", ""), kind=kind)
    except InvalidValues:
        messages.error(request, _("The note is empty or longer than 20,000 characters. Nothing was saved."))
    else:
        messages.success(request, _("The note is on the timeline."))
    return redirect("case_page", code=case.code)


@require_POST
def deadline_add(request: HttpRequest, code: str) -> HttpResponse:
    """Put something due on the work list."""
    case = case_of(request, code)
    require(actor_of(request), Permission.CASE_WRITE, case)
    kind = request.POST.get("kind", "")
    day = day_of(request.POST.get("due_on", ""))
    if kind not in SET_BY_HAND or day is None:
        messages.error(request, _("Choose what is due and a day. Nothing was saved."))
        return redirect("case_page", code=case.code)
    due_at = timezone.make_aware(datetime.combine(day, time(17)))  # the end of an office day
    actions.set_deadline(by=actor_of(request), case=case, kind=kind, due_at=due_at)
    messages.success(request, _("It is on the work list."))
    return redirect("case_page", code=case.code)


@require_POST
def deadline_done(request: HttpRequest, ref: str) -> HttpResponse:
    """Mark something due as done."""
    actions.finish_deadline(by=actor_of(request), ref=ref)
    messages.success(request, _("Done."))
    back = request.POST.get("back", "")
    return redirect(back if back.startswith("/cases/") else "home")


@require_POST
def file_add(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a file with the case."""
    case = case_of(request, code)
    require(actor_of(request), Permission.CASE_WRITE, case)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise FileRefused("empty")
        actions.add_attachment(by=actor_of(request), case=case, name=upload.name or "", content=upload.read())
    except FileRefused as error:
        messages.error(request, file_words(error.code))
    else:
        messages.success(request, _("The file is kept, encrypted."))
    return redirect("case_page", code=case.code)


@require_GET
def file_read(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """Download a file, opened for this one answer."""
    case = case_of(request, code)
    attachment, name, content = queries.read_attachment(by=actor_of(request), case=case, ref=ref)
    response = HttpResponse(content, content_type=attachment.kind)
    safe = "".join(letter if letter.isalnum() or letter in " .-_()" else "_" for letter in name)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(safe)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def file_remove(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """Destroy a file of the case."""
    case = case_of(request, code)
    actions.remove_attachment(by=actor_of(request), case=case, ref=ref)
    messages.success(request, _("The file is destroyed; that it was there stays on the timeline."))
    return redirect("case_page", code=case.code)


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Take a step of the state machine, with what its guards ask."""
    case = case_of(request, code)
    transition = next((t for s, t in steps_from(State(case.state)).items() if s.value == step), None)
    if transition is None:
        raise NotFound("There is no such step from here.")
    require(actor_of(request), transition.permission, case)
    given = _given(request) if request.method == "POST" else {}
    missing: list[str] = []
    if request.method == "POST":
        try:
            actions.move_case(by=actor_of(request), case=case, step=Step(step), given=given)
        except StepNotAllowed as error:
            missing = error.missing
        else:
            messages.success(request, _("The case has moved."))
            return redirect("case_page", code=case.code)
    context = pages.move_context(case, step, transition.guards, missing, given)
    return render(request, "cases/move.html", context, status=422 if missing else 200)


def file_words(code: str) -> str:
    """Why a file was not taken, and what to do."""
    return {
        "empty": _("There is no file, or it is empty. Choose one and try again."),
        "too_large": _("The file is larger than allowed. Make it smaller, or split it."),
        "kind": _("This kind of file is not taken. Use PDF, JPEG, PNG, WebP, sound, Word, Excel or plain text."),
        "macro": _("The file holds a macro. Save it without macros and try again."),
        "inflates_too_far": _("The file unpacks to more than is allowed. It was not kept."),
        "damaged": _("The file is damaged. Save it again and try once more."),
        "malware": _("The scanner found malware. The file was not kept; tell your administrator."),
        "scanner_silent": _("The malware scanner does not answer, so nothing was kept. Try again later."),
    }.get(code, _("The file was not taken."))


def _given(request: HttpRequest) -> dict[str, object]:
    sent = request.POST
    yes = {name: True for name in ("safety_plan", "services_ended", "referrals_settled") if sent.get(name) == "yes"}
    given: dict[str, object] = {
        **yes,
        "reason": sent.get("reason", "")[:5000],
        "closure_reason": sent.get("closure_reason", ""),
        "retention_until": day_of(sent.get("retention_until", "")),
    }
    if sent.get("later_contact") in ("yes", "no"):
        given["later_contact"] = sent["later_contact"] == "yes"
    return given
