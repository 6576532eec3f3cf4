"""What may be done with a case: one function an act, each asks access, writes the change and the audit entry."""

from naungan.protection.cases.actions.opening import CaseDraft, open_case, open_cases
from naungan.protection.cases.actions.moving import move_case
from naungan.protection.cases.actions.notes import add_attachment, add_note, remove_attachment
from naungan.protection.cases.actions.people import (
    assign_case,
    hand_over_caseload,
    lift_restriction,
    mark_conflict,
    open_emergency_access,
    restrict_case,
    share_case,
    unassign_case,
)
from naungan.protection.cases.actions.saving import remove_part, save_fields, save_part

__all__ = [
    "CaseDraft",
    "add_attachment",
    "add_note",
    "assign_case",
    "hand_over_caseload",
    "lift_restriction",
    "mark_conflict",
    "move_case",
    "open_case",
    "open_cases",
    "open_emergency_access",
    "remove_attachment",
    "remove_part",
    "restrict_case",
    "save_fields",
    "save_part",
    "share_case",
    "unassign_case",
]
