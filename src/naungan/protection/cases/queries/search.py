"""Finds people by name, number or telephone among the cases that the seeker may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.asking import ID, MOMENT, question
from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.access.rules import require, visible
from naungan.access.watching import note_look
from naungan.protection.cases.fields import NAMES
from naungan.protection.cases.models import Case
from naungan.protection.cases.scope import reach_of, reached_through
from naungan.vault import queries as vault

MOST_HITS = 20
READ_TOGETHER = 24
MOST_KNOWN = 5
# Below this two names are alike, not the same (as in imports of survey answers).
LEAST_SCORE = 0.6
NOBODY = 0  # fills the places of a statement that has one length


@dataclass(frozen=True, slots=True)
class Hit:
    """One person found: the name that matched, and the case."""

    name: str
    code: str
    opened_on: date
    age_at_opening: int | None


@dataclass(frozen=True, slots=True)
class SearchHits:
    """What a search found; `capped` asks for one more word."""

    hits: list[Hit]
    capped: bool = False
    code: str = ""


def search_people(by: Actor, text: str) -> SearchHits:
    """
    Search by case code, name (misspelt or sounded out), document number or telephone.

    One audit entry says how many were opened to compare, one more for each hit shown.

    Raises:
        Forbidden: the role does not search identities; a case code works for all who may list it.
    """
    code = read_code(text.strip())
    if code is not None:
        found = visible(by, Permission.CASE_LIST, Case).filter(code=code).exists()
        return SearchHits([], code=code if found else "")
    require(by, Permission.IDENTITY_SEARCH)
    with transaction.atomic():
        result = vault.search([by.organisation_id], text, limit=200)
        hits = _first_hits(by, result.hits)
        shown = hits[:MOST_HITS]
        _note(by, shown, opened=result.decrypted_count)
    return SearchHits(shown, capped=result.capped or len(hits) > MOST_HITS)


def perhaps_known(by: Actor, values: Mapping[str, object]) -> list[Hit]:
    """
    Who a new record may be about already: the same name, number or telephone among the cases that the asker may see.

    People of other organisations are never looked for, and whoever may not search is shown nobody. One audit entry
    says how many were opened to compare, one more for each hit shown.

    Args:
        by: Who is about to open a case.
        values: Canonical values by API name; the year of birth narrows the names.
    """
    if not by.relations(Permission.IDENTITY_SEARCH):
        return []
    questions = [question for question in _questions(values) if question]
    if not questions:
        return []
    with transaction.atomic():
        results = [vault.search([by.organisation_id], question, limit=READ_TOGETHER) for question in questions]
        likely = {hit.subject_id: hit for found in results for hit in found.hits if hit.score >= LEAST_SCORE}
        shown = _first_hits(by, list(likely.values()))[:MOST_KNOWN]
        _note(by, shown, opened=sum(result.decrypted_count for result in results))
    return shown


def _note(by: Actor, shown: Sequence[Hit], *, opened: int) -> None:
    """Count a look for people, and write it and each person shown on the chain."""
    note_look(by, "search")
    asked = audit.Line("identity.search", "", {"opened": opened, "shown": len(shown)})
    found = [audit.Line("identity.found", hit.code, {}) for hit in shown]
    audit.append_many(by=by, organisation_id=by.organisation_id, lines=[asked, *found])


def _questions(values: Mapping[str, object]) -> Iterator[vault.Criteria | None]:
    birth = values.get("prs_Birthdate")
    year = str(birth.year) if isinstance(birth, date) else ""
    name = " ".join(str(values[part]) for part in NAMES if values.get(part))
    yield vault.Criteria(name=name, birth_year=year, is_finished=True) if name else None
    for number in ("prs_IdentityNumber", "prs_MobilePhone", "prs_HomePhone"):
        yield vault.Criteria(number=str(values[number])) if values.get(number) else None


def _first_hits(by: Actor, found: Sequence[vault.Hit]) -> list[Hit]:
    """The cases of those found that the seeker may see, best first; no more are read than will be shown, and one."""
    reach = reach_of(by, Permission.IDENTITY_SEARCH)
    hits: list[Hit] = []
    for start in range(0, len(found), READ_TOGETHER):
        some = found[start : start + READ_TOGETHER]
        subjects = [hit.subject_id for hit in some]
        cases: dict[int, list[tuple[Any, ...]]] = {}
        places = (*subjects, *[NOBODY] * (READ_TOGETHER - len(subjects)))
        for subject_id, *case in _cases_of(subjects=places, **reach):
            cases.setdefault(subject_id, []).append(tuple(case))
        hits += [Hit(hit.name, *case) for hit in some for case in cases.get(hit.subject_id, ())]
        if len(hits) > MOST_HITS:
            break
    return hits


@question(subjects=ID, everywhere=ID, unrestricted=ID, user=ID, now=MOMENT)
def _cases_of(subjects: Any, **reach: Any) -> QuerySet[Case, tuple[Any, ...]]:
    mine = Case.objects.filter(reached_through(**reach, case="pk"), person__subject__pk__in=subjects)
    return mine.order_by("pk").values_list("person__subject_id", "code", "opened_on", "age_at_opening")
