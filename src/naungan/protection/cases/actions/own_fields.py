"""Fields and words that an organisation adds; ended by a date, never deleted."""

from __future__ import annotations

import re
from datetime import date

from django.db import transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.protection.cases.errors import InvalidValues
from naungan.protection.cases.models import CustomChoice, CustomField
from naungan.standards import htcds
from naungan.standards.checks import Problem

CODE = re.compile(r"[a-z][a-z0-9_]{1,38}\Z")


@transaction.atomic
def add_field(
    *,
    by: Actor,
    code: str,
    kind: str,
    data_class: str,
    label_id: str,
    label_en: str = "",
    help_id: str = "",
    help_en: str = "",
    order: int = 100,
) -> CustomField:
    """
    Add an own field. Texts are identifying or sensitive, and so lie in the vault.

    Raises:
        InvalidValues: code, type or class break a rule, or the code is taken.
    """
    require(by, Permission.FIELD_MANAGE)
    _check(by, code, kind, data_class, label_id)
    field = CustomField.objects.create(
        organisation_id=by.organisation_id,
        code=code,
        kind=kind,
        data_class=data_class,
        label_id=label_id.strip(),
        label_en=label_en.strip(),
        help_id=help_id.strip(),
        help_en=help_en.strip(),
        order=order,
    )
    _record(by, "field.added", code)
    return field


@transaction.atomic
def change_field(*, by: Actor, ref: str, words: dict[str, str], ends_on: date | None) -> CustomField:
    """Change an own field's words or its end date; code, type and class stay, since values hang on them."""
    require(by, Permission.FIELD_MANAGE)
    field = CustomField.objects.filter(organisation_id=by.organisation_id, ref=ref).first()
    if field is None:
        raise NotFound("There is no such field.")
    for name in ("label_id", "label_en", "help_id", "help_en"):
        if name in words:
            setattr(field, name, words[name].strip())
    if not field.label_id:
        raise InvalidValues([Problem.of("required", field="label_id")])
    field.ends_on = ends_on
    field.save()
    _record(by, "field.changed", field.code)
    return field


@transaction.atomic
def add_choice(
    *, by: Actor, field: str, code: str, label_id: str, label_en: str = "", maps_to: str = "", order: int = 100
) -> CustomChoice:
    """Add a word to an own pick-list, or to one of the standard's, where `maps_to` says what it is exported as."""
    require(by, Permission.FIELD_MANAGE)
    problems = []
    if not CODE.match(code):
        problems.append(Problem.of("bad_code", field="code"))
    if not label_id.strip():
        problems.append(Problem.of("required", field="label_id"))
    if field in htcds.FIELDS:
        if maps_to not in htcds.choices(field):
            problems.append(Problem.of("required", field="maps_to"))
    elif not _is_own_list(by, field):
        problems.append(Problem.of("unknown_field", field="field"))
    if CustomChoice.objects.filter(organisation_id=by.organisation_id, field=field, code=code).exists():
        problems.append(Problem.of("code_taken", field="code"))
    if problems:
        raise InvalidValues(problems)
    choice = CustomChoice.objects.create(
        organisation_id=by.organisation_id,
        field=field,
        code=code,
        label_id=label_id.strip(),
        label_en=label_en.strip(),
        maps_to=maps_to,
        order=order,
    )
    _record(by, "choice.added", f"{field}:{code}")
    return choice


@transaction.atomic
def end_choice(*, by: Actor, choice_id: int, ends_on: date | None) -> CustomChoice:
    """Retire a word from a day on, or bring it back with None; old records keep it."""
    require(by, Permission.FIELD_MANAGE)
    choice = CustomChoice.objects.filter(organisation_id=by.organisation_id, pk=choice_id).first()
    if choice is None:
        raise NotFound("There is no such word.")
    choice.ends_on = ends_on
    choice.save(update_fields=["ends_on"])
    _record(by, "choice.ended" if ends_on else "choice.revived", f"{choice.field}:{choice.code}")
    return choice


def is_live(ends_on: date | None) -> bool:
    """Whether a field or word is still offered today."""
    return ends_on is None or ends_on > clock.today()


def _check(by: Actor, code: str, kind: str, data_class: str, label_id: str) -> None:
    problems = []
    if not CODE.match(code):
        problems.append(Problem.of("bad_code", field="code"))
    if kind not in CustomField.KINDS:
        problems.append(Problem.of("required", field="kind"))
    if data_class not in CustomField.CLASSES:
        problems.append(Problem.of("required", field="data_class"))
    elif kind in ("text", "long_text") and data_class not in ("identifying", "sensitive"):
        problems.append(Problem.of("text_must_be_sealed", field="data_class"))
    if not label_id.strip():
        problems.append(Problem.of("required", field="label_id"))
    if CustomField.objects.filter(organisation_id=by.organisation_id, code=code).exists():
        problems.append(Problem.of("code_taken", field="code"))
    if problems:
        raise InvalidValues(problems)


def _is_own_list(by: Actor, field: str) -> bool:
    if not field.startswith("x:"):
        return False
    own = CustomField.objects.filter(organisation_id=by.organisation_id, code=field[2:])
    return own.filter(kind__in=["picklist", "multi_picklist"]).exists()


def _record(by: Actor, action: str, ref: str) -> None:
    audit.append(by=by, organisation_id=by.organisation_id, action=action, ref=ref[:40])
