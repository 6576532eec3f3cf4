"""Reads one case: its values, masked where they tell who somebody is, and the reveal of an identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.asking import ID, question
from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.rules import Standing, require, standing
from naungan.access.watching import note_look
from naungan.protection.cases.fields import COLUMNS, DERIVED, IDENTITY, REPEATED, is_repeated, prefix_of, vault_name
from naungan.protection.cases.models import Attachment, Case, Entry
from naungan.protection.cases.parts import PART_MODELS
from naungan.protection.cases.queries.timeline import TimelineLine, timeline
from naungan.protection.cases.states import TO_HTCDS, State
from naungan.protection.cases.values import custom_fields, from_column, from_text, is_sealed
from naungan.standards import htcds
from naungan.vault import blobs
from naungan.vault import queries as vault
from naungan.vault.actions import sealed_reason

# Why an identity is looked at; a free text may say more and is sealed.
REVEAL_REASONS = ("case_work", "contact", "referral", "correction", "legal", "request", "review")
PART_FIELDS = {prefix: [name for name in htcds.FIELDS if prefix_of(name) == prefix] for prefix in PART_MODELS}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the repeated objects of a case: perpetrator, event, plan or comment."""

    ref: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as somebody may see it; `masked` names the identity fields that hold something but are not shown."""

    case: Case
    values: Mapping[str, object]
    parts: Mapping[str, list[Part]]
    custom: Mapping[str, object]
    raw: Mapping[str, str]
    masked: frozenset[str] = field(default_factory=frozenset)


def find_case(by: Actor, code: str, permission: Permission = Permission.CASE_READ) -> Case:
    """
    The case of a code, with its person.

    Raises:
        NotFound: there is none in the scope of the one who asks.
        Forbidden: there is one, but the role does not give the permission.
    """
    return reach_case(by, code, permission).record


def reach_case(by: Actor, code: str, permission: Permission = Permission.CASE_READ) -> Standing[Case]:
    """The same with what `by` is to the case, for a page that asks for more than one permission."""
    case = _cases_of.first(code=code)
    # A code that is nobody's is judged too, so that it takes as long as one that is out of scope.
    found = standing(by, case or Case(pk=0))
    found.require_given(permission)
    return found


@question(code=Case._meta.get_field("code"))
def _cases_of(code: str) -> QuerySet[Case]:
    return Case.objects.select_related("person__subject").filter(code=code)


def case_record(by: Actor, case: Case, *, revealed: bool = False) -> CaseRecord:
    """
    A whole case, with one audit entry.

    Args:
        by: Who reads.
        case: The case.
        revealed: Whether `by` has given a reason for the identity within this session; the caller keeps
            that, and the permission is asked again here.
    """
    found = standing(by, case)
    _require_reading(found, revealed)
    with transaction.atomic():
        record = read_record(case, identity=revealed)
        note_reading(found, revealed)
    return record


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """What the page of a case shows: the record, its comments left to the timeline, and the newest lines of that."""

    record: CaseRecord
    lines: list[TimelineLine]
    more: int | None


def open_record(found: Standing[Case], *, revealed: bool, lines: int) -> OpenedCase:
    """A case and the newest lines of its timeline, its texts opened once, with one audit entry; `revealed` as above."""
    _require_reading(found, revealed)
    case = found.record
    with transaction.atomic():
        items = _items(case)
        parts = _parts([case], {case.pk: items}, comments=False)[case.pk]
        record = record_from(case, items, identity=revealed, parts=parts)
        shown, more = timeline(found, limit=lines, items=items)
        note_reading(found, revealed)
    return OpenedCase(record, shown, more)


def _require_reading(found: Standing[Case], revealed: bool) -> None:
    found.require(Permission.CASE_READ)
    if revealed:
        found.require(Permission.IDENTITY_REVEAL)


def note_reading(found: Standing[Case], revealed: bool) -> None:
    """Write on the chain that something of a case was read, and whether with the identity."""
    audit.append(
        by=found.by,
        organisation_id=found.by.organisation_id,
        action="case.read",
        ref=found.record.code,
        details={"identity": int(revealed)},
    )


def reveal_identity(*, by: Actor, case: Case, reason: str, words: str = "") -> dict[str, object]:
    """
    The identity fields of a case's person, against a reason of `REVEAL_REASONS`; one audit entry.

    Raises:
        ValueError: the reason is not one of the list.
    """
    require(by, Permission.IDENTITY_REVEAL, case)
    if reason not in REVEAL_REASONS:
        raise ValueError("reason")
    with transaction.atomic():
        shown = _sealed(case, IDENTITY)
        audit.append(
            by=by,
            organisation_id=by.organisation_id,
            action="identity.reveal",
            ref=case.code,
            details={"reason": reason, "fields": len(shown)},
            reason=audit.Sealed(sealed_reason(case.person.subject, words)) if words.strip() else "",
        )
        note_look(by, "reveal")
    return shown


def read_record(case: Case, *, identity: bool) -> CaseRecord:
    """A whole case, without asking access: the callers in this app and the export have asked."""
    items = _items(case)
    return record_from(case, items, identity=identity, parts=_parts([case], {case.pk: items})[case.pk])


def _items(case: Case) -> Mapping[str, str]:
    return vault.read([case.person.subject_id], None).get(case.person.subject_id, {})


def record_from(case: Case, items: Mapping[str, str], *, identity: bool, parts: Mapping[str, list[Part]]) -> CaseRecord:
    """Put a case together from its columns and its opened vault items."""
    values: dict[str, object] = {"cas_Status": TO_HTCDS[State(case.state)]}
    masked = set()
    for name in htcds.FIELDS:
        if is_repeated(name) or name in DERIVED or name.startswith("org_"):
            continue
        if name in COLUMNS:
            owner = case.person if COLUMNS[name].home == "person" else case
            values[name] = from_column(name, getattr(owner, COLUMNS[name].attribute))
        elif name in items:
            if name in IDENTITY and not identity:
                masked.add(name)
            else:
                values[name] = from_text(name, items[name])
    raw = {name[4:]: text for name, text in items.items() if name.startswith("raw:")}
    if not identity:  # a birth date that could not be read still tells who somebody is
        masked |= raw.keys() & IDENTITY
        raw = {name: text for name, text in raw.items() if name not in IDENTITY}
    return CaseRecord(
        case=case,
        values={name: value for name, value in values.items() if value is not None},
        parts=parts,
        custom=_custom(case, items, identity=identity),
        raw=raw,
        masked=frozenset(masked),
    )


def current_values(
    case: Case, *, names: Iterable[str] | None = None, prefix: str = "", ref: str = ""
) -> dict[str, object]:
    """The stored values of some fields, identity included: for comparing before a change, never for a page."""
    if ref:
        part = PART_MODELS[prefix].objects.get(case=case, ref=ref)
        wanted = [name for name in htcds.FIELDS if prefix_of(name) == prefix]
        columns = {n: from_column(n, getattr(part, COLUMNS[n].attribute)) for n in wanted if n in COLUMNS}
        sealed = vault.read([case.person.subject_id], [vault_name(n, ref) for n in wanted]).get(
            case.person.subject_id, {}
        )
        return {**columns, **{key.split(":")[-1]: from_text(key.split(":")[-1], text) for key, text in sealed.items()}}
    chosen = [name for name in (names or htcds.FIELDS) if not is_repeated(name) and name not in DERIVED]
    found = _sealed(case, [name for name in chosen if name not in COLUMNS])
    for name in chosen:
        if name in COLUMNS:
            owner = case.person if COLUMNS[name].home == "person" else case
            found[name] = from_column(name, getattr(owner, COLUMNS[name].attribute))
    return found


def read_attachment(*, by: Actor, case: Case, ref: str) -> tuple[Attachment, str, bytes]:
    """A file of a case with its name and content, opened; one audit entry."""
    require(by, Permission.IDENTITY_REVEAL, case)
    attachment = Attachment.objects.filter(case=case, ref=ref, removed_at__isnull=True).first()
    if attachment is None:
        raise NotFound("There is no such file.")
    key = f"file:{ref}:name"
    name = vault.read([case.person.subject_id], [key]).get(case.person.subject_id, {}).get(key, ref)
    content = blobs.read(case.person.subject, ref)
    audit.append(by=by, organisation_id=by.organisation_id, action="file.read", ref=case.code, details={"file": ref})
    return attachment, name, content


def _sealed(case: Case, names: Iterable[str]) -> dict[str, object]:
    subject = case.person.subject_id
    items = vault.read([subject], list(names)).get(subject, {})
    return {name: from_text(name, text) for name, text in items.items()}


def _custom(case: Case, items: Mapping[str, str], *, identity: bool) -> dict[str, object]:
    found: dict[str, object] = dict(case.extra)
    sealed = {name[2:]: text for name, text in items.items() if name.startswith("x:")}
    if not sealed:
        return found
    for code, own in custom_fields(case.organisation_id).items():
        if code in sealed and is_sealed(own) and (identity or own.data_class != "identifying"):
            found[code] = htcds.from_kind_text(own.kind, sealed[code])
    return found


@question(case=ID)
def _parts_of(case: int, model: type[Any]) -> QuerySet[Any]:
    return model._default_manager.filter(case_id=case).order_by("pk")  # type: ignore[no-any-return]


def _parts_of_many(case_ids: list[int], model: type[Any]) -> Iterable[Any]:
    return model._default_manager.filter(case_id__in=case_ids).order_by("pk")  # type: ignore[no-any-return]


def _parts(
    cases: Iterable[Case], items: Mapping[int, Mapping[str, str]], *, comments: bool = True
) -> dict[int, dict[str, list[Part]]]:
    """The repeated objects of several cases, in a fixed number of queries; `items` by case id."""
    ids = list(items)
    found: dict[int, dict[str, list[Part]]] = {pk: {prefix: [] for prefix in REPEATED} for pk in ids}
    for prefix, model in PART_MODELS.items():
        for part in _parts_of(case=ids[0], model=model) if len(ids) == 1 else _parts_of_many(ids, model):
            values = {
                n: from_column(n, getattr(part, COLUMNS[n].attribute)) for n in PART_FIELDS[prefix] if n in COLUMNS
            }
            for name in PART_FIELDS[prefix]:
                text = items[part.case_id].get(vault_name(name, part.ref))
                if text is not None:
                    values[name] = from_text(name, text)
            shown = {name: value for name, value in values.items() if value is not None}
            found[part.case_id][prefix].append(Part(part.ref, shown))
    if not comments:
        return found
    for entry in Entry.objects.filter(case_id__in=ids, kind="comment").order_by("at", "pk"):
        text = items[entry.case_id].get(f"note:{entry.ref}")
        if text is not None:
            found[entry.case_id]["cco"].append(Part(entry.ref, {"cco_CaseComment": text}))
    return found


def records_of(cases: list[Case], *, identity: bool) -> Iterable[CaseRecord]:
    """Many whole cases in a fixed number of queries, for exports; the caller has asked access and writes the audit."""
    items = vault.read([case.person.subject_id for case in cases], None)
    by_case = {case.pk: items.get(case.person.subject_id, {}) for case in cases}
    parts = _parts(cases, by_case)
    for case in cases:
        yield record_from(case, by_case[case.pk], identity=identity, parts=parts[case.pk])
