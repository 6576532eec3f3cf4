"""Puts together what the pages of imports and exports draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from naungan.access.actor import Actor
from naungan.access.policy import Permission
from naungan.access.rules import may
from naungan.exchange import forms, places
from naungan.exchange.actions.stalling import is_stalled
from naungan.exchange.actions.undoing import may_undo
from naungan.exchange.content import RowContent, field_of
from naungan.exchange.files import SheetMapping, mapping_of
from naungan.exchange.formats import Column
from naungan.exchange.models import Export, ImportBatch, ImportRow
from naungan.exchange.queries.batches import file_name, rows_in
from naungan.exchange.states import (
    FORM_WORDS,
    MENDING,
    ROW_WORDS,
    RUNNING,
    STATE_WORDS,
    Form,
    RowState,
    State,
)
from naungan.protection.cases import forms as case_forms
from naungan.protection.cases.models import Case
from naungan.protection.cases.narrowing import narrowed_words, query_of
from naungan.standards import htcds
from naungan.standards.checks import MESSAGES, Problem, render

DISK_FULL = gettext_lazy(
    "There is no room left on this installation. Nothing of the file was kept and nothing was changed. "
    "Tell whoever runs it, and bring the file in again afterwards."
)
FAILURES: Mapping[str, object] = {
    "disk_full": gettext_lazy(
        "There is no room left on this installation. What was done before stays done, and no row is lost. "
        "Go on when there is room."
    ),
    "stopped": gettext_lazy("The work stopped. What was done before stays done, and no row is lost. You can go on."),
    "not_allowed": gettext_lazy("The role of whoever started this no longer allows it. Somebody else can go on."),
    "marked_workbook": gettext_lazy(
        "This is a workbook of rows to be mended. Return it on the page of the import that it came from."
    ),
}
PILLS: Mapping[State, str] = {
    State.ACCEPTED: "done",
    State.PARTLY_ACCEPTED: "warning",
    State.MAPPING: "warning",
    State.CHECKED: "warning",
    State.FAILED: "danger",
    State.CLOSED: "outline",
    State.UNDONE: "outline",
}
KIND_WORDS: Mapping[str, object] = {
    "template_plain": gettext_lazy("HTCDS workbook, plain"),
    "template_single": gettext_lazy("HTCDS workbook, one choice per cell"),
    "template_multi": gettext_lazy("HTCDS workbook, several choices per cell"),
    "csv_api": gettext_lazy("CSV by field names"),
    "json_api": gettext_lazy("JSON by field names"),
    "survey_csv": gettext_lazy("Survey answers, CSV"),
    "survey_json": gettext_lazy("Survey answers, JSON"),
}
READING_WORDS: Mapping[str, object] = {
    "trust_hidden_names": gettext_lazy("Follow the hidden field names instead of the visible headings"),
}
TABS = (RowState.QUARANTINED, RowState.GOOD, RowState.ACCEPTED, RowState.MATCHED, RowState.SKIPPED)


def list_context(batches: Sequence[ImportBatch]) -> dict[str, object]:
    """The table of files."""
    columns = [
        {"label": _("Brought in")},
        {"label": _("By")},
        {"label": _("Kind")},
        {"label": _("State")},
        {"label": _("Rows"), "number": True},
        {"label": _("Imported"), "number": True},
        {"label": _("In quarantine"), "number": True},
    ]
    return {"columns": columns, "rows": [_list_row(batch) for batch in batches]}


def _list_row(batch: ImportBatch) -> dict[str, object]:
    counts = batch.counts
    cells = [
        _moment(batch),
        batch.created_by.display_name,
        KIND_WORDS.get(batch.kind, ""),
        STATE_WORDS[State(batch.state)],
        sum(counts.values()),
        counts.get("accepted", 0) + counts.get("matched", 0),
        counts.get("quarantined", 0),
    ]
    return {"key": batch.ref, "url": reverse("import_batch", kwargs={"ref": batch.ref}), "cells": cells}


def start_context(form: forms.StartForm) -> dict[str, object]:
    """The page that asks for a file."""
    errors = form.errors.get("file")
    return {
        "form": form,
        "steps": steps(None),
        "most_mb": settings.UPLOAD_MOST_BYTES // 1_000_000,
        "file_error": errors[0] if errors else "",
    }


def steps(batch: ImportBatch | None) -> list[dict[str, str]]:
    """The four steps of the wizard, and where the batch stands among them."""
    names = [_("Choose a file"), _("Confirm the columns"), _("Look at the rows"), _("Import")]
    at = {None: 0, State.STAGED: 1, State.FAILED: 0, State.MAPPING: 1, State.CHECKING: 2, State.CHECKED: 2}
    here = at.get(State(batch.state) if batch else None, 3)
    is_over = batch is not None and State(batch.state) in (State.ACCEPTED, State.CLOSED, State.UNDONE)
    return [
        {"label": name, "state": "done" if place < here or is_over else "current" if place == here else "todo"}
        for place, name in enumerate(names)
    ]


def batch_context(by: Actor, batch: ImportBatch, *, page: QueryDict) -> dict[str, object]:
    """One file: state, numbers, rows and what can be done next."""
    state, counts = State(batch.state), batch.counts
    chosen = _tab(page.get("rows", ""), counts)
    after = page.get("after", "")
    rows = rows_in(by, batch, chosen, after=int(after) if after.isdecimal() else 0)
    return {
        "batch": batch,
        "title": file_name(batch) or _("Import of %(day)s") % {"day": _moment(batch)},
        "steps": steps(batch),
        "state_word": STATE_WORDS[state],
        "tone": PILLS.get(state, ""),
        "kind_word": KIND_WORDS.get(batch.kind, ""),
        "running": state in RUNNING and not batch.failure,
        "stalled": is_stalled(batch),
        "failure": failure_words(batch),
        "progress": _progress(batch),
        "notes": [problem_line(places.of_file(kept, places.sheet_names(batch))) for kept in batch.problems],
        "stats": [_stat(batch, row_state) for row_state in TABS if counts.get(row_state.value)],
        "tab": chosen.value,
        "tab_word": ROW_WORDS[chosen],
        "rows": [_row_line(by, batch, row, rows.problems[row.pk]) for row in rows.rows],
        "next_url": f"?rows={chosen.value}&after={rows.after}" if rows.after else "",
        "may_mend": state in MENDING,
        "good": counts.get("good", 0),
        "waiting": counts.get("quarantined", 0),
        "known": counts.get("skipped", 0) if state in MENDING else 0,
        "may_accept": state in (State.CHECKED, State.PARTLY_ACCEPTED) and bool(counts.get("good")),
        "may_remap": state is State.CHECKED and batch.raw_destroyed_at is None,
        "may_close": state is State.PARTLY_ACCEPTED,
        "may_undo": has_cases(batch) and state not in RUNNING and bool(counts.get("accepted")) and may_undo(batch),
        "may_discard": not has_cases(batch) and state in (State.CHECKED, State.MAPPING, State.CHECKING),
        "cases_url": f"{reverse('case_list')}?batch={batch.ref}",
    }


def has_cases(batch: ImportBatch) -> bool:
    """Whether rows of the batch became cases."""
    return State(batch.state) not in (State.STAGED, State.MAPPING, State.CHECKING, State.CHECKED, State.FAILED)


def failure_words(batch: ImportBatch) -> str:
    """Why a batch failed or stands still, and what to do."""
    if not batch.failure:
        return ""
    if batch.failure in FAILURES:
        return str(FAILURES[batch.failure])
    known = batch.failure in MESSAGES
    return forms.words(Problem.of(batch.failure, batch.failure_params)) if known else str(FAILURES["stopped"])


def may_see(by: Actor, batch: ImportBatch) -> bool:
    """Whether the page of a batch is open to this person."""
    return may(by, Permission.IMPORT, batch)


def when_and_who(batch: ImportBatch) -> tuple[str, str]:
    """When a file came and who brought it."""
    return _moment(batch), batch.created_by.display_name


def _moment(batch: ImportBatch) -> str:
    return date_format(timezone.localtime(batch.created_at), "j F Y, H:i")


def _progress(batch: ImportBatch) -> dict[str, object]:
    label = {
        State.STAGED: _("Reading the file"),
        State.CHECKING: _("Checking the rows"),
        State.ACCEPTING: _("Opening cases"),
        State.UNDOING: _("Undoing the import"),
    }.get(State(batch.state), "")
    done = ngettext("%(count)d row so far", "%(count)d rows so far", batch.done) % {"count": batch.done}
    if batch.total:
        done = _("%(done)d of %(total)d rows") % {"done": batch.done, "total": batch.total}
    return {"label": label, "value": batch.done if batch.total else None, "most": batch.total or None, "detail": done}


def _tab(asked: str, counts: Mapping[str, int]) -> RowState:
    if asked in {state.value for state in TABS}:
        return RowState(asked)
    return next((state for state in TABS if counts.get(state.value)), RowState.QUARANTINED)


def _stat(batch: ImportBatch, state: RowState) -> dict[str, object]:
    tones = {RowState.QUARANTINED: "warning", RowState.ACCEPTED: "accent"}
    return {
        "label": ROW_WORDS[state],
        "value": batch.counts[state.value],
        "tone": tones.get(state, ""),
        "url": f"?rows={state.value}#rows",
    }


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem as the pages and the report say it: place, what is wrong, the fix; never the value."""

    severity: str
    sheet: str
    row: int | None
    column: str
    field: str
    message: str
    fix: str


