"""Who works on a case: assign, share, hand over, restrict, and emergency access."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.models import RoleGrant, Team, User
from naungan.access.notices import notify
from naungan.access.policy import EMERGENCY_LASTS, Permission, Relation, Role
from naungan.access.rules import require, visible
from naungan.protection.cases.actions.saving import lock
from naungan.protection.cases.errors import CannotAssign, WouldLeaveUnowned
from naungan.protection.cases.models import Case, CaseRelation, ConflictOfInterest, Deadline, Entry
from naungan.protection.cases.relations import relate, touch, unrelate
from naungan.vault.actions import seal
from naungan.vault.queries import sealed_reason

# Roles whose holders can be given a case to work on.
WORKING_ROLES = (Role.INTAKE, Role.CASEWORKER, Role.SCREENING, Role.SUPERVISOR, Role.LEGAL, Role.PANEL)


@transaction.atomic
def assign_case(*, by: Actor, case: Case, to: User, instead_of: User | None = None) -> Case:
    """Give a case to somebody; with `instead_of`, that person's assignment ends and what is due passes on with it."""
    require(by, Permission.CASE_ASSIGN, case)
    locked = lock(case)
    _require_can_take(locked, to)
    relate(locked, Relation.ASSIGNED, organisation_id=to.organisation_id, user_id=to.pk)
    if locked.is_restricted:
        relate(locked, Relation.NAMED, organisation_id=to.organisation_id, user_id=to.pk)
    if instead_of is not None and instead_of.pk != to.pk:
        _take_from(locked, instead_of, heir=to.pk)
    _record(by, locked, "assigned", {"to": to.ref, "from": instead_of.ref if instead_of else ""})
    if to.pk != by.user_id:
        notify(to, kind="assigned", target=f"/cases/{locked.code}/")
    return locked


@transaction.atomic
def unassign_case(*, by: Actor, case: Case, user: User) -> Case:
    """
    End somebody's assignment.

    Raises:
        WouldLeaveUnowned: nobody else works on the case.
    """
    require(by, Permission.CASE_ASSIGN, case)
    locked = lock(case)
    other = locked.relations.filter(kind=Relation.ASSIGNED.value).exclude(user=user).order_by("starts_at").first()
    if other is None:
        raise WouldLeaveUnowned("case")
    _take_from(locked, user, heir=other.user_id)
    _record(by, locked, "assigned", {"to": "", "from": user.ref})
    return locked


@transaction.atomic
def share_case(*, by: Actor, case: Case, with_team: Team, until: datetime | None = None) -> Case:
    """Let another team of the same organisation hold the case too, for good or until a moment."""
    require(by, Permission.CASE_SHARE, case)
    locked = lock(case)
    if with_team.organisation_id != locked.organisation_id or with_team.ended_at is not None:
        raise CannotAssign("team")
    relate(locked, Relation.TEAM, organisation_id=locked.organisation_id, team_id=with_team.pk, ends_at=until)
    _record(by, locked, "shared", {"team": with_team.ref})
    return locked


@transaction.atomic
def unshare_case(*, by: Actor, case: Case, team: Team) -> Case:
    """
    End what a team that a case was shared with is to it.

    Raises:
        WouldLeaveUnowned: it is the only team that holds the case.
    """
    require(by, Permission.CASE_SHARE, case)
    locked = lock(case)
    teams = locked.relations.filter(kind=Relation.TEAM.value)
    if not teams.exclude(team=team).filter(ends_at__isnull=True).exists():
        raise WouldLeaveUnowned("case")
    if unrelate(locked, Relation.TEAM, team.pk):
        _record(by, locked, "shared", {"ended": team.ref})
    return locked


@dataclass(frozen=True, slots=True)
class HandOver:
    """How many cases moved, and how many stay because the one who hands over may not see them."""

    moved: int
    left: int


