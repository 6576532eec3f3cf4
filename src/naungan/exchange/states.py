"""The state machine of an import batch, and the states of its rows, as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class State(StrEnum):
    """Where a batch stands."""

    STAGED = "staged"  # the file is kept, sealed; nothing of it is read yet
    MAPPING = "mapping"  # its columns were recognised and wait for a person's yes
    CHECKING = "checking"  # its rows are being read and checked
    CHECKED = "checked"  # every row is good or in quarantine; nothing is imported yet
    ACCEPTING = "accepting"  # good rows are becoming cases
    PARTLY_ACCEPTED = "partly_accepted"  # the good ones are cases, the rest waits in quarantine
    ACCEPTED = "accepted"  # nothing is left to do
    CLOSED = "closed"  # somebody ended it with rows left over
    UNDOING = "undoing"  # its cases are being destroyed
    UNDONE = "undone"  # nothing of it remains but this line
    FAILED = "failed"  # the file cannot be read


class Step(StrEnum):
    """What moves a batch."""

    PROPOSE = "propose"
    CHECK = "check"
    CHECKED = "checked"
    REMAP = "remap"
    ACCEPT = "accept"
    FINISH = "finish"
    FINISH_PARTLY = "finish_partly"
    CLOSE = "close"
    UNDO = "undo"
    UNDONE = "undone"
    KEEP = "keep"
    DISCARD = "discard"
    FAIL = "fail"


TRANSITIONS: Mapping[tuple[State, Step], State] = {
    (State.STAGED, Step.PROPOSE): State.MAPPING,
    (State.STAGED, Step.FAIL): State.FAILED,
    (State.STAGED, Step.DISCARD): State.UNDONE,
    (State.MAPPING, Step.CHECK): State.CHECKING,
    (State.MAPPING, Step.DISCARD): State.UNDONE,
    (State.CHECKING, Step.CHECKED): State.CHECKED,
    (State.CHECKING, Step.FAIL): State.FAILED,
    (State.CHECKING, Step.DISCARD): State.UNDONE,
    (State.CHECKED, Step.REMAP): State.MAPPING,
    (State.CHECKED, Step.ACCEPT): State.ACCEPTING,
    (State.CHECKED, Step.DISCARD): State.UNDONE,
    (State.ACCEPTING, Step.FINISH): State.ACCEPTED,
    (State.ACCEPTING, Step.FINISH_PARTLY): State.PARTLY_ACCEPTED,
    (State.PARTLY_ACCEPTED, Step.ACCEPT): State.ACCEPTING,
    (State.PARTLY_ACCEPTED, Step.CLOSE): State.CLOSED,
    (State.PARTLY_ACCEPTED, Step.UNDO): State.UNDOING,
    (State.ACCEPTED, Step.UNDO): State.UNDOING,
    (State.CLOSED, Step.UNDO): State.UNDOING,
    (State.UNDOING, Step.UNDONE): State.UNDONE,
    (State.UNDOING, Step.KEEP): State.CLOSED,
    (State.FAILED, Step.DISCARD): State.UNDONE,
}

# A task is at work; a page of the batch shows its progress.
RUNNING = frozenset({State.STAGED, State.CHECKING, State.ACCEPTING, State.UNDOING})
# The same file may come again after these.
GONE = frozenset({State.UNDONE, State.FAILED})
# Rows of the quarantine may be mended.
MENDING = frozenset({State.CHECKED, State.PARTLY_ACCEPTED})


class RowState(StrEnum):
    """Where a row stands."""

    GOOD = "good"
    QUARANTINED = "quarantined"
    ACCEPTED = "accepted"
    SKIPPED = "skipped"
    MATCHED = "matched"
    UNDONE = "undone"


# Rows that stand for something already in the organisation: the same row again is skipped.
IMPORTED = frozenset({RowState.ACCEPTED, RowState.MATCHED})


class Form(StrEnum):
    """The forms in which cases leave."""

    PLAIN = "template_plain"
    SINGLE = "template_single"
    MULTI = "template_multi"
    CSV = "csv"
    JSON = "json"


STATE_WORDS: Mapping[State, Promise] = {
    State.STAGED: _("Being read"),
    State.MAPPING: _("Waiting for you to confirm the columns"),
    State.CHECKING: _("Being checked"),
    State.CHECKED: _("Checked, nothing imported yet"),
    State.ACCEPTING: _("Being imported"),
    State.PARTLY_ACCEPTED: _("Partly imported"),
    State.ACCEPTED: _("Imported"),
    State.CLOSED: _("Closed, some rows left out"),
    State.UNDOING: _("Being undone"),
    State.UNDONE: _("Undone"),
    State.FAILED: _("Could not be read"),
}
ROW_WORDS: Mapping[RowState, Promise] = {
    RowState.GOOD: _("Ready"),
    RowState.QUARANTINED: _("In quarantine"),
    RowState.ACCEPTED: _("Imported"),
    RowState.SKIPPED: _("Skipped"),
    RowState.MATCHED: _("Added to an existing case"),
    RowState.UNDONE: _("Undone"),
}
FORM_WORDS: Mapping[Form, Promise] = {
    Form.PLAIN: _("HTCDS workbook, plain"),
    Form.SINGLE: _("HTCDS workbook, one choice per cell"),
    Form.MULTI: _("HTCDS workbook, several choices per cell"),
    Form.CSV: _("CSV by field names, without loss"),
    Form.JSON: _("JSON by field names, without loss"),
}
