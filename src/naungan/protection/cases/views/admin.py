"""The organisation's own fields and words."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from naungan.access import clock
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.protection.cases import actions, forms
from naungan.protection.cases.errors import InvalidValues
from naungan.protection.cases.models import CustomChoice, CustomField
from naungan.protection.cases.values import is_sealed
from naungan.protection.cases.views.reading import day_of
from naungan.protection.cases.words import CLASS_WORDS, KIND_WORDS
from naungan.standards import htcds


@require_http_methods(["GET", "POST"])
def own_fields(request: HttpRequest) -> HttpResponse:
    """All own fields and words; adding one is at the end of the page."""
    by = actor_of(request)
    require(by, Permission.FIELD_MANAGE)
    errors: list[str] = []
    if request.method == "POST":
        sent = {
            name: request.POST.get(name, "")
            for name in ("code", "kind", "data_class", "label_id", "label_en", "help_id", "help_en")
        }
        try:
            field = actions.add_field(by=by, order=100, **sent)
        except InvalidValues as error:
            errors = [forms.problem_words(problem) for problem in error.problems]
        else:
            messages.success(request, _added_words(field))
            return redirect("own_field", ref=field.ref)
    context = {
        "today": clock.today().isoformat(),
        "fields": CustomField.objects.filter(organisation_id=by.organisation_id).order_by("order", "code"),
        "words": CustomChoice.objects.filter(organisation_id=by.organisation_id)
        .exclude(field__startswith="x:")
        .order_by("field", "order"),
        "kinds": KIND_WORDS.items(),
        "classes": CLASS_WORDS.items(),
        "lists": [(name, forms.label_of(name)) for name in htcds.FIELDS if 0 < len(htcds.choices(name)) < 60],
        "errors": errors,
        "sent": request.POST,
    }
    return render(request, "cases/own_fields.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "POST"])
def own_field(request: HttpRequest, ref: str) -> HttpResponse:
    """One own field: its words, its end, its pick-list."""
    by = actor_of(request)
    require(by, Permission.FIELD_MANAGE)
    field = CustomField.objects.filter(organisation_id=by.organisation_id, ref=ref).first()
    if field is None:
        raise NotFound("There is no such field.")
    errors: list[str] = []
    if request.method == "POST":
        try:
            changed = {name: request.POST.get(name, "") for name in ("label_id", "label_en", "help_id", "help_en")}
            actions.change_field(by=by, ref=ref, words=changed, ends_on=day_of(request.POST.get("ends_on", "")))
        except InvalidValues as error:
            errors = [forms.problem_words(problem) for problem in error.problems]
        else:
            messages.success(request, _("Saved."))
            return redirect("own_field", ref=ref)
    words = CustomChoice.objects.filter(organisation_id=by.organisation_id, field=f"x:{field.code}").order_by(
        "order", "code"
    )
    context = {
        "today": clock.today().isoformat(),
        "field": field,
        "words": words,
        "errors": errors,
        "kind": KIND_WORDS[field.kind],
        "data_class": CLASS_WORDS[field.data_class],
    }
    return render(request, "cases/own_field.html", context, status=422 if errors else 200)


@require_POST
def word_add(request: HttpRequest) -> HttpResponse:
    """Add a word to a pick-list."""
    by = actor_of(request)
    sent = {name: request.POST.get(name, "") for name in ("field", "code", "label_id", "label_en", "maps_to")}
    try:
        actions.add_choice(by=by, order=100, **sent)
    except InvalidValues as error:
        for problem in error.problems:
            messages.error(request, forms.problem_words(problem))
    else:
        messages.success(request, _("The word is in the list."))
    return _back(request)


@require_POST
def word_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a word, or bring it back."""
    day = day_of(request.POST.get("ends_on", ""))
    actions.end_choice(by=actor_of(request), choice_id=pk, ends_on=day)
    messages.success(request, _("Saved. Old records keep the word."))
    return _back(request)


def _added_words(field: CustomField) -> str:
    if is_sealed(field):
        return _("The field is there: it stands in forms, import and export. It is sealed, so it cannot be filtered.")
    return _("The field is there: it stands in forms, filters, import and export.")


def _back(request: HttpRequest) -> HttpResponse:
    ref = request.POST.get("back", "")
    return redirect("own_field", ref=ref) if ref else redirect("own_fields")
