"""Tells people what concerns them, in the app and by a digest that carries no code, name or reason."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Count, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from naungan.access import clock
from naungan.access.asking import ID, question
from naungan.access.models import Notice, RoleGrant, User
from naungan.access.policy import Role

ESCALATE_AFTER = timedelta(hours=24)


def notify(user: User, *, kind: str, target: str = "") -> list[Notice]:
    """Tell a person; while they are away, the one who stands in for them is told too."""
    people = [user]
    if stand_in(user) is not None:
        people.append(user.delegate)  # type: ignore[arg-type]  # stand_in has looked
    return [Notice.objects.create(user=person, kind=kind, target=target, created_at=clock.now()) for person in people]


def tell_protection_officers(organisation_id: int, *, kind: str = "identity_access", target: str = "/audit/") -> None:
    """Tell the data protection officers; as a rule that somebody, or a program, has been let near identities."""
    officers = RoleGrant.objects.filter(
        role=Role.PROTECTION_OFFICER.value, revoked_at__isnull=True, user__organisation_id=organisation_id
    )
    for officer in User.objects.filter(pk__in=officers.values("user"), is_active=True):
        notify(officer, kind=kind, target=target)


def stand_in(user: User) -> User | None:
    """Who receives a person's notices today, if somebody does."""
    away = user.away_from and user.away_until and user.away_from <= clock.today() <= user.away_until
    return user.delegate if away and user.delegate and user.delegate.is_active else None


def unread_count(user_id: int, most: int = 100) -> int:
    """How many notices wait, counted up to `most`."""
    return len(_unread(user=user_id, most=most))


@question(user=ID)
def _unread(user: int, most: int) -> QuerySet[Notice, tuple[int]]:
    return Notice.objects.filter(user_id=user, read_at__isnull=True).order_by().values_list("pk")[:most]


def mark_read(user_id: int, notice_ids: list[int] | None = None) -> int:
    """Mark one's own notices as read."""
    mine = Notice.objects.filter(user_id=user_id, read_at__isnull=True)
    if notice_ids is not None:
        mine = mine.filter(pk__in=notice_ids)
    return mine.update(read_at=clock.now())


def send_digests() -> int:
    """Mail each person one message that says how many notices wait, and nothing of what; returns how many went out."""
    waiting = (
        User.objects.filter(is_active=True, is_program=False, wants_digest=True)
        .annotate(waiting=Count("notices", filter=Q(notices__read_at__isnull=True, notices__mailed_at__isnull=True)))
        .filter(waiting__gt=0)
    )
    sent = 0
    for user in waiting:
        with translation.override(user.language):
            subject = _("Naungan: something waits for you")
            body = ngettext(
                "%(count)d notice waits for you. Please sign in to read it.",
                "%(count)d notices wait for you. Please sign in to read them.",
                user.waiting,
            ) % {"count": user.waiting}
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email])
        user.notices.filter(mailed_at__isnull=True, read_at__isnull=True).update(mailed_at=clock.now())
        sent += 1
    return sent


def escalate_unread() -> int:
    """Tell the supervisors of a team when a notice has lain unread for a day; returns how many were passed on."""
    late = Notice.objects.filter(
        read_at__isnull=True, escalated_at__isnull=True, created_at__lt=clock.now() - ESCALATE_AFTER
    ).exclude(kind="escalated")
    passed = 0
    for notice in late.select_related("user"):
        for supervisor in _supervisors(notice.user):
            notify(supervisor, kind="escalated", target=notice.target)
        notice.escalated_at = clock.now()
        notice.save(update_fields=["escalated_at"])
        passed += 1
    return passed


def _supervisors(user: User) -> list[User]:
    teams = RoleGrant.objects.filter(user=user, revoked_at__isnull=True, team__isnull=False).values("team_id")
    grants = RoleGrant.objects.filter(
        Q(team_id__in=teams) | Q(team__isnull=True, user__organisation_id=user.organisation_id),
        role=Role.SUPERVISOR.value,
        revoked_at__isnull=True,
    )
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).exclude(pk=user.pk))
