"""Two users who import together: no row twice, no file twice, nobody waits for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from naungan.exchange.models import ImportBatch
from naungan.protection.cases.models import Case
from tests.exchange.crashing import bring_together
from tests.exchange.test_crashes import Story
from tests.personas import Persona

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_two_people_importing_at_once_make_each_case_once(amara: Persona, sari: Persona, tmp_path: Path) -> None:
    if connection.vendor == "sqlite":  # the database of the tests lies in memory, which two threads cannot share
        story = Story(tmp_path)
        before = story.state("prepare")
        found = story.state("together")
        cases, batches = found["cases"] - before["cases"], found["batches"] - before["batches"]
        assert found["chain"] is None
    else:
        bring_together([amara.actor(), sari.actor()])
        cases, batches = Case.objects.count(), ImportBatch.objects.count()

    assert cases == 90
    assert batches == 3
