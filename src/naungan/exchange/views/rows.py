"""Single rows of an import, the workbook of rows to be mended, and the report."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from naungan.access.requests import actor_of
from naungan.exchange import actions, forms, pages
from naungan.exchange.content import RowContent
from naungan.exchange.errors import FileRefused, RowRefused, StepNotAllowed
from naungan.exchange.formats.shielding import shield
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.queries.batches import find_batch, find_row, problems_of, read_row
from naungan.exchange.uploads import InMemoryOnly
from naungan.protection.cases import forms as case_forms
from naungan.protection.cases.values import custom_fields
from naungan.standards import htcds

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REPORT_SHOWN = 500


@require_http_methods(["GET", "POST"])
def import_row(request: HttpRequest, ref: str, row: int) -> HttpResponse:
    """A waiting row: mend it, leave it out, or say whom it is about."""
    by = actor_of(request)
    batch = find_batch(by, ref)
    found = find_row(by, batch, row)
    if request.method == "POST":
        return _decide(request, batch, found)
    content = read_row(by, batch, found)
    return render(request, "exchange/row.html", pages.row_context(by, batch, found, content))


def _decide(request: HttpRequest, batch: ImportBatch, row: ImportRow) -> HttpResponse:
    by, what = actor_of(request), request.POST.get("what", "mend")
    try:
        if what == "skip":
            actions.skip_row(by=by, batch=batch, row=row)
        elif what == "back":
            actions.bring_back(by=by, batch=batch, row=row)
        elif what == "create":
            actions.create_anyway(by=by, batch=batch, row=row)
        elif what == "match":
            actions.match_row(by=by, batch=batch, row=row, code=request.POST.get("code", ""))
        else:
            return _mend(request, batch, row)
    except StepNotAllowed:
        messages.error(request, _("That is not possible any more; this is how the import stands now."))
    return redirect("import_batch", ref=batch.ref)


def _mend(request: HttpRequest, batch: ImportBatch, row: ImportRow) -> HttpResponse:
    by = actor_of(request)
    values, problems, typed = case_forms.read(request.POST, htcds.FIELDS, by.organisation_id)
    own, own_problems, own_typed = case_forms.read_own(request.POST, by.organisation_id)
    kinds = {code: each.kind for code, each in custom_fields(by.organisation_id).items()}
    custom = {code: (kinds[code], value) for code, value in own.items()}
    try:
        actions.mend_row(
            by=by,
            batch=batch,
            row=row,
            values=values,
            custom=custom,
            words=forms.typed_words(values, typed),
            problems=[*problems, *own_problems],
        )
    except RowRefused as error:
        content: RowContent = read_row(by, batch, row)
        context = pages.row_context(by, batch, row, content, problems=error.problems, typed={**typed, **own_typed})
        return render(request, "exchange/row.html", context, status=422)
    messages.success(request, _("Row %(row)d is ready to be imported.") % {"row": row.number})
    return redirect("import_batch", ref=batch.ref)


@require_GET
def import_marked(request: HttpRequest, ref: str) -> HttpResponse:
    """The rows in quarantine as a workbook with marked cells."""
    by = actor_of(request)
    batch = find_batch(by, ref)
    content = actions.marked_workbook(by=by, batch=batch, language=get_language() or "id")
    response = HttpResponse(content, content_type=WORKBOOK)
    response.headers["Content-Disposition"] = f'attachment; filename="naungan-{batch.ref[:6].lower()}-rows.xlsx"'
    return response


@csrf_exempt
def import_return(request: HttpRequest, ref: str) -> HttpResponse:
    """Bring the mended workbook back."""
    # Set before anything reads the form; the check against forged requests follows in the inner view.
    request.upload_handlers = [InMemoryOnly(request)]
    return _return(request, ref)


@csrf_protect
@require_POST
def _return(request: HttpRequest, ref: str) -> HttpResponse:
    by = actor_of(request)
    batch = find_batch(by, ref)
    file = request.FILES.get("file")
    try:
        if file is None or file.file is None:
            messages.error(request, _("Choose the workbook that you have mended."))
        else:
            done = actions.return_workbook(by=by, batch=batch, file=file.file)
            words = _(
                "%(mended)d rows are ready to be imported, %(wrong)d still need mending, %(other)d were not found."
            )
            messages.success(
                request, words % {"mended": done.mended, "wrong": done.still_wrong, "other": done.not_ours}
            )
    except FileRefused as error:
        messages.error(request, forms.words(error.problem))
    except StepNotAllowed:
        messages.error(request, _("That is not possible any more; this is how the import stands now."))
    return redirect("import_batch", ref=ref)


@require_GET
def import_report(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Every problem with its place and its fix, on the page or as CSV; no value among them."""
    by = actor_of(request)
    batch = find_batch(by, ref)
    if request.GET.get("as") == "csv":
        lines = _report_lines(batch, get_language() or "id")
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="naungan-{batch.ref[:6].lower()}-report.csv"'
        return response
    shown = [
        pages.problem_line(problem) for problem, _n in zip(problems_of(batch), range(REPORT_SHOWN + 1), strict=False)
    ]
    context = {
        **pages.batch_context(by, batch, page=request.GET),
        "lines": shown[:REPORT_SHOWN],
        "more": len(shown) > REPORT_SHOWN,
    }
    return render(request, "exchange/report.html", context)


class _Echo:
    """A file for the CSV writer that hands each line back."""

    def write(self, text: str) -> str:
        return text


def _report_lines(batch: ImportBatch, language: str) -> Iterator[str]:
    writer = csv.writer(_Echo())
    with override(language):
        heading = [_("Severity"), _("Sheet"), _("Row"), _("Column"), _("Field"), _("Problem"), _("What to do")]
    yield "\ufeff" + str(writer.writerow(heading))
    for problem in problems_of(batch):
        with override(language):
            line = pages.problem_line(problem)
        cells = [line.severity, line.sheet, str(line.row or ""), line.column, line.field, line.message, line.fix]
        yield str(writer.writerow([shield(cell) for cell in cells]))
