"""The table of access: each address of the site, tried by each persona and by a stranger."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from naungan.access.models import Team
from tests.personas import Persona
from tests.policy.addresses import Address, all_names, answer
from tests.policy.things import things_of

TABLE = Path(__file__).with_name("addresses.csv")
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
PERSONAS = ("amara", "bilal", "chen", "dana", "esra", "sari", "dewi", "tono")


def test_every_address_is_in_the_table() -> None:
    assert {row["name"] for row in ROWS} == {name for name in all_names() if not name.startswith("api_")}


def test_strangers_reach_public_pages_only(amara: Persona, esra: Persona, sari: Persona, team_1: Team) -> None:
    wrong = _differences("anonymous", Client, things_of(amara, esra, sari, team_1))

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("who", PERSONAS)
def test_persona_gets_what_the_table_says(
    request: pytest.FixtureRequest, amara: Persona, esra: Persona, sari: Persona, team_1: Team, who: str
) -> None:
    things = things_of(amara, esra, sari, team_1)
    persona: Persona = request.getfixturevalue(who)

    assert _differences(who, persona.client, things) == []


def _differences(who: str, enter: Callable[[], Client], things: dict[str, dict[str, object]]) -> list[str]:
    found = []
    for row in ROWS:
        status = answer(enter(), Address(row["name"], row["method"]), things)
        if str(status) != row[who]:
            found.append(f"{row['method']} {row['name']}: {status} instead of {row[who]}")
    return found
