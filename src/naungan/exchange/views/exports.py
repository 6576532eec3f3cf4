"""The pages of an export: what leaves and why, what the form cannot hold, the file."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.exchange import actions, forms, pages
from naungan.exchange.errors import ExportGone, NothingChosen, ReasonMissing
from naungan.exchange.states import Form
from naungan.protection.cases.narrowing import query_of


@require_http_methods(["GET", "POST"])
def export_start(request: HttpRequest) -> HttpResponse:
    """Say which cases leave, in which form, and why; the list and the case page say which in the address."""
    by = actor_of(request)
    require(by, Permission.EXPORT)
    form = forms.ExportForm(request.POST or None, initial={"form": Form.CSV.value, **_asked(request)})
    nothing = False
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            export = actions.start_export(
                by=by,
                form=Form(clean["form"]),
                choice=form.choice(),
                reason=clean["reason"],
                with_identity=clean["with_identity"],
            )
        except ReasonMissing:
            form.add_error("reason", _("Say why these cases leave."))
        except NothingChosen:
            nothing = True
        else:
            return redirect("export_download", ref=export.ref)
    context = pages.export_context(by, form, nothing=nothing)
    return render(request, "exchange/export.html", context, status=422 if form.errors or nothing else 200)


@require_POST
def export_choose(request: HttpRequest) -> HttpResponse:
    """Take the cases chosen in the list to the page of exports; their codes travel in its address."""
    require(actor_of(request), Permission.EXPORT)
    codes = [code for text in request.POST.getlist("code") if (code := read_code(text))]
    if codes:
        return redirect(f"{reverse('export_start')}?{urlencode({'codes': ','.join(codes)})}")
    messages.error(request, _("Choose at least one case. Nothing has left."))
    query = query_of(QueryDict(request.POST.get("query", "")).dict())
    return redirect(f"{reverse('case_list')}?{urlencode(query)}")


@require_http_methods(["GET", "POST"])
def export_download(request: HttpRequest, ref: str) -> HttpResponseBase:
    """What the form cannot hold, and the file itself."""
    by = actor_of(request)
    export = actions.find_export(by, ref)
    if request.method == "GET":
        template = "exchange/counting.html" if request.htmx else "exchange/prepared.html"  # type: ignore[attr-defined]  # django-htmx
        response = render(request, template, pages.prepared_context(by, export))
        if request.htmx and export.is_ready:  # type: ignore[attr-defined]  # django-htmx
            response.headers["HX-Refresh"] = "true"
        return response
    try:
        file = actions.download(by=by, export=export)
    except ExportGone:
        messages.error(request, _("This export was prepared too long ago. Prepare it again."))
        return redirect("export_start")
    answer = StreamingHttpResponse(file.chunks, content_type=file.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer


def _asked(request: HttpRequest) -> dict[str, str]:
    """The cases that an address means: by their codes, or by the filters of the list."""
    sent = request.GET.dict()
    if sent.get("codes"):
        return {"codes": sent["codes"]}
    return {"by_list": "yes", "query": urlencode(query_of(sent))} if sent.get("list") else {}
