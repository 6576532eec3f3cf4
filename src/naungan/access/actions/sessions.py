"""Sessions: one's own list, and signing somebody out from afar."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.db import transaction

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.models import User
from naungan.access.policy import Permission
from naungan.access.rules import require


@transaction.atomic
def end_session(*, by: Actor, user: User, session_id: int) -> None:
    """Sign one session out: one's own, or as an administrator that of a colleague."""
    if by.user_id != user.pk:
        require(by, Permission.USER_MANAGE, user)
    session = UserSession.objects.filter(user_id=user.pk, pk=session_id).first()
    if session is None:
        raise NotFound("There is no such session.")
    session.end()
    audit.append(
        by=by, organisation_id=user.organisation_id, action="session.ended", ref=user.ref, details={"sessions": 1}
    )


@transaction.atomic
def end_all_sessions(*, by: Actor, user: User) -> int:
    """Sign somebody out everywhere; returns of how many sessions."""
    if by.user_id != user.pk:
        require(by, Permission.USER_MANAGE, user)
    ended = close_sessions(user)
    audit.append(
        by=by, organisation_id=user.organisation_id, action="session.ended", ref=user.ref, details={"sessions": ended}
    )
    return ended


def close_sessions(user: User) -> int:
    """End every session of a person; the caller has asked access and writes the audit entry."""
    sessions = list(UserSession.objects.filter(user_id=user.pk))
    for session in sessions:
        session.end()
    return len(sessions)
