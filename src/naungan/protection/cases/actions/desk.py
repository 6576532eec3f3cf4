"""Small things of daily work: deadlines done, views saved, many cases at once and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.models import Team, User
from naungan.access.policy import Permission, Relation
from naungan.access.rules import may, require, visible
from naungan.protection.cases.actions.people import assign_case, share_case
from naungan.protection.cases.errors import CannotAssign, InvalidValues, words_problem
from naungan.protection.cases.models import Case, CaseRelation, Deadline, SavedView
from naungan.protection.cases.relations import relate
from naungan.protection.cases.words import SETTLED_AT

BULK_MOST = 500


@transaction.atomic
def finish_deadline(*, by: Actor, ref: str) -> Deadline:
    """
    Mark something due as done.

    Raises:
        NotFound: there is no such task for the one who asks, or a tick does not settle it.
    """
    deadline = Deadline.objects.select_related("case").filter(ref=ref, done_at__isnull=True).first()
    if deadline is None or deadline.kind in SETTLED_AT:
        raise NotFound("There is no such task.")
    is_reviewer = by.organisation_id == deadline.organisation_id and by.relations(Permission.CASE_STATEMENT)
    if not (deadline.user_id == by.user_id or is_reviewer or may(by, Permission.CASE_WRITE, deadline.case)):
        raise NotFound("There is no such task.")
    deadline.done_at, deadline.done_by_id = clock.now(), by.user_id
    deadline.save(update_fields=["done_at", "done_by"])
    audit.append(
        by=by,
        organisation_id=deadline.organisation_id,
        action="deadline.done",
        ref=deadline.case.code,
        details={"kind": deadline.kind},
    )
    return deadline


@transaction.atomic
def set_deadline(*, by: Actor, case: Case, kind: str, due_at: datetime, user: User | None = None) -> Deadline:
    """Put a review or task on the work list of a case's worker."""
    require(by, Permission.CASE_WRITE, case)
    made = Deadline.objects.create(
        case=case,
        organisation_id=case.organisation_id,
        user_id=user.pk if user else by.user_id,
        kind=kind,
        due_at=due_at,
        is_clock=kind in SETTLED_AT,
    )
    audit.append(
        by=by, organisation_id=case.organisation_id, action="deadline.set", ref=case.code, details={"kind": kind}
    )
    return made


@dataclass(frozen=True, slots=True)
class Assignment:
    """One case that changed hands, with what is needed to give it back."""

    code: str
    to: str
    before: str
    own_intake: bool = False


@transaction.atomic
def assign_cases(*, by: Actor, codes: Sequence[str], to: User) -> list[Assignment]:
    """
    Give many cases to one colleague, instead of whoever worked on each; all or none.

    Raises:
        NotFound: a code is outside the scope.
        CannotAssign: one of the cases cannot go to this colleague.
    """
    if not codes or len(codes) > BULK_MOST:
        raise CannotAssign("count")
    found = {case.code: case for case in visible(by, Permission.CASE_ASSIGN, Case).filter(code__in=codes)}
    if len(found) != len(set(codes)):
        raise NotFound("There is no such case.")
    done = []
    for code in dict.fromkeys(codes):
        before = _worker(found[code])
        if before is not None and before.pk == to.pk:
            continue
        took_in = before is not None and found[code].relations.filter(
            kind=Relation.OWN_INTAKE.value, user=before
        ).exists()  # fmt: skip
        assign_case(by=by, case=found[code], to=to, instead_of=before)
        done.append(Assignment(code, to.ref, before.ref if before else "", took_in))
    return done


@transaction.atomic
def share_cases(*, by: Actor, codes: Sequence[str], team: Team) -> int:
    """
    Let another team of the organisation hold many cases too; all or none; returns how many were new to it.

    Raises:
        NotFound: a code is outside the scope.
        CannotAssign: the team is not one of the organisation, or has ended; or they are too many.
    """
    if not codes or len(codes) > BULK_MOST:
        raise CannotAssign("count")
    found = list(visible(by, Permission.CASE_SHARE, Case).filter(code__in=codes).order_by("pk"))
    if len(found) != len(set(codes)):
        raise NotFound("There is no such case.")
    fresh = [case for case in found if not case.relations.filter(kind=Relation.TEAM.value, team=team).exists()]
    for case in fresh:
        share_case(by=by, case=case, with_team=team)
    return len(fresh)


