"""A page that nobody uses locks, and opens again where it was."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.driving import PASSWORD, Visitor

LEAVE_IDLE = """
import sys, time
from naungan.site.sessions import SessionStore
session = SessionStore.of_cookie("{cookie}")
session["seen_at"] = time.time() - 16 * 60
session.save()
"""


def session_cookie(visitor: Visitor) -> str:
    """What the cookie of the visitor carries."""
    return next(c["value"] for c in visitor.context.cookies() if c["name"] == "naungan")


def unlock(visitor: Visitor) -> None:
    """Prove who one is."""
    visitor.page.fill("input[name=password]", PASSWORD)
    visitor.page.locator("main button.button--primary").click()


def test_idle_session_locks_and_opens_where_it_was(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("bayu@uptd.example.org")
    visitor.server.python(LEAVE_IDLE.format(cookie=session_cookie(visitor)))

    page = visitor.open("/cases/?state=open")
    assert "/account/reauthenticate/" in page.url
    page = visitor.open("/search/")
    assert "/account/reauthenticate/" in page.url
    visitor.open("/cases/?state=open")
    unlock(visitor)

    page.wait_for_url("**/cases/?state=open")


def test_page_locks_by_itself_and_warns_before(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("bayu@uptd.example.org")
    page = visitor.page
    page.clock.install()
    visitor.open("/cases/")
    page.clock.fast_forward("14:30")
    expect(page.get_by_role("button", name="I am still here")).to_be_visible()
    page.clock.fast_forward("00:40")

    page.wait_for_url("**/account/reauthenticate/**")
    unlock(visitor)

    page.wait_for_url("**/cases/")


def test_lock_now_locks_every_page(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("bayu@uptd.example.org")
    page = visitor.page
    page.locator(".topbar details.menu summary").click()
    page.locator(".menu__panel").get_by_role("button", name="Lock now").click()
    page.wait_for_url("**/account/reauthenticate/**")

    page = visitor.open("/cases/")

    assert "/account/reauthenticate/" in page.url
