"""
The OpenAPI document: made from the routes, kept in the repository, served to those who are signed in.

`python -m naungan.exchange.api.document` writes docs/reference/openapi.json.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from ninja.errors import AuthenticationError

from naungan.exchange.api.schemas.common import FORMS

PATH = Path("docs/reference/openapi.json")


@lru_cache(maxsize=1)
def written() -> str:
    """The document as text."""
    from naungan.exchange.api.service import api  # noqa: PLC0415 - needs the apps to be loaded

    found = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
    for methods in found["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                form = FORMS.get(parameter["name"]) if parameter["in"] in ("header", "path") else None
                parameter["schema"] |= {"pattern": form} if form else {}
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


@require_GET
def serve(request: HttpRequest) -> HttpResponse:
    """The document, for people who are signed in and programs with a token."""
    from naungan.exchange.api.bearer import Bearer  # noqa: PLC0415 - needs the apps to be loaded

    if not request.user.is_authenticated and Bearer()(request) is None:
        raise AuthenticationError
    return HttpResponse(written(), content_type="application/json")


def main() -> None:
    """Write the document."""
    import django  # noqa: PLC0415 - a command sets Django up first

    django.setup()
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main()
