"""Letting somebody in again takes two administrators, and a link that lives a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from naungan.access import clock
from naungan.access.actions import ask_recovery, decline_recovery, grant_recovery, use_link
from naungan.access.errors import NotFound, Refused
from naungan.access.links import read_link
from naungan.access.models import AuditEntry, Organisation, Recovery, User
from naungan.access.policy import Role
from tests.personas import PASSWORD, Persona, make_persona

GOOD = "kata sandi yang panjang"


@pytest.fixture
def edo(org_a: Organisation) -> Persona:
    """A second administrator of A."""
    return make_persona("edo", org_a, Role.ADMINISTRATOR)


@pytest.fixture
def granted(esra: Persona, edo: Persona, amara: Persona) -> str:
    """The token of a recovery of amara that esra asked for and edo granted."""
    Authenticator.objects.create(user=amara.user, type="totp", data={})
    recovery = ask_recovery(by=esra.actor(), user=amara.user)
    return grant_recovery(by=edo.actor(), recovery=recovery).token


def test_asking_changes_nothing_and_tells_person_and_administrators(
    esra: Persona, edo: Persona, amara: Persona
) -> None:
    ask_recovery(by=esra.actor(), user=amara.user)

    amara.user.refresh_from_db()
    assert amara.user.check_password(PASSWORD)
    assert amara.user.notices.get().kind == "recovery_asked"
    assert edo.user.notices.get().kind == "recovery_waits"


def test_asking_twice_is_refused(esra: Persona, edo: Persona, amara: Persona) -> None:
    ask_recovery(by=esra.actor(), user=amara.user)

    with pytest.raises(Refused):
        ask_recovery(by=edo.actor(), user=amara.user)


def test_asking_for_oneself_or_the_closed_is_refused(esra: Persona, amara: Persona) -> None:
    User.objects.filter(pk=amara.user.pk).update(is_active=False)
    amara.user.refresh_from_db()

    for user in (esra.user, amara.user):
        with pytest.raises(Refused):
            ask_recovery(by=esra.actor(), user=user)


def test_asking_across_organisations_is_not_found(esra: Persona, chen: Persona) -> None:
    with pytest.raises(NotFound):
        ask_recovery(by=esra.actor(), user=chen.user)


def test_granting_by_the_same_administrator_is_refused(esra: Persona, amara: Persona) -> None:
    recovery = ask_recovery(by=esra.actor(), user=amara.user)

    with pytest.raises(Refused):
        grant_recovery(by=esra.actor(), recovery=recovery)


def test_granting_by_the_person_is_refused(esra: Persona, edo: Persona) -> None:
    recovery = ask_recovery(by=esra.actor(), user=edo.user)

    with pytest.raises(Refused):
        grant_recovery(by=edo.actor(), recovery=recovery)


def test_database_refuses_one_person_in_both_parts(esra: Persona, amara: Persona) -> None:
    recovery = ask_recovery(by=esra.actor(), user=amara.user)

    with pytest.raises(IntegrityError), transaction.atomic():
        Recovery.objects.filter(pk=recovery.pk).update(granted_by=esra.user, granted_at=clock.now())


def test_granting_ends_password_factors_and_sessions(granted: str, amara: Persona) -> None:
    amara.user.refresh_from_db()

    assert not amara.user.has_usable_password()
    assert not Authenticator.objects.filter(user=amara.user).exists()
    assert AuditEntry.objects.get(action="recovery.granted").details == {"factors": 1, "sessions": 0}
    assert set(amara.user.notices.values_list("kind", flat=True)) == {"recovery_asked", "recovery_granted"}


def test_granting_ends_the_living_session(esra: Persona, edo: Persona, amara: Persona) -> None:
    hers = amara.client()
    assert hers.get("/profile/").status_code == 200

    grant_recovery(by=edo.actor(), recovery=ask_recovery(by=esra.actor(), user=amara.user))

    assert hers.get("/profile/").status_code == 302


def test_granting_mails_a_link_that_names_nobody(
    esra: Persona, edo: Persona, amara: Persona, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]  # a context manager
        grant_recovery(by=edo.actor(), recovery=ask_recovery(by=esra.actor(), user=amara.user))

    (message,) = mail.outbox
    text = message.subject + str(message.body)
    assert not any(name in text for name in ("Amara", "Esra", "Edo", "Contoh"))
    assert message.to == [amara.user.email]


def test_granting_twice_or_late_is_refused(esra: Persona, edo: Persona, amara: Persona, bilal: Persona) -> None:
    first = ask_recovery(by=esra.actor(), user=amara.user)
    grant_recovery(by=edo.actor(), recovery=first)
    late = ask_recovery(by=esra.actor(), user=bilal.user)
    Recovery.objects.filter(pk=late.pk).update(asked_at=clock.now() - timedelta(days=4))

    for recovery in (first, late):
        with pytest.raises(Refused):
            grant_recovery(by=edo.actor(), recovery=recovery)


def test_declined_recovery_is_gone(esra: Persona, edo: Persona, amara: Persona, granted: str) -> None:
    waiting = ask_recovery(by=esra.actor(), user=edo.user)

    decline_recovery(by=esra.actor(), recovery=waiting)
    with pytest.raises(Refused):
        decline_recovery(by=esra.actor(), recovery=Recovery.objects.get())

    assert not edo.user.recoveries.exists()


def test_link_sets_the_password_once(granted: str, amara: Persona) -> None:
    user = use_link(token=granted, password=GOOD)

    assert user.check_password(GOOD)
    assert AuditEntry.objects.filter(action="recovery.used", ref=amara.user.ref).exists()
    with pytest.raises(NotFound):
        use_link(token=granted, password=GOOD)


def test_link_lives_a_day(granted: str) -> None:
    with clock.fixed(clock.now() + timedelta(hours=23)):
        assert read_link(granted) is not None
    with clock.fixed(clock.now() + timedelta(hours=25)):
        assert read_link(granted) is None


def test_link_keeps_the_password_rules(granted: str) -> None:
    with pytest.raises(ValidationError):
        use_link(token=granted, password="password")
    assert read_link(granted) is not None


def test_token_itself_is_kept_nowhere(granted: str) -> None:
    recovery = Recovery.objects.get()

    assert granted not in (recovery.token_digest, recovery.ref)
    assert not AuditEntry.objects.filter(details__icontains=granted).exists()
