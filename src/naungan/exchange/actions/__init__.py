"""What may be done with imports and exports; each act asks access, writes the change and the audit entry."""

from naungan.exchange.actions.accepting import accept_good
from naungan.exchange.actions.closing import close_batch, discard_batch, forget_due_files
from naungan.exchange.actions.exporting import Download, download, find_export, start_export
from naungan.exchange.actions.mapping import SheetChoice, confirm_mapping, reopen_mapping
from naungan.exchange.actions.mending import bring_back, create_anyway, match_row, mend_row, skip_row
from naungan.exchange.actions.returning import Returned, marked_workbook, return_workbook
from naungan.exchange.actions.staging import Staged, stage_file
from naungan.exchange.actions.stalling import resume, resume_stalled
from naungan.exchange.actions.undoing import undo_batch

# What a button of a batch's page asks for, beside importing and undoing.
STEPS = {"resume": resume, "close": close_batch, "remap": reopen_mapping}

__all__ = [
    "STEPS",
    "Download",
    "Returned",
    "SheetChoice",
    "Staged",
    "accept_good",
    "bring_back",
    "close_batch",
    "confirm_mapping",
    "create_anyway",
    "discard_batch",
    "download",
    "find_export",
    "forget_due_files",
    "marked_workbook",
    "match_row",
    "mend_row",
    "reopen_mapping",
    "resume",
    "resume_stalled",
    "return_workbook",
    "skip_row",
    "stage_file",
    "start_export",
    "undo_batch",
]
