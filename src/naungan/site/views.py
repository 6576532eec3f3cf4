"""The pages that belong to no single domain: home, search, notices, language, theme, lock, errors."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from naungan.access.actor import Actor
from naungan.access.models import Notice
from naungan.access.notices import mark_read
from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.access.requests import actor_of, user_of
from naungan.access.rules import require
from naungan.protection.cases import queries as cases
from naungan.protection.cases.pages import home_figures
from naungan.protection.cases.rows import draw_due
from naungan.site import searching
from naungan.site.context import THEMES


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What needs me today."""
    by = actor_of(request)
    page = cases.case_page(by, limit=12, count=True) if by.relations(Permission.CASE_LIST) else None
    work = cases.work_list(by)
    context = {
        "work": draw_due(work),
        "figures": home_figures(work, page),
        "recent": page.rows if page else [],
        "sees_cases": page is not None,
        "may_emergency": bool(by.relations(Permission.CASE_EMERGENCY)),
    }
    return render(request, "site/home.html", context)


@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """People and cases by name, number, telephone or code; the words travel in the body, never in the address."""
    by = actor_of(request)
    require(by, Permission.CASE_LIST)
    if request.method == "POST":
        return _search_sent(request, by)
    ref = request.GET.get("of", "")[:20]
    text = searching.recall(request.session, by.user_ref, ref) if ref else ""
    found = cases.search_people(by, text) if text else None
    return render(request, "site/search.html", {"found": found, "query": text or "", "forgotten": text is None})


def _search_sent(request: HttpRequest, by: Actor) -> HttpResponse:
    """A page of its own shows the hits, so that Back comes to it again and asks nothing."""
    text = request.POST.get("q", "").strip()[:100]
    if not text:
        return redirect("search")
    code = cases.search_people(by, text).code if read_code(text) else ""
    if code:
        return redirect("case_page", code=code)
    ref = searching.keep(request.session, by.user_ref, text)
    return redirect(f"{reverse('search')}?{urlencode({'of': ref})}")


@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """What one should know; marking them read is one press."""
    if request.method == "POST":
        mark_read(user_of(request).pk)
        return redirect("notices")
    lines = Notice.objects.filter(user_id=user_of(request).pk).order_by("-created_at")[:100]
    drawn = [
        {
            "words": one.words,
            "target": one.target,
            "created_at": one.created_at,
            "read_at": one.read_at,
        }
        for one in lines
    ]
    return render(request, "site/notices.html", {"notices": drawn})


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie, and with the person when signed in."""
    code = request.POST.get("language", "")
    response = HttpResponseRedirect(_back(request))
    if code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, code, max_age=31536000, samesite="Lax", secure=settings.BEHIND_TLS
        )
        if request.user.is_authenticated:
            user = user_of(request)
            user.language = code
            user.save(update_fields=["language"])
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or the device's own choice in a cookie."""
    theme = request.POST.get("theme", "")
    response = HttpResponseRedirect(_back(request))
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=31536000, samesite="Lax", secure=settings.BEHIND_TLS)
    return response


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the session at once; proving who one is opens it again."""
    request.session["locked_at"] = time.time()
    query = urlencode({"next": _back(request)})
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{query}")


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """The page after signing out; Back shows nothing."""
    return render(request, "account/signed_out.html")


@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """Whether the server answers, for whoever watches over it."""
    return JsonResponse({"alive": True})


def error_400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that cannot be understood."""
    return render(request, "errors/400.html", status=400)


def error_403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Inside the scope, without the permission."""
    return render(request, "errors/403.html", status=403)


def error_404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such page, or none for this person."""
    return render(request, "errors/404.html", status=404)


def error_500(request: HttpRequest) -> HttpResponse:
    """Something broke; nothing of it is shown."""
    return render(request, "errors/500.html", status=500)


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.headers.get("Referer", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return target
    return reverse("home") if request.user.is_authenticated else reverse("account_login")
