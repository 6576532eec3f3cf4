"""Turns the filters of a request into those of the case list, each checked before it reaches a query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from naungan.access.actor import Actor
from naungan.access.models import User
from naungan.exchange.api.errors import ApiError, Fault
from naungan.protection.cases.models import CustomField
from naungan.protection.cases.narrowing import own_condition
from naungan.protection.cases.queries import Filters
from naungan.protection.cases.queries.lists import CASE_FILTERS, OwnCondition
from naungan.protection.cases.values import custom_fields, fields_of, is_sealed
from naungan.standards import htcds

OPEN = {"true": True, "false": False, "any": None}
_LISTS: Mapping[str, str] = {
    "trafficking_status": "vic_TraffickingStatus",
    "exploitation": "vic_TypeOfExploitation",
    "industry": "vic_ForcedLabourIndustry",
    "gender": "prs_Gender",
}


def filters_from(by: Actor, given: Mapping[str, object], own: Mapping[str, str]) -> Filters:
    """
    The filters of a list.

    Raises:
        ApiError: a word that the list has not, or an own field that is unknown or sealed (422).
    """
    equal = {name: str(given[name]) for name in CASE_FILTERS if name in given}
    for name, code in equal.items():
        _require_word(by, name, code)
    state = equal.get("state")
    child = given.get("child")
    return Filters(
        open=OPEN[str(given.get("open", "true"))] if state is None else state not in ("closed", "transferred"),
        equal=equal,
        own=_own(by, own),
        assigned_to=_colleague(by, str(given["assigned_to"])) if "assigned_to" in given else None,
        is_child=None if child is None else child == "true",
        opened_from=_day(given.get("opened_from")),
        opened_until=_day(given.get("opened_until")),
        sort=str(given.get("sort", "touched")),
    )


def _require_word(by: Actor, name: str, code: str) -> None:
    listed = _LISTS.get(name)
    if listed is None or code in htcds.choices(listed) or code in fields_of(by.organisation_id)[listed].choices:
        return
    raise _refused(name, "unknown_choice", "The list has no such entry.")


def _own(by: Actor, own: Mapping[str, str]) -> tuple[OwnCondition, ...]:
    known = custom_fields(by.organisation_id) if own else {}
    return tuple(_own_condition(known, name, text) for name, text in own.items())


def _own_condition(known: Mapping[str, CustomField], name: str, text: str) -> OwnCondition:
    code = name.partition(":")[0]
    if code not in known or is_sealed(known[code]):
        raise _refused("x:", "unknown_field", "There is no own field of this code that can be filtered.")
    if "\0" in text or len(text) > 200:
        raise _refused(f"x:{code}", "too_long", "The value is too long.")
    condition = own_condition(known, name, text)
    if condition is None:
        raise _refused(f"x:{code}", "bad_value", "The value is none of this field's kind, or it has no such bound.")
    return condition


def _colleague(by: Actor, ref: str) -> int:
    found = User.objects.filter(ref=ref, organisation_id=by.organisation_id).values_list("pk", flat=True).first()
    if found is None:
        raise _refused("assigned_to", "unknown", "There is no such colleague.")
    return found


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _refused(field: str, rule: str, message: str) -> ApiError:
    return ApiError("invalid", [Fault(field, rule, message, "GET /api/v1/fields lists fields and words.")])
