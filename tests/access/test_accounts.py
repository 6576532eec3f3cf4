"""An account belongs to one address, which administrators give; no session makes it another's."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from naungan.access.actions import change_email
from naungan.access.errors import Forbidden, NotFound, Refused
from naungan.access.models import AuditEntry, User
from tests.access.test_sign_in import sign_in
from tests.personas import PASSWORD, Persona, session_of

RESET, CHANGE = "/account/password/reset/", "/account/password/change/"
NEW = "a wholly other password 7"


@pytest.mark.parametrize("path", ["email/", "confirm-email/", "confirm-email/abc/", "signup/", "password/set/"])
def test_pages_that_change_whose_an_account_is_are_not_there(amara: Persona, path: str) -> None:
    said = {"action_add": "", "email": "thief@evil.example", "password1": NEW, "password2": NEW}
    browser = amara.client()

    assert browser.get(f"/account/{path}").status_code == 404
    assert browser.post(f"/account/{path}", said).status_code == 404
    assert not EmailAddress.objects.filter(email="thief@evil.example").exists()


def test_a_second_address_that_slipped_in_neither_resets_nor_signs_in(amara: Persona) -> None:
    EmailAddress.objects.create(user=amara.user, email="thief@evil.example", verified=True, primary=True)
    stranger = Client()

    stranger.post(RESET, {"email": "thief@evil.example"})
    assert mail.outbox == []
    assert sign_in(stranger, "thief@evil.example") != 302


def test_a_reset_goes_to_the_address_of_the_account_and_is_audited(amara: Persona) -> None:
    stranger = Client()
    stranger.post(RESET, {"email": "AMARA@example.org"})

    (sent,) = mail.outbox
    assert sent.to == ["amara@example.org"]
    assert (sent.subject, "Amara" in sent.body) == ("Naungan: Set a new password", False)
    found = re.search(r"http://testserver(/\S+)", str(sent.body))
    assert found
    form = stranger.get(found[1], follow=True)
    done = stranger.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert done.status_code == 302
    assert sign_in(Client(), "amara@example.org", NEW) == 302
    assert AuditEntry.objects.filter(action="password.reset", ref=amara.user.ref).count() == 1


def test_a_reset_of_an_unknown_address_says_the_same_and_mails_nobody(amara: Persona) -> None:
    stranger = Client()
    unknown = stranger.post(RESET, {"email": "nobody@example.org"})

    assert mail.outbox == []
    known = stranger.post(RESET, {"email": "amara@example.org"})
    assert (unknown.status_code, unknown.headers["Location"]) == (known.status_code, known.headers["Location"])


def test_a_changed_password_is_audited_and_told_by_mail(amara: Persona) -> None:
    said = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}

    assert amara.client().post(CHANGE, said).status_code == 302
    assert AuditEntry.objects.filter(action="password.changed", actor=amara.user.ref).count() == 1
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["amara@example.org"], "Naungan: Your password was changed")
    assert "Amara" not in sent.body


def test_an_administrator_corrects_an_address_and_the_old_one_is_told(
    esra: Persona, amara: Persona, django_capture_on_commit_callbacks: type
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = esra.client().post(f"/people/{amara.user.ref}/email/", {"email": "amara.new@example.org"})

    assert answer.status_code == 302
    assert User.objects.get(pk=amara.user.pk).email == "amara.new@example.org"
    assert [one.to for one in mail.outbox] == [["amara@example.org"]]
    assert AuditEntry.objects.filter(action="user.email", ref=amara.user.ref).count() == 1
    assert sign_in(Client(), "amara.new@example.org") == 302
    assert sign_in(Client(), "amara@example.org") != 302


def test_an_address_that_another_account_has_is_refused(esra: Persona, amara: Persona, bilal: Persona) -> None:
    with pytest.raises(Refused):
        change_email(by=esra.actor(), user=amara.user, email="BILAL@example.org")
    assert User.objects.get(pk=amara.user.pk).email == "amara@example.org"


def test_nobody_changes_their_own_address_or_one_of_another_organisation(
    esra: Persona, amara: Persona, chen: Persona
) -> None:
    with pytest.raises(Refused):
        change_email(by=esra.actor(), user=esra.user, email="esra.new@example.org")
    with pytest.raises(NotFound):
        change_email(by=esra.actor(), user=chen.user, email="chen.new@example.org")
    with pytest.raises((Forbidden, NotFound)):
        change_email(by=amara.actor(), user=amara.user, email="amara.new@example.org")


def test_an_administrator_who_ends_their_own_sessions_comes_to_the_sign_in_page(esra: Persona) -> None:
    browser = esra.client()
    UserSession.objects.create(user=esra.user, session_key=session_of(browser).session_key, ip="::1", user_agent="x")

    answer = browser.post(f"/people/{esra.user.ref}/sessions/end/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/")
    assert browser.get("/people/").status_code == 302
