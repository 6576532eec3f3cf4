"""What the whole suite shares: two invented organisations, their people, and which tests need both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import translation

from naungan.access.models import Organisation, Team
from naungan.access.policy import Role
from tests import personas
from tests.personas import Persona

# Tests of these folders speak to the database, so `make test` runs them on SQLite and on PostgreSQL.
ON_BOTH_DATABASES = ("access", "vault", "protection", "exchange", "scenarios", "policy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run on both databases."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in ON_BOTH_DATABASES:
            item.add_marker("database")


@pytest.fixture(autouse=True)
def _clean_counters() -> Iterator[None]:
    """Throttles count in the cache: no test inherits another's failures."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _installations_language() -> None:
    """A command run inside this process speaks the terminal's language from then on: no test inherits it."""
    translation.deactivate()


@pytest.fixture
def anchors(tmp_path: Path, settings: object) -> Path:
    """A file of audit anchors of this test's own."""
    settings.AUDIT_ANCHORS = str(tmp_path / "anchors.jsonl")  # type: ignore[attr-defined]  # pytest-django's settings
    return tmp_path / "anchors.jsonl"


@pytest.fixture
def org_a(db: None) -> Organisation:
    """Organisation A."""
    return personas.make_organisation("Rumah Contoh A")


@pytest.fixture
def org_b(db: None) -> Organisation:
    """Organisation B, which nothing of A concerns."""
    return personas.make_organisation("Yayasan Contoh B")


@pytest.fixture
def team_1(org_a: Organisation) -> Team:
    """Team 1 of organisation A."""
    return personas.make_team(org_a, "Tim Satu")


@pytest.fixture
def team_2(org_a: Organisation) -> Team:
    """Team 2 of organisation A."""
    return personas.make_team(org_a, "Tim Dua")


@pytest.fixture
def amara(org_a: Organisation, team_1: Team) -> Persona:
    """Case manager of A, team 1."""
    return personas.make_persona("amara", org_a, Role.CASEWORKER, team=team_1)


@pytest.fixture
def bilal(org_a: Organisation) -> Persona:
    """Observer of A: reads, changes nothing."""
    return personas.make_persona("bilal", org_a, Role.OBSERVER)


@pytest.fixture
def chen(org_b: Organisation) -> Persona:
    """Case manager of B."""
    return personas.make_persona("chen", org_b, Role.CASEWORKER)


@pytest.fixture
def dana(org_a: Organisation) -> Persona:
    """Analyst of A: sees no case."""
    return personas.make_persona("dana", org_a, Role.ANALYST)


@pytest.fixture
def esra(org_a: Organisation) -> Persona:
    """Administrator of A: sees no case."""
    return personas.make_persona("esra", org_a, Role.ADMINISTRATOR)


@pytest.fixture
def sari(org_a: Organisation, team_1: Team) -> Persona:
    """Supervisor of A, team 1."""
    return personas.make_persona("sari", org_a, Role.SUPERVISOR, team=team_1)


@pytest.fixture
def dewi(org_a: Organisation) -> Persona:
    """Data protection officer of A."""
    return personas.make_persona("dewi", org_a, Role.PROTECTION_OFFICER)


@pytest.fixture
def tono(org_a: Organisation) -> Persona:
    """Coordinator of A."""
    return personas.make_persona("tono", org_a, Role.COORDINATOR)


@pytest.fixture
def persona(request: pytest.FixtureRequest) -> Callable[[str], Persona]:
    """Find a persona by name, for tables of tests."""
    return request.getfixturevalue
