"""The list of people, and inviting somebody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from naungan.access import queries
from naungan.access.actions import invite_user
from naungan.access.errors import Refused
from naungan.access.forms import InviteForm, PeopleFilterForm
from naungan.access.links import address_of
from naungan.access.policy import Permission, Role
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.access.views.pages import filters_in_use, with_parameter


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """People and their roles, narrowed by filters."""
    by = actor_of(request)
    require(by, Permission.USER_MANAGE)
    form = PeopleFilterForm(by, request.GET)
    page = queries.people_page(by, form.filters(), after=request.GET.get("after", ""))
    return render(
        request,
        "access/people.html",
        {
            "form": form,
            "page": page,
            "active": filters_in_use(request, form),
            "next_url": with_parameter(request, "after", page.after) if page.after else "",
        },
    )


@require_http_methods(["GET", "POST"])
def person_invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is mailed and shown this once."""
    by = actor_of(request)
    require(by, Permission.USER_MANAGE)
    form = InviteForm(by, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            invitation = invite_user(
                by=by,
                email=said["email"],
                display_name=said["display_name"],
                language=said["language"],
                roles=[(Role(said["role"]), said["team"])],
                origin=request.build_absolute_uri("/"),
            )
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            link = address_of(invitation.token, request.build_absolute_uri("/"))
            return render(request, "access/link_once.html", {"person": invitation.user, "link": link, "days": 7})
    return render(request, "access/person_invite.html", {"form": form}, status=422 if form.errors else 200)
