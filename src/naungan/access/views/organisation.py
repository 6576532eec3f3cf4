"""The organisation and its teams."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from naungan.access import actions, queries
from naungan.access.actor import Actor
from naungan.access.errors import Refused
from naungan.access.forms import OrganisationForm, TeamForm
from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.access.views.pages import attempt


@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """What the organisation says of itself."""
    by = actor_of(request)
    require(by, Permission.ORGANISATION_MANAGE)
    mine = queries.organisation_of(by)
    form = OrganisationForm(mine, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _saved(by, form):
        messages.success(request, _("The organisation was saved."))
        return redirect("organisation")
    context = {"form": form, "organisation": mine}
    return render(request, "access/organisation.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def teams(request: HttpRequest) -> HttpResponse:
    """The teams, and adding one."""
    by = actor_of(request)
    require(by, Permission.ORGANISATION_MANAGE)
    form = TeamForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_team(by=by, name=form.cleaned_data["name"])
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, _("The team was added."))
            return redirect("teams")
    context = {"form": form, "teams": queries.teams_with_people(by)}
    return render(request, "access/teams.html", context, status=422 if form.errors else 200)


@require_POST
def team_end(request: HttpRequest, ref: str) -> HttpResponse:
    """End a team that holds nothing any more."""
    by = actor_of(request)
    team = queries.find_team(by, ref)
    return attempt(request, lambda: actions.end_team(by=by, team=team), done=_("The team has ended."), to="teams")


def _saved(by: Actor, form: OrganisationForm) -> bool:
    try:
        actions.save_organisation(by=by, organisation=queries.organisation_of(by), values=form.cleaned_data)
    except Refused as refused:
        form.add_error("org_Name", str(refused))
    return not form.errors
