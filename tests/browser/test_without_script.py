"""The work can be done in a browser that runs no script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.acting import open_case
from tests.browser.driving import Visitor
from tests.exchange.making import workbook


def test_case_is_opened_edited_and_found_without_script(visit: Callable[..., Visitor]) -> None:
    visitor = visit(script=False)
    visitor.sign_in("galih@uptd.example.org")
    code = open_case(visitor, "Tanpa", "Skrip")

    page = visitor.open(f"/cases/{code}/edit/story/")
    page.fill("[name=vic_LocationOfRecruitment]", "Pasar Rekaan")
    page.locator("main .form__actions button").click()
    page.wait_for_url(f"**/cases/{code}/")
    expect(page.locator("main")).to_contain_text("Pasar Rekaan")

    page = visitor.open("/cases/?state=open")
    expect(page.locator("#rows")).to_contain_text(code)
    page.locator(".filter-bar summary").click()
    page.locator(".filter-bar [name=state]").select_option("closed")
    page.get_by_role("button", name="Show the results").click()
    expect(page.locator("main")).not_to_contain_text(code)


def test_file_is_brought_in_without_script(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(workbook("plain", [{"D": "Berkas", "E": "Tanpaskrip"}]).read())
    visitor = visit("ratih@uptd.example.org", script=False)
    page = visitor.open("/imports/start/")

    page.set_input_files("#id_file", path)
    page.get_by_role("button", name="Go on").click()

    page.wait_for_url("**/imports/*/**")
    for _ in range(30):  # the browser would reload by itself every five seconds
        if "/map/" in page.url:
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("button", name="Check the rows")).to_be_visible()
