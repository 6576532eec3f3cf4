"""Exports asked for in the list and on a case: chosen cases, filtered ones, a single one."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from naungan.exchange.models import Export
from naungan.protection.cases.models import Case
from tests.personas import Persona, case_of

pytestmark = pytest.mark.django_db(transaction=True)

LINK = re.compile(r'href="(/exports/\?[^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(codes|query|by_list)" value="([^"]*)"')


def leave(browser: Client, address: str) -> str:
    """Fill in the page of exports under an address and download; returns the file."""
    page = browser.get(address).content.decode()
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(page)}
    answer = browser.post("/exports/", {**hidden, "form": "csv", "reason": "Laporan"})
    assert answer.status_code == 302, answer.content.decode()
    return b"".join(browser.post(answer["Location"])).decode()


def test_chosen_cases_of_the_list_leave_and_no_other(amara: Persona) -> None:
    first, second, third = (case_of(amara) for _ in range(3))
    browser = amara.client()

    chosen = browser.post("/exports/choose/", {"code": [first.code, third.code]})
    content = leave(browser, chosen["Location"])

    assert (first.code in content, second.code in content, third.code in content) == (True, False, True)


def test_list_leaves_as_it_is_filtered(amara: Persona) -> None:
    woman, man = case_of(amara, prs_Gender="Feminine"), case_of(amara, prs_Gender="Masculine")
    browser = amara.client()

    page = browser.get("/cases/?gender=Feminine").content.decode()
    content = leave(browser, unescape(LINK.findall(page)[0]))

    assert (woman.code in content, man.code in content) == (True, False)


def test_list_without_filter_leaves_its_open_cases(amara: Persona) -> None:
    case, closed = case_of(amara), case_of(amara)
    closed.state = "closed"
    closed.save()
    closed.relations.update(is_open=False)
    browser = amara.client()

    content = leave(browser, "/exports/?list=yes")

    assert (case.code in content, closed.code in content) == (True, False)


def test_export_page_says_what_the_list_was_narrowed_to(amara: Persona) -> None:
    page = amara.client().get("/exports/?list=yes&gender=Feminine&from=2026-03-01").content.decode()

    for words in ("Show: Open", "Gender: Feminine", "Opened from: 1 March 2026"):
        assert words in page


def test_single_case_leaves_from_its_menu(amara: Persona) -> None:
    case, other = case_of(amara), case_of(amara)
    browser = amara.client()

    page = browser.get(f"/cases/{case.code}/").content.decode()
    content = leave(browser, LINK.findall(page)[0])

    assert (case.code in content, other.code in content) == (True, False)


def test_chosen_case_that_may_not_leave_is_counted(amara: Persona, chen: Persona) -> None:
    mine, other = case_of(amara), case_of(chen)

    sent = {"codes": f"{mine.code},{other.code}", "form": "csv", "reason": "Laporan"}
    page = amara.client().post("/exports/", sent, follow=True).content.decode()

    assert "1 case is ready to leave" in page
    assert "1 of the chosen cases is not among them" in page


def test_nothing_chosen_leaves_nothing(amara: Persona) -> None:
    case_of(amara)
    browser = amara.client()

    answer = browser.post("/exports/choose/", {"query": "state=open"}, follow=True)

    assert answer.redirect_chain == [("/cases/?state=open", 302)]
    assert "Choose at least one case. Nothing has left." in answer.content.decode()


def test_codes_that_are_none_leave_nothing(amara: Persona) -> None:
    case_of(amara)

    answer = amara.client().post("/exports/", {"codes": "x,y", "form": "csv", "reason": "Laporan"})

    assert answer.status_code == 422
    assert not Export.objects.exists()


@pytest.mark.parametrize(("who", "offered"), [("amara", True), ("sari", True), ("bilal", False), ("dewi", False)])
def test_export_is_offered_to_those_who_may(
    request: pytest.FixtureRequest, amara: Persona, who: str, offered: bool
) -> None:
    case_of(amara)
    browser = request.getfixturevalue(who).client()
    code = Case.objects.get().code

    listed, single = (browser.get(path).content.decode() for path in ("/cases/", f"/cases/{code}/"))

    assert (bool(LINK.search(listed)), 'formaction="/exports/choose/"' in listed) == (offered, offered)
    assert bool(LINK.search(single)) is offered


def test_export_of_chosen_cases_is_refused_to_whoever_may_not(amara: Persona, bilal: Persona) -> None:
    case = case_of(amara)

    assert bilal.client().post("/exports/choose/", {"code": case.code}).status_code == 403
