"""A report as a tagged PDF that screen readers can read, set by Typst on this machine."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from naungan.methods.prevalence.report_words import label
from naungan.methods.prevalence.words import Language

if TYPE_CHECKING:
    from naungan.methods.prevalence.report import Block, Document

__all__ = ["pdf"]

_WIDTH = 560
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
    source = '#let data = json(bytes(sys.inputs.at("data")))\n' + template
    with tempfile.TemporaryDirectory(prefix="naungan-report-") as empty:
        page = Path(empty, "page.typ")
        page.write_text(source, encoding="utf-8")
        made_of: bytes = typst.compile(
            str(page),
            None,
            empty,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            package_path=empty,
            package_cache_path=empty,
            format="pdf",
            sys_inputs={"data": json.dumps(_data(made), ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()),
        )
    return made_of


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


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
