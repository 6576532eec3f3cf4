"""The frame of every page: language, appearance, the quick way out, and its weight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Visitor

FIRST_PAGE_BYTES = 200_000


def test_language_is_switched_and_kept(visit: Callable[..., Visitor]) -> None:
    visitor = visit(language="id")
    page = visitor.open("/account/login/")
    assert page.locator("html").get_attribute("lang") == "id"

    page.locator("button[name=language][value=en]").click()
    expect(page.locator("h1")).to_have_text("Sign in to Naungan")
    visitor.open("/account/password/reset/")

    assert page.locator("html").get_attribute("lang") == "en"


def test_appearance_is_switched_and_kept(visit: Callable[..., Visitor]) -> None:
    visitor = visit("intan@uptd.example.org")
    page = visitor.open("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator(".topbar details.menu summary").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.wait_for_selector("html[data-theme=dark]")
    page.wait_for_timeout(1000)  # colours fade over
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()

    assert dark != light
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_quick_exit_leaves_and_leaves_nothing_behind(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.context.route(
        "https://www.bmkg.go.id/**", lambda route: route.fulfill(body="<h1>Cuaca</h1>", content_type="text/html")
    )
    page = visitor.open("/signed-out/")
    steps = page.evaluate("history.length")

    page.locator("[data-quick-exit]").first.click()
    page.wait_for_url("https://www.bmkg.go.id/")

    assert page.evaluate("document.referrer") == ""
    assert page.evaluate("history.length") == steps


def test_first_page_is_light(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    network = visitor.context.new_cdp_session(visitor.page)
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    network.send("Network.enable")

    visitor.open("/account/login/")
    visitor.page.wait_for_load_state("networkidle")

    assert 0 < sum(sizes) < FIRST_PAGE_BYTES


def test_pages_answer_with_the_headers_of_a_closed_house(visit: Callable[..., Visitor]) -> None:
    visitor = visit("intan@uptd.example.org")

    answer = visitor.page.goto(visitor.server.address + "/cases/")

    assert answer is not None
    headers = answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    cookies = {cookie["name"]: cookie for cookie in visitor.context.cookies()}
    assert cookies["naungan"]["httpOnly"]
    assert cookies["naungan"]["sameSite"] == "Lax"
    assert cookies["csrftoken"]["httpOnly"]


@pytest.mark.parametrize(
    ("who", "path"), [("admin@uptd.example.org", "/people/"), ("admin@uptd.example.org", "/policy/")]
)
def test_card_on_a_phone_begins_with_its_title_where_its_lines_begin(
    visit: Callable[..., Visitor], who: str, path: str
) -> None:
    page = visit(who, width=360).open(path)

    starts = page.evaluate(
        """() => [...document.querySelectorAll(".table--cards .table__row")].slice(0, 5).map((row) =>
          [...row.children].filter((cell) => cell.offsetParent).map((cell) => {
            const inside = cell.getBoundingClientRect().left + parseFloat(getComputedStyle(cell).paddingLeft);
            return Math.round(inside - row.getBoundingClientRect().left);
          }))"""
    )

    assert starts
    assert all(len(set(row)) == 1 for row in starts), starts


def test_policy_on_a_phone_shows_no_line_without_words(visit: Callable[..., Visitor]) -> None:
    page = visit("admin@uptd.example.org", width=360).open("/policy/")

    shown = page.locator(".table--cards td:visible").all_inner_texts()

    assert shown
    assert all(text.strip() for text in shown)
