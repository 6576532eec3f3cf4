"""Warns of clocks that a law or a risk has set: once a day before they run out, and once when they have."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from naungan.access import clock
from naungan.access.notices import notify
from naungan.protection.cases.actions.people import watchers_of
from naungan.protection.cases.models import Deadline

AHEAD = timedelta(hours=24)
AT_ONCE = 500


def warn() -> int:
    """
    Tell whoever must act, and when it is too late those who answer for them; returns how many clocks were told of.

    A clock that nobody owns is told to those who answer for the case at once.
    """
    now = clock.now()
    near = Deadline.objects.filter(is_clock=True, done_at__isnull=True, due_at__lt=now + AHEAD)
    untold = near.filter(Q(told_at__isnull=True) | Q(due_at__lt=now, told_at__lt=F("due_at")))
    return sum([_warn_of(pk) for pk in list(untold.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])])


@transaction.atomic
def _warn_of(pk: int) -> bool:
    now = clock.now()
    due = Deadline.objects.select_for_update(of=("self",)).select_related("case", "user").get(pk=pk)
    is_over = due.due_at < now
    if due.done_at is not None or (due.told_at is not None and (not is_over or due.told_at >= due.due_at)):
        return False
    kind = "clock_ran_out" if is_over else "clock_runs_out"
    owners = [due.user] if due.user is not None and due.user.is_active else []
    people = owners + (watchers_of(due.case, apart_from=due.user_id or 0) if is_over or not owners else [])
    for user in people:
        notify(user, kind=kind, target=f"/cases/{due.case.code}/")
    due.told_at = now
    due.save(update_fields=["told_at"])
    return True
