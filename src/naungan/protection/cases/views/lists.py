"""The case list: filters, sorts, saved and shared views, many cases at once, undo, print."""

from __future__ import annotations

from dataclasses import astuple
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from naungan.access.actor import Actor
from naungan.access.asking import ID, question
from naungan.access.errors import NotFound
from naungan.access.models import User
from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.protection.cases import actions, forms, queries, rows
from naungan.protection.cases.actions import Assignment
from naungan.protection.cases.errors import CannotAssign, InvalidValues
from naungan.protection.cases.models import SavedView
from naungan.protection.cases.queries import Filters
from naungan.protection.cases.queries.lists import CASE_FILTERS, SORTS, worker_names
from naungan.protection.cases.states import STATE_WORDS
from naungan.protection.cases.values import custom_fields, is_sealed, words_of
from naungan.protection.cases.views.reading import day_of

QUERY_KEYS = (*CASE_FILTERS, "open", "worker", "child", "from", "until", "sort")
LISTED = {
    "trafficking_status": "vic_TraffickingStatus",
    "exploitation": "vic_TypeOfExploitation",
    "industry": "vic_ForcedLabourIndustry",
    "gender": "prs_Gender",
}


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """One page of the cases in one's scope."""
    by = actor_of(request)
    require(by, Permission.CASE_LIST)
    filters = read_filters(request.GET, by)
    page = queries.case_page(by, filters, after=request.GET.get("after", "")[:60], count=True)
    query = _query(request.GET)
    workers = tuple(
        forms.Option(ref, name, request.GET.get("worker") == ref) for ref, name in worker_names(by.organisation_id)
    )
    context = {
        "page": {"rows": rows.draw(page.rows)},
        "words": rows.row_words(),
        "count_text": _count_words(page),
        "next_url": "?" + urlencode({**query, "after": page.after}) if page.after else "",
        "query_text": urlencode(query),
        "sort": filters.sort,
        "sort_urls": {sort: "?" + urlencode({**query, "sort": sort}) for sort in SORTS},
        "colleagues": workers if by.relations(Permission.CASE_ASSIGN) else (),
        "may_open": bool(by.relations(Permission.CASE_OPEN)),
        **_filter_context(request.GET, by, query, workers),
        **_view_context(by, query),
    }
    return render(request, "cases/list.html", context)


@require_GET
def case_list_print(request: HttpRequest) -> HttpResponse:
    """The list as a sheet of paper: codes and dates, no identity, 200 lines at most."""
    by = actor_of(request)
    require(by, Permission.CASE_LIST)
    page = queries.case_page(by, read_filters(request.GET, by), limit=200)
    return render(request, "cases/print.html", {"page": {"rows": rows.draw(page.rows)}})


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Give the chosen cases to one colleague; the message offers the way back."""
    by = actor_of(request)
    require(by, Permission.CASE_ASSIGN)
    codes = request.POST.getlist("code")
    to = User.objects.filter(ref=request.POST.get("to", ""), organisation_id=by.organisation_id).first()
    if to is None or not codes:
        messages.error(request, _("Choose at least one case and a colleague. Nothing was changed."))
        return redirect("case_list")
    try:
        done = actions.assign_cases(by=by, codes=codes, to=to)
    except CannotAssign as error:
        messages.error(request, cannot_assign_words(str(error)))
        return redirect("case_list")
    request.session["undo"] = [astuple(one) for one in done]
    text = ngettext("%(count)d case was handed over.", "%(count)d cases were handed over.", len(done))
    tag = f"undo={reverse('case_undo')}" if done else ""
    messages.success(request, text % {"count": len(done)}, extra_tags=tag)
    return redirect(f"{reverse('case_list')}?{urlencode(_query(QueryDict(request.POST.get('query', ''))))}")


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
    query = _query(QueryDict(request.POST.get("query", "")))
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
def view_remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Forget one of one's own views."""
    actions.remove_view(by=actor_of(request), ref=ref)
    messages.success(request, _("The view is removed."))
    return redirect("case_list")


def read_filters(sent: QueryDict, by: Actor) -> Filters:
    """Filters from an address; what makes no sense is left out."""
    asked = {key[2:]: str(sent[key]) for key in sent if key.startswith("x:") and sent[key]}
    own = custom_fields(by.organisation_id) if asked else {}
    custom = {code: text for code, text in asked.items() if code in own and not is_sealed(own[code])}
    worker = sent.get("worker", "")
    user = User.objects.filter(ref=worker, organisation_id=by.organisation_id).first() if worker else None
    if worker and user is None:
        raise NotFound("There is no such colleague.")
    return Filters(
        open={"closed": False, "all": None}.get(sent.get("open", ""), True),
        equal={name: str(sent[name]) for name in CASE_FILTERS if sent.get(name)},
        custom=custom,
        assigned_to=user.pk if user else None,
        is_child={"yes": True, "no": False}.get(sent.get("child", "")),
        opened_from=day_of(sent.get("from", "")),
        opened_until=day_of(sent.get("until", "")),
        sort=str(sent["sort"]) if sent.get("sort") in SORTS else "touched",
    )


