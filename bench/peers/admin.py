"""
Django admin's list of the same cases: 50 rows, open ones, last touched first. It knows no row permission.

    DJANGO_SETTINGS_MODULE=bench.peers.admin_settings python -m bench.peers.admin --runs 50
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.contrib.admin import AdminSite, ModelAdmin  # noqa: E402 - Django must be set up before
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from naungan.access.models import User  # noqa: E402
from naungan.protection.cases.models import Case  # noqa: E402


class Everybody(AdminSite):
    """A site that asks nobody for a password."""

    def has_permission(self, request: HttpRequest) -> bool:
        return True

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "available_apps": []}


class Cases(ModelAdmin[Case]):
    """The columns, filters and order of our own list."""

    list_display = ("code", "state", "opened_on", "touched_at", "gender", "age_at_opening", "trafficking_status",
                    "exploitation_types", "is_restricted")  # fmt: skip
    list_filter = ("state", "trafficking_status", "person__gender")
    list_select_related = ("person",)
    list_per_page = 50
    ordering = ("-touched_at", "-pk")

    def gender(self, case: Case) -> str:
        return case.person.gender

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return True

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission  # everything is allowed


site = Everybody()
site.register(Case, Cases)
urlpatterns = [path("", site.urls)]


def signed_in(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Somebody of the world is signed in."""
    user = User.objects.order_by("pk")[0]

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = user
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def main() -> None:
    """Measure the list."""
    from bench.clocks import measure
    from bench.people import Door

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30)
    asked = parser.parse_args()
    door = Door()
    figures = measure(
        "Django admin, list", lambda _: door.get("/cases/case/?state__exact=open"), runs=asked.runs, warm=2,
        note="no row permission; counts exactly",
    )  # fmt: skip
    print(json.dumps({"measure": "peers", **figures.as_row(), "ratio": None}), flush=True)


if __name__ == "__main__":
    main()
