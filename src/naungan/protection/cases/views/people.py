"""Who works on a case and who saw it: assign, share, restrict, hand over, emergency access, the statement."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from naungan.access import clock
from naungan.access.errors import NotFound
from naungan.access.models import Team, User
from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.access.requests import actor_of
from naungan.access.rules import may, require
from naungan.protection.cases import actions, pages, queries
from naungan.protection.cases.actions.erasing import ERASE_REASONS, HOLD_REASONS
from naungan.protection.cases.errors import CannotAssign, WouldLeaveUnowned
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries.lists import workers_of
from naungan.protection.cases.queries.people import Sighting
from naungan.protection.cases.views.lists import cannot_assign_words
from naungan.protection.cases.views.reading import case_of
from naungan.vault.errors import NotOnHold, OnHold


@require_http_methods(["GET", "POST"])
def case_people(request: HttpRequest, code: str) -> HttpResponse:
    """Assign, share and restrict one case."""
    case, by = case_of(request, code, Permission.CASE_LIST), actor_of(request)
    require(by, Permission.CASE_ASSIGN, case)
    if request.method == "POST":
        try:
            _act(request, case)
        except CannotAssign as error:
            messages.error(request, cannot_assign_words(str(error)))
        except WouldLeaveUnowned:
            messages.error(request, _("Somebody must answer for the case. Hand it to a colleague first."))
        else:
            messages.success(request, _("Saved."))
        return (
            redirect("case_people", code=case.code) if may(by, Permission.CASE_ASSIGN, case) else redirect("case_list")
        )
    relations = case.relations.select_related("user", "team", "organisation").order_by("kind", "starts_at")
    context = {
        "case": case,
        "relations": relations,
        "colleagues": workers_of(case.organisation_id),
        "teams": Team.objects.filter(organisation_id=case.organisation_id, ended_at__isnull=True).order_by("name"),
        "may_share": may(by, Permission.CASE_SHARE, case),
        "may_restrict": may(by, Permission.CASE_RESTRICT, case),
        "conflicts": case.conflicts.select_related("user"),
    }
    return render(request, "cases/people.html", context)


@require_GET
def caseloads(request: HttpRequest) -> HttpResponse:
    """How much each colleague carries."""
    return render(request, "cases/caseloads.html", {"rows": queries.caseloads(actor_of(request))})


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, ref: str) -> HttpResponse:
    """Hand everything of a colleague who leaves, or is away, to another."""
    by = actor_of(request)
    require(by, Permission.CASELOADS)
    leaving = _colleague(request, ref)
    if request.method == "POST":
        try:
            to = _colleague(request, request.POST.get("to", ""))
            count = actions.hand_over_caseload(by=by, leaving=leaving, to=to)
        except CannotAssign as error:
            messages.error(request, cannot_assign_words(str(error)) + " " + _("Nothing was handed over."))
            return redirect("hand_over", ref=ref)
        text = ngettext("%(count)d case was handed over.", "%(count)d cases were handed over.", count)
        messages.success(request, text % {"count": count})
        return redirect("caseloads")
    colleagues = [user for user in workers_of(by.organisation_id) if user.pk != leaving.pk]
    return render(request, "cases/hand_over.html", {"leaving": leaving, "colleagues": colleagues})


@require_http_methods(["GET", "POST"])
def emergency(request: HttpRequest) -> HttpResponse:
    """Open a case for an hour when a life may depend on it; others are told and review it."""
    by = actor_of(request)
    require(by, Permission.CASE_EMERGENCY)
    problem = ""
    if request.method == "POST":
        code, reason = read_code(request.POST.get("code", "")), request.POST.get("reason", "").strip()
        if code is None:
            problem = _("The code is not complete or has a typing error. It looks like K7QF-2M9D-9.")
        elif len(reason) < 10:
            problem = _("Write in at least ten characters why this cannot wait. It is kept and reviewed.")
        else:
            case = actions.open_emergency_access(by=by, code=code, reason=reason[:2000])
            if case is not None:
                messages.warning(
                    request, _("Open for one hour. Your supervisor and the data protection officer were told.")
                )
                return redirect("case_page", code=case.code)
            problem = _("Your organisation holds no case with this code.")
    context = {"problem": problem, "code": request.POST.get("code", ""), "reason": request.POST.get("reason", "")}
    return render(request, "cases/emergency.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def who_saw(request: HttpRequest, code: str) -> HttpResponse:
    """The statement for the person concerned, on screen or as a PDF to print."""
    case, by = case_of(request, code, Permission.CASE_LIST), actor_of(request)
    with_names = request.POST.get("names") == "yes" and may(by, Permission.AUDIT_READ)
    lines = queries.who_saw(by, case, with_names=with_names)
    if request.GET.get("form") == "pdf" or request.POST.get("form") == "pdf":
        content = _statement(case, lines)
        response = HttpResponse(content, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{case.code}.pdf"'
        return response
    context = {
        "case": case,
        "lines": pages.sighting_lines(lines),
        "with_names": with_names,
        "may_name": may(by, Permission.AUDIT_READ),
    }
    return render(request, "cases/who_saw.html", context)


@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, code: str) -> HttpResponse:
    """Erase the person of a case for ever, or hold them for the law; the data protection officer decides."""
    case, by = case_of(request, code, Permission.CASE_LIST), actor_of(request)
    require(by, Permission.IDENTITY_ERASE, case)
    problem = _erase_or_hold(request, case) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        messages.success(request, _("Done."))
        return redirect("case_erase", code=case.code)
    return render(
        request, "cases/erase.html", pages.erase_context(case, problem=problem), status=422 if problem else 200
    )


def _erase_or_hold(request: HttpRequest, case: Case) -> str:
    by, sent = actor_of(request), request.POST
    what, reason = sent.get("what", ""), sent.get("reason", "")
    try:
        if what == "erase" and reason in ERASE_REASONS and sent.get("code", "") == case.code:
            actions.erase_person(by=by, case=case, reason=reason)
        elif what == "hold" and reason in HOLD_REASONS:
            actions.hold_person(by=by, case=case, reason=reason)
        elif what == "lift":
            actions.lift_hold(by=by, case=case)
        else:
            return _("Choose a reason, and to erase type the code of the case. Nothing was changed.")
    except (OnHold, NotOnHold):
        return _("A legal hold forbids this, or there is none to lift. Nothing was changed.")
    return ""


def _statement(case: Case, lines: list[Sighting]) -> bytes:
    from naungan.access.printing import StatementAbout, statement_pdf  # noqa: PLC0415 - loads the typesetter

    about = StatementAbout(
        code=case.code,
        organisation=case.organisation.name,
        opened_at=case.created_at,
        printed_at=clock.now(),
    )
    return statement_pdf(pages.sightings_to_print(lines), about, get_language() or "id")


def _act(request: HttpRequest, case: Case) -> None:
    by, sent = actor_of(request), request.POST
    what = sent.get("what", "")
    if what == "assign":
        before = User.objects.filter(ref=sent.get("instead_of", "")).first()
        actions.assign_case(by=by, case=case, to=_colleague(request, sent.get("to", "")), instead_of=before)
    elif what == "unassign":
        actions.unassign_case(by=by, case=case, user=_colleague(request, sent.get("user", "")))
    elif what == "share":
        team = Team.objects.filter(ref=sent.get("team", ""), organisation_id=case.organisation_id).first()
        if team is None:
            raise CannotAssign("team")
        actions.share_case(by=by, case=case, with_team=team)
    elif what == "restrict":
        named = [_colleague(request, ref) for ref in sent.getlist("named")]
        actions.restrict_case(by=by, case=case, named=named, reason=sent.get("reason", "")[:2000])
    elif what == "lift":
        actions.lift_restriction(by=by, case=case, reason=sent.get("reason", "")[:2000])
    elif what == "conflict":
        user = _colleague(request, sent.get("user", ""))
        actions.mark_conflict(by=by, case=case, user=user, reason=sent.get("reason", "")[:2000])
    else:
        raise NotFound("There is no such act.")


def _colleague(request: HttpRequest, ref: str) -> User:
    user = User.objects.filter(ref=ref, organisation_id=actor_of(request).organisation_id).first()
    if user is None:
        raise CannotAssign("person")
    return user
