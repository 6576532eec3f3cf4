"""Many cases handed over at once from the list: what can go goes, what cannot is named."""

from __future__ import annotations

from naungan.access.models import Organisation, Team
from naungan.access.policy import Relation, Role
from naungan.protection.cases.models import Case
from tests.personas import Persona, case_of, make_persona


def worker_of(case: Case) -> str:
    """Who works on a case."""
    relation = case.relations.get(kind=Relation.ASSIGNED.value)
    assert relation.user
    return relation.user.display_name


def test_stale_code_is_named_and_the_rest_is_handed_over(
    amara: Persona, sari: Persona, chen: Persona, org_a: Organisation, team_1: Team
) -> None:
    lina = make_persona("lina", org_a, Role.CASEWORKER, team=team_1)
    first, second, other = case_of(amara), case_of(amara), case_of(chen)

    sent = {"code": [first.code, other.code, second.code], "to": lina.user.ref, "query": "state=open"}
    answer = sari.client().post("/cases/bulk/", sent, follow=True)

    page = answer.content.decode()
    assert answer.redirect_chain == [("/cases/?state=open", 302)]
    assert (worker_of(first), worker_of(second)) == ("Lina", "Lina")
    assert "2 cases were handed over." in page
    assert f"1 case could not be handed over, since it is not among yours any more: {other.code}." in page


def test_nothing_but_stale_codes_changes_nothing(sari: Persona, chen: Persona) -> None:
    other = case_of(chen)

    page = sari.client().post("/cases/bulk/", {"code": other.code, "to": sari.user.ref}, follow=True).content.decode()

    assert worker_of(other) == "Chen"
    assert "were handed over" not in page
    assert other.code in page


def test_what_is_no_code_is_not_said_again(sari: Persona) -> None:
    sent = {"code": "Kenariwati", "to": sari.user.ref}

    assert "Kenariwati" not in sari.client().post("/cases/bulk/", sent, follow=True).content.decode()


def test_choice_is_kept_where_the_colleague_is_missing(amara: Persona, sari: Persona) -> None:
    first, second = case_of(amara), case_of(amara)

    sent = {"code": first.code, "to": "", "query": "state=open"}
    answer = sari.client().post("/cases/bulk/", sent, follow=True)

    page = answer.content.decode()
    assert answer.redirect_chain[0][0].startswith("/cases/?state=open&chosen=")
    assert f'value="{first.code}" data-pick="cases" form="bulk" checked>' in page
    assert f'value="{second.code}" data-pick="cases" form="bulk">' in page
