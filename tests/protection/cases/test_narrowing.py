"""What the address of a list narrows it to, and what the page says of it."""

from __future__ import annotations

import pytest

from naungan.protection.cases.models import Case
from tests.personas import Persona, case_of


def listed(persona: Persona, query: str) -> str:
    """The page of the list under an address."""
    answer = persona.client().get(f"/cases/?{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def moved(persona: Persona, state: str) -> Case:
    """A case that stands in a state, as its rows say it."""
    case = case_of(persona)
    case.state = state
    case.save()
    is_open = state not in ("closed", "transferred")
    case.relations.update(is_open=is_open)
    return case


@pytest.mark.parametrize("also", ["", "&open=", "&open=closed", "&open=all"])
@pytest.mark.parametrize("state", ["open", "on_hold", "follow_up", "closed", "transferred"])
def test_chosen_state_is_listed_whatever_is_shown_otherwise(amara: Persona, state: str, also: str) -> None:
    case = moved(amara, state)

    assert case.code in listed(amara, f"state={state}{also}")


def test_page_of_a_closed_state_says_that_closed_ones_are_shown(amara: Persona) -> None:
    moved(amara, "closed")

    page = listed(amara, "state=closed&open=all")

    assert '<option value="closed" selected>Closed</option>' in page.split('name="state"')[0]
    assert "Show: All" not in page


@pytest.mark.parametrize("query", ["state=%00", "x:house=%00", "x:%00=1", "state=nonsense", "open=nonsense", "from=x"])
def test_address_without_sense_breaks_nothing(amara: Persona, query: str) -> None:
    case_of(amara)

    assert "<h1" in listed(amara, query)
