"""One colleague: roles, absence, sessions, recovery, and closing the account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from naungan.access import actions, queries
from naungan.access.actions.recovering import waiting_recovery
from naungan.access.errors import Refused
from naungan.access.forms import AwayForm, EmailForm, ProfileForm, RoleForm
from naungan.access.links import address_of
from naungan.access.models import User
from naungan.access.policy import Role
from naungan.access.queries.people import has_second_factor
from naungan.access.requests import actor_of
from naungan.access.views import profile
from naungan.access.views.pages import attempt


@require_http_methods(["GET", "POST"])
def person_edit(request: HttpRequest, ref: str) -> HttpResponse:
    """A colleague's page; posting saves the name and the language."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={"display_name": user.display_name, "language": user.language},
    )
    if request.method == "POST" and form.is_valid():
        actions.save_profile(by=by, user=user, wants_digest=user.wants_digest, **form.cleaned_data)
        return attempt(request, lambda: None, done=_("The profile was saved."), to="person_edit", ref=ref)
    return _page(request, user, form=form)


@require_POST
def person_email(request: HttpRequest, ref: str) -> HttpResponse:
    """Correct the address with which a colleague signs in."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    form = EmailForm(request.POST)
    if not form.is_valid():
        return _page(request, user, email_form=form)
    return attempt(
        request,
        lambda: actions.change_email(by=by, user=user, email=form.cleaned_data["email"]),
        done=_("The person signs in with the new address from now on."),
        to="person_edit",
        ref=ref,
    )


@require_POST
def role_grant(request: HttpRequest, ref: str) -> HttpResponse:
    """Give a role."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    form = RoleForm(by, request.POST)
    if not form.is_valid():
        return _page(request, user, role_form=form)
    role, team = Role(form.cleaned_data["role"]), form.cleaned_data["team"]
    done = _("The role was given; it works at once.")
    return attempt(
        request,
        lambda: actions.grant_role(by=by, user=user, role=role, team=team),
        done=done,
        to="person_edit",
        ref=ref,
    )


@require_POST
def role_revoke(request: HttpRequest, ref: str, grant_id: int) -> HttpResponse:
    """Take a role away."""
    by = actor_of(request)
    grant = queries.find_grant(by, queries.find_person(by, ref), grant_id)
    done = _("The role was taken away; it stopped at once.")
    return attempt(request, lambda: actions.revoke_role(by=by, grant=grant), done=done, to="person_edit", ref=ref)


@require_POST
def person_away(request: HttpRequest, ref: str) -> HttpResponse:
    """Say when a colleague is away, and who stands in."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    form = AwayForm(user, request.POST)
    if not form.is_valid():
        return _page(request, user, away_form=form)
    done = _("The absence was saved.")
    return attempt(
        request,
        lambda: actions.set_away(by=by, user=user, **form.cleaned_data),
        done=done,
        to="person_edit",
        ref=ref,
    )


@require_POST
def person_close(request: HttpRequest, ref: str) -> HttpResponse:
    """Close an account, once nothing is left to hand over."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    done = _("The account was closed; its roles and sessions have ended.")
    return attempt(request, lambda: actions.deactivate_user(by=by, user=user), done=done, to="person_edit", ref=ref)


@require_POST
def person_reopen(request: HttpRequest, ref: str) -> HttpResponse:
    """Open a closed account again."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    done = _("The account is open again. It has no role yet.")
    return attempt(request, lambda: actions.reactivate_user(by=by, user=user), done=done, to="person_edit", ref=ref)


@require_POST
def person_invite_again(request: HttpRequest, ref: str) -> HttpResponse:
    """Send somebody who never signed in a new link."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    origin = request.build_absolute_uri("/")
    try:
        invitation = actions.invite_again(by=by, user=user, origin=origin)
    except Refused as refused:
        return _refuse(request, refused, ref)
    link = address_of(invitation.token, origin)
    return render(request, "access/link_once.html", {"person": user, "link": link, "days": 7})


@require_POST
def session_end(request: HttpRequest, ref: str, session_id: int) -> HttpResponse:
    """Sign a colleague out of one place."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    done = _("The session was ended.")
    return attempt(
        request,
        lambda: actions.end_session(by=by, user=user, session_id=session_id),
        done=done,
        to="person_edit",
        ref=ref,
    )


@require_POST
def sessions_end(request: HttpRequest, ref: str) -> HttpResponse:
    """Sign a colleague out everywhere."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    if user.pk == by.user_id:  # this session ends too, so there is no page to come back to
        return profile.sessions_end(request)
    done = _("Every session was ended.")
    return attempt(request, lambda: actions.end_all_sessions(by=by, user=user), done=done, to="person_edit", ref=ref)


@require_POST
def recovery_ask(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask that a colleague be let in again."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    done = _("The recovery was asked for. A second administrator must grant it within three days.")
    return attempt(request, lambda: actions.ask_recovery(by=by, user=user), done=done, to="person_edit", ref=ref)


@require_POST
def recovery_grant(request: HttpRequest, ref: str, recovery_ref: str) -> HttpResponse:
    """Grant what another administrator has asked for; the link is mailed and shown this once."""
    by = actor_of(request)
    user = queries.find_person(by, ref)
    recovery = queries.find_recovery(by, user, recovery_ref)
    origin = request.build_absolute_uri("/")
    try:
        granted = actions.grant_recovery(by=by, recovery=recovery, origin=origin)
    except Refused as refused:
        return _refuse(request, refused, ref)
    return render(request, "access/link_once.html", {"person": user, "link": address_of(granted.token, origin)})


@require_POST
def recovery_decline(request: HttpRequest, ref: str, recovery_ref: str) -> HttpResponse:
    """Turn a recovery down."""
    by = actor_of(request)
    recovery = queries.find_recovery(by, queries.find_person(by, ref), recovery_ref)
    done = _("The recovery was turned down.")
    return attempt(
        request,
        lambda: actions.decline_recovery(by=by, recovery=recovery),
        done=done,
        to="person_edit",
        ref=ref,
    )


def _refuse(request: HttpRequest, refused: Refused, ref: str) -> HttpResponse:
    def again() -> None:
        raise refused

    return attempt(request, again, done="", to="person_edit", ref=ref)


def _page(
    request: HttpRequest,
    user: User,
    *,
    form: ProfileForm | None = None,
    role_form: RoleForm | None = None,
    away_form: AwayForm | None = None,
    email_form: EmailForm | None = None,
) -> HttpResponse:
    by = actor_of(request)
    kept = [given for given in (form, role_form, away_form, email_form) if given is not None]
    recovery = waiting_recovery(user)
    context = {
        "person": user,
        "form": form or ProfileForm(initial={"display_name": user.display_name, "language": user.language}),
        "email_form": email_form or EmailForm(initial={"email": user.email}),
        "role_form": role_form or RoleForm(by),
        "away_form": away_form or AwayForm(user),
        "roles": queries.roles_of(user),
        "sessions": queries.sessions_of(by, user),
        "has_second_factor": has_second_factor(user),
        "recovery": recovery,
        "may_grant": recovery is not None and by.user_id not in (recovery.asked_by_id, user.pk),
        "is_self": by.user_id == user.pk,
        "is_invited": user.last_login is None and not user.has_usable_password(),
    }
    failed = any(given.errors for given in kept)
    return render(request, "access/person.html", context, status=422 if failed else 200)