def problem_line(problem: Problem) -> ProblemLine:
    """Say a problem in the present language."""
    message, fix = render(problem, get_language() or "id")
    label = _label(problem.field or "")
    return ProblemLine(problem.severity, problem.sheet or "", problem.row, problem.column or "", label, message, fix)


def _row_line(by: Actor, batch: ImportBatch, row: ImportRow, problems: Sequence[Problem]) -> dict[str, object]:
    is_known = _is_known(row)
    return {
        "row": row,
        "number": row.number,
        "url": reverse("import_row", kwargs={"ref": batch.ref, "row": row.pk}) if row.sealed is not None else "",
        "case": _case_of(by, row),
        "sheet": problems[0].sheet if problems else "",
        "is_known": is_known,
        "candidates": len(row.candidates) if not row.decided else 0,
        "problems": [problem_line(each) for each in problems if each.severity != "note" and not is_known],
    }


def _is_known(row: ImportRow) -> bool:
    """Whether a row was left out because it was imported before, and not by a person."""
    return row.state == RowState.SKIPPED.value and (row.case_id is not None or row.sealed is None)


def _case_of(by: Actor, row: ImportRow) -> str:
    """The code of the case that a row became; of one imported before, only where it may be seen."""
    if row.case is None or (_is_known(row) and not may(by, Permission.CASE_LIST, row.case)):
        return ""
    return row.case.code