def cannot_assign_words(code: str) -> str:
    """Why a case cannot go to a colleague, and what to do."""
    return {
        "person": _("This colleague is not active in your organisation. Choose another one."),
        "role": _("This colleague has no role that works on cases. Ask an administrator, or choose another one."),
        "conflict": _("This colleague has a conflict of interest with one of the cases. Choose another one."),
        "team": _("This team cannot hold the case. Choose another one."),
        "count": _("Choose between 1 and 500 cases."),
    }.get(code, _("The case cannot be handed over."))


def _count_words(page: queries.Page) -> str:
    if page.count_capped:
        return _("More than %(count)s cases") % {"count": f"{page.count:,}"}
    return ngettext("%(count)d case", "%(count)d cases", page.count or 0) % {"count": page.count or 0}


def _filter_context(
    sent: QueryDict, by: Actor, query: dict[str, str], workers: tuple[forms.Option, ...]
) -> dict[str, object]:
    inputs = _filter_inputs(sent, by, workers)
    active = []
    for one in inputs:
        if not query.get(one.name):
            continue
        chosen = next((o.label for o in one.options if o.code == query[one.name]), one.value)
        rest = {key: value for key, value in query.items() if key != one.name}
        active.append({"label": f"{one.label}: {chosen}", "url": "?" + urlencode(rest)})
    return {"filters": inputs, "active": active}


def _view_context(by: Actor, query: dict[str, str]) -> dict[str, object]:
    here = {key: value for key, value in query.items() if key != "sort"}
    offered = _views(user=by.user_id, organisation=by.organisation_id)
    own = [view for view in offered if view.user_id == by.user_id]
    shared = [view for view in offered if view.user_id != by.user_id]
    tabs: list[dict[str, object]] = [{"label": _("My cases"), "url": reverse("case_list"), "current": not here}]
    for view in [*own, *shared]:
        kept = {str(key): str(value) for key, value in view.query.items()}
        is_here = {key: value for key, value in kept.items() if key != "sort"} == here
        url = f"{reverse('case_list')}?{urlencode(kept)}"
        tabs.append({"label": view.name, "url": url, "current": is_here, "shared": view.is_shared})
    return {"tabs": tabs, "own_views": own}


@question(user=ID, organisation=ID)
def _views(user: int, organisation: int) -> QuerySet[SavedView]:
    shared = Q(organisation_id=organisation, is_shared=True)
    return SavedView.objects.filter(shared | Q(user_id=user)).order_by("name")


def _filter_inputs(sent: QueryDict, by: Actor, workers: tuple[forms.Option, ...]) -> list[forms.Input]:
    states = tuple(forms.Option(s.value, str(w), sent.get("state") == s.value) for s, w in STATE_WORDS.items())
    which = (("", _("Open")), ("closed", _("Closed")), ("all", _("All")))
    inputs = [
        forms.Input(
            "open",
            _("Show"),
            "picklist",
            options=tuple(forms.Option(c, w, sent.get("open", "") == c) for c, w in which),
        ),
        forms.Input("state", _("State"), "picklist", options=states),
    ]
    listed = forms.build(LISTED.values(), {}, organisation_id=by.organisation_id)
    for (name, field), words in zip(LISTED.items(), listed, strict=True):
        options = tuple(forms.Option(o.code, o.label, o.code == sent.get(name)) for o in words.options)
        inputs.append(forms.Input(name, forms.label_of(field), "picklist", options=options))
    ages = (("yes", _("Under 18")), ("no", _("18 or older")))
    inputs.append(
        forms.Input(
            "child",
            _("Age at opening"),
            "picklist",
            options=tuple(forms.Option(c, w, sent.get("child") == c) for c, w in ages),
        )
    )
    inputs.append(forms.Input("worker", _("Works on it"), "picklist", options=workers))
    inputs.append(forms.Input("from", _("Opened from"), "date", value=sent.get("from", "")))
    inputs.append(forms.Input("until", _("Opened until"), "date", value=sent.get("until", "")))
    return inputs + _own_filters(sent, by)


def _own_filters(sent: QueryDict, by: Actor) -> list[forms.Input]:
    inputs = []
    for code, own in custom_fields(by.organisation_id).items():
        if own.kind != "picklist" or is_sealed(own):
            continue
        words = (word for word in words_of(by.organisation_id) if word.field == f"x:{code}")
        options = tuple(forms.Option(w.code, forms.custom_label(w), sent.get(f"x:{code}") == w.code) for w in words)
        inputs.append(forms.Input(f"x:{code}", forms.custom_label(own), "picklist", options=options))
    return inputs


def _query(sent: QueryDict) -> dict[str, str]:
    return {key: str(sent[key]) for key in sent if (key in QUERY_KEYS or key.startswith("x:")) and sent[key]}
