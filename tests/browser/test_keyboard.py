"""Everything a day needs works from the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.acting import open_case
from tests.browser.driving import PASSWORD, Visitor

STEPS_AT_MOST = 120


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(STEPS_AT_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reached {selector}")


def test_keyboard_signs_in_and_skips_to_the_content(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.open("/account/login/")
    tab_to(page, "input[name=login]")
    page.keyboard.type("bayu@uptd.example.org")
    tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(visitor.server.address + "/")

    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#content")).to_be_focused()


def test_keyboard_finds_a_case_and_writes_a_note(visit: Callable[..., Visitor]) -> None:
    visitor = visit("galih@uptd.example.org")
    page = visitor.open("/cases/")
    code = page.locator("#rows a.code").first.inner_text()
    page.keyboard.press("/")
    expect(page.locator("#search-box")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{code}/")

    tab_to(page, "#note")
    page.keyboard.type("Ditulis hanya dengan papan ketik.")
    tab_to(page, "#write button")
    page.keyboard.press("Enter")

    expect(page.locator("#timeline")).to_contain_text("Ditulis hanya dengan papan ketik.")


def test_keyboard_walks_through_the_list(visit: Callable[..., Visitor]) -> None:
    page = visit("ratih@uptd.example.org").open("/cases/")
    second = page.locator("#rows a.code").nth(1).inner_text()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".bulk-bar__count")).to_have_text("1 chosen")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/cases/{second}/")


def test_keyboard_opens_a_case(visit: Callable[..., Visitor]) -> None:
    page = visit("galih@uptd.example.org").open("/cases/")
    tab_to(page, "main a[href='/cases/open/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/open/")
    tab_to(page, "[name=prs_FirstName]")
    page.keyboard.type("Ketikan")
    tab_to(page, "main .form__actions button")
    page.keyboard.press("Enter")

    expect(page.locator("h1 .code")).to_be_visible()


def test_a_country_is_added_from_the_long_list_by_typing_its_beginning(visit: Callable[..., Visitor]) -> None:
    visitor = visit("galih@uptd.example.org")
    code = open_case(visitor, "Warga", "Dua")
    page = visitor.open(f"/cases/{code}/edit/person/")
    group = page.locator("#f-prs_Citizenship")
    for typed in ("malay", "indones"):
        group.locator("summary").focus()
        if not group.locator("details").evaluate("one => one.open"):
            page.keyboard.press("Enter")
        group.locator("input[type=search]").focus()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    expect(group.locator(":checked")).to_have_count(2)
    page.locator("main .form__actions button").first.click()
    page.wait_for_url(f"**/cases/{code}/")
    expect(page.locator("main")).to_contain_text("Malaysia, Indonesia")
