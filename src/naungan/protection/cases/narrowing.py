"""What a list of cases is narrowed to, as an address says it: read for queries, drawn as inputs and words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.models import User
from naungan.protection.cases import forms
from naungan.protection.cases.models import CustomField
from naungan.protection.cases.queries.lists import CASE_FILTERS, SORTS, Filters, OwnCondition, worker_names
from naungan.protection.cases.states import LIVE, STATE_WORDS, State
from naungan.protection.cases.values import custom_fields, is_sealed, words_of

QUERY_KEYS = (*CASE_FILTERS, "open", "worker", "child", "from", "until", "sort")
LISTED = {
    "trafficking_status": "vic_TraffickingStatus",
    "exploitation": "vic_TypeOfExploitation",
    "industry": "vic_ForcedLabourIndustry",
    "gender": "prs_Gender",
}

Query = dict[str, str]


@dataclass(frozen=True, slots=True)
class Active:
    """One filter that narrows the list: its words, and the address of the list without it."""

    label: str
    url: str


def query_of(sent: Mapping[str, object]) -> Query:
    """The filters of an address and nothing else; a chosen state says by itself whether open ones are meant."""
    named = {key: str(sent[key]) for key in sent if key in QUERY_KEYS or key.startswith("x:")}
    kept = {key: text for key, text in named.items() if text and "\0" not in key + text}
    if "state" in kept:
        kept.pop("open", None)
    return kept


def read_filters(query: Query, by: Actor) -> Filters:
    """
    Filters from an address; what makes no sense is left out.

    Raises:
        NotFound: the colleague it names is none of the organisation.
    """
    worker = query.get("worker", "")
    user = User.objects.filter(ref=worker, organisation_id=by.organisation_id).first() if worker else None
    if worker and user is None:
        raise NotFound("There is no such colleague.")
    return Filters(
        open=_open(query),
        equal={name: query[name] for name in CASE_FILTERS if name in query},
        own=_own_conditions(query, by),
        assigned_to=user.pk if user else None,
        is_child={"yes": True, "no": False}.get(query.get("child", "")),
        opened_from=forms.day_of(query.get("from", "")),
        opened_until=forms.day_of(query.get("until", "")),
        sort=query["sort"] if query.get("sort") in SORTS else "touched",
    )


def filter_inputs(query: Query, by: Actor) -> list[forms.Input]:
    """An input for each filter, with what is chosen."""
    which = (("", _("Open")), ("closed", _("Closed")), ("all", _("All")))
    ages = (("yes", _("Under 18")), ("no", _("18 or older")))
    shown = {True: "", False: "closed", None: "all"}[_open(query)]
    inputs = [
        forms.Input("open", _("Show"), "picklist", options=_options(which, shown)),
        _picklist("state", _("State"), [(state.value, str(word)) for state, word in STATE_WORDS.items()], query),
    ]
    listed = forms.build(LISTED.values(), {}, organisation_id=by.organisation_id)
    for (name, field), words in zip(LISTED.items(), listed, strict=True):
        inputs.append(_picklist(name, forms.label_of(field), [(o.code, o.label) for o in words.options], query))
    return [
        *inputs,
        _picklist("child", _("Age at opening"), ages, query),
        _picklist("worker", _("Works on it"), worker_names(by.organisation_id), query),
        forms.Input("from", _("Opened from"), "date", value=query.get("from", "")),
        forms.Input("until", _("Opened until"), "date", value=query.get("until", "")),
        *_own_inputs(query, by),
    ]


def active_filters(query: Query, inputs: Sequence[forms.Input]) -> list[Active]:
    """What narrows the list, in words."""
    active = []
    for one in inputs:
        if not query.get(one.name):
            continue
        rest = {key: value for key, value in query.items() if key != one.name}
        active.append(Active(f"{one.label}: {_chosen(one)}", "?" + urlencode(rest)))
    return active


def narrowed_words(query: Query, by: Actor) -> list[str]:
    """The same for paper and exports, where also what is shown without any filter must be said."""
    inputs = filter_inputs(query, by)
    said = [one.label for one in active_filters(query, inputs)]
    return said if "open" in query or "state" in query else [f"{inputs[0].label}: {_chosen(inputs[0])}", *said]


def _chosen(one: forms.Input) -> str:
    day = forms.day_of(one.value) if one.kind == "date" else None
    return date_format(day, "j F Y") if day else next((o.label for o in one.options if o.chosen), one.value)


def _open(query: Query) -> bool | None:
    state = query.get("state")
    if state in set(State):
        return State(state) in LIVE
    return {"closed": False, "all": None}.get(query.get("open", ""), True)


def own_condition(fields: Mapping[str, CustomField], name: str, text: str) -> OwnCondition | None:
    """
    The condition that `name`, a code with or without `:from` or `:until`, makes with a text.

    None when there is no such field, when it is sealed, or when the text is no value of its kind.
    """
    code, _colon, bound = name.partition(":")
    field = fields.get(code)
    how = _HOW.get((field.kind, bound)) if field else None
    if field is None or how is None or is_sealed(field):
        return None
    value = _READ[field.kind](text)
    return None if value is None else OwnCondition(code, how, value)


def sealed_labels(by: Actor) -> list[str]:
    """The own fields by which nobody can filter, since their values lie in the vault."""
    return [forms.custom_label(own) for own in custom_fields(by.organisation_id).values() if is_sealed(own)]


def _own_conditions(query: Query, by: Actor) -> tuple[OwnCondition, ...]:
    asked = {key[2:]: text for key, text in query.items() if key.startswith("x:")}
    fields = custom_fields(by.organisation_id) if asked else {}
    return tuple(one for name, text in asked.items() if (one := own_condition(fields, name, text)))


def _own_inputs(query: Query, by: Actor) -> list[forms.Input]:
    inputs: list[forms.Input] = []
    for code, own in custom_fields(by.organisation_id).items():
        if not is_sealed(own):
            inputs += _inputs_of(own, f"x:{code}", query, by)
    return inputs


def _inputs_of(own: CustomField, name: str, query: Query, by: Actor) -> list[forms.Input]:
    label = forms.custom_label(own)
    if own.kind == "boolean":
        return [_picklist(name, label, (("true", _("Yes")), ("false", _("No"))), query)]
    if own.kind in ("picklist", "multi_picklist"):
        words = [(w.code, forms.custom_label(w)) for w in words_of(by.organisation_id) if w.field == name]
        return [_picklist(name, label, words, query)]
    least, most = f"{name}:from", f"{name}:until"
    return [
        forms.Input(least, _("%(field)s, from") % {"field": label}, own.kind, value=query.get(least, "")),
        forms.Input(most, _("%(field)s, until") % {"field": label}, own.kind, value=query.get(most, "")),
    ]


def _picklist(name: str, label: str, words: Sequence[tuple[str, str]], query: Query) -> forms.Input:
    return forms.Input(name, label, "picklist", options=_options(words, query.get(name)))


def _options(words: Sequence[tuple[str, str]], chosen: str | None) -> tuple[forms.Option, ...]:
    return tuple(forms.Option(code, word, code == chosen) for code, word in words)


def _day_text(text: str) -> str | None:
    day = forms.day_of(text)
    return day.isoformat() if day else None


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else None


_HOW: Mapping[tuple[str, str], Literal["is", "holds", "from", "until"]] = {
    ("picklist", ""): "is",
    ("multi_picklist", ""): "holds",
    ("boolean", ""): "is",
    ("date", "from"): "from",
    ("date", "until"): "until",
    ("number", "from"): "from",
    ("number", "until"): "until",
}
_READ: Mapping[str, Callable[[str], str | int | bool | None]] = {
    "picklist": lambda text: text,
    "multi_picklist": lambda text: text,
    "boolean": {"true": True, "false": False}.get,
    "date": _day_text,
    "number": _number,
}
