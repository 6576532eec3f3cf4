"""Who works on a case and who saw it: assign, share, restrict, hand over, emergency access, the statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from naungan.access import clock
from naungan.access.errors import NotFound
from naungan.access.models import Team, User
from naungan.access.policy import Permission, Relation
from naungan.access.references import read_code
from naungan.access.requests import actor_of
from naungan.access.rules import may, require
from naungan.protection.cases import actions, pages, queries
from naungan.protection.cases.actions.erasing import ERASE_REASONS, HOLD_REASONS
from naungan.protection.cases.errors import CannotAssign, WouldLeaveUnowned
from naungan.protection.cases.forms import day_of
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
        "may_unshare": sum(1 for row in relations if row.kind == Relation.TEAM.value) > 1,
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
    leaving = User.objects.filter(ref=ref, organisation_id=by.organisation_id).first()
    if leaving is None:
        raise NotFound("There is no such colleague.")
    if request.method == "POST":
        try:
            to = _colleague_in(request, "to")
            done = actions.hand_over_caseload(by=by, leaving=leaving, to=to)
        except CannotAssign as error:
            messages.error(request, cannot_assign_words(str(error)) + " " + _("Nothing was handed over."))
            return redirect("hand_over", ref=ref)
        text = ngettext("%(count)d case was handed over.", "%(count)d cases were handed over.", done.moved)
        messages.success(request, text % {"count": done.moved})
        if done.left:
            stays = ngettext(
                "%(count)d open case stays with this colleague, because you may not see it: it is restricted, or"
                " another team's. Somebody named on it, or that team's supervisor, must hand it over.",
                "%(count)d open cases stay with this colleague, because you may not see them: they are restricted, or"
                " another team's. Somebody named on them, or that team's supervisor, must hand them over.",
                done.left,
            )
            messages.warning(request, stays % {"count": done.left})
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
            told = actions.open_emergency_access(by=by, code=code, reason=reason[:2000])
            if told is not None:
                messages.warning(request, _told_words(len(told)))
                return redirect("case_page", code=code)
            problem = _("Your organisation holds no case with this code.")
    context = {"problem": problem, "code": request.POST.get("code", ""), "reason": request.POST.get("reason", "")}
    return render(request, "cases/emergency.html", context, status=422 if problem else 200)


def _told_words(count: int) -> str:
    if not count:
        return _("Open for one hour. Nobody else is there to be told; what you do is recorded, and will be reviewed.")
    text = ngettext(
        "Open for one hour. %(count)d colleague who reviews it was told.",
        "Open for one hour. %(count)d colleagues who review it were told.",
        count,
    )
    return text % {"count": count}


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
    act = _ACTS.get(request.POST.get("what", ""))
    if act is None:
        raise NotFound("There is no such act.")
    act(request, case)


def _assign(request: HttpRequest, case: Case) -> None:
    before = User.objects.filter(ref=request.POST.get("instead_of", "")).first()
    actions.assign_case(by=actor_of(request), case=case, to=_colleague_in(request, "to"), instead_of=before)


def _unassign(request: HttpRequest, case: Case) -> None:
    actions.unassign_case(by=actor_of(request), case=case, user=_colleague_in(request, "user"))


def _share(request: HttpRequest, case: Case) -> None:
    until = _end_of(request.POST.get("until", ""))
    actions.share_case(by=actor_of(request), case=case, with_team=_team(request, case), until=until)


def _unshare(request: HttpRequest, case: Case) -> None:
    actions.unshare_case(by=actor_of(request), case=case, team=_team(request, case))


def _restrict(request: HttpRequest, case: Case) -> None:
    named = [_colleague(request, ref) for ref in request.POST.getlist("named")]
    actions.restrict_case(by=actor_of(request), case=case, named=named, reason=_reason(request))


def _lift(request: HttpRequest, case: Case) -> None:
    actions.lift_restriction(by=actor_of(request), case=case, reason=_reason(request))


def _bar(request: HttpRequest, case: Case) -> None:
    user = _colleague_in(request, "user")
    actions.mark_conflict(by=actor_of(request), case=case, user=user, reason=_reason(request))


def _let_in(request: HttpRequest, case: Case) -> None:
    user = _colleague_in(request, "user")
    actions.lift_conflict(by=actor_of(request), case=case, user=user, reason=_reason(request))


_ACTS: Mapping[str, Callable[[HttpRequest, Case], None]] = {
    "assign": _assign,
    "unassign": _unassign,
    "share": _share,
    "unshare": _unshare,
    "restrict": _restrict,
    "lift": _lift,
    "conflict": _bar,
    "lift_conflict": _let_in,
}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:2000]


def _team(request: HttpRequest, case: Case) -> Team:
    team = Team.objects.filter(ref=request.POST.get("team", ""), organisation_id=case.organisation_id).first()
    if team is None:
        raise CannotAssign("team")
    return team


def _colleague_in(request: HttpRequest, field: str) -> User:
    return _colleague(request, request.POST.get(field, ""))


def _end_of(text: str) -> datetime | None:
    """The last moment of a typed day, in the time of the house; nothing for no day."""
    day = day_of(text)
    return timezone.make_aware(datetime.combine(day, time.max)) if day else None


def _colleague(request: HttpRequest, ref: str) -> User:
    user = User.objects.filter(ref=ref, organisation_id=actor_of(request).organisation_id).first()
    if user is None:
        raise CannotAssign("person")
    return user
