"""What may be done with a case: one function an act, each asks access, writes the change and the audit entry."""

from naungan.protection.cases.actions.desk import (
    Assignment,
    assign_cases,
    assignable,
    finish_deadline,
    is_left,
    remove_view,
    rename_view,
    save_view,
    set_deadline,
    share_cases,
    undo_assignments,
)
from naungan.protection.cases.actions.erasing import destroy_cases, erase_person, hold_person, lift_hold
from naungan.protection.cases.actions.moving import move_case
from naungan.protection.cases.actions.notes import add_attachment, add_line, add_note, remove_attachment
from naungan.protection.cases.actions.opening import CaseDraft, open_case, open_cases
from naungan.protection.cases.actions.own_fields import add_choice, add_field, change_field, end_choice
from naungan.protection.cases.actions.people import (
    assign_case,
    hand_over_caseload,
    lift_conflict,
    lift_restriction,
    mark_conflict,
    open_emergency_access,
    restrict_case,
    share_case,
    unassign_case,
    unshare_case,
    watchers_of,
)
from naungan.protection.cases.actions.saving import lock, remove_part, save_fields, save_part

__all__ = [
    "Assignment",
    "CaseDraft",
    "add_attachment",
    "add_choice",
    "add_field",
    "add_line",
    "add_note",
    "assign_case",
    "assign_cases",
    "assignable",
    "change_field",
    "destroy_cases",
    "end_choice",
    "erase_person",
    "finish_deadline",
    "hand_over_caseload",
    "hold_person",
    "is_left",
    "lift_conflict",
    "lift_hold",
    "lift_restriction",
    "lock",
    "mark_conflict",
    "move_case",
    "open_case",
    "open_cases",
    "open_emergency_access",
    "remove_attachment",
    "remove_part",
    "remove_view",
    "rename_view",
    "restrict_case",
    "save_fields",
    "save_part",
    "save_view",
    "set_deadline",
    "share_case",
    "share_cases",
    "unassign_case",
    "undo_assignments",
    "unshare_case",
    "watchers_of",
]
