"""Search over the web: the words travel in bodies, rest sealed in the session, and Back shows the hits again."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from naungan.access import clock
from naungan.site import searching
from tests.personas import Persona, case_of, session_of

pytestmark = pytest.mark.database


def search_for(browser: Client, words: str) -> str:
    """Send a search; returns the address that shows its hits."""
    answer = browser.post("/search/", {"q": words})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_search_is_answered_by_a_page_that_can_be_asked_again(amara: Persona) -> None:
    case = case_of(amara, prs_FirstName="Kenariwati", prs_SecondName="Contoh")
    browser = amara.client()

    address = search_for(browser, "Kenariwati")

    assert "enari" not in address
    for _again in range(2):
        page = browser.get(address).content.decode()
        assert case.code in page
        assert 'value="Kenariwati"' in page


def test_each_of_two_searches_shows_its_own_words_again(amara: Persona) -> None:
    browser = amara.client()
    first, second = search_for(browser, "Kenariwati"), search_for(browser, "Merpatiwan")

    assert 'value="Kenariwati"' in browser.get(first).content.decode()
    assert 'value="Merpatiwan"' in browser.get(second).content.decode()


def test_session_holds_no_word_of_a_search(amara: Persona) -> None:
    browser = amara.client()

    search_for(browser, "Kenariwati")

    said = repr(Session.objects.get(session_key=session_of(browser).session_key).get_decoded())
    assert "sealed" in said
    assert "enariwati" not in said
    assert base64.b64encode(b"Kenariwati").decode()[:12] not in said


def test_words_are_forgotten_after_a_while(amara: Persona) -> None:
    browser = amara.client()
    address = search_for(browser, "Kenariwati")

    with clock.fixed(clock.now() + searching.KEPT_FOR + timedelta(seconds=1)):
        page = browser.get(address).content.decode()

    assert "Kenariwati" not in page
    assert "forgotten" in page


def test_words_of_a_search_open_for_nobody_else(amara: Persona, sari: Persona) -> None:
    browser, other = amara.client(), sari.client()
    address = search_for(browser, "Kenariwati")
    session = session_of(other)
    session["searches"] = session_of(browser)["searches"]
    session.save()

    assert "Kenariwati" not in other.get(address).content.decode()


def test_no_more_than_the_last_searches_are_kept(amara: Persona) -> None:
    browser = amara.client()

    for number in range(searching.KEPT_MOST + 3):
        search_for(browser, f"Kenari {number}")

    assert len(session_of(browser)["searches"]) == searching.KEPT_MOST


def test_code_of_a_case_leads_to_the_case(amara: Persona) -> None:
    case = case_of(amara)

    assert search_for(amara.client(), case.code.lower()) == f"/cases/{case.code}/"


def test_empty_search_leads_to_the_empty_page(amara: Persona) -> None:
    assert search_for(amara.client(), "  ") == "/search/"


@pytest.mark.parametrize("name", ["tono", "dana"])
def test_search_by_name_is_refused_to_those_who_may_not(request: pytest.FixtureRequest, name: str) -> None:
    persona: Persona = request.getfixturevalue(name)

    assert persona.client().post("/search/", {"q": "Kenariwati"}, follow=True).status_code == 403
