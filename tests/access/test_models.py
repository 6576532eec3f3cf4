"""What the database itself refuses, and references that can be neither guessed nor mistyped."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from hypothesis import assume, given
from hypothesis import strategies as st

from naungan.access import clock
from naungan.access.models import AuditEntry, Organisation, RoleGrant, Team, User
from naungan.access.references import ALPHABET, LETTERS, _check, new_code, new_ref, read_code
from tests.personas import Persona


def refused(act: object) -> bool:
    try:
        with transaction.atomic():
            act()  # type: ignore[operator]  # a function without arguments
    except IntegrityError:
        return True
    return False


def test_organisation_names_are_unique_whatever_their_case(org_a: Organisation) -> None:
    assert refused(lambda: Organisation.objects.create(name=org_a.name.upper()))


def test_team_names_are_unique_in_an_organisation_only(team_1: Team, org_b: Organisation) -> None:
    assert refused(lambda: Team.objects.create(organisation=team_1.organisation, name="tim SATU"))
    assert Team.objects.create(organisation=org_b, name="Tim Satu").pk


def test_addresses_are_unique_whatever_their_case(amara: Persona, org_b: Organisation) -> None:
    assert refused(lambda: User.objects.create(email="AMARA@example.org", display_name="x", organisation=org_b))


def test_absence_has_both_days_in_order_or_none(amara: Persona) -> None:
    today = clock.today()
    mine = User.objects.filter(pk=amara.user.pk)

    assert refused(lambda: mine.update(away_from=today, away_until=None))
    assert refused(lambda: mine.update(away_from=None, away_until=today))
    assert refused(lambda: mine.update(away_from=today, away_until=today.replace(year=2000)))
    assert mine.update(away_from=today, away_until=today) == 1


def test_live_role_is_held_once_in_a_team_and_once_in_the_whole(amara: Persona, team_1: Team) -> None:
    user = amara.user
    RoleGrant.objects.create(user=user, role="caseworker")

    assert refused(lambda: RoleGrant.objects.create(user=user, role="caseworker", team=team_1))
    assert refused(lambda: RoleGrant.objects.create(user=user, role="caseworker"))
    RoleGrant.objects.filter(user=user).update(revoked_at=clock.now())
    assert RoleGrant.objects.create(user=user, role="caseworker").pk


def test_entry_numbers_are_used_once(org_a: Organisation) -> None:
    def write() -> AuditEntry:
        return AuditEntry.objects.create(
            organisation=org_a, number=1, at=clock.now(), via="web", action="x", mac=b"0" * 32
        )

    write()

    assert refused(write)


def test_users_are_found_by_address_whatever_its_case(amara: Persona) -> None:
    assert User.objects.get_by_natural_key("Amara@Example.org") == amara.user
    assert (str(amara.user), amara.user.get_full_name(), str(amara.team)) == ("Amara", "Amara", "Tim Satu")
    assert str(amara.user.organisation) == "Rumah Contoh A"


def test_references_are_random_and_of_their_length() -> None:
    drawn = {new_ref() for _ in range(200)}

    assert len(drawn) == 200
    assert all(len(ref) == 16 and set(ref) <= set(ALPHABET) for ref in drawn)


@given(st.data())
def test_code_is_read_back_however_it_is_typed(data: st.DataObject) -> None:
    code = new_code()
    typed = code.replace("0", data.draw(st.sampled_from("0Oo"))).replace("1", data.draw(st.sampled_from("1IiLl")))

    assert read_code(typed) == code
    assert read_code(typed.lower().replace("-", " ")) == code


bodies = st.text(alphabet=LETTERS, min_size=8, max_size=8)


@given(bodies, st.integers(0, 7), st.sampled_from(LETTERS))
def test_one_wrong_character_of_a_code_is_noticed(body: str, place: int, wrong: str) -> None:
    assume(wrong != body[place])
    code = body + _check(body)

    assert read_code(code) is not None
    assert read_code(code[:place] + wrong + code[place + 1 :]) is None


@given(bodies, st.integers(0, 6))
def test_two_swapped_neighbours_of_a_code_are_noticed(body: str, place: int) -> None:
    assume(body[place] != body[place + 1])
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]

    assert read_code(swapped + _check(body)) is None


@pytest.mark.parametrize("typed", ["", "K7QF", "K7QF-2M9D-XX", "K7QF-2M9D-?", "ÄÖÜ"])
def test_what_is_no_code_is_read_as_none(typed: str) -> None:
    assert read_code(typed) is None
