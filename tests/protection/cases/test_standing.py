"""One case is judged as lists are: the two ways of saying the rule give the same answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from naungan.access import clock, rules
from naungan.access.errors import NotFound
from naungan.access.models import Team
from naungan.access.policy import Permission
from naungan.protection.cases import queries
from naungan.protection.cases.actions import share_case
from naungan.protection.cases.models import Case, CaseRelation, ConflictOfInterest
from tests.personas import Persona, case_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


def _cases(amara: Persona, sari: Persona, chen: Persona, team: Team) -> list[Case]:
    """A case with a conflict of interest, a restricted, a shared, an ended one, and one of another organisation."""
    barred, closed, shared, ended, theirs = (case_of(who) for who in (amara, amara, amara, sari, chen))
    ConflictOfInterest.objects.create(case=barred, user=amara.user, marked_by=sari.user, marked_at=clock.now())
    CaseRelation.objects.filter(case=closed).update(is_restricted=True)
    share_case(by=sari.actor(), case=shared, with_team=team)
    CaseRelation.objects.filter(case=ended).update(starts_at=clock.now() - 2 * DAY, ends_at=clock.now() - DAY)
    return [barred, closed, shared, ended, theirs]


@pytest.mark.parametrize("name", ["amara", "bilal", "chen", "dana", "esra", "sari", "dewi", "tono"])
def test_one_case_is_judged_as_lists_are(
    name: str, request: pytest.FixtureRequest, amara: Persona, sari: Persona, chen: Persona, team_2: Team
) -> None:
    cases = _cases(amara, sari, chen, team_2)
    by = request.getfixturevalue(name).actor()
    for permission in Permission:
        listed = set(rules.visible(by, permission, Case).values_list("pk", flat=True))
        assert {case.pk for case in cases if rules.may(by, permission, case)} == listed, permission


def test_the_cases_of_this_test_differ_for_those_who_ask(
    amara: Persona, sari: Persona, chen: Persona, team_2: Team
) -> None:
    cases = _cases(amara, sari, chen, team_2)
    seen = [[rules.may(who.actor(), Permission.CASE_LIST, case) for case in cases] for who in (amara, sari, chen)]
    assert seen[0][0] is False
    assert seen[1][0] is True
    assert seen[2] == [False, False, False, False, True]


def test_a_code_that_is_nobodys_is_refused_like_one_out_of_scope(chen: Persona, amara: Persona) -> None:
    for code in (case_of(amara).code, "ZZZZ-ZZZZ"):
        with pytest.raises(NotFound):
            queries.find_case(chen.actor(), code)
