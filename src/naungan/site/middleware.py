"""What every request passes: nothing is kept by browsers, everybody is signed in, idle sessions lock."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from naungan.access import audit
from naungan.access.asking import answering_once
from naungan.access.errors import AccessError, Forbidden, NotFound, SecondFactorNeeded
from naungan.access.references import read_code
from naungan.access.requests import actor_of, authenticated_at, user_of
from naungan.site.public import API_PREFIX, PUBLIC, WHILE_LOCKED
from naungan.vault.errors import SubjectErased

Answer = Callable[[HttpRequest], HttpResponse]


def no_store(get_response: Answer) -> Answer:
    """Tell browsers to keep nothing, and to forget what they hold at sign-out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        was_signed_in = "sessionid" in request.COOKIES or settings.SESSION_COOKIE_NAME in request.COOKIES
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), browsing-topics=()"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        if was_signed_in and request.method == "POST" and _name(request) == "account_logout":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def language(get_response: Answer) -> Answer:
    """Speak the language that was chosen last, Indonesian when none was."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
        code = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        if request.path.startswith(API_PREFIX):
            code = "en"
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = get_response(request)
            response.headers.setdefault("Content-Language", code)
            return response

    return middleware


def signed_in_only(get_response: Answer) -> Answer:
    """Send whoever is not signed in to the sign-in page, unless the page is listed as public."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or _name(request) in PUBLIC or request.path.startswith(API_PREFIX):
            return get_response(request)
        address = reverse("account_login")
        if request.method == "GET" and not getattr(request, "htmx", False):
            address += "?" + urlencode({"next": request.get_full_path()})
        return _redirect(request, address)

    return middleware


def idle_lock(get_response: Answer) -> Answer:
    """Lock a session that nobody has used for a while; proving who one is opens it again, nothing is lost."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.path.startswith(API_PREFIX):
            return get_response(request)
        session, now = request.session, time.time()
        if now - session.get("seen_at", now) > settings.IDLE_LOCK_MINUTES * 60:
            session.setdefault("locked_at", now)
        if _is_locked(request) and _name(request) not in WHILE_LOCKED:
            query = {"next": request.get_full_path()} if request.method == "GET" else {}
            return _redirect(request, f"{reverse('account_reauthenticate')}?{urlencode(query)}")
        if not _is_locked(request):
            session.pop("locked_at", None)
            if now - session.get("seen_at", 0) > 30 and request.headers.get("X-Quiet") != "1":
                session["seen_at"] = now
                UserSession.objects.create_from_request(request)
        return get_response(request)

    return middleware


def size_limit(get_response: Answer) -> Answer:
    """Refuse a request that is larger than its address takes, before any of it is read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        size = _size(request)
        # Few are larger than any form may be; only of those it is asked where they go.
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and size > (most_bytes := _most_bytes(request)):
            most_mb = _file_limits().get(_name(request), most_bytes) / 1_000_000
            return render(request, "errors/413.html", {"most_mb": most_mb}, status=413)
        return get_response(request)

    return middleware


def asked_once(get_response: Answer) -> Answer:
    """While a page is only read, ask the database once what several parts of the page need."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return get_response(request)
        with answering_once():
            return get_response(request)

    return middleware


def domain_errors(get_response: Answer) -> Answer:
    """Turn what access refuses into pages: 404 outside the scope, 403 inside it, a second factor where one is due."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.path.startswith(API_PREFIX):
            return None
        if isinstance(error, SubjectErased):
            return render(
                request, "errors/403.html", {"why": _("The identity and texts of this person were erased.")}, status=410
            )
        if not isinstance(error, AccessError):
            return None
        if isinstance(error, SecondFactorNeeded):
            return ask_second_factor(request)
        if isinstance(error, NotFound):
            record_denial(request, 404)
            return render(request, "errors/404.html", status=404)
        if isinstance(error, Forbidden):
            record_denial(request, 403)
            return render(request, "errors/403.html", status=403)
        return render(request, "errors/403.html", {"why": str(error)}, status=409)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]  # Django's hook of a function middleware
    return middleware


def record_denial(request: HttpRequest, status: int) -> None:
    """Write that somebody was refused something, after the refused work was undone; a typed code only if it is one."""
    if not request.user.is_authenticated or request.resolver_match is None:
        return
    by = actor_of(request)
    audit.append(
        by=by,
        organisation_id=by.organisation_id,
        action="denied",
        ref=read_code(str(request.resolver_match.kwargs.get("code", ""))) or "",
        details={"status": status, "route": request.resolver_match.view_name[:60]},
    )


def ask_second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor and come back; whoever has none is sent to set one up."""
    from allauth.mfa.utils import is_mfa_enabled  # noqa: PLC0415 - needs the apps to be loaded

    back = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "/")
    has_one = is_mfa_enabled(user_of(request))
    address = reverse("mfa_reauthenticate") if has_one else reverse("mfa_index")
    return _redirect(request, f"{address}?{urlencode({'next': back})}")


def _size(request: HttpRequest) -> int:
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(said) if said.isdecimal() else 0


def _most_bytes(request: HttpRequest) -> int:
    """What an address takes: a form, and the file in it where there is one. The API has limits of its own."""
    if request.path.startswith(API_PREFIX):
        return sys.maxsize
    return int(_file_limits().get(_name(request), 0) + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _file_limits() -> dict[str, int]:
    """The addresses that take a file, and how many bytes it may have."""
    return {
        "file_add": settings.ATTACHMENT_MOST_BYTES,
        "import_start": settings.UPLOAD_MOST_BYTES,
        "import_return": settings.UPLOAD_MOST_BYTES,
    }


def _is_locked(request: HttpRequest) -> bool:
    locked_at = request.session.get("locked_at")
    if locked_at is None:
        return False
    proved = authenticated_at(request)
    return proved is None or proved.timestamp() <= locked_at


def _redirect(request: HttpRequest, address: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)


def _name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name or ""
    except Resolver404:
        return ""
