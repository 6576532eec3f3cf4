"""What comes out of the printer, and the page before it on a phone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.acting import open_case
from tests.browser.driving import Visitor

WORKER = "wulan@uptd.example.org"


def test_sheet_of_the_list_fits_a_phone_and_leads_back(visit: Callable[..., Visitor]) -> None:
    visitor = visit(WORKER, width=360)
    page = visitor.open("/cases/print/?state=closed")

    assert visitor.overflow() == 0
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    page.wait_for_url("**/cases/?state=closed")


def test_sheet_of_the_list_is_a_table_without_doors_on_paper(visit: Callable[..., Visitor]) -> None:
    page = visit(WORKER, width=700).open("/cases/print/")

    page.emulate_media(media="print")

    assert page.locator("thead").evaluate("part => getComputedStyle(part).display") == "table-header-group"
    for hidden in (".rail", ".topbar", ".page__actions .button"):
        expect(page.locator(hidden).first).to_be_hidden()


def test_printed_case_has_no_empty_forms(visit: Callable[..., Visitor]) -> None:
    visitor = visit(WORKER)
    open_case(visitor, "Kenari", "Kertas")

    visitor.page.emulate_media(media="print")

    assert visitor.page.locator("main :is(textarea, input, select, summary):visible").count() == 0
    expect(visitor.page.locator("#timeline")).to_be_visible()
