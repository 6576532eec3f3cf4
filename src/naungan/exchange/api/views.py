"""The screen of integrations: who has a token, what for and until when."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.exchange.api import actions, queries
from naungan.exchange.api.actions import MadeToken
from naungan.exchange.api.forms import NewToken
from naungan.exchange.api.limits import PER_MINUTE


@require_http_methods(["GET", "POST"])
def integrations(request: HttpRequest) -> HttpResponse:
    """The tokens of the organisation, and the form for a new one; its secret is shown once, in the answer itself."""
    by = actor_of(request)
    require(by, Permission.TOKEN_MANAGE)
    form, made = NewToken(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        made = actions.create_token(by=by, **form.cleaned_data)
        form = NewToken()
    return _page(request, form, made)


@require_POST
def revoke(request: HttpRequest, ref: str) -> HttpResponse:
    """End a token at once."""
    by = actor_of(request)
    actions.revoke_token(by=by, token=queries.find_token(by, ref))
    messages.success(request, _("The token has ended. The program is refused from its next request on."))
    return redirect("integrations")


def _page(request: HttpRequest, form: NewToken, made: MadeToken | None) -> HttpResponse:
    lines = queries.tokens_of(actor_of(request))
    context = {"form": form, "made": made, "lines": lines, "per_minute": PER_MINUTE}
    return render(request, "api/integrations.html", context, status=422 if form.errors else 200)
