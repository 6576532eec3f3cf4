"""Notices: told, passed on, mailed as a count; never a code, a name or a reason."""

from __future__ import annotations

from datetime import timedelta

from django.core import mail
from django.utils import translation

from naungan.access import clock
from naungan.access.models import Notice, Team, User
from naungan.access.notices import escalate_unread, mark_read, notify, send_digests, stand_in, unread_count
from naungan.access.words import NOTICE_WORDS, notice_name
from tests.personas import Persona

CODE = "K7QF-2M9D-X"


def put_away(persona: Persona, delegate: Persona, *, first: int = 0, last: int = 1) -> User:
    today = clock.today()
    persona.user.away_from = today + timedelta(days=first)
    persona.user.away_until = today + timedelta(days=last)
    persona.user.delegate = delegate.user
    persona.user.save()
    return persona.user


def test_notify_tells_one_person(amara: Persona) -> None:
    notify(amara.user, kind="assigned", target=f"/cases/{CODE}/")

    assert unread_count(amara.user.pk) == 1


def test_notify_tells_the_stand_in_too(amara: Persona, bilal: Persona) -> None:
    user = put_away(amara, bilal)

    notify(user, kind="assigned")

    assert (unread_count(amara.user.pk), unread_count(bilal.user.pk)) == (1, 1)


def test_stand_in_counts_only_on_the_days_and_while_active(amara: Persona, bilal: Persona) -> None:
    assert stand_in(put_away(amara, bilal)) == bilal.user
    assert stand_in(put_away(amara, bilal, first=1, last=2)) is None
    assert stand_in(put_away(amara, bilal, first=-2, last=-1)) is None
    bilal.user.is_active = False
    assert stand_in(put_away(amara, bilal)) is None


def test_mark_read_touches_only_ones_own(amara: Persona, bilal: Persona) -> None:
    (mine,) = notify(amara.user, kind="assigned")
    (his,) = notify(bilal.user, kind="assigned")

    assert mark_read(amara.user.pk, [mine.pk, his.pk]) == 1
    assert unread_count(bilal.user.pk) == 1
    assert mark_read(bilal.user.pk) == 1


def test_unread_count_is_capped(amara: Persona) -> None:
    Notice.objects.bulk_create([Notice(user=amara.user, kind="x", created_at=clock.now()) for _ in range(7)])

    assert unread_count(amara.user.pk, most=5) == 5


def test_digest_says_how_many_and_nothing_of_what(amara: Persona) -> None:
    notify(amara.user, kind="assigned", target=f"/cases/{CODE}/")
    notify(amara.user, kind="emergency", target=f"/cases/{CODE}/")

    assert send_digests() == 1
    (message,) = mail.outbox
    text = message.subject + str(message.body)
    assert "2 notices wait" in text
    assert not any(word in text for word in (CODE, "cases", "Amara", "emergency", "assigned", "Contoh"))


def test_digest_goes_once_and_only_to_those_who_want_it(amara: Persona, bilal: Persona) -> None:
    User.objects.filter(pk=bilal.user.pk).update(wants_digest=False)
    notify(amara.user, kind="assigned")
    notify(bilal.user, kind="assigned")

    assert (send_digests(), send_digests()) == (1, 0)


def test_digest_speaks_the_persons_language(amara: Persona) -> None:
    User.objects.update(language="id")
    notify(amara.user, kind="assigned")

    with translation.override("en"):
        send_digests()

    assert "pemberitahuan" in str(mail.outbox[0].body)


def test_unread_notice_is_passed_to_the_supervisor_once(amara: Persona, sari: Persona, team_2: Team) -> None:
    notify(amara.user, kind="assigned", target=f"/cases/{CODE}/")

    with clock.fixed(clock.now() + timedelta(hours=25)):
        assert (escalate_unread(), escalate_unread()) == (1, 0)

    assert sari.user.notices.get().kind == "escalated"


def test_young_or_read_notices_are_not_passed_on(amara: Persona, sari: Persona) -> None:
    notify(amara.user, kind="assigned")
    assert escalate_unread() == 0
    mark_read(amara.user.pk)

    with clock.fixed(clock.now() + timedelta(hours=25)):
        assert escalate_unread() == 0
    assert unread_count(sari.user.pk) == 0


def test_words_of_notices_name_nothing() -> None:
    assert all("%" not in str(words) and "{" not in str(words) for words in NOTICE_WORDS.values())
    assert notice_name("unheard of") == "Sesuatu menunggu Anda."


def test_notices_page_says_them_in_words(amara: Persona) -> None:
    for kind in NOTICE_WORDS:
        notify(amara.user, kind=kind)

    text = amara.client().get("/notices/").content.decode()

    assert "You were given a role." in text
    assert not any(kind in text for kind in ("role_granted", "recovery_asked"))
