"""A report as a tagged PDF that screen readers can read, set by Typst on this machine."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

from naungan.methods import typesetting
from naungan.methods.prevalence.report_words import label
from naungan.methods.prevalence.words import Language

if TYPE_CHECKING:
    from naungan.methods.prevalence.report import Block, Document

__all__ = ["pdf"]

_WIDTH = 560
# One moment for all, so that the same report gives the same bytes.
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
_FAMILY = re.compile(r'font-family="[^"]*"')


def pdf(made: Document) -> bytes:
    """
    Set a report as PDF/UA-1.

    Args:
        made: The report.

    Returns:
        bytes: the PDF. Texts are handed over as data, so that nothing in them can be taken for markup; no file is
            read and no package fetched.
    """
    template = resources.files("naungan.methods.prevalence").joinpath("report.typ").read_text("utf-8")
    return typesetting.pdf(template, _data(made), at=_UNDATED)


def _data(made: Document) -> dict[str, object]:
    return {
        "title": made.title,
        "subtitle": made.subtitle,
        "language": made.language,
        "footer": made.footer,
        "page": label("page", made.language),
        "sections": [
            {"heading": section.heading, "blocks": [_block(block, made.language) for block in section.blocks]}
            for section in made.sections
        ],
    }


def _block(block: Block, language: Language) -> dict[str, object]:
    found: dict[str, object] = {
        "kind": block.kind,
        "text": block.text,
        "items": [list(item) for item in block.items],
        "columns": list(block.columns),
        "rows": [list(row) for row in block.rows],
    }
    figure = block.figure
    if figure is not None:
        found |= {
            "title": figure.title,
            "sentence": figure.sentence,
            "source": figure.source,
            "columns": list(figure.columns),
            "rows": [list(row) for row in figure.rows],
            "svg": _FAMILY.sub('font-family="Libertinus Serif"', figure.svg(_WIDTH)),
        }
    return found
