"""The case list: filters, sorts, saved and shared views, many cases at once, undo, print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.asking import ID, question
from naungan.access.models import Organisation, Team, User
from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.protection.cases import actions, queries, rows
from naungan.protection.cases.actions import Assignment
from naungan.protection.cases.errors import CannotAssign, InvalidValues
from naungan.protection.cases.forms import Input
from naungan.protection.cases.models import SavedView
from naungan.protection.cases.narrowing import (
    active_filters,
    filter_inputs,
    narrowed_words,
    query_of,
    read_filters,
    sealed_labels,
)
from naungan.protection.cases.queries.lists import SORTS

MOST_PRINTED = 200

TO_TEAM = "team:"


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """One page of the cases in one's scope."""
    by = actor_of(request)
    require(by, Permission.CASE_LIST)
    query = query_of(request.GET)
    filters = read_filters(query, by)
    page = queries.case_page(by, filters, after=request.GET.get("after", "")[:60], count=True)
    inputs = filter_inputs(query, by)
    context = {
        "page": {"rows": rows.draw(page.rows)},
        "chosen": request.GET.get("chosen", "").split(","),
        "words": rows.row_words(),
        "count_text": _count_words(page),
        "next_url": "?" + urlencode({**query, "after": page.after}) if page.after else "",
        "query_text": urlencode(query),
        "sort": filters.sort,
        "sort_urls": {sort: "?" + urlencode({**query, "sort": sort}) for sort in SORTS},
        **_bulk_context(by, inputs),
        "may_open": bool(by.relations(Permission.CASE_OPEN)),
        "filters": inputs,
        "sealed": ", ".join(sealed_labels(by)),
        "active": active_filters(query, inputs),
        **_view_context(by, query),
    }
    return render(request, "cases/list.html", context)


@require_GET
def case_list_print(request: HttpRequest) -> HttpResponse:
    """The list as a sheet of paper: codes and dates, no identity, 200 lines at most; it says what is not on it."""
    by = actor_of(request)
    require(by, Permission.CASE_LIST)
    query = query_of(request.GET)
    page = queries.case_page(by, read_filters(query, by), limit=MOST_PRINTED, count=True)
    context = {
        "page": {"rows": rows.draw(page.rows)},
        "words": rows.row_words(),
        "facts": [
            {"label": _("Organisation"), "value": Organisation.objects.get(pk=by.organisation_id).name},
            {"label": _("Printed"), "value": date_format(timezone.localtime(clock.now()), "j F Y, H:i")},
            {"label": _("Cases"), "value": _count_words(page)},
            {"label": _("Narrowed to"), "value": "; ".join(narrowed_words(query, by))},
        ],
        "cut_text": _cut_words(page),
        "back_url": f"{reverse('case_list')}?{urlencode(query)}",
    }
    return render(request, "cases/print.html", context)


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Give the chosen cases to one colleague, or share them with a team; the message names what could not go."""
    by = actor_of(request)
    require(by, Permission.CASE_ASSIGN)
    chosen = request.POST.getlist("code")
    if request.POST.get("to", "").startswith(TO_TEAM):
        return _share(request, chosen)
    to = User.objects.filter(ref=request.POST.get("to", ""), organisation_id=by.organisation_id).first()
    if to is None or not chosen:
        messages.error(request, _("Choose at least one case and a colleague. Nothing was changed."))
        return _back_to_list(request, chosen)
    codes = actions.assignable(by, chosen)
    try:
        done = actions.assign_cases(by=by, codes=codes, to=to) if codes else []
    except CannotAssign as error:
        messages.error(request, cannot_assign_words(str(error)))
        return _back_to_list(request, codes)
    if codes:
        request.session["undo"] = [astuple(one) for one in done]
        text = ngettext("%(count)d case was handed over.", "%(count)d cases were handed over.", len(done))
        tag = f"undo={reverse('case_undo')}" if done else ""
        messages.success(request, text % {"count": len(done)}, extra_tags=tag)
    _name_those_left(request, [code for code in dict.fromkeys(chosen) if code not in codes])
    return _back_to_list(request)


def _share(request: HttpRequest, chosen: list[str]) -> HttpResponse:
    by = actor_of(request)
    require(by, Permission.CASE_SHARE)
    ref = request.POST["to"].removeprefix(TO_TEAM)
    team = Team.objects.filter(ref=ref, organisation_id=by.organisation_id, ended_at__isnull=True).first()
    if team is None or not chosen:
        messages.error(request, _("Choose at least one case and a team. Nothing was changed."))
        return _back_to_list(request, chosen)
    codes = actions.assignable(by, chosen, Permission.CASE_SHARE)
    try:
        count = actions.share_cases(by=by, codes=codes, team=team) if codes else 0
    except CannotAssign as error:
        messages.error(request, cannot_assign_words(str(error)))
        return _back_to_list(request, codes)
    text = ngettext("%(count)d case was shared.", "%(count)d cases were shared.", count)
    messages.success(request, text % {"count": count})
    _name_those_left(request, [code for code in dict.fromkeys(chosen) if code not in codes])
    return _back_to_list(request)


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the last hand-over of many cases."""
    kept = request.session.pop("undo", [])
    count = actions.undo_assignments(by=actor_of(request), done=[Assignment(*one) for one in kept])
    text = ngettext("%(count)d case was given back.", "%(count)d cases were given back.", count) % {"count": count}
    left = len(kept) - count
    if left:
        stays = ngettext(
            "%(count)d case stays where it is: it moved on, or who had it cannot take it any more.",
            "%(count)d cases stay where they are: they moved on, or who had them cannot take them any more.",
            left,
        )
        messages.warning(request, f"{text} {stays % {'count': left}}")
    elif count:
        messages.success(request, text)
    else:
        messages.info(request, _("There is nothing to take back."))
    return redirect("case_list")


