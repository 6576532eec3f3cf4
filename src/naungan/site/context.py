"""What the shell shows on every page: navigation, notices, language and theme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from naungan.access.actor import Actor
from naungan.access.notices import unread_count
from naungan.access.policy import Permission
from naungan.access.requests import actor_of

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the navigation."""

    label: str
    url: str
    icon: str
    current: bool
    badge: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together, under the P they serve."""

    label: str
    items: list[Item]


def shell(request: HttpRequest) -> dict[str, object]:
    """Context for base.html; a signed-out page gets no navigation."""
    theme = request.COOKIES.get("theme", "auto")
    shared: dict[str, object] = {
        "demo": settings.DEMO,
        "theme": theme if theme in THEMES else "auto",
        "language": getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
        "idle_minutes": settings.IDLE_LOCK_MINUTES,
    }
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return shared
    by = actor_of(request)
    return {
        **shared,
        "actor": by,
        "navigation": navigation(by, request.path),
        "unread": unread_count(by.user_id),
        "may_search": bool(by.relations(Permission.CASE_LIST)),
        "needs_second_factor": not by.has_second_factor and by.live_grants != by.grants,
    }


def navigation(by: Actor, path: str) -> list[Group]:
    """The doors that this person's roles open, in the order of the P's."""
    protection = [
        (Permission.CASE_LIST, _("Cases"), "case_list", "cases"),
        (Permission.CASE_OPEN, _("Open a case"), "case_open", "plus"),
        (Permission.CASELOADS, _("Caseloads"), "caseloads", "people"),
        (Permission.IMPORT, _("Import"), "import_list", "import"),
        (Permission.EXPORT, _("Export"), "export_start", "export"),
    ]
    house = [
        (Permission.USER_MANAGE, _("People and roles"), "people", "people"),
        (Permission.ORGANISATION_MANAGE, _("Organisation"), "organisation", "building"),
        (Permission.FIELD_MANAGE, _("Own fields"), "own_fields", "fields"),
        (Permission.TOKEN_MANAGE, _("Integrations"), "integrations", "key"),
        (Permission.AUDIT_READ, _("Audit"), "audit", "audit"),
    ]
    home = Item(_("What needs me today"), _door("home"), "home", path == _door("home"))
    groups = [Group(_("Protection"), [home, *_items(by, path, protection)])]
    organised = _items(by, path, house)
    if organised:
        groups.append(Group(_("Organisation"), organised))
    return groups


def _items(by: Actor, path: str, doors: list[tuple[Permission, str, str, str]]) -> list[Item]:
    found = []
    for permission, label, name, icon in doors:
        if by.relations(permission):
            url = _door(name)
            found.append(Item(label, url, icon, _is_current(path, url)))
    return found


def _door(name: str) -> str:
    return _address(name, get_script_prefix())


@lru_cache(maxsize=100)
def _address(name: str, _: str) -> str:
    """The address of a door, which a page of navigation asks for twenty times; it changes with the prefix only."""
    return reverse(name)


def _is_current(path: str, url: str) -> bool:
    if not path.startswith(url):
        return False
    return path == url or url != _door("case_list") or not path.startswith(_own_doors())


def _own_doors() -> tuple[str, ...]:
    """Doors of their own under the address of the list; all other pages there are of one case, and belong to it."""
    return _door("case_open"), _door("caseloads"), _door("own_fields")
