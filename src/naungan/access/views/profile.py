"""One's own profile, the policy for everybody, and the public page of a one-time link."""

from __future__ import annotations

from allauth.core.internal.ratelimit import consume_or_429
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from naungan.access import actions, queries
from naungan.access.errors import NotFound
from naungan.access.forms import AwayForm, NewPasswordForm, NoticeForm, ProfileForm
from naungan.access.links import read_link
from naungan.access.models import User
from naungan.access.queries.people import has_second_factor
from naungan.access.requests import actor_of, user_of
from naungan.access.views.pages import attempt


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's own page: name, roles, absence, sessions."""
    user = user_of(request)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={"display_name": user.display_name, "language": user.language},
    )
    if request.method == "POST" and form.is_valid():
        actions.save_profile(by=actor_of(request), user=user, wants_digest=user.wants_digest, **form.cleaned_data)
        messages.success(request, _("Your profile was saved."))
        return redirect("profile")
    return _page(request, user, form=form)


@require_POST
def profile_away(request: HttpRequest) -> HttpResponse:
    """Say when one is away, and who stands in."""
    user = user_of(request)
    form = AwayForm(user, request.POST)
    if not form.is_valid():
        return _page(request, user, away_form=form)
    by = actor_of(request)
    done = _("Your absence was saved.")
    return attempt(request, lambda: actions.set_away(by=by, user=user, **form.cleaned_data), done=done, to="profile")


@require_http_methods(["GET", "POST"])
def notice_settings(request: HttpRequest) -> HttpResponse:
    """Whether notices are also announced by e-mail."""
    user = user_of(request)
    form = NoticeForm(request.POST if request.method == "POST" else None, initial={"wants_digest": user.wants_digest})
    if request.method == "POST" and form.is_valid():
        actions.save_profile(
            by=actor_of(request),
            user=user,
            display_name=user.display_name,
            language=user.language,
            wants_digest=form.cleaned_data["wants_digest"],
        )
        messages.success(request, _("Your choice was saved."))
        return redirect("notice_settings")
    return render(request, "access/notice_settings.html", {"form": form})


@require_POST
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign oneself out of one place."""
    by, user = actor_of(request), user_of(request)
    done = _("The session was ended.")
    return attempt(
        request, lambda: actions.end_session(by=by, user=user, session_id=session_id), done=done, to="profile"
    )


@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign oneself out everywhere, here too."""
    actions.end_all_sessions(by=actor_of(request), user=user_of(request))
    request.session.flush()
    return redirect("account_login")


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """The whole policy in words, for everybody who is signed in."""
    mine = {held.line.role for held in queries.roles_of(user_of(request))}
    return render(request, "access/policy.html", {"roles": queries.policy_table(), "mine": mine})


@require_http_methods(["GET", "POST"])
def recover(request: HttpRequest, token: str) -> HttpResponse:
    """The public page of a one-time link: set a password, then sign in."""
    limited: HttpResponse | None = consume_or_429(
        request, app="allauth.account", action="reset_password_from_key", limit_get=True
    )
    if limited is not None:
        return limited
    if read_link(token) is None:
        return render(request, "access/link_dead.html", status=404)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _password_set(form, token):
        messages.success(request, _("Your password is set. Please sign in."))
        return redirect("account_login")
    return render(request, "access/recover.html", {"form": form}, status=422 if form.errors else 200)


def _password_set(form: NewPasswordForm, token: str) -> bool:
    try:
        actions.use_link(token=token, password=form.cleaned_data["password"])
    except ValidationError as rules:
        form.add_error("password", rules)
    except NotFound:
        form.add_error(None, _("This link was used already. Please ask your administrator for another."))
    return not form.errors


def _page(
    request: HttpRequest, user: User, *, form: ProfileForm | None = None, away_form: AwayForm | None = None
) -> HttpResponse:
    failed = bool((form and form.errors) or (away_form and away_form.errors))
    context = {
        "person": user,
        "form": form or ProfileForm(initial={"display_name": user.display_name, "language": user.language}),
        "away_form": away_form or AwayForm(user),
        "roles": queries.roles_of(user),
        "sessions": queries.sessions_of(actor_of(request), user),
        "session_key": request.session.session_key,
        "has_second_factor": has_second_factor(user),
    }
    return render(request, "access/profile.html", context, status=422 if failed else 200)