@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name."""
    by = actor_of(request)
    require(by, Permission.CASE_LIST)
    query = query_of(QueryDict(request.POST.get("query", "")))
    try:
        actions.save_view(
            by=by, name=request.POST.get("name", ""), query=query, is_shared=request.POST.get("shared") == "yes"
        )
    except InvalidValues:
        messages.error(request, _("Give the view a name of at most 60 characters."))
    else:
        messages.success(request, _("The view is kept."))
    return redirect(f"{reverse('case_list')}?{urlencode(query)}")


@require_POST
def view_rename(request: HttpRequest, ref: str) -> HttpResponse:
    """Give one of one's own views another name."""
    try:
        view = actions.rename_view(by=actor_of(request), ref=ref, name=request.POST.get("name", ""))
    except InvalidValues:
        messages.error(request, _("Give the view a name of at most 60 characters that no other of your views has."))
        return redirect("case_list")
    messages.success(request, _("The view is called %(name)s now.") % {"name": view.name})
    return redirect(f"{reverse('case_list')}?{urlencode(query_of(view.query))}")


@require_POST
def view_remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Forget one of one's own views, or a shared one whose maker has left."""
    actions.remove_view(by=actor_of(request), ref=ref)
    messages.success(request, _("The view is removed."))
    return redirect("case_list")


def cannot_assign_words(code: str) -> str:
    """Why a case cannot go to a colleague, and what to do."""
    return {
        "person": _("This colleague is not active in your organisation. Choose another one."),
        "role": _("This colleague has no role that works on cases. Ask an administrator, or choose another one."),
        "conflict": _("This colleague has a conflict of interest with one of the cases. Choose another one."),
        "team": _("This team cannot hold the case. Choose another one."),
        "count": _("Choose between 1 and 500 cases."),
    }.get(code, _("The case cannot be handed over."))


def _name_those_left(request: HttpRequest, codes: list[str]) -> None:
    """Say which chosen cases could not be handed over; what was sent is named only when it is a code."""
    known = [code for code in codes if read_code(code)]
    if not codes:
        return
    text = ngettext(
        "%(count)d case could not be handed over, since it is not among yours any more: %(codes)s.",
        "%(count)d cases could not be handed over, since they are not among yours any more: %(codes)s.",
        len(codes),
    )
    messages.warning(request, text % {"count": len(codes), "codes": ", ".join(known) or "–"})


def _back_to_list(request: HttpRequest, chosen: Sequence[str] = ()) -> HttpResponse:
    """The list as it was filtered, with what was chosen still chosen where nothing was done."""
    query = query_of(QueryDict(request.POST.get("query", "")))
    codes = [code for text in chosen if (code := read_code(text))]
    return redirect(f"{reverse('case_list')}?{urlencode({**query, **({'chosen': ','.join(codes)} if codes else {})})}")


def _count_words(page: queries.Page) -> str:
    if page.count_capped:
        return _("More than %(count)s cases") % {"count": f"{page.count:,}"}
    return ngettext("%(count)d case", "%(count)d cases", page.count or 0) % {"count": page.count or 0}


def _cut_words(page: queries.Page) -> str:
    """How many cases are not on the sheet; empty when all are."""
    shown, counted = len(page.rows), page.count or 0
    if page.count_capped:
        said = _("Only the first %(shown)s of more than %(count)s cases are on this sheet.")
    elif counted > shown:
        said = _("Only the first %(shown)s of %(count)s cases are on this sheet.")
    else:
        return ""
    return f"{said % {'shown': shown, 'count': f'{counted:,}'}} {_('Narrow the list to print the others.')}"


def _bulk_context(by: Actor, inputs: list[Input]) -> dict[str, object]:
    may_assign, may_export = bool(by.relations(Permission.CASE_ASSIGN)), bool(by.relations(Permission.EXPORT))
    workers = next(one.options for one in inputs if one.name == "worker")
    may_share = may_assign and bool(by.relations(Permission.CASE_SHARE))
    return {
        "colleagues": workers if may_assign else (),
        "teams": _teams(organisation=by.organisation_id) if may_share else (),
        "may_export": may_export,
        "may_pick": may_export or (may_assign and workers),
    }


@question(organisation=ID)
def _teams(organisation: int) -> QuerySet[Team]:
    return Team.objects.filter(organisation_id=organisation, ended_at__isnull=True).order_by("name")


def _view_context(by: Actor, query: dict[str, str]) -> dict[str, object]:
    here = {key: value for key, value in query.items() if key != "sort"}
    offered = _views(user=by.user_id, organisation=by.organisation_id)
    own = [view for view in offered if view.user_id == by.user_id]
    shared = [view for view in offered if view.user_id != by.user_id]
    tabs: list[dict[str, object]] = [{"label": _("My cases"), "url": reverse("case_list"), "current": not here}]
    for view in [*own, *shared]:
        kept = query_of(view.query)
        is_here = {key: value for key, value in kept.items() if key != "sort"} == here
        url = f"{reverse('case_list')}?{urlencode(kept)}"
        tabs.append({"label": view.name, "url": url, "current": is_here, "shared": view.is_shared})
    left = [view for view in shared if actions.is_left(view)] if by.relations(Permission.VIEW_MANAGE) else []
    return {"tabs": tabs, "own_views": own, "left_views": left}


@question(user=ID, organisation=ID)
def _views(user: int, organisation: int) -> QuerySet[SavedView]:
    shared = Q(organisation_id=organisation, is_shared=True)
    return SavedView.objects.filter(shared | Q(user_id=user)).select_related("user").order_by("name")
