"""Several people at work: conflicts, hand-overs, views, and the identity behind a reason."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.acting import open_case, reveal
from tests.browser.driving import Visitor

SUPERVISOR = "ratih@uptd.example.org"
BOTH = "galih@uptd.example.org"


def test_two_people_at_one_record_see_both_texts(visit: Callable[..., Visitor]) -> None:
    first, second = visit(BOTH), visit(BOTH)
    code = open_case(first, "Dua", "Penulis")
    for visitor, text in ((first, "Pelabuhan Pertama"), (second, "Pelabuhan Kedua")):
        visitor.open(f"/cases/{code}/edit/story/")
        visitor.page.fill("[name=vic_LocationOfRecruitment]", text)
    for visitor in (first, second):
        visitor.page.locator("main .form__actions button").click()
        visitor.page.wait_for_load_state()

    page = second.page
    expect(page.locator("main")).to_contain_text("Pelabuhan Pertama")
    expect(page.locator("main")).to_contain_text("Pelabuhan Kedua")
    assert second.violations() == []
    page.locator("input[type=radio][value=mine]").check()
    page.get_by_role("button", name="Save what I chose").click()
    page.wait_for_url(f"**/cases/{code}/")

    expect(page.locator("main")).to_contain_text("Pelabuhan Kedua")
    expect(page.locator("main")).not_to_contain_text("Pelabuhan Pertama")


def test_other_persons_text_can_be_kept(visit: Callable[..., Visitor]) -> None:
    first, second = visit(BOTH), visit(BOTH)
    code = open_case(first, "Tiga", "Penulis")
    for visitor, text in ((first, "Pelabuhan Pertama"), (second, "Pelabuhan Kedua")):
        visitor.open(f"/cases/{code}/edit/story/")
        visitor.page.fill("[name=vic_LocationOfRecruitment]", text)
    for visitor in (first, second):
        visitor.page.locator("main .form__actions button").click()
        visitor.page.wait_for_load_state()

    second.page.locator("input[type=radio][value=theirs]").check()
    second.page.get_by_role("button", name="Save what I chose").click()
    second.page.wait_for_url(f"**/cases/{code}/")

    expect(second.page.locator("main")).to_contain_text("Pelabuhan Pertama")


def test_many_cases_are_handed_over_and_given_back(visit: Callable[..., Visitor]) -> None:
    visitor = visit(SUPERVISOR)
    page = visitor.open("/cases/")
    rows = page.locator("#rows tr")
    codes = [rows.nth(at).locator("a.code").inner_text() for at in (0, 1)]
    before = {code: worker(visitor, code) for code in codes}
    for at in (0, 1):
        rows.nth(at).locator("input[data-pick]").check()
    names = page.locator("#bulk-to option").all_inner_texts()
    taker = next(name for name in names[1:] if name not in before.values())
    page.locator("#bulk-to").select_option(label=taker)
    page.locator(".bulk-bar").get_by_role("button", name="Give").click()
    expect(page.locator(".toasts")).to_contain_text("2 cases were handed over.")
    assert all(taker in worker(visitor, code, stay=True) for code in codes)

    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".toasts")).to_contain_text("2 cases were given back.")

    assert {code: worker(visitor, code) for code in codes} == before


def worker(visitor: Visitor, code: str, *, stay: bool = False) -> str:
    """Who works on a case, as the list says."""
    if not stay:
        visitor.open("/cases/")
    return visitor.page.locator("#rows tr").filter(has_text=code).locator("td").last.inner_text()


def test_view_is_saved_shared_and_removed(visit: Callable[..., Visitor]) -> None:
    visitor = visit(SUPERVISOR)
    page = visitor.open("/cases/?child=yes")
    page.get_by_role("link", name="Save this view").click()
    page.fill("#view-name", "Anak rekaan")
    page.get_by_label("Show it to my whole organisation").check()
    page.locator("#save-view").get_by_role("button", name="Save").click()
    expect(page.locator("nav.tabs [aria-current=page]")).to_contain_text("Anak rekaan")

    other = visit(BOTH)
    other.open("/cases/")
    other.page.locator("nav.tabs").get_by_role("link", name="Anak rekaan").click()
    other.page.wait_for_url("**/cases/?child=yes")
    page.get_by_role("link", name="Save this view").click()
    page.get_by_role("button", name="Remove Anak rekaan").click()

    expect(page.locator("nav.tabs")).not_to_contain_text("Anak rekaan")


def test_identity_is_shown_for_a_reason_and_covered_again(visit: Callable[..., Visitor]) -> None:
    visitor = visit(BOTH)
    code = open_case(visitor, "Tersembunyi", "Rekaan")
    page = visitor.page
    page.get_by_role("button", name="Cover").click()
    expect(page.locator("main")).not_to_contain_text("Tersembunyi")

    page.locator(".person-header").get_by_role("link", name=re.compile("Reveal")).click()
    page.locator("main form").get_by_role("button", name="Reveal").click()
    assert page.url.endswith("/reveal/")  # without a reason the browser itself does not send the form
    reveal(visitor, code)

    expect(page.locator("main")).to_contain_text("Tersembunyi")
    visitor.open(f"/cases/{code}/who-saw/")
    expect(page.locator("main")).to_contain_text("Saw who the person is")
