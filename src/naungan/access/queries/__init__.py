"""What may be asked about people, roles and the audit chain; each question asks access first."""

from naungan.access.queries.chain import (
    AuditFilters,
    AuditLine,
    AuditPage,
    audit_lines,
    audit_page,
    verify_chain,
)
from naungan.access.queries.people import (
    PeopleFilters,
    PeoplePage,
    PersonLine,
    find_grant,
    find_person,
    find_recovery,
    find_team,
    organisation_of,
    people_page,
    possible_delegates,
    sessions_of,
    teams_of,
    teams_with_people,
)
from naungan.access.queries.roles import HeldRole, PermissionLine, RoleLine, policy_table, roles_of, what_role_may

__all__ = [
    "AuditFilters",
    "AuditLine",
    "AuditPage",
    "HeldRole",
    "PeopleFilters",
    "PeoplePage",
    "PermissionLine",
    "PersonLine",
    "RoleLine",
    "audit_lines",
    "audit_page",
    "find_grant",
    "find_person",
    "find_recovery",
    "find_team",
    "organisation_of",
    "people_page",
    "policy_table",
    "possible_delegates",
    "roles_of",
    "sessions_of",
    "teams_of",
    "teams_with_people",
    "verify_chain",
    "what_role_may",
]
