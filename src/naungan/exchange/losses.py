"""
Counts what a form cannot hold of many cases, by their columns and by the names of their sealed items.

What a form has no room for is known by its name, and what it has room for comes back: it was read by the same rules
by which it will be read again. So hardly anything is opened; a case with words, own fields or own codes is looked at
whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache

from naungan.exchange.formats.record import Record, Unheld, comes_back, form_fields, unheld
from naungan.exchange.records import CHUNK_CASES
from naungan.exchange.words import OwnWords
from naungan.protection.cases.fields import COLUMNS, DERIVED, REPEATED
from naungan.protection.cases.models import Case, Entry
from naungan.protection.cases.parts import PART_MODELS
from naungan.protection.cases.states import TO_HTCDS, State
from naungan.protection.cases.values import from_column
from naungan.standards import htcds
from naungan.standards.htcds.dumping import Form
from naungan.vault import queries as vault

WHOLE = "whole"  # a mark, no part: the case must be looked at whole
_CHUNK = 4 * CHUNK_CASES
_NAMES = tuple(name for name in COLUMNS if COLUMNS[name].home in ("person", "case") and name not in DERIVED)
_COLUMNS = tuple(("person__" if COLUMNS[n].home == "person" else "") + COLUMNS[n].attribute for n in _NAMES)


@dataclass(slots=True)
class _Case:
    """What of one case is lost, by the name of the part."""

    subject_id: int
    lost: set[str] = field(default_factory=set)


def losses_of(
    form: Form,
    ids: Sequence[int],
    *,
    identity: bool,
    words: OwnWords,
    look: Callable[[Sequence[int]], Iterator[Record]],
    advance: Callable[[int], None],
) -> Unheld:
    """
    Count what a template cannot hold of cases.

    Args:
        form: A template.
        ids: The cases.
        identity: Whether sealed values go along.
        words: The organisation's own codes.
        look: Gives some of the cases as whole records.
        advance: Is told how many cases were counted.
    """
    parts: Counter[str] = Counter()
    count = 0
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        cases = _by_columns(form, some, words)
        notes = _by_names(form, cases) if identity else set()
        _by_parts(cases, notes)
        whole = [pk for pk, case in cases.items() if WHOLE in case.lost]
        for case in cases.values():
            if WHOLE not in case.lost:
                count += bool(case.lost)
                parts.update(case.lost)
        for record in look(whole) if whole else ():
            extra = unheld(form, record)
            count += bool(extra)
            parts.update([*extra.get("v", ()), *extra.get("r", ())])
            parts.update(name for name, key in (("custom", "x"), ("words", "w")) if key in extra)
        advance(start + len(some))
    return Unheld(count, dict(parts))


def _by_columns(form: Form, ids: Sequence[int], words: OwnWords) -> dict[int, _Case]:
    rows = Case.objects.filter(pk__in=ids).values_list("pk", "person__subject_id", "state", "extra", *_COLUMNS)
    found: dict[int, _Case] = {}
    for pk, subject_id, state, extra, *values in rows:
        case = found[pk] = _Case(subject_id)
        if extra or not _is_held(form, "cas_Status", TO_HTCDS[State(state)]):
            case.lost.add(WHOLE if extra else "cas_Status")
        for name, column in zip(_NAMES, values, strict=True):
            value = from_column(name, column)
            if value is None:
                continue
            if name in words.published:
                case.lost.add(WHOLE)
            elif not _is_held(form, name, value):
                case.lost.add(name)
    return found


# Columns hold codes, numbers, days: few values, none of which tells who somebody is.
@lru_cache(maxsize=20_000)
def _is_held(form: Form, name: str, value: htcds.Value) -> bool:
    return name in _room(form) and comes_back(form, htcds.FIELDS[name], value)


@lru_cache(maxsize=8)
def _room(form: Form) -> frozenset[str]:
    return frozenset(each.api_name for each in form_fields(form))


@lru_cache(maxsize=8)
def _opened_for(form: Form) -> frozenset[str]:
    """The sealed items that must be opened: lists, of which the published form may not know a code."""
    lists = [name for name in _room(form) if name not in COLUMNS and name not in DERIVED]
    return frozenset(n for n in lists if htcds.FIELDS[n].kind in ("picklist", "multi_picklist", "country", "language"))


def _by_names(form: Form, cases: Mapping[int, _Case]) -> set[str]:
    """Note what the names of the sealed items tell; returns the references of all notes that are there."""
    notes: set[str] = set()
    room, opened = _room(form), _opened_for(form)
    kept = vault.kept_names([case.subject_id for case in cases.values()], opened=opened)
    for case in cases.values():
        names, texts = kept.get(case.subject_id, ((), {}))
        for name in names:
            head, colon, rest = name.partition(":")
            if not colon:
                if name in htcds.FIELDS and name not in room:
                    case.lost.add(name)
            elif head in REPEATED:  # such as hte:REF:hte_City
                case.lost.add(head)
            elif head in ("raw", "x"):
                case.lost.add(WHOLE)
            elif head == "note":
                notes.add(rest)
        for name, text in texts.items():
            value = htcds.from_text(htcds.FIELDS[name], text)
            if value is not None and not _is_held(form, name, value):
                case.lost.add(name)
    return notes


def _by_parts(cases: Mapping[int, _Case], notes: Set[str]) -> None:
    for prefix, model in PART_MODELS.items():
        columns = [column.attribute for column in COLUMNS.values() if column.home == prefix]
        for pk, *values in model.objects.filter(case_id__in=cases).values_list("case_id", *columns):
            if any(value not in (None, "", []) for value in values):
                cases[pk].lost.add(prefix)
    comments = Entry.objects.filter(case_id__in=cases if notes else (), kind="comment")
    for pk, ref in comments.values_list("case_id", "ref"):
        if ref in notes:
            cases[pk].lost.add("cco")