def sheets_of(batch: ImportBatch) -> list[SheetMapping]:
    """What the columns of a batch mean."""
    return mapping_of(batch)


def map_context(
    batch: ImportBatch, sheets: Sequence[SheetMapping], *, problems: Sequence[Problem], sent: Mapping[str, object]
) -> dict[str, object]:
    """The page of the columns."""
    return {
        "batch": batch,
        "title": file_name(batch) or _("Import of %(day)s") % {"day": _moment(batch)},
        "steps": steps(batch),
        "kind_word": KIND_WORDS.get(batch.kind, ""),
        "sheets": [_sheet(number, sheet, sent) for number, sheet in enumerate(sheets)],
        "several": len(sheets) > 1,
        "options": forms.field_options(batch.organisation_id),
        "problems": [problem_line(problem) for problem in problems],
        "notes": [problem_line(places.of_file(kept, [])) for kept in batch.problems],
    }


def _sheet(number: int, sheet: SheetMapping, sent: Mapping[str, object]) -> dict[str, object]:
    mapping = sheet.mapping
    recognised = [column for column in mapping.columns if column.api_name]
    other = [column for column in mapping.columns if column.rule == "unknown"]
    rest = [column for column in mapping.columns if not column.api_name and column.rule != "unknown"]
    return {
        "number": number,
        "name": sheet.name,
        "wanted": sheet.is_wanted,
        "notes": [problem_line(note) for note in mapping.notes],
        "readings": [(each.code, READING_WORDS.get(each.code, each.code)) for each in mapping.alternatives],
        "reading": sent.get(f"reading-{number}", ""),
        "recognised": len(recognised),
        "unknown": len(other),
        "columns": [_column(number, column, sent) for column in [*other, *recognised]],
        "left_out": [column.heading or column.letter for column in rest if column.heading],
    }


def _column(number: int, column: Column, sent: Mapping[str, object]) -> dict[str, object]:
    key = f"column-{number}-{column.letter}"
    return {
        "key": key,
        "letter": column.letter,
        "heading": column.heading or column.name,
        "value": sent.get(key, column.api_name or ""),
        "is_choice": column.choice is not None,
        "is_unknown": column.rule == "unknown",
        "field": _label(column.api_name or ""),
    }


def row_context(
    by: Actor,
    batch: ImportBatch,
    row: ImportRow,
    content: RowContent,
    *,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, list[str]] | None = None,
) -> dict[str, object]:
    """One waiting row as a form: first the fields with problems, then the rest."""
    names = places.sheet_names(batch)
    found = [places.of_row(row, kept, names) for kept in row.problems]
    shown = [*problems, *(p for p in found if p.severity != "note" and not (typed and p.field in typed))]
    suggested = [_suggesting(problem, content) for problem in shown]
    kept = {field_of(name): word for name, word in {**content.kept, **content.refused}.items()}
    values = content.flat_values()
    asked = [problem.field or "" for problem in suggested]
    first = [name for name in dict.fromkeys([*asked, *kept]) if name in htcds.FIELDS]
    rest = [name for name in htcds.FIELDS if name not in first and not name.startswith("org_")]
    unknown = {name: word for name, word in kept.items() if htcds.choices(name)}
    texts = {name: [word] for name, word in kept.items() if not htcds.choices(name)} | dict(typed or {})
    organisation = batch.organisation_id
    custom = {code: value for code, (_kind, value) in content.custom.items()}
    unplaced = [p for p in suggested if p.field not in htcds.FIELDS and not (p.field or "").startswith("x:")]
    return {
        "batch": batch,
        "row": row,
        "sheet": names[row.sheet] if row.sheet < len(names) else "",
        "first": case_forms.build(
            first, values, organisation_id=organisation, problems=suggested, typed=texts, raw=unknown
        ),
        "rest": case_forms.build(rest, values, organisation_id=organisation, problems=suggested, typed=texts),
        "own": case_forms.build_own(organisation, custom, problems=suggested, typed=typed),
        "unplaced": [problem_line(problem) for problem in unplaced],
        "refused": [problem_line(problem) for problem in problems],
        "candidates": _candidates(by, row),
        "is_skipped": row.state == RowState.SKIPPED.value,
        "is_known": _is_known(row),
        "known_as": _case_of(by, row),
        "others": _unrecognised(batch, row, content),
    }


