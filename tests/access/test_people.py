"""People and their roles: invited, given, taken, away, gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from naungan.access import clock, leaving
from naungan.access.actions import (
    create_organisation,
    create_team,
    deactivate_user,
    end_all_sessions,
    end_session,
    end_team,
    grant_role,
    invite_again,
    invite_user,
    reactivate_user,
    revoke_role,
    save_organisation,
    save_profile,
    set_away,
    use_link,
)
from naungan.access.actor import actor_for, local_actor
from naungan.access.errors import Forbidden, LastOfItsKind, NotFound, Refused, SecondFactorNeeded
from naungan.access.links import invitation_token, read_link
from naungan.access.models import AuditEntry, Organisation, RoleGrant, Team, User
from naungan.access.policy import Role
from tests.personas import Persona, make_persona, make_team


def grant_of(persona: Persona) -> RoleGrant:
    return persona.user.grants.get(revoked_at__isnull=True)


def last_action() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def test_invite_by_administrator_makes_account_with_roles_and_entry(esra: Persona, team_1: Team) -> None:
    invitation = invite_user(
        by=esra.actor(), email="baru@example.org", display_name="Baru", roles=[(Role.INTAKE, team_1)]
    )

    assert not invitation.user.has_usable_password()
    assert actor_for(invitation.user).has(Role.INTAKE) is True
    assert set(AuditEntry.objects.filter(ref=invitation.user.ref).values_list("action", flat=True)) == {
        "user.invited",
        "role.granted",
    }


def test_invite_mail_names_nobody(esra: Persona, django_capture_on_commit_callbacks: pytest.FixtureRequest) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture that is called
        invite_user(by=esra.actor(), email="baru@example.org", display_name="Baru Sekali", origin="https://a.example")

    (message,) = mail.outbox
    text = f"{message.subject} {message.body}"
    assert "Baru" not in text
    assert "Contoh" not in text
    assert "https://a.example/recover/" in text


def test_invite_by_others_is_forbidden(amara: Persona) -> None:
    with pytest.raises(Forbidden):
        invite_user(by=amara.actor(), email="baru@example.org", display_name="Baru")


def test_invite_with_stale_second_factor_is_refused(esra: Persona) -> None:
    stale = esra.actor(second_factor_at=clock.now() - timedelta(hours=13))

    with pytest.raises(SecondFactorNeeded):
        invite_user(by=stale, email="baru@example.org", display_name="Baru")


def test_invite_known_address_is_refused_whatever_its_case(esra: Persona, chen: Persona) -> None:
    with pytest.raises(Refused):
        invite_user(by=esra.actor(), email="CHEN@example.org", display_name="Chen")


def test_invitation_link_sets_password_once(esra: Persona) -> None:
    invitation = invite_user(by=esra.actor(), email="baru@example.org", display_name="Baru")

    user = use_link(token=invitation.token, password="kata sandi yang panjang")

    assert user.check_password("kata sandi yang panjang")
    assert last_action().action == "invitation.used"
    with pytest.raises(NotFound):
        use_link(token=invitation.token, password="kata sandi yang lain lagi")


def test_invite_again_ends_the_link_before(esra: Persona) -> None:
    first = invite_user(by=esra.actor(), email="baru@example.org", display_name="Baru")

    second = invite_again(by=esra.actor(), user=first.user)

    assert read_link(first.token) is None
    assert read_link(second.token) is not None


def test_invite_again_after_sign_in_is_refused(esra: Persona, amara: Persona) -> None:
    with pytest.raises(Refused):
        invite_again(by=esra.actor(), user=amara.user)


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "0" * 32])
def test_read_link_of_nonsense_is_nothing(db: None, token: str) -> None:
    assert read_link(token) is None


def test_link_of_closed_account_is_dead(esra: Persona) -> None:
    invitation = invite_user(by=esra.actor(), email="baru@example.org", display_name="Baru")
    deactivate_user(by=esra.actor(), user=invitation.user)

    assert read_link(invitation_token(User.objects.get(pk=invitation.user.pk))) is None


def test_grant_role_works_at_once_and_twice_changes_nothing(esra: Persona, dana: Persona) -> None:
    first = grant_role(by=esra.actor(), user=dana.user, role=Role.COORDINATOR)
    again = grant_role(by=esra.actor(), user=dana.user, role=Role.COORDINATOR)

    assert first.pk == again.pk
    assert dana.actor().has(Role.COORDINATOR)
    assert AuditEntry.objects.filter(action="role.granted").count() == 1
    assert dana.user.notices.get().kind == "role_granted"


def test_grant_role_to_oneself_is_refused(esra: Persona) -> None:
    with pytest.raises(Refused):
        grant_role(by=esra.actor(), user=esra.user, role=Role.SUPERVISOR)


def test_grant_role_at_the_machine_to_oneself_is_let_through(esra: Persona) -> None:
    assert grant_role(by=local_actor(esra.user), user=esra.user, role=Role.COORDINATOR).pk


def test_grant_role_to_somebody_of_another_organisation_is_not_found(esra: Persona, chen: Persona) -> None:
    with pytest.raises(NotFound):
        grant_role(by=esra.actor(), user=chen.user, role=Role.OBSERVER)


def test_grant_role_in_foreign_or_ended_team_is_refused(
    esra: Persona, dana: Persona, org_b: Organisation, team_2: Team
) -> None:
    end_team(by=esra.actor(), team=team_2)

    with pytest.raises(NotFound):
        grant_role(by=esra.actor(), user=dana.user, role=Role.CASEWORKER, team=make_team(org_b, "Tim Asing"))
    with pytest.raises(Refused):
        grant_role(by=esra.actor(), user=dana.user, role=Role.CASEWORKER, team=team_2)


def test_integration_role_is_for_programs_only(esra: Persona, dana: Persona) -> None:
    with pytest.raises(Refused):
        grant_role(by=esra.actor(), user=dana.user, role=Role.INTEGRATION)


def test_revoke_role_ends_it_for_the_next_actor(esra: Persona, amara: Persona) -> None:
    revoke_role(by=esra.actor(), grant=grant_of(amara))

    assert amara.actor().grants == ()
    assert last_action().details["role"] == "caseworker"


def test_revoke_role_twice_changes_nothing(esra: Persona, amara: Persona) -> None:
    grant = revoke_role(by=esra.actor(), grant=grant_of(amara))
    before = AuditEntry.objects.count()

    revoke_role(by=esra.actor(), grant=grant)

    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("name", ["esra", "dewi"])
def test_revoke_last_indispensable_role_is_refused(
    request: pytest.FixtureRequest, esra: Persona, dewi: Persona, name: str
) -> None:
    with pytest.raises(LastOfItsKind):
        revoke_role(by=esra.actor(), grant=grant_of(request.getfixturevalue(name)))


def test_revoke_last_but_one_is_let_through(esra: Persona, dewi: Persona, org_a: Organisation) -> None:
    make_persona("dwi", org_a, Role.PROTECTION_OFFICER)

    assert revoke_role(by=esra.actor(), grant=grant_of(dewi)).revoked_at is not None


def test_revoke_role_held_twice_needs_no_other_person(esra: Persona, dewi: Persona, team_1: Team) -> None:
    second = grant_role(by=esra.actor(), user=dewi.user, role=Role.PROTECTION_OFFICER, team=team_1)

    assert revoke_role(by=esra.actor(), grant=second).revoked_at is not None


def test_closed_accounts_do_not_count_as_another_administrator(esra: Persona, org_a: Organisation) -> None:
    other = make_persona("edo", org_a, Role.ADMINISTRATOR)
    User.objects.filter(pk=other.user.pk).update(is_active=False)

    with pytest.raises(LastOfItsKind):
        revoke_role(by=esra.actor(), grant=grant_of(esra))


def test_deactivate_ends_roles_and_is_recorded(esra: Persona, amara: Persona, bilal: Persona) -> None:
    today = clock.today()
    set_away(by=bilal.actor(), user=bilal.user, away_from=today, away_until=today, delegate=amara.user)

    deactivate_user(by=esra.actor(), user=amara.user)

    amara.user.refresh_from_db()
    bilal.user.refresh_from_db()
    assert not amara.user.is_active
    assert bilal.user.delegate is None
    assert actor_for(amara.user).grants == ()
    assert last_action().action == "user.deactivated"


def test_deactivate_somebody_who_holds_work_is_refused(
    esra: Persona, amara: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "_checks", [])
    monkeypatch.setattr(leaving, "_team_checks", [])
    check = leaving.register_check(lambda user: "3 cases" if user.pk == amara.user.pk else "")
    leaving.register_check(check)
    leaving.register_team_check(leaving.register_team_check(lambda team: ""))

    with pytest.raises(LastOfItsKind, match="3 cases"):
        deactivate_user(by=esra.actor(), user=amara.user)
    assert len(leaving._checks) == 1


def test_deactivate_oneself_is_refused(esra: Persona) -> None:
    with pytest.raises(Refused):
        deactivate_user(by=esra.actor(), user=esra.user)


def test_deactivate_last_protection_officer_is_refused(esra: Persona, dewi: Persona) -> None:
    with pytest.raises(LastOfItsKind):
        deactivate_user(by=esra.actor(), user=dewi.user)


def test_reactivated_account_has_no_roles(esra: Persona, amara: Persona) -> None:
    deactivate_user(by=esra.actor(), user=amara.user)

    with pytest.raises(Refused):
        grant_role(by=esra.actor(), user=amara.user, role=Role.INTAKE)
    user = reactivate_user(by=esra.actor(), user=amara.user)

    assert user.is_active
    assert actor_for(user).grants == ()


def test_set_away_by_oneself_names_a_delegate(amara: Persona, sari: Persona) -> None:
    today = clock.today()

    user = set_away(by=amara.actor(), user=amara.user, away_from=today, away_until=today, delegate=sari.user)

    assert user.delegate == sari.user
    assert last_action().details == {"to": sari.user.ref}


def test_set_away_back_again_clears_the_delegate(amara: Persona, sari: Persona) -> None:
    today = clock.today()
    set_away(by=amara.actor(), user=amara.user, away_from=today, away_until=today, delegate=sari.user)

    user = set_away(by=amara.actor(), user=amara.user, away_from=None, away_until=None, delegate=sari.user)

    assert (user.away_from, user.delegate) == (None, None)


@pytest.mark.parametrize(("first", "last"), [(1, 0), (0, None), (None, 0)])
def test_set_away_with_impossible_days_is_refused(
    amara: Persona, sari: Persona, first: int | None, last: int | None
) -> None:
    days = [None if shift is None else clock.today() + timedelta(days=shift) for shift in (first, last)]

    with pytest.raises(Refused):
        set_away(by=amara.actor(), user=amara.user, away_from=days[0], away_until=days[1], delegate=sari.user)


def test_set_away_needs_a_fitting_delegate(amara: Persona, chen: Persona) -> None:
    today = clock.today()
    for delegate in (None, chen.user, amara.user):
        with pytest.raises(Refused):
            set_away(by=amara.actor(), user=amara.user, away_from=today, away_until=today, delegate=delegate)


def test_set_away_of_a_colleague_needs_an_administrator(amara: Persona, bilal: Persona, esra: Persona) -> None:
    with pytest.raises(NotFound):
        set_away(by=amara.actor(), user=bilal.user, away_from=None, away_until=None, delegate=None)
    assert set_away(by=esra.actor(), user=bilal.user, away_from=None, away_until=None, delegate=None)


def test_save_profile_keeps_name_language_and_digest(amara: Persona) -> None:
    user = save_profile(by=amara.actor(), user=amara.user, display_name="Amara B", language="id", wants_digest=False)

    user.refresh_from_db()
    assert (user.display_name, user.language, user.wants_digest) == ("Amara B", "id", False)


def test_create_organisation_is_for_the_machine_only(esra: Persona, org_a: Organisation) -> None:
    with pytest.raises(Forbidden):
        create_organisation(by=esra.actor(), values={"name": "Baru"})
    with pytest.raises(Refused):
        create_organisation(by=local_actor(esra.user), values={"name": "rumah contoh a"})

    made = create_organisation(by=None, values={"name": "Baru"})
    first = invite_user(
        by=None, email="satu@example.org", display_name="Satu", organisation=made, roles=[(Role.ADMINISTRATOR, None)]
    )

    assert actor_for(first.user).organisation_id == made.pk


def test_save_organisation_records_which_fields_changed(esra: Persona, org_a: Organisation) -> None:
    save_organisation(by=esra.actor(), organisation=org_a, values={"city": "Kota Contoh", "name": org_a.name})
    save_organisation(by=esra.actor(), organisation=org_a, values={"city": "Kota Contoh"})

    assert Organisation.objects.get(pk=org_a.pk).city == "Kota Contoh"
    assert AuditEntry.objects.get(action="organisation.saved").details == {"fields": "city"}


def test_save_organisation_of_others_is_not_found(esra: Persona, org_b: Organisation) -> None:
    with pytest.raises(NotFound):
        save_organisation(by=esra.actor(), organisation=org_b, values={"city": "Kota"})


def test_team_names_are_taken_once(esra: Persona, team_1: Team) -> None:
    with pytest.raises(Refused):
        create_team(by=esra.actor(), name="tim satu")
    assert create_team(by=esra.actor(), name="Tim Tiga").organisation_id == esra.user.organisation_id


def test_end_team_with_people_or_cases_is_refused(
    esra: Persona, amara: Persona, team_1: Team, team_2: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "_team_checks", [])
    leaving.register_team_check(lambda team: "2 cases")

    with pytest.raises(LastOfItsKind):
        end_team(by=esra.actor(), team=team_1)
    with pytest.raises(LastOfItsKind, match="2 cases"):
        end_team(by=esra.actor(), team=team_2)


def test_sessions_of_a_colleague_are_ended_by_administrators_only(amara: Persona, bilal: Persona) -> None:
    with pytest.raises(NotFound):
        end_session(by=amara.actor(), user=bilal.user, session_id=1)
    with pytest.raises(NotFound):
        end_all_sessions(by=amara.actor(), user=bilal.user)
