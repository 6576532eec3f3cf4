"""Pages by key: whatever is in the list, all of it is met once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naungan.access import clock
from naungan.protection.cases.actions import CaseDraft, open_cases
from naungan.protection.cases.models import Case, CaseRelation
from tests.exchange.api.conftest import Program, body_of
from tests.personas import Persona

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


def walk(who: Program, query: str, between: Callable[[], None] = lambda: None) -> list[str]:
    """Every code of a list, page after page."""
    codes: list[str] = []
    after = ""
    while True:
        body = body_of(who.ask("GET", f"/cases?{query}{after}"))
        codes += [line["code"] for line in body["cases"]]
        if body["next"] is None:
            return codes
        after = f"&after={body['next']}"
        between()


def open_at(amara: Persona, minutes: list[int]) -> None:
    """Open a case at each of some minutes; several may fall together."""
    for minute in minutes:
        with clock.fixed(START + timedelta(minutes=minute)):
            open_cases(by=amara.actor(), drafts=[CaseDraft(values={})])


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    minutes=st.lists(st.integers(0, 300), max_size=14),
    limit=st.integers(1, 5),
    sort=st.sampled_from(["touched", "opened"]),
)
def test_pages_are_complete_and_without_repetition(
    reader: Program, amara: Persona, minutes: list[int], limit: int, sort: str
) -> None:
    CaseRelation.objects.all().delete()
    cache.clear()
    open_at(amara, minutes)
    expected = set(Case.objects.filter(relations__isnull=False).values_list("code", flat=True))

    codes = walk(reader, f"limit={limit}&sort={sort}")

    assert len(codes) == len(set(codes))
    assert set(codes) == expected


def test_pages_miss_nothing_old_when_cases_are_opened_meanwhile(reader: Program, amara: Persona) -> None:
    open_at(amara, [0, 0, 1, 2, 2])
    before = set(Case.objects.values_list("code", flat=True))

    codes = walk(reader, "limit=2", between=lambda: open_at(amara, [100]))

    assert len(codes) == len(set(codes))
    assert before <= set(codes)


def test_last_full_page_has_no_next(reader: Program, amara: Persona) -> None:
    open_at(amara, [1, 2])

    assert body_of(reader.ask("GET", "/cases?limit=2"))["next"] is None