def assignable(by: Actor, codes: Sequence[str], permission: Permission = Permission.CASE_ASSIGN) -> list[str]:
    """Those of the codes that `by` may hand over, in their order; a list on the screen may be an hour old."""
    found = set(visible(by, permission, Case).filter(code__in=codes).values_list("code", flat=True))
    return [code for code in dict.fromkeys(codes) if code in found]


@transaction.atomic
def undo_assignments(*, by: Actor, done: Sequence[Assignment]) -> int:
    """
    Give cases back to whoever had them; returns how many.

    One that moved on since stays where it is, and so does one whose former worker cannot take it any more.
    """
    people = {user.ref: user for user in User.objects.filter(ref__in={r for a in done for r in (a.to, a.before) if r})}
    count = 0
    for one in done:
        case = visible(by, Permission.CASE_ASSIGN, Case).filter(code=one.code).first()
        if case is None or not one.before or (worker := _worker(case)) is None or worker.ref != one.to:
            continue
        try:
            assign_case(by=by, case=case, to=people[one.before], instead_of=people[one.to])
        except CannotAssign:
            continue
        if one.own_intake:
            before = people[one.before]
            relate(case, Relation.OWN_INTAKE, organisation_id=before.organisation_id, user_id=before.pk)
        count += 1
    return count


def _worker(case: Case) -> User | None:
    rows = CaseRelation.objects.filter(case=case, kind=Relation.ASSIGNED.value).select_related("user")
    row = rows.order_by("starts_at").first()
    return row.user if row else None


@transaction.atomic
def save_view(*, by: Actor, name: str, query: Mapping[str, object], is_shared: bool) -> SavedView:
    """Keep a filter under a name, for oneself or for the organisation."""
    words = name.strip()
    if not words or len(words) > 60:
        raise InvalidValues([words_problem("name", words, 60)])
    view, _ = SavedView.objects.update_or_create(
        user_id=by.user_id,
        name=words,
        defaults={"organisation_id": by.organisation_id, "query": dict(query), "is_shared": is_shared},
    )
    return view


@transaction.atomic
def rename_view(*, by: Actor, ref: str, name: str) -> SavedView:
    """
    Give one of one's own views another name.

    Raises:
        InvalidValues: there is no name, it is too long, or another of one's views bears it.
    """
    view = SavedView.objects.filter(user_id=by.user_id, ref=ref).first()
    if view is None:
        raise NotFound("There is no such view.")
    words = name.strip()
    is_taken = SavedView.objects.filter(user_id=by.user_id, name=words).exclude(pk=view.pk).exists()
    if not words or len(words) > 60 or is_taken:
        raise InvalidValues([words_problem("name", words, 60)])
    view.name = words
    view.save(update_fields=["name"])
    return view


@transaction.atomic
def remove_view(*, by: Actor, ref: str) -> None:
    """
    Forget one of one's own saved views, or a shared one whose maker has left.

    Raises:
        NotFound: it is neither.
        Forbidden: its maker has left, but one's role does not clear up after them.
    """
    view = SavedView.objects.filter(ref=ref, organisation_id=by.organisation_id).select_related("user").first()
    if view is None or not (view.user_id == by.user_id or is_left(view)):
        raise NotFound("There is no such view.")
    if view.user_id != by.user_id:
        require(by, Permission.VIEW_MANAGE)
        audit.append(by=by, organisation_id=by.organisation_id, action="view.removed", ref=view.ref)
    view.delete()


def is_left(view: SavedView) -> bool:
    """Whether a view is shown to all by somebody who is not there any more."""
    return view.is_shared and not view.user.is_active
