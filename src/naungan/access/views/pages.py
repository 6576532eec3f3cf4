"""What the pages of access share: filters in use, addresses of the next page, answers to refused actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from naungan.access.errors import LastOfItsKind, Refused


@dataclass(frozen=True, slots=True)
class FilterInUse:
    """A filter that narrows the list now, and the address without it."""

    label: str
    url: str


def filters_in_use(request: HttpRequest, form: forms.Form) -> list[FilterInUse]:
    """The filters that narrow a list, each with the address that takes it away."""
    found = []
    for name, field in form.fields.items():
        value = request.GET.get(name, "")
        if value:
            found.append(FilterInUse(f"{field.label}: {_shown(field, value)}", _without(request, name)))
    return found


def with_parameter(request: HttpRequest, name: str, value: str) -> str:
    """The present address with one parameter set."""
    query = request.GET.copy()
    query[name] = value
    return "?" + query.urlencode()


def attempt(request: HttpRequest, act: Callable[[], object], *, done: str, to: str, ref: str = "") -> HttpResponse:
    """Try an action; say what came of it, and return to the page it was asked from."""
    try:
        act()
    except (Refused, LastOfItsKind) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(to, ref) if ref else redirect(to)


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    query.pop(name, None)
    query.pop("after", None)
    query.pop("before", None)
    return "?" + query.urlencode()


def _shown(field: forms.Field, value: str) -> str:
    choices = getattr(field, "choices", None)
    if choices is None:
        return value
    return next((str(words) for code, words in choices if str(code) == value), value)