@transaction.atomic
def hand_over_caseload(*, by: Actor, leaving: User, to: User) -> HandOver:
    """
    Hand the cases of somebody who leaves to a colleague, as far as `by` reaches them.

    Restricted cases on which `by` is not named stay, and so do those of teams that `by` does not answer for; somebody
    else must hand them over, and the account cannot be closed before. Of the others every one moves or none.
    """
    theirs = CaseRelation.objects.filter(kind=Relation.ASSIGNED.value, user=leaving).values("case_id")
    within = list(visible(by, Permission.CASE_ASSIGN, Case).filter(pk__in=theirs).order_by("pk"))
    for case in within:
        assign_case(by=by, case=case, to=to, instead_of=leaving)
    left = CaseRelation.objects.filter(kind=Relation.ASSIGNED.value, user=leaving, is_open=True)
    return HandOver(len(within), left.count())


@transaction.atomic
def restrict_case(*, by: Actor, case: Case, named: Sequence[User], reason: str) -> Case:
    """Close a case to all but the named people; those who work on it now are named with them."""
    require(by, Permission.CASE_RESTRICT, case)
    locked = lock(case)
    workers = set(locked.relations.filter(kind=Relation.ASSIGNED.value).values_list("user_id", flat=True))
    people = {user.pk: user for user in [*named, *User.objects.filter(pk__in=workers)]}
    people.setdefault(by.user_id, User.objects.get(pk=by.user_id))
    for user in people.values():
        _require_can_take(locked, user)
        relate(locked, Relation.NAMED, organisation_id=user.organisation_id, user_id=user.pk)
    locked.is_restricted = True
    touch(locked, "is_restricted")
    _record(by, locked, "restricted", {"people": len(people)}, reason=reason)
    return locked


@transaction.atomic
def lift_restriction(*, by: Actor, case: Case, reason: str) -> Case:
    """Open a restricted case to its team again."""
    require(by, Permission.CASE_RESTRICT, case)
    locked = lock(case)
    locked.relations.filter(kind=Relation.NAMED.value).delete()
    locked.is_restricted = False
    touch(locked, "is_restricted")
    _record(by, locked, "restricted", {"people": 0}, reason=reason)
    return locked


@transaction.atomic
def mark_conflict(*, by: Actor, case: Case, user: User, reason: str) -> Case:
    """Bar somebody with a conflict of interest from a case; their assignment must have passed on before."""
    require(by, Permission.CASE_RESTRICT, case)
    locked = lock(case)
    owners = locked.relations.filter(kind=Relation.ASSIGNED.value)
    if owners.filter(user=user).exists() and not owners.exclude(user=user).exists():
        raise WouldLeaveUnowned("case")
    heir = owners.exclude(user=user).order_by("starts_at").values_list("user_id", flat=True).first()
    _pass_on(locked, user, heir)
    for kind in (Relation.ASSIGNED, Relation.NAMED, Relation.OWN_INTAKE, Relation.EMERGENCY):
        unrelate(locked, kind, user.pk)
    ConflictOfInterest.objects.get_or_create(
        case=locked, user=user, defaults={"marked_by_id": by.user_id, "marked_at": clock.now()}
    )
    _record(by, locked, "restricted", {"conflict": user.ref}, reason=reason)
    return locked


@transaction.atomic
def lift_conflict(*, by: Actor, case: Case, user: User, reason: str) -> Case:
    """Bar somebody no longer, by mistake or for a conflict that has ended; they get no relation to the case."""
    require(by, Permission.CASE_RESTRICT, case)
    locked = lock(case)
    gone, _ = ConflictOfInterest.objects.filter(case=locked, user=user).delete()
    if gone:
        _record(by, locked, "restricted", {"lifted": user.ref}, reason=reason)
    return locked


@transaction.atomic
def open_emergency_access(*, by: Actor, code: str, reason: str) -> list[User] | None:
    """
    Open a case of one's own organisation for an hour, for a reason; those who review it are told at once.

    Returns:
        Who was told, or None when the organisation holds no case of that code or the person is barred from it.
    """
    require(by, Permission.CASE_EMERGENCY)
    found = Case.objects.filter(code=code, organisation_id=by.organisation_id)
    case = found.exclude(conflicts__user_id=by.user_id).select_related("person__subject").first()
    if case is None:
        audit.append(by=by, organisation_id=by.organisation_id, action="case.emergency_missed", details={"found": 0})
        return None
    relate(
        case,
        Relation.EMERGENCY,
        organisation_id=by.organisation_id,
        user_id=by.user_id,
        ends_at=clock.now() + EMERGENCY_LASTS,
    )
    _record(by, case, "emergency", {}, reason=reason)
    Deadline.objects.create(
        case=case,
        organisation_id=case.organisation_id,
        kind="emergency_review",
        due_at=clock.now() + 3 * 24 * EMERGENCY_LASTS,
    )
    watchers = watchers_of(case, apart_from=by.user_id)
    for user in watchers:
        notify(user, kind="emergency", target=f"/cases/{case.code}/")
    return watchers


