"""Saves changes to a case; two people at one record lose nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.inserting import insert_one, new_object
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.protection.cases import parts
from naungan.protection.cases import values as checked
from naungan.protection.cases.errors import EditConflict
from naungan.protection.cases.fields import COLUMNS, DERIVED, IDENTITY
from naungan.protection.cases.models import Case, Entry, Perpetrator, SupportPlan, TraffickingEvent
from naungan.protection.cases.queries.records import current_values, read_record
from naungan.protection.cases.relations import touch
from naungan.standards import htcds
from naungan.vault import actions as vault
from naungan.vault.queries import kept_items


@transaction.atomic
def save_fields(
    *,
    by: Actor,
    case: Case,
    values: Mapping[str, object],
    version: int,
    custom: Mapping[str, object] | None = None,
) -> Case:
    """
    Save canonical values into a case and its person.

    Raises:
        EditConflict: somebody saved since `version` was read and the texts differ; nothing is changed.
        InvalidValues: a field is not known here.
    """
    require(by, Permission.CASE_WRITE, case)
    if IDENTITY & values.keys():
        require(by, Permission.IDENTITY_REVEAL, case)
    checked.require_known(values, custom or {}, case.organisation_id)
    locked = lock(case)
    given = {**values, **{f"x:{code}": value for code, value in (custom or {}).items()}}
    changed = _changes(locked, given, version)
    if not changed:
        return locked
    own = {name[2:]: value for name, value in changed.items() if name.startswith("x:")}
    touched = _write(locked, {name: value for name, value in changed.items() if not name.startswith("x:")}, own)
    _note(by, locked, list(changed), columns=touched)
    return locked


@transaction.atomic
def save_part(*, by: Actor, case: Case, prefix: str, values: Mapping[str, object], version: int, ref: str = "") -> str:
    """Add or change a perpetrator, an event or a plan of a case; returns its reference."""
    require(by, Permission.CASE_WRITE, case)
    checked.require_known(values, {}, case.organisation_id)
    locked = lock(case)
    model = parts.PART_MODELS[prefix]
    if ref:
        part = find_part(locked, prefix, ref)
        if locked.version != version:
            theirs = current_values(locked, prefix=prefix, ref=ref)
            if any(theirs.get(name) != value for name, value in values.items()):
                raise EditConflict(version=locked.version, theirs=theirs, mine=values)
        for attribute, value in parts.part_columns(values).items():
            setattr(part, attribute, value)
        part.save()
    else:
        part = model.objects.create(case=locked, **parts.part_columns(values))
    vault.seal(locked.person.subject, parts.sealed_values(values, part.ref))
    _note(by, locked, [f"{prefix}:{part.ref}"])
    return part.ref


@transaction.atomic
def remove_part(*, by: Actor, case: Case, prefix: str, ref: str) -> None:
    """Take a perpetrator, an event or a plan off a case, its texts too."""
    require(by, Permission.CASE_WRITE, case)
    locked = lock(case)
    part = find_part(locked, prefix, ref)
    names = [name for name in htcds.FIELDS if name.startswith(f"{prefix}_") and name not in COLUMNS]
    vault.seal(locked.person.subject, {f"{prefix}:{ref}:{name}": None for name in names})
    part.delete()
    _note(by, locked, [f"{prefix}:{ref}"], removed=1)


def lock(case: Case) -> Case:
    """Read the case again and hold its row until the transaction ends."""
    return Case.objects.select_for_update(of=("self",)).select_related("person__subject").get(pk=case.pk)


def find_part(case: Case, prefix: str, ref: str) -> Perpetrator | TraffickingEvent | SupportPlan:
    """
    One of the repeated objects of this case.

    Raises:
        NotFound: the case has no such object.
    """
    part = parts.PART_MODELS[prefix].objects.filter(case=case, ref=ref).first()
    if part is None:
        raise NotFound("There is no such record.")
    return part


def _changes(case: Case, values: Mapping[str, object], version: int) -> dict[str, object]:
    given = {name: value for name, value in values.items() if name not in DERIVED}
    current = current_values(case, names=[name for name in given if not name.startswith("x:")])
    if any(name.startswith("x:") for name in given):
        current.update({f"x:{code}": value for code, value in read_record(case, identity=True).custom.items()})
    changed = {name: value for name, value in given.items() if _differs(current.get(name), value)}
    if changed and case.version != version:
        raise EditConflict(version=case.version, theirs=current, mine=changed)
    return changed


def _differs(old: object, new: object) -> bool:
    def nothing(value: object) -> object:
        return None if value in ("", (), []) else tuple(value) if isinstance(value, list) else value

    return nothing(old) != nothing(new)


def _write(case: Case, changed: Mapping[str, object], custom: Mapping[str, object]) -> set[str]:
    """Write what changed, except the columns of the case itself: these are set, and returned to be saved at once."""
    person = case.person
    touched_case: set[str] = set()
    touched_person: set[str] = set()
    for name, value in changed.items():
        column = COLUMNS.get(name)
        if column is None:
            continue
        target, touched = (person, touched_person) if column.home == "person" else (case, touched_case)
        setattr(target, column.attribute, checked.to_column(name, value))
        touched.add(column.attribute)
    if "prs_Birthdate" in changed:
        case.age_at_opening = checked.age_on(changed["prs_Birthdate"], case.opened_on)
        touched_case.add("age_at_opening")
    if custom:
        case.extra = {**case.extra, **checked.open_custom(custom, case.organisation_id)}
        case.extra = {code: value for code, value in case.extra.items() if custom.get(code, value) is not None}
        touched_case.add("extra")
    if touched_person:
        person.save(update_fields=sorted(touched_person))
    _seal(case, changed, custom)
    return touched_case


def _seal(case: Case, changed: Mapping[str, object], custom: Mapping[str, object]) -> None:
    """Seal the texts that changed, and take out the unknown words that a new value stands for."""
    subject = case.person.subject
    items = parts.sealed_values(changed)
    items.update({f"x:{code}": text for code, text in checked.sealed_custom(custom, case.organisation_id).items()})
    words = [f"raw:{name}" for name in changed if name in COLUMNS]
    items.update(dict.fromkeys(kept_items(subject.pk, words)))
    # The search index holds sex and province; anything else leaves it alone.
    facets = None
    if parts.FACET_FIELDS & changed.keys():
        facets = parts.facets_of({**current_values(case, names=parts.FACET_FIELDS), **changed})
    if items or facets:
        vault.seal(subject, items, facets=facets)


def _note(by: Actor, case: Case, names: list[str], *, removed: int = 0, columns: Collection[str] = ()) -> None:
    touch(case, *sorted(columns))
    details = {"fields": names[:100], "removed": removed}
    insert_one(new_object(Entry, case_id=case.pk, kind="saved", at=clock.now(), by_id=by.user_id, details=details))
    audit.append(
        by=by,
        organisation_id=case.organisation_id,
        action="case.save",
        ref=case.code,
        details={"fields": ",".join(names)[:400], "version": case.version},
    )
