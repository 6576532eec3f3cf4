"""Turns a Typst template and data into a tagged PDF."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

import typst


def pdf(template: str, data: Mapping[str, object], *, at: datetime) -> bytes:
    """
    Set a template with data and return a PDF that screen readers can read (PDF/UA-1).

    Args:
        template: Typst source; it reads the data as `data`.
        data: What the template shows: texts, numbers, lists and mappings. It is handed over as data, so that
            nothing in it can be taken for markup.
        at: The moment that the file bears; the same moment and data give the same bytes.

    Returns:
        bytes: the PDF. The template runs in a folder of its own: it reads no file and fetches no package.
    """
    source = '#let data = json(bytes(sys.inputs.at("data")))\n' + template
    with tempfile.TemporaryDirectory(prefix="naungan-print-") as empty:
        page = Path(empty, "page.typ")
        page.write_text(source, encoding="utf-8")
        made: bytes = typst.compile(
            str(page),
            None,
            empty,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            package_path=empty,
            package_cache_path=empty,
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=int(at.timestamp()),
        )
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
