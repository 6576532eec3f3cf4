"""The printed statement: tagged, in both languages, and nothing in the data is taken for markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from naungan.access.printing import StatementAbout, pdf, statement_pdf

MOMENT = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
ABOUT = StatementAbout(code="K7QF-2M9D-X", organisation="Rumah Contoh A", opened_at=MOMENT, printed_at=MOMENT)


@dataclass(frozen=True)
class Line:
    at: datetime = MOMENT
    action: str = "identity.reveal"
    organisation: str = "Rumah Contoh A"
    role: str = "caseworker"
    reason: str = "to prepare #sys.inputs a *visit* <label> @ref $x$"
    person: str = ""


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("count", [0, 1, 120])
def test_statement_is_a_tagged_pdf(language: str, count: int) -> None:
    lines = [Line(at=MOMENT + timedelta(hours=hour)) for hour in range(count)]

    made = statement_pdf(lines, ABOUT, language)

    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made
    assert f"/Lang ({language}".encode() in made or f"/Lang({language}".encode() in made


def test_statement_with_names_and_contact_is_larger() -> None:
    about = StatementAbout("K7QF-2M9D-X", "Rumah Contoh A", None, MOMENT, contact="dpo@example.org")

    assert len(statement_pdf([Line(person="Amara")], about, "en")) > 1000


def test_pdf_takes_data_for_data() -> None:
    made = pdf("#set document(title: data.title)\n#data.text", {"title": "T", "text": '#panic("no") $ * _ <a>'})

    assert made.startswith(b"%PDF-")