def watchers_of(case: Case, *, apart_from: int) -> list[User]:
    """
    Who is told when a case needs somebody who answers for it: emergency access, a danger, a clock that has run out.

    The supervisors of its teams, those of the whole organisation and the data protection officers; where there is
    nobody of them but the one who opened it, coordinators and administrators.
    """
    grants = RoleGrant.objects.filter(
        revoked_at__isnull=True, user__organisation_id=case.organisation_id, user__is_active=True
    ).exclude(user_id=apart_from)
    teams = case.relations.filter(kind=Relation.TEAM.value).values("team_id")
    near = Q(role=Role.SUPERVISOR.value) & (Q(team_id__in=teams) | Q(team__isnull=True))
    watching = grants.filter(near | Q(role=Role.PROTECTION_OFFICER.value))
    if not watching.exists():
        watching = grants.filter(role__in=[Role.COORDINATOR.value, Role.ADMINISTRATOR.value])
    return list(User.objects.filter(pk__in=watching.values("user")).order_by("pk"))


def keep_owned(case: Case, *, by: Actor) -> None:
    """Give a case that lives again to whoever opened it, when none of those who had it can work on it any more."""
    before = list(User.objects.filter(pk__in=case.relations.filter(kind=Relation.ASSIGNED.value).values("user_id")))
    if any(_can_take(case, user) for user in before):
        return
    user = User.objects.get(pk=by.user_id)
    _require_can_take(case, user)
    relate(case, Relation.ASSIGNED, organisation_id=user.organisation_id, user_id=user.pk)
    for gone in before:
        if gone.pk != user.pk:
            _take_from(case, gone, heir=user.pk)


def _can_take(case: Case, user: User) -> bool:
    try:
        _require_can_take(case, user)
    except CannotAssign:
        return False
    return True


def _require_can_take(case: Case, user: User) -> None:
    if not user.is_active or not user.has_usable_password() or user.organisation_id != case.organisation_id:
        raise CannotAssign("person")
    if ConflictOfInterest.objects.filter(case=case, user=user).exists():
        raise CannotAssign("conflict")
    roles = [role.value for role in WORKING_ROLES]
    if not RoleGrant.objects.filter(user=user, revoked_at__isnull=True, role__in=roles).exists():
        raise CannotAssign("role")


def _take_from(case: Case, user: User, *, heir: int | None) -> None:
    _pass_on(case, user, heir)
    unrelate(case, Relation.ASSIGNED, user.pk)
    if case.is_restricted:
        unrelate(case, Relation.NAMED, user.pk)
    unrelate(case, Relation.OWN_INTAKE, user.pk)


def _pass_on(case: Case, user: User, heir: int | None) -> None:
    """Give what somebody still owes on a case to whoever works on it after them."""
    Deadline.objects.filter(case=case, user=user, done_at__isnull=True).update(user_id=heir)


def _record(by: Actor, case: Case, kind: str, details: dict[str, str | int], *, reason: str = "") -> None:
    if kind in ("assigned", "shared"):
        touch(case)
    entry = Entry.objects.create(
        case=case, kind=kind, at=clock.now(), by_id=by.user_id, details=details, has_text=bool(reason)
    )
    if reason:
        seal(case.person.subject, {f"note:{entry.ref}": reason})
    audit.append(
        by=by,
        organisation_id=case.organisation_id,
        action=f"case.{kind}",
        ref=case.code,
        details=details,
        reason=audit.Sealed(sealed_reason(case.person.subject, reason)) if reason else "",
    )
