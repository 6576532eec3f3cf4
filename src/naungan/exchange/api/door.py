"""What every request to the API passes, so that whatever happens the answer has the one shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from naungan.exchange.api import limits
from naungan.exchange.api.answers import refusal, refusal_for
from naungan.exchange.api.bearer import record_denial
from naungan.exchange.api.queries import Caller

View = Callable[..., HttpResponseBase]


def through_door(view: View, *, takes_files: bool = False) -> View:
    """Wrap a view: sizes first, then the work, then the shape of what it refused; a denial is written down."""

    @csrf_exempt  # a token is never sent by a browser on its own
    @wraps(view)
    def entered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            limits.require_size(request, is_upload=takes_files)
            response = view(request, *args, **kwargs)
        except Exception as error:  # a door: whatever is not foreseen becomes a 500 without a text
            response = refusal_for(error, request)
        if response.status_code == 405:
            response = refusal(
                "method_not_allowed", headers={"Allow": ", ".join(sorted(response.headers["Allow"].split(", ")))}
            )
        try:
            _note_denial(request, response)
        except Exception as error:  # the same door: what cannot be written down is not answered either
            response = refusal_for(error, request)
        return response

    return entered


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """No such address."""
    return refusal("not_found")


def _note_denial(request: HttpRequest, response: HttpResponseBase) -> None:
    caller = getattr(request, "auth", None)
    if response.status_code == 403 and isinstance(caller, Caller):
        match = request.resolver_match
        record_denial(caller, 403, match.url_name or "" if match else "")
