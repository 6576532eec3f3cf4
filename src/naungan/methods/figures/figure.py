"""What a chart carries, one look for all of them, and how it is drawn without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

import altair as alt
import vl_convert

__all__ = ["COLOURS", "NARROW", "WIDE", "Chart", "Figure", "Language", "Spec", "dressed", "sized", "values"]

Language = Literal["en", "id"]
Spec = Mapping[str, object]
Chart = alt.Chart | alt.LayerChart

WIDE: Final = 640
NARROW: Final = 320

# One colour for each role; a page in the dark replaces them by role (see the report).
COLOURS: Final[Mapping[str, str]] = {
    "ink": "#20261f",
    "soft": "#4d5449",
    "line": "#d9d6cb",
    "accent": "#1b5e4b",
    "accent-line": "#8fb8a5",
    "danger": "#9b2c1f",
    "note": "#9aa296",
}
_VERSION: Final = "6.4"
# Places of marks are rounded, to halve the file; texts between tags are left alone: 10.000 is ten thousand.
_ATTRIBUTE: Final = re.compile(r'="[^"]*"')
_LONG_DECIMAL: Final = re.compile(r"(\d+\.\d{2})\d+")
_INDONESIAN: Final = {"number": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp", ""]}}
_FONT: Final = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"


@dataclass(frozen=True)
class Figure:
    """
    A chart and what stands beside it.

    Attributes:
        name: For files and anchors.
        title: What the chart is about.
        sentence: What it shows, for everybody, in words.
        source: Where the numbers come from.
        columns: Heads of the table.
        rows: Cells of the table, as text in the manner of the language.
        draw: The chart for a width in pixels.
        language: `en` or `id`.
    """

    name: str
    title: str
    sentence: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    draw: Callable[[int], Chart]
    language: Language = "en"

    def spec(self, width: int = WIDE) -> Spec:
        """The Vega-Lite specification, numbers and all; it loads nothing."""
        return dressed(self.draw(width), self.language)

    def svg(self, width: int = WIDE) -> str:
        """The chart as SVG: an image to screen readers, with the sentence as its description."""
        drawn: str = vl_convert.vegalite_to_svg(json.dumps(self.spec(width)), vl_version=_VERSION)
        # The parts of an image have no role of their own; those that Vega gives have no name either.
        plain = re.sub(r' (?:class|role|aria-[a-z]+)="[^"]*"', "", drawn)
        plain = _ATTRIBUTE.sub(lambda found: _LONG_DECIMAL.sub(r"\1", found.group()), plain)
        return plain.replace("<svg ", f'<svg role="img" aria-label="{escape(self.sentence)}" ', 1)

    def png(self, width: int = WIDE, scale: float = 2.0) -> bytes:
        """The chart as PNG on white."""
        drawn: bytes = vl_convert.vegalite_to_png(json.dumps(self.spec(width)), vl_version=_VERSION, scale=scale)
        return drawn


def dressed(chart: Chart, language: Language) -> Spec:
    """The specification of a chart in the look of the house, its numbers in the manner of the language."""
    axis = {
        "labelColor": COLOURS["soft"],
        "titleColor": COLOURS["soft"],
        "domainColor": COLOURS["note"],
        "tickColor": COLOURS["note"],
        "gridColor": COLOURS["line"],
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelLimit": 220,
    }
    spec: dict[str, object] = json.loads(chart.to_json(indent=None))
    spec["background"] = "transparent"
    spec["config"] = {
        "aria": False,
        "font": _FONT,
        "view": {"stroke": None},
        "axis": axis,
        "text": {"fontSize": 12, "color": COLOURS["ink"], "font": _FONT},
        "locale": _INDONESIAN if language == "id" else {},
    }
    return spec


def values(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> alt.InlineData:
    """Rows as inline data."""
    return alt.InlineData(values=[dict(zip(columns, row, strict=True)) for row in rows])


def sized(chart: Chart, width: int, height: int) -> Chart:
    """The chart with the size of its plot, in pixels; axes and names come on top."""
    found: Chart = chart.properties(width=width, height=height)
    return found
