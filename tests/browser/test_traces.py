"""After signing out nothing of a person is left in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.acting import note, open_case
from tests.browser.driving import WORDS, Visitor, chromium_path
from tests.browser.server import Server
from tests.scenarios.disguises import files_under, find

STORED = """async () => JSON.stringify({
  local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
  databases: await indexedDB.databases(), caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length, name: window.name,
})"""
NOTHING = '{"local":{},"session":{},"cookies":"language=en","databases":[],"caches":[],"workers":0,"name":""}'


def sign_out(page: Page) -> None:
    """Sign out through the account menu."""
    page.locator(".topbar details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/signed-out/")


def test_browser_keeps_nothing_of_a_person_while_signed_in(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("wulan@uptd.example.org")
    open_case(visitor, "Kenari", "Peramban")
    note(visitor, "Catatan kenari peramban.")

    assert visitor.page.evaluate(STORED) == NOTHING


def test_back_shows_nothing_after_signing_out(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("wulan@uptd.example.org")
    code = open_case(visitor, "Kenari", "Mundur")
    expect(visitor.page.locator("main")).to_contain_text("Kenari")
    page = visitor.page
    sign_out(page)

    for _ in range(3):
        page.go_back()
        page.wait_for_load_state()
        assert "Kenari" not in page.content()
        assert code not in page.locator("main").inner_text()

    assert page.evaluate(STORED) == NOTHING


def test_page_that_is_kept_signed_out_elsewhere_shows_nothing(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("wulan@uptd.example.org")
    code = open_case(visitor, "Kenari", "Gandaku")
    other = visitor.context.new_page()
    other.goto(visitor.server.address + "/")
    sign_out(other)

    page = visitor.open(f"/cases/{code}/")

    assert "/account/login/" in page.url
    assert "Gandaku" not in page.content()


def test_profile_on_the_disk_holds_no_word_of_a_person(browser: Browser, server: Server, tmp_path: Path) -> None:
    """A browser with a profile, as people have: what it wrote to the disk is searched after signing out."""
    profile = tmp_path / "profile"
    context = browser.browser_type.launch_persistent_context(profile, executable_path=chromium_path(), args=WORDS)
    context.add_cookies([{"name": "language", "value": "en", "url": server.address}])
    visitor = Visitor(context.pages[0], context, server)
    visitor.sign_in("wulan@uptd.example.org")
    open_case(visitor, "Kenariwati Profil", "Sangkaremas Diska")
    note(visitor, "Catatan burung kenari di diska.")
    visitor.page.fill("#search-box", "Carikenari Diska")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/search/?of=*")
    sign_out(visitor.open("/"))
    context.close()

    canaries = {
        "first name": "Kenariwati Profil",
        "second name": "Sangkaremas Diska",
        "note": "Catatan burung kenari di diska.",
        "search words": "Carikenari Diska",
    }
    places = files_under(profile)
    assert any(b"localhost" in content for _, content in places)
    assert find(canaries, places) == []
