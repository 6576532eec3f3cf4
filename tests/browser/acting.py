"""What people do on the screens, in the words that stand on them."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.browser.driving import Visitor

CODE = re.compile(r"/cases/([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])/")


def open_case(visitor: Visitor, first: str, second: str) -> str:
    """Open a case through the short form; returns its code, with the case page open and the identity shown."""
    page = visitor.open("/cases/open/")
    page.fill("[name=prs_FirstName]", first)
    page.fill("[name=prs_SecondName]", second)
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url(CODE)
    return code_of(page)


def code_of(page: Page) -> str:
    """The code of the case whose page is open."""
    found = CODE.search(page.url)
    assert found, page.url
    return found[1]


def reveal(visitor: Visitor, code: str) -> None:
    """Reveal who the person is, with the first reason of the list."""
    page = visitor.open(f"/cases/{code}/reveal/")
    page.locator("input[name=reason]").first.check()
    page.locator("main form").get_by_role("button", name="Reveal").click()
    page.wait_for_url(f"**/cases/{code}/")


def note(visitor: Visitor, text: str) -> None:
    """Write a note on the case page that is open."""
    visitor.page.fill("#note", text)
    visitor.page.get_by_role("button", name="Save the note").click()
    visitor.page.wait_for_load_state()
