"""The wizard of an import: choose a file, confirm its columns, look at what was found, import."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.exchange import actions, forms, pages
from naungan.exchange.errors import BatchWorkedOn, DiskFull, FileRefused, RowRefused, StepNotAllowed
from naungan.exchange.queries.batches import batch_list, find_batch
from naungan.exchange.states import State
from naungan.exchange.uploads import InMemoryOnly


@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    """The files that came in, newest first."""
    batches = batch_list(actor_of(request))
    return render(request, "exchange/list.html", pages.list_context(batches))


@csrf_exempt
def import_start(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    # Set before anything reads the form; the check against forged requests follows in the inner view.
    request.upload_handlers = [InMemoryOnly(request)]
    return _start(request)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _start(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Permission.IMPORT)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.StartForm(*sent, by=by)
    if sent and form.is_valid():
        try:
            staged = actions.stage_file(
                by=by, file=form.cleaned_data["file"], name=form.cleaned_data["file"].name, team=form.team()
            )
        except FileRefused as error:
            form.add_error("file", forms.words(error.problem))
        except DiskFull:
            form.add_error("file", pages.DISK_FULL)
        else:
            return _staged(request, staged)
    return render(request, "exchange/start.html", pages.start_context(form), status=422 if form.errors else 200)


def _staged(request: HttpRequest, staged: actions.Staged) -> HttpResponse:
    if not staged.is_known:
        return redirect("import_batch", ref=staged.batch.ref)
    when, who = pages.when_and_who(staged.batch)
    messages.info(
        request,
        _("This very file was brought in on %(day)s by %(name)s. Nothing was changed.") % {"day": when, "name": who},
    )
    if pages.may_see(actor_of(request), staged.batch):
        return redirect("import_batch", ref=staged.batch.ref)
    return redirect("import_list")


@require_http_methods(["GET", "POST"])
def import_batch(request: HttpRequest, ref: str) -> HttpResponse:
    """One file: how far it is, what was found, what can be done next."""
    by = actor_of(request)
    batch = find_batch(by, ref)
    if request.method == "POST":
        step = request.POST.get("step", "")
        if step in actions.STEPS:
            _try(request, lambda: actions.STEPS[step](by=by, batch=batch))
        return redirect("import_map" if step == "remap" else "import_batch", ref=ref)
    if batch.state == State.MAPPING.value and not request.htmx:  # type: ignore[attr-defined]  # django-htmx
        return redirect("import_map", ref=ref)
    context = pages.batch_context(by, batch, page=request.GET)
    if not request.htmx:  # type: ignore[attr-defined]  # django-htmx
        return render(request, "exchange/batch.html", context)
    response = render(request, "exchange/progress.html", context)
    if not context["running"]:
        response.headers["HX-Refresh"] = "true"
    return response


@require_http_methods(["GET", "POST"])
def import_map(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm what the columns mean, or say otherwise."""
    by = actor_of(request)
    batch = find_batch(by, ref)
    if batch.state != State.MAPPING.value:
        return redirect("import_batch", ref=ref)
    sheets, problems = pages.sheets_of(batch), []
    if request.method == "POST":
        choices = forms.read_choices(request.POST, sheets)
        try:
            actions.confirm_mapping(by=by, batch=batch, choices=choices)
        except RowRefused as error:
            problems = error.problems
        except StepNotAllowed:
            return redirect("import_batch", ref=ref)
        else:
            return redirect("import_batch", ref=ref)
    context = pages.map_context(batch, sheets, problems=problems, sent=request.POST)
    return render(request, "exchange/map.html", context, status=422 if problems else 200)


@require_POST
def import_accept(request: HttpRequest, ref: str) -> HttpResponse:
    """Import the good rows."""
    by = actor_of(request)
    batch = find_batch(by, ref)
    _try(request, lambda: actions.accept_good(by=by, batch=batch))
    return redirect("import_batch", ref=ref)


@require_POST
def import_undo(request: HttpRequest, ref: str) -> HttpResponse:
    """Take the whole file back."""
    by = actor_of(request)
    batch = find_batch(by, ref)
    act = actions.undo_batch if pages.has_cases(batch) else actions.discard_batch
    try:
        _try(request, lambda: act(by=by, batch=batch))
    except BatchWorkedOn as error:
        messages.error(
            request,
            ngettext(
                "This import cannot be undone: somebody has worked on %(count)d of its cases.",
                "This import cannot be undone: somebody has worked on %(count)d of its cases.",
                error.count,
            )
            % {"count": error.count},
        )
    return redirect("import_batch", ref=ref)


def _try(request: HttpRequest, act: object) -> None:
    try:
        act()  # type: ignore[operator]  # a closure without arguments
    except StepNotAllowed:
        messages.error(request, _("That is not possible any more; this is how the import stands now."))
