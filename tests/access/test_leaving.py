"""Nobody leaves while they own cases, and no team ends while it holds some."""

from __future__ import annotations

import pytest

from naungan.access.actions import create_team, deactivate_user, end_team
from naungan.access.errors import LastOfItsKind
from naungan.access.models import User
from naungan.access.printing import StatementAbout, statement_pdf
from naungan.protection.cases.actions import hand_over_caseload
from naungan.protection.cases.queries import who_saw
from tests.personas import Persona, case_of


def test_deactivation_waits_for_the_cases_to_be_handed_over(esra: Persona, amara: Persona, sari: Persona) -> None:
    case_of(amara, prs_FirstName="Contoh")

    with pytest.raises(LastOfItsKind, match="1"):
        deactivate_user(by=esra.actor(), user=amara.user)
    hand_over_caseload(by=sari.actor(), leaving=amara.user, to=sari.user)
    deactivate_user(by=esra.actor(), user=amara.user)

    assert not User.objects.get(pk=amara.user.pk).is_active


def test_team_that_holds_a_case_does_not_end(esra: Persona, amara: Persona) -> None:
    team = create_team(by=esra.actor(), name="Tim Sementara")
    case_of(amara, team=team)

    with pytest.raises(LastOfItsKind):
        end_team(by=esra.actor(), team=team)


def test_statement_of_a_case_is_printed(amara: Persona, sari: Persona) -> None:
    case = case_of(amara, prs_FirstName="Contoh")
    amara.client().get(f"/cases/{case.code}/")

    lines = who_saw(sari.actor(), case)
    made = statement_pdf(lines, StatementAbout(case.code, "Rumah Contoh A", case.created_at, case.created_at), "id")

    assert [line.role for line in lines] == ["caseworker"]
    assert made.startswith(b"%PDF-")
