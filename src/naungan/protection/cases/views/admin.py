"""The organisation's own fields and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from naungan.access import clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.access.rules import require
from naungan.protection.cases import actions, forms
from naungan.protection.cases.errors import InvalidValues
from naungan.protection.cases.forms import day_of
from naungan.protection.cases.models import CustomChoice, CustomField
from naungan.protection.cases.values import custom_fields, is_sealed, words_of
from naungan.protection.cases.words import CLASS_NAMES, CLASS_WORDS, KIND_WORDS
from naungan.standards import htcds

FIELD_PARTS = ("code", "kind", "data_class", "label_id", "label_en", "help_id", "help_en")
WORD_PARTS = ("field", "code", "label_id", "label_en", "maps_to")
# Longer lists are languages and countries, which nobody adds to.
MOST_WORDS = 60


@require_http_methods(["GET", "POST"])
def own_fields(request: HttpRequest) -> HttpResponse:
    """All own fields and words; adding one is at the end of the page."""
    by = actor_of(request)
    require(by, Permission.FIELD_MANAGE)
    if request.method != "POST":
        return _fields_page(request, by, {"field": request.GET.get("list", "")})
    try:
        field = actions.add_field(by=by, order=100, **_sent(request, FIELD_PARTS))
    except InvalidValues as error:
        return _fields_page(request, by, {}, errors=[forms.problem_words(problem) for problem in error.problems])
    messages.success(request, _added_words(field))
    return redirect("own_field", ref=field.ref)


@require_http_methods(["GET", "POST"])
def own_field(request: HttpRequest, ref: str) -> HttpResponse:
    """One own field: its words, its end, its pick-list."""
    by = actor_of(request)
    require(by, Permission.FIELD_MANAGE)
    field = _field(by, ref)
    if request.method != "POST":
        return _field_page(request, field, {})
    try:
        changed = _sent(request, ("label_id", "label_en", "help_id", "help_en"))
        actions.change_field(by=by, ref=ref, words=changed, ends_on=day_of(request.POST.get("ends_on", "")))
    except InvalidValues as error:
        return _field_page(request, field, {}, errors=[forms.problem_words(problem) for problem in error.problems])
    messages.success(request, _("Saved."))
    return redirect("own_field", ref=ref)


@require_POST
def word_add(request: HttpRequest) -> HttpResponse:
    """Add a word to a pick-list; a refused one comes back with what was typed."""
    by = actor_of(request)
    require(by, Permission.FIELD_MANAGE)
    word, ref = _sent(request, WORD_PARTS), request.POST.get("back", "")
    try:
        actions.add_choice(by=by, order=100, **word)
    except InvalidValues as error:
        wrong = {str(problem.field): forms.problem_words(problem) for problem in error.problems}
        if ref:
            return _field_page(request, _field(by, ref), word, wrong=wrong)
        return _fields_page(request, by, word, wrong=wrong)
    messages.success(request, _("The word is in the list."))
    return _back(request, word["field"])


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


def _fields_page(
    request: HttpRequest,
    by: Actor,
    word: dict[str, str],
    *,
    errors: Sequence[str] = (),
    wrong: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page of all own fields; with errors of a field, or of a word (`wrong`, by what was typed wrongly)."""
    chosen = word.get("field", "")
    lists = [(name, forms.label_of(name)) for name in htcds.FIELDS if 0 < len(htcds.choices(name)) < MOST_WORDS]
    known = chosen in dict(lists)
    context = {
        "today": clock.today().isoformat(),
        "fields": [
            (one, KIND_WORDS[one.kind], CLASS_NAMES[one.data_class])
            for one in custom_fields(by.organisation_id).values()
        ],
        "words": [
            (one, forms.label_of(one.field), dict(_standard_words(one.field)).get(one.maps_to, one.maps_to))
            for one in words_of(by.organisation_id)
            if one.field in htcds.FIELDS
        ],
        "kinds": KIND_WORDS.items(),
        "classes": CLASS_WORDS.items(),
        "lists": [("", _("Choose a list")), *lists],
        "list_name": forms.label_of(chosen) if known else "",
        "exported_as": [("", _("Choose a word of the standard")), *_standard_words(chosen)] if known else [],
        "word": word,
        "wrong": wrong or {},
        "errors": errors,
        "sent": request.POST if errors else {},
    }
    return render(request, "cases/own_fields.html", context, status=422 if errors or wrong else 200)


def _field_page(
    request: HttpRequest,
    field: CustomField,
    word: dict[str, str],
    *,
    errors: Sequence[str] = (),
    wrong: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page of one own field; errors as above."""
    words = CustomChoice.objects.filter(organisation_id=field.organisation_id, field=f"x:{field.code}")
    context = {
        "today": clock.today().isoformat(),
        "field": field,
        "words": words.order_by("order", "code"),
        "word": word,
        "wrong": wrong or {},
        "errors": errors,
        "kind": KIND_WORDS[field.kind],
        "data_class": CLASS_WORDS[field.data_class],
    }
    return render(request, "cases/own_field.html", context, status=422 if errors or wrong else 200)


def _standard_words(name: str) -> list[tuple[str, str]]:
    language = get_language() or "id"
    return [(choice.code, choice.label_in(language)) for choice in htcds.choices(name).values()]


def _field(by: Actor, ref: str) -> CustomField:
    field = CustomField.objects.filter(organisation_id=by.organisation_id, ref=ref).first()
    if field is None:
        raise NotFound("There is no such field.")
    return field


def _sent(request: HttpRequest, names: Sequence[str]) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in names}


def _back(request: HttpRequest, chosen: str = "") -> HttpResponse:
    ref = request.POST.get("back", "")
    if ref:
        return redirect("own_field", ref=ref)
    return redirect(f"{reverse('own_fields')}?{urlencode({'list': chosen})}" if chosen else "own_fields")