def _suggesting(problem: Problem, content: RowContent) -> Problem:
    # As an error, since the form draws no other kind beside a field.
    suggestion = problem.suggestion or content.suggestions.get(problem.field or "")
    return replace(problem, severity="error", suggestion=suggestion)


def _unrecognised(batch: ImportBatch, row: ImportRow, content: RowContent) -> list[tuple[str, str]]:
    sheets = mapping_of(batch)
    if row.sheet >= len(sheets):
        return list(content.cells.items())
    mapping = sheets[row.sheet].mapping
    headings = {column.letter: column.heading or column.letter for column in mapping.columns}
    return [(headings.get(c, c), text) for c, text in content.cells.items() if c not in mapping.fields]


def _candidates(by: Actor, row: ImportRow) -> list[dict[str, object]]:
    if row.decided:
        return []
    cases = {case.code: case for case in Case.objects.filter(code__in=row.candidates)}
    return [
        {
            "code": code,
            "url": reverse("case_page", kwargs={"code": code}),
            "opened_on": cases[code].opened_on,
            "may_match": may(by, Permission.CASE_WRITE, cases[code]),
        }
        for code in row.candidates
        if code in cases and may(by, Permission.CASE_LIST, cases[code])
    ]


def export_context(by: Actor, form: forms.ExportForm, *, nothing: bool = False) -> dict[str, object]:
    """The page that asks what leaves and why."""
    query = form.list_query()
    return {
        "codes": form.chosen_codes(),
        "narrowed": narrowed_words(query, by) if query is not None else [],
        "form": form,
        "nothing": nothing,
        "may_identity": bool(by.relations(Permission.EXPORT_IDENTITY)),
    }


def prepared_context(by: Actor, export: Export) -> dict[str, object]:
    """An export before its download: how many cases, and what its form cannot hold."""
    parts, codes = export.losses.get("parts", {}), export.choice.get("codes")
    return {
        "export": export,
        "form_word": FORM_WORDS[Form(export.form)],
        "losses": [
            {"label": PART_WORDS.get(name) or _label(name), "count": count}
            for name, count in sorted(parts.items(), key=lambda pair: -pair[1])
        ],
        "lossy": export.losses.get("records", 0),
        "progress": {"value": export.done, "most": export.case_count},
        "chosen": _chosen(by, export),
        "left_out": max(0, len(codes) - export.case_count) if isinstance(codes, list) else 0,
    }


PART_WORDS: Mapping[str, object] = {
    "hte": gettext_lazy("Events"),
    "per": gettext_lazy("Perpetrators"),
    "spl": gettext_lazy("Support plans"),
    "cco": gettext_lazy("Comments"),
    "custom": gettext_lazy("Own fields"),
    "words": gettext_lazy("Words that the lists do not know"),
}


def _label(name: str) -> str:
    return case_forms.label_of(name) if name in htcds.FIELDS else name


def _chosen(by: Actor, export: Export) -> list[dict[str, object]]:
    choice = export.choice
    days = {
        "opened_from": _("Opened from"),
        "opened_until": _("Opened until"),
    }
    facts: list[dict[str, object]] = [
        {"label": label, "value": date_format(date.fromisoformat(str(choice[name])), "j F Y")}
        for name, label in days.items()
        if choice.get(name)
    ]
    if isinstance(choice.get("query"), dict):
        words = narrowed_words(query_of(choice["query"]), by)
        facts.append({"label": _("Narrowed to"), "value": "; ".join(words)})
    identity = _("With names and other identity") if export.with_identity else _("Without identity and free text")
    return [
        {"label": _("Form"), "value": FORM_WORDS[Form(export.form)]},
        {"label": _("Cases"), "value": export.case_count},
        {"label": _("Identity"), "value": identity},
        *facts,
    ]
