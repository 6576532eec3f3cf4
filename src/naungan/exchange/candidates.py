"""Finds whom a row may be about among the cases of the own organisation, never among another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from naungan.access import audit
from naungan.access.actor import Actor
from naungan.access.policy import Permission
from naungan.access.references import read_code
from naungan.access.rules import visible
from naungan.exchange.formats import CheckedRow
from naungan.exchange.models import ImportRow
from naungan.protection.cases.fields import NAMES
from naungan.protection.cases.models import Case
from naungan.vault import queries as vault

MOST = 5
LEAST_SCORE = 0.6


@dataclass(slots=True)
class Candidates:
    """
    Looks for cases that a row may stand for already: the one whose code an export wrote beside it, and for a
    survey submission, which is always a new record, people of the same name or number.
    """

    by: Actor
    is_survey: bool

    def find(self, rows: Sequence[ImportRow], checked: Sequence[CheckedRow]) -> None:
        """Write the codes of possible cases on the rows; one audit entry for all searches together."""
        for made, code in zip(rows, self._own_codes(checked), strict=True):
            made.candidates = [code] if code else []
        if not self.is_survey or not self.by.relations(Permission.IDENTITY_SEARCH):
            return
        opened = 0
        for made, row in zip(rows, checked, strict=True):
            codes, count = self._search(row)
            made.candidates = list(dict.fromkeys([*made.candidates, *codes]))[:MOST]
            opened += count
        found = sum(len(made.candidates) for made in rows)
        audit.append(
            by=self.by,
            organisation_id=self.by.organisation_id,
            action="identity.search",
            ref=rows[0].batch.ref if rows else "",
            details={"opened": opened, "shown": found, "rows": len(rows)},
        )

    def _own_codes(self, checked: Sequence[CheckedRow]) -> list[str]:
        codes = [read_code(row.code) or "" if row.code else "" for row in checked]
        asked = [code for code in codes if code]
        if not asked:
            return codes
        own = visible(self.by, Permission.CASE_LIST, Case).filter(code__in=asked)
        known = set(own.values_list("code", flat=True))
        return [code if code in known else "" for code in codes]

    def _search(self, row: CheckedRow) -> tuple[list[str], int]:
        text = " ".join(str(row.values[name]) for name in NAMES if row.values.get(name))
        asked = [text, *(str(row.values[n]) for n in ("prs_IdentityNumber", "prs_MobilePhone") if row.values.get(n))]
        subjects: dict[int, None] = {}
        opened = 0
        for words in asked:
            if not words.strip():
                continue
            result = vault.search([self.by.organisation_id], words, limit=MOST)
            opened += result.decrypted_count
            subjects.update(dict.fromkeys(hit.subject_id for hit in result.hits if hit.score >= LEAST_SCORE))
        cases = visible(self.by, Permission.CASE_LIST, Case).filter(person__subject_id__in=list(subjects))
        return list(cases.order_by("-touched_at").values_list("code", flat=True)[:MOST]), opened
