"""The API as a whole: its routes, who may call, and the answer to every exception."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from naungan.exchange.api.answers import refusal_for
from naungan.exchange.api.bearer import Bearer
from naungan.exchange.api.reading import StrictParser
from naungan.exchange.api.routes import about, cases, exports, imports, people

api = NinjaAPI(
    title="Naungan",
    version="1.0.0",
    description=(
        "Cases, people, imports and exports for the programs of an organisation. Every request carries a token "
        "(`Authorization: Bearer ...`), made by an administrator under Integrations, with the scopes it needs. "
        "Outside its scope a record answers 404. Errors have one shape and never carry a value. "
        "See docs/reference/api.md."
    ),
    openapi_url=None,
    docs_url=None,
    auth=Bearer(),
    parser=StrictParser(),
    urls_namespace="api",
    servers=[{"url": "/"}],
)


@api.exception_handler(HttpError)
@api.exception_handler(ValidationError)
@api.exception_handler(Exception)
def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    return refusal_for(error, request)


for module in (about, cases, people, imports, exports):
    api.add_router("", module.router)
