"""A search in a real browser: Back from a case shows the hits again and asks nothing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.acting import CODE, open_case
from tests.browser.driving import Visitor

WORKER = "wulan@uptd.example.org"


def test_back_from_a_hit_shows_the_hits_again(visit: Callable[..., Visitor]) -> None:
    visitor = visit(WORKER)
    open_case(visitor, "Kenarijati", "Balik")
    page = visitor.page
    page.fill("#search-box", "Kenarijati")
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name="Kenarijati").click()
    page.wait_for_url(CODE)

    page.go_back()

    expect(page.locator("main").get_by_role("link", name="Kenarijati")).to_be_visible()
    expect(page.locator("#search-page")).to_have_value("Kenarijati")
    assert "enarijati" not in page.url


def test_back_from_a_second_search_shows_the_first_again(visit: Callable[..., Visitor]) -> None:
    visitor = visit(WORKER)
    open_case(visitor, "Merpatijati", "Balik")
    page = visitor.page
    for words in ("Merpatijati", "Takseorangpun"):
        page.fill("#search-box", words)
        page.keyboard.press("Enter")
        expect(page.locator("#search-page")).to_have_value(words)

    page.go_back()

    expect(page.locator("main").get_by_role("link", name="Merpatijati")).to_be_visible()
