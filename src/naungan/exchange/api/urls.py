"""Addresses of the API, and of the screen on which its tokens are made."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from naungan.exchange.api import document, views
from naungan.exchange.api.door import through_door, unknown
from naungan.exchange.api.service import api

PREFIX = "api/v1/"


def _routes() -> list[URLPattern]:
    found: dict[str, URLPattern] = {}
    for pattern in api.urls[0]:
        route = str(pattern.pattern)
        if isinstance(pattern, URLPattern) and pattern.name != "api-root" and route not in found:
            view = through_door(pattern.callback, takes_files=route == "imports")
            found[route] = path(PREFIX + route, view, name=pattern.name)
    return list(found.values())


urlpatterns = [
    path("integrations/", views.integrations, name="integrations"),
    path("integrations/<str:ref>/revoke/", views.revoke, name="integration_revoke"),
    *_routes(),
    path(PREFIX + "openapi.json", through_door(document.serve), name="api_document"),
    re_path(r"^api/", unknown, name="api_unknown"),
]
