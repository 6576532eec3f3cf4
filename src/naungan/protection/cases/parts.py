"""The parts of a record: what is sealed, and the objects of which a case may hold several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from naungan.access.inserting import insert_new
from naungan.access.references import new_ref
from naungan.protection.cases.fields import COLUMNS, DERIVED, is_repeated, vault_name
from naungan.protection.cases.models import Case, Entry, Perpetrator, SupportPlan, TraffickingEvent
from naungan.protection.cases.values import sealed_custom, to_column
from naungan.standards import htcds
from naungan.vault.actions import Facets

if TYPE_CHECKING:
    from naungan.protection.cases.actions.opening import CaseDraft

PART_MODELS: Mapping[str, type[Perpetrator] | type[TraffickingEvent] | type[SupportPlan]] = {
    "per": Perpetrator,
    "hte": TraffickingEvent,
    "spl": SupportPlan,
}


def sealed_items(case: Case, draft: CaseDraft) -> dict[str, str | None]:
    """Everything of a draft that belongs in the vault; the parts must have been added before."""
    items = sealed_values(draft.values)
    for word_field, word in draft.raw.items():
        items[f"raw:{word_field}"] = word
    for code, text in sealed_custom(draft.custom, case.organisation_id).items():
        items[f"x:{code}"] = text
    items.update(getattr(case, "_part_items", {}))
    return {name: text for name, text in items.items() if text is not None}


def sealed_values(values: Mapping[str, object], ref: str = "") -> dict[str, str | None]:
    """The sealed ones among values by API name, as vault items."""
    return {
        vault_name(name, ref): htcds.to_text(value)
        for name, value in values.items()
        if name not in COLUMNS and name not in DERIVED and is_repeated(name) == bool(ref)
    }


# The fields that `facets_of` reads; no other field changes what is indexed with them.
FACET_FIELDS = frozenset(("prs_Gender", "prs_MailingState"))


def facets_of(values: Mapping[str, object]) -> Facets:
    """What the search index combines with a birth year: sex and province, nothing alone."""
    gender = values.get("prs_Gender")
    state = values.get("prs_MailingState")
    return Facets(sex=str(gender) if gender else "", province=str(state) if state else "")


def part_columns(values: Mapping[str, object]) -> dict[str, object]:
    """The values of a repeated object that its own columns keep."""
    return {COLUMNS[name].attribute: to_column(name, value) for name, value in values.items() if name in COLUMNS}


def add_parts(cases: Sequence[Case], drafts: Sequence[CaseDraft]) -> None:
    """Create the perpetrators, events, plans and comments of new cases; their texts wait on the case to be sealed."""
    rows: dict[str, list[Perpetrator | TraffickingEvent | SupportPlan]] = {}
    comments: list[Entry] = []
    for case, draft in zip(cases, drafts, strict=True):
        items: dict[str, str | None] = {}
        for prefix, values in _repeated(draft):
            ref = new_ref()
            if prefix == "cco":
                comments.append(Entry(ref=ref, case=case, kind="comment", at=case.created_at, by=None, has_text=True))
                items[f"note:{ref}"] = htcds.to_text(values.get("cco_CaseComment"))
                continue
            rows.setdefault(prefix, []).append(PART_MODELS[prefix](ref=ref, case=case, **part_columns(values)))
            items.update(sealed_values(values, ref))
        case._part_items = items  # type: ignore[attr-defined]  # carried to the sealing step of the same call
    for prefix, made in rows.items():
        insert_new(PART_MODELS[prefix], made)
    insert_new(Entry, comments)


def _repeated(draft: CaseDraft) -> list[tuple[str, Mapping[str, object]]]:
    found: list[tuple[str, Mapping[str, object]]] = [
        (prefix, values) for prefix, several in draft.repeated.items() for values in several
    ]
    single: dict[str, dict[str, object]] = {}
    for name, value in draft.values.items():
        if is_repeated(name) and value not in (None, "", ()):
            single.setdefault(name.split("_", 1)[0], {})[name] = value
    return found + list(single.items())
