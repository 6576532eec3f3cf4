"""The list as a sheet of paper: it says whose it is, of when, narrowed to what, and what is not on it."""

from __future__ import annotations

import pytest

from tests.personas import Persona, case_of


def sheet(persona: Persona, query: str = "") -> str:
    """The page that is printed."""
    answer = persona.client().get(f"/cases/print/?{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_sheet_says_whose_it_is_and_what_it_was_narrowed_to(amara: Persona) -> None:
    case_of(amara, prs_Gender="Feminine")

    page = sheet(amara, "gender=Feminine&from=2026-01-01")

    for words in ("Rumah Contoh A", "1 case", "Show: Open; Gender: Feminine; Opened from: 1 January 2026"):
        assert words in page
    assert 'href="/cases/?gender=Feminine&amp;from=2026-01-01"' in page


def test_sheet_says_how_many_are_not_on_it(amara: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naungan.protection.cases.views.lists.MOST_PRINTED", 2)
    for _ in range(3):
        case_of(amara)

    assert "Only the first 2 of 3 cases are on this sheet." in sheet(amara)


def test_sheet_that_holds_all_says_nothing_of_others(amara: Persona) -> None:
    case_of(amara)

    assert "Only the first" not in sheet(amara)


def test_sheet_holds_no_name(amara: Persona) -> None:
    case = case_of(amara, prs_FirstName="Kenariwati")

    page = sheet(amara)

    assert case.code in page
    assert "Kenariwati" not in page
