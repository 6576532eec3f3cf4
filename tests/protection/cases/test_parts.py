"""Events, perpetrators and plans on their pages."""

from __future__ import annotations

import pytest

from tests.personas import Persona, case_of


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("prefix", ["hte", "per", "spl", "xyz"])
def test_part_that_is_not_there_is_not_found(amara: Persona, prefix: str, method: str) -> None:
    case = case_of(amara)

    answer = getattr(amara.client(), method)(f"/cases/{case.code}/parts/{prefix}/xx/")

    assert answer.status_code == 404
