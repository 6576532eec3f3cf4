"""Draws lines of the case list: codes and dates turned into words, made once a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from naungan.access import clock
from naungan.protection.cases import forms
from naungan.protection.cases.queries import CaseRow
from naungan.protection.cases.queries.lists import WorkItem
from naungan.protection.cases.states import STATE_WORDS, State
from naungan.protection.cases.words import DEADLINE_WORDS, SETTLED_AT

TONES = {"open": " pill--accent", "follow_up": " pill--done", "on_hold": " pill--warning"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line of the list in words."""

    code: str
    tone: str
    state_words: str
    is_restricted: bool
    person_words: str
    exploitation_words: str
    opened_words: str
    touched_words: str
    worker_words: str


def draw(rows: Iterable[CaseRow]) -> list[Drawn]:
    """Lines in the present language; words that recur are looked up once."""
    words: dict[object, str] = {}
    language = get_language() or ""

    def shown(name: str, value: object) -> str:
        key = (name, tuple(value) if isinstance(value, list) else value)
        if key not in words:
            words[key] = forms.shown(name, tuple(value) if isinstance(value, list) else value)
        return words[key]

    states = {state.value: str(STATE_WORDS[state]) for state in State}
    return [
        Drawn(
            code=row.code,
            tone=TONES.get(row.state, ""),
            state_words=states[row.state],
            is_restricted=row.is_restricted,
            person_words=_person(row, shown("prs_Gender", row.gender)),
            exploitation_words=shown("vic_TypeOfExploitation", row.exploitation_types),
            opened_words=_day_words(row.opened_on, "j M Y", language),
            touched_words=_day_words(_local_day(row.touched_at), "j M Y", language),
            worker_words=", ".join(row.workers),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Due:
    """One line of the work list in words."""

    code: str
    ref: str
    words: str
    when: str
    is_late: bool
    is_ticked: bool


def draw_due(items: Iterable[WorkItem]) -> list[Due]:
    """Lines of the work list in the present language; words that recur are made once."""
    now = clock.now()
    words: dict[str, str] = {}
    since: dict[int, str] = {}
    language = get_language() or ""

    def named(kind: str) -> str:
        if kind not in words:
            words[kind] = str(DEADLINE_WORDS.get(kind, kind))
        return words[kind]

    def late(due_at: datetime) -> str:
        minutes = int((now - due_at).total_seconds()) // 60
        if minutes not in since:
            since[minutes] = _("overdue by %(since)s") % {"since": timesince(due_at, now, depth=1)}
        return since[minutes]

    def when(item: WorkItem) -> str:
        return late(item.due_at) if item.is_late else _day_words(_local_day(item.due_at), "j F Y", language)

    return [
        Due(item.code, item.ref, named(item.kind), when(item), item.is_late, item.kind not in SETTLED_AT)
        for item in items
    ]


def row_words() -> dict[str, str]:
    """The headings that a phone shows beside each value."""
    return {
        "case": _("Case"),
        "state": _("State"),
        "person": _("Person"),
        "exploitation": _("Exploitation"),
        "opened": _("Opened"),
        "touched": _("Last touched"),
        "worker": _("Works on it"),
        "restricted": _("Restricted"),
    }


def _person(row: CaseRow, gender: str) -> str:
    return ", ".join(part for part in (gender, str(row.age_at_opening or "")) if part)


def _local_day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


@lru_cache(maxsize=10_000)
def _day_words(day: date, form: str, language: str) -> str:
    """A day in the present language, which is named so that each keeps its own: a list has a hundred days."""
    return date_format(day, form)
