"""Who works on what, and who saw a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.models import AuditEntry, RoleGrant, User
from naungan.access.policy import Permission, Relation
from naungan.access.rules import require
from naungan.protection.cases.models import Case, CaseRelation
from naungan.vault.queries import open_reason

# Entries that mean somebody saw what a file says.
SEEING = ("case.read", "identity.reveal", "identity.found", "file.read", "export.case", "case.emergency")


@dataclass(frozen=True, slots=True)
class Caseload:
    """How much one colleague carries."""

    user: User
    open_cases: int
    late_deadlines: int
    oldest_touch: datetime | None
    can_work: bool = True


def caseloads(by: Actor) -> list[Caseload]:
    """The caseloads of the people in one's teams, or of the organisation for a coordinator."""
    from naungan.protection.cases.actions.people import WORKING_ROLES  # noqa: PLC0415 - actions import queries

    require(by, Permission.CASELOADS)
    teams = [team for grant in by.relations(Permission.CASELOADS).values() for team in grant]
    held = CaseRelation.objects.filter(
        kind=Relation.ASSIGNED.value, is_open=True, organisation_id=by.organisation_id, user__isnull=False
    )
    in_team = Q(is_active=True)
    if teams and None not in teams:
        own_teams = [team for team in teams if team is not None]
        members = RoleGrant.objects.filter(team_id__in=own_teams, revoked_at__isnull=True)
        in_team &= Q(pk__in=members.values("user_id"))
        theirs = CaseRelation.objects.filter(kind=Relation.TEAM.value, team_id__in=own_teams)
        held = held.filter(case_id__in=theirs.values("case_id"))
    # Whoever holds an open case is shown, with a role or without: no case stays with somebody whom nobody sees.
    people = User.objects.filter(in_team | Q(pk__in=held.values("user_id")), organisation_id=by.organisation_id)
    people = people.filter(is_program=False)
    late = Q(deadlines__done_at__isnull=True, deadlines__due_at__lt=clock.now())
    counted = {
        user_id: (cases, oldest)
        for user_id, cases, oldest in CaseRelation.objects.filter(
            kind=Relation.ASSIGNED.value, is_open=True, organisation_id=by.organisation_id, user__isnull=False
        )
        .values("user_id")
        .annotate(cases=Count("pk"), oldest=Min("touched_at"))
        .values_list("user_id", "cases", "oldest")
    }
    working = set(
        RoleGrant.objects.filter(
            user__organisation_id=by.organisation_id,
            user__is_active=True,
            revoked_at__isnull=True,
            role__in=[role.value for role in WORKING_ROLES],
        ).values_list("user_id", flat=True)
    )
    rows = people.distinct().annotate(late=Count("deadlines", filter=late, distinct=True)).order_by("display_name")
    return [
        Caseload(
            user=user,
            open_cases=counted.get(user.pk, (0, None))[0],
            late_deadlines=user.late,
            oldest_touch=counted.get(user.pk, (0, None))[1],
            can_work=user.pk in working,
        )
        for user in rows
        if user.pk in counted or user.pk in working
    ]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One line of the statement "who saw this file"."""

    at: datetime
    action: str
    organisation: str
    role: str
    reason: str
    person: str


def who_saw(by: Actor, case: Case, *, with_names: bool = False) -> list[Sighting]:
    """
    The statement for the person concerned: organisation, role, time and reason of everybody who saw the file.

    Staff names are shown only when a data protection officer decides so (`with_names`).
    """
    require(by, Permission.CASE_STATEMENT, case)
    if with_names:
        require(by, Permission.AUDIT_READ)
    entries = AuditEntry.objects.filter(ref=case.code, action__in=SEEING).select_related("organisation")
    found = list(entries.order_by("at", "number"))
    exports = _export_reasons(found)
    names = dict(User.objects.filter(ref__in={entry.actor for entry in found}).values_list("ref", "display_name"))
    with transaction.atomic():
        audit.append(
            by=by,
            organisation_id=by.organisation_id,
            action="case.statement",
            ref=case.code,
            details={"names": int(with_names), "lines": len(found)},
        )
    return [
        Sighting(
            at=entry.at,
            action=entry.action,
            organisation=entry.organisation.name,
            role=entry.role,
            reason=_reason(case, entry) or exports.get(str(entry.details.get("export", "")), ""),
            person=names.get(entry.actor, "") if with_names else "",
        )
        for entry in found
    ]


def audit_of_case(case: Case) -> list[AuditEntry]:
    """All entries of a case, oldest first; for the audit viewer, which has asked access."""
    return list(AuditEntry.objects.filter(ref=case.code).order_by("at", "number"))


def _export_reasons(entries: list[AuditEntry]) -> dict[str, str]:
    """The reason given for each export among the entries; it stands once, where the export was asked for."""
    refs = {str(entry.details["export"]) for entry in entries if "export" in entry.details}
    asked = AuditEntry.objects.filter(action="export.prepare", ref__in=refs) if refs else []
    return {entry.ref: audit.read_reason(entry) or "" for entry in asked}


def _reason(case: Case, entry: AuditEntry) -> str:
    code = str(entry.details.get("reason", ""))
    if entry.reason is None:
        return code
    words = audit.read_reason(entry)
    if words is None:
        words = open_reason(case.person.subject, bytes(entry.reason)) or ""
    return f"{code}: {words}" if code and words else code or words
