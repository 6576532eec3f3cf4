"""
The whole of who may do what: one table of role, permission and relation.

A relation is what a person, their team or their organisation is to a record. A role gives a
permission only through the relations named beside it. What is not in the table is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Relation(StrEnum):
    """What one is to a record."""

    ASSIGNED = "assigned"  # the person does the work
    OWN_INTAKE = "own_intake"  # the person took it in
    TEAM = "team"  # the person's team holds it
    HOLDER = "holder"  # the person's organisation holds it
    RECEIVER = "receiver"  # the organisation accepted a referral: the consented parts, until a day
    PARTY = "party"  # the organisation is a party to a proceeding
    NAMED = "named"  # the person is named on a restricted case
    EMERGENCY = "emergency"  # one hour, with a reason, reviewed afterwards
    OWN = "own"  # the record belongs to the person's organisation (users, batches, settings)


class Permission(StrEnum):
    """What may be done."""

    CASE_LIST = "case.list"
    CASE_READ = "case.read"
    CASE_OPEN = "case.open"
    CASE_WRITE = "case.write"
    CASE_MOVE = "case.move"
    CASE_CLOSE = "case.close"
    CASE_ASSIGN = "case.assign"
    CASE_SHARE = "case.share"
    CASE_RESTRICT = "case.restrict"
    CASE_STATEMENT = "case.statement"
    CASE_EMERGENCY = "case.emergency"
    IDENTITY_SEARCH = "identity.search"
    IDENTITY_REVEAL = "identity.reveal"
    IDENTITY_ERASE = "identity.erase"
    IMPORT = "import"
    EXPORT = "export"
    EXPORT_IDENTITY = "export.identity"
    CASELOADS = "caseloads"
    VIEW_MANAGE = "view.manage"
    ORGANISATION_MANAGE = "organisation.manage"
    USER_MANAGE = "user.manage"
    FIELD_MANAGE = "field.manage"
    TOKEN_MANAGE = "token.manage"  # noqa: S105 - a permission's name
    AUDIT_READ = "audit.read"


class Role(StrEnum):
    """What a person does in their organisation (domain reference, section 2)."""

    INTAKE = "intake"
    CASEWORKER = "caseworker"
    SCREENING = "screening"
    SUPERVISOR = "supervisor"
    PROVIDER = "provider"
    LIAISON = "liaison"
    LEGAL = "legal"
    PANEL = "panel"
    CAMPAIGN = "campaign"
    TRAINER = "trainer"
    ADVISER = "adviser"
    SECRETARIAT = "secretariat"
    FOCAL_POINT = "focal_point"
    COORDINATOR = "coordinator"
    ANALYST = "analyst"
    LINKAGE = "linkage"
    OBSERVER = "observer"
    PROTECTION_OFFICER = "data_protection"
    ADMINISTRATOR = "administrator"
    INTEGRATION = "integration"


ROLE_WORDS: Mapping[Role, tuple[object, object]] = {
    Role.INTAKE: (_("Intake officer"), _("Answers calls and visits, opens cases, keeps sight of the own intakes.")),
    Role.CASEWORKER: (_("Case manager"), _("Accompanies people: the own caseload, with identities.")),
    Role.SCREENING: (_("Screening officer"), _("Interviews and decides on cases assigned for that.")),
    Role.SUPERVISOR: (_("Supervisor"), _("Answers for a team's caseload: assigns, approves, closes.")),
    Role.PROVIDER: (_("Service provider"), _("Sees only what an accepted referral hands over.")),
    Role.LIAISON: (_("Investigator or prosecutor liaison"), _("Sees only what consent or law lets through.")),
    Role.LEGAL: (_("Legal officer"), _("Works on cases assigned for legal aid, protection or restitution.")),
    Role.PANEL: (_("Guardian or best-interest panel"), _("Works on the cases of children assigned to the panel.")),
    Role.CAMPAIGN: (_("Campaign officer"), _("Plans prevention; sees no case.")),
    Role.TRAINER: (_("Trainer"), _("Gives courses; sees no case.")),
    Role.ADVISER: (_("Private-sector adviser"), _("Advises companies; sees no case.")),
    Role.SECRETARIAT: (_("Task-force secretariat"), _("Coordinates the response; sees totals only.")),
    Role.FOCAL_POINT: (_("Member-state focal point"), _("Exchanges official requests; sees no case.")),
    Role.COORDINATOR: (_("Coordinator"), _("Sees code and status of all the organisation's cases; hands them over.")),
    Role.ANALYST: (_("Analyst"), _("Works with pseudonymous snapshots and totals; sees no case.")),
    Role.LINKAGE: (_("Linkage officer"), _("Reviews possible duplicates; sees no other part of a case.")),
    Role.OBSERVER: (_("Observer"), _("Reads the organisation's cases without identities; changes nothing.")),
    Role.PROTECTION_OFFICER: (
        _("Data protection officer"),
        _("Sees who did what, answers requests, decides on erasure; content only with a reason."),
    ),
    Role.ADMINISTRATOR: (_("Administrator"), _("Manages accounts, roles and fields; sees no case.")),
    Role.INTEGRATION: (_("Integration"), _("A program with a token; what its scopes say, no more.")),
}

_P, _R = Permission, Relation
_CONTENT = (_P.CASE_LIST, _P.CASE_READ, _P.CASE_WRITE, _P.CASE_MOVE, _P.IDENTITY_REVEAL, _P.IDENTITY_SEARCH)


def _each(permissions: tuple[Permission, ...], *relations: Relation) -> dict[Permission, frozenset[Relation]]:
    return {permission: frozenset(relations) for permission in permissions}


POLICY: Mapping[Role, Mapping[Permission, frozenset[Relation]]] = {
    Role.INTAKE: {
        **_each(_CONTENT, _R.OWN_INTAKE, _R.ASSIGNED, _R.NAMED, _R.EMERGENCY),
        **_each((_P.CASE_OPEN, _P.CASE_EMERGENCY), _R.OWN),
    },
    Role.CASEWORKER: {
        **_each(_CONTENT, _R.ASSIGNED, _R.OWN_INTAKE, _R.NAMED, _R.EMERGENCY),
        _P.CASE_LIST: frozenset({_R.ASSIGNED, _R.OWN_INTAKE, _R.NAMED, _R.EMERGENCY, _R.TEAM}),
        **_each((_P.CASE_CLOSE, _P.EXPORT, _P.EXPORT_IDENTITY), _R.ASSIGNED, _R.OWN_INTAKE),
        **_each((_P.CASE_OPEN, _P.IMPORT, _P.CASE_EMERGENCY), _R.OWN),
    },
    Role.SCREENING: {
        **_each(_CONTENT, _R.ASSIGNED, _R.NAMED, _R.EMERGENCY),
        **_each((_P.CASE_EMERGENCY,), _R.OWN),
    },
    Role.SUPERVISOR: {
        **_each(_CONTENT, _R.TEAM, _R.ASSIGNED, _R.OWN_INTAKE, _R.NAMED, _R.EMERGENCY),
        **_each((_P.CASE_CLOSE, _P.CASE_ASSIGN, _P.CASE_SHARE, _P.CASE_RESTRICT), _R.TEAM, _R.ASSIGNED, _R.NAMED),
        **_each((_P.CASE_STATEMENT, _P.EXPORT, _P.EXPORT_IDENTITY), _R.TEAM, _R.ASSIGNED, _R.NAMED),
        **_each((_P.CASE_OPEN, _P.IMPORT, _P.CASELOADS, _P.VIEW_MANAGE, _P.CASE_EMERGENCY), _R.OWN),
    },
    Role.PROVIDER: _each((_P.CASE_LIST, _P.CASE_READ), _R.RECEIVER),
    Role.LIAISON: _each((_P.CASE_LIST, _P.CASE_READ), _R.RECEIVER, _R.PARTY),
    Role.LEGAL: _each(_CONTENT, _R.ASSIGNED, _R.NAMED),
    Role.PANEL: _each((_P.CASE_LIST, _P.CASE_READ), _R.ASSIGNED, _R.NAMED),
    Role.CAMPAIGN: {},
    Role.TRAINER: {},
    Role.ADVISER: {},
    Role.SECRETARIAT: {},
    Role.FOCAL_POINT: {},
    Role.COORDINATOR: {
        **_each((_P.CASE_LIST, _P.CASE_ASSIGN), _R.HOLDER),
        **_each((_P.CASELOADS, _P.VIEW_MANAGE), _R.OWN),
    },
    Role.ANALYST: {},
    Role.LINKAGE: {},
    Role.OBSERVER: _each((_P.CASE_LIST, _P.CASE_READ), _R.HOLDER),
    Role.PROTECTION_OFFICER: {
        **_each((_P.CASE_LIST, _P.CASE_STATEMENT, _P.IDENTITY_ERASE), _R.HOLDER),
        **_each((_P.CASE_READ, _P.IDENTITY_REVEAL), _R.EMERGENCY),
        **_each((_P.AUDIT_READ, _P.CASE_EMERGENCY), _R.OWN),
    },
    Role.ADMINISTRATOR: _each((_P.ORGANISATION_MANAGE, _P.USER_MANAGE, _P.FIELD_MANAGE, _P.TOKEN_MANAGE), _R.OWN),
    Role.INTEGRATION: {
        **_each((_P.CASE_LIST, _P.CASE_READ, _P.CASE_WRITE, _P.CASE_MOVE, _P.IDENTITY_REVEAL), _R.HOLDER),
        **_each((_P.EXPORT, _P.EXPORT_IDENTITY), _R.HOLDER),
        **_each((_P.CASE_OPEN, _P.IMPORT), _R.OWN),
    },
}

# Relations that a restricted case does not honour: only its named people keep their access.
CLOSED_BY_RESTRICTION = frozenset({_R.TEAM, _R.HOLDER, _R.ASSIGNED, _R.OWN_INTAKE})

# Roles that show who somebody is: outside the demonstration they cannot be used without a second factor.
REVEALING_ROLES = frozenset(
    role for role, row in POLICY.items() if _P.IDENTITY_REVEAL in row and role is not Role.INTEGRATION
)

# How fresh the second factor must be (design, section 5).
FRESH_FOR: Mapping[Permission, timedelta] = {
    _P.IDENTITY_REVEAL: timedelta(hours=12),
    _P.IDENTITY_SEARCH: timedelta(hours=12),
    _P.EXPORT_IDENTITY: timedelta(minutes=10),
    _P.EXPORT: timedelta(minutes=10),
    _P.IDENTITY_ERASE: timedelta(minutes=10),
    _P.CASE_EMERGENCY: timedelta(minutes=10),
    _P.TOKEN_MANAGE: timedelta(minutes=10),
    _P.USER_MANAGE: timedelta(hours=12),
}

# What a shared or received case never gives, whatever the role.
PART_FREE = frozenset({_P.CASE_LIST, _P.CASE_READ})

EMERGENCY_LASTS = timedelta(hours=1)
