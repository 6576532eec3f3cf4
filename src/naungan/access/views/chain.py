"""The audit chain, for data protection officers."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from naungan.access import queries
from naungan.access.audit import Verdict
from naungan.access.forms import AuditFilterForm, ReasonForm
from naungan.access.policy import Permission
from naungan.access.queries import AuditLine
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.access.views.pages import filters_in_use, with_parameter

COLUMNS = ("number", "at", "actor_ref", "actor", "roles", "via", "action", "ref", "details", "reason")


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The chain, newest first."""
    return _page(request)


@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain and say where it breaks, if it does."""
    verdict = queries.verify_chain(actor_of(request))
    return _page(request, verdict=verdict)


@require_POST
def audit_download(request: HttpRequest) -> HttpResponseBase:
    """The filtered chain as CSV; a reason is needed."""
    by = actor_of(request)
    require(by, Permission.AUDIT_READ)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, reason_form=form)
    filters = AuditFilterForm(by, request.POST).filters()
    lines = queries.audit_lines(by, filters, reason=form.cleaned_data["reason"])
    response = StreamingHttpResponse(_csv(lines, get_language() or "id"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _page(
    request: HttpRequest, *, verdict: Verdict | None = None, reason_form: ReasonForm | None = None
) -> HttpResponse:
    by = actor_of(request)
    require(by, Permission.AUDIT_READ)
    form = AuditFilterForm(by, request.GET)
    before = request.GET.get("before", "")
    page = queries.audit_page(by, form.filters(), before=int(before) if before.isdecimal() else None)
    context = {
        "form": form,
        "page": page,
        "active": filters_in_use(request, form),
        "next_url": with_parameter(request, "before", str(page.before)) if page.before else "",
        "verdict": verdict,
        "fault": _fault(verdict),
        "reason_form": reason_form or ReasonForm(),
        "asked": [(name, request.GET.get(name, "")) for name in form.fields if request.GET.get(name)],
    }
    return render(request, "access/audit.html", context, status=422 if reason_form else 200)


def _fault(verdict: Verdict | None) -> str:
    words = {
        "an entry was removed": _("An entry was removed."),
        "the entry was changed or inserted": _("The entry was changed or inserted."),
        "the chain was computed anew": _("The chain was computed anew without the key."),
        "the end of the chain was cut off": _("The end of the chain was cut off."),
    }
    return words.get(verdict.fault, verdict.fault) if verdict else ""


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _csv(lines: Iterator[AuditLine], language: str) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    while True:
        with translation.override(language):  # a stream is written after the request has ended
            line = next(lines, None)
            cells = [_cell(line, column) for column in COLUMNS] if line is not None else []
        if not cells:
            return
        yield writer.writerow(cells)


def _cell(line: AuditLine, column: str) -> str:
    value = getattr(line, column)
    if column == "at":
        return str(line.at.isoformat(timespec="seconds"))
    if column == "details":
        return json.dumps(line.details, sort_keys=True)
    if column == "reason" and value is None:
        return _("sealed under the person's own key")
    text = str(value)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
