"""A report as one web page: nothing fetched, no script, light and dark, phone and paper."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Final

from naungan.methods.figures.figure import COLOURS, NARROW, WIDE, Figure
from naungan.methods.prevalence.report_words import label
from naungan.methods.prevalence.words import Language

if TYPE_CHECKING:
    from naungan.methods.prevalence.report import Block, Document, Section

__all__ = ["html"]

LONG_WORD: Final = 30


def html(made: Document) -> str:
    """
    Draw a report as one HTML file.

    Args:
        made: The report.

    Returns:
        str: the page. Every text in it is escaped; the only markup not from here is that of the charts.
    """
    style = resources.files("naungan.methods.prevalence").joinpath("report.css").read_text("utf-8")
    first, *rest = made.sections
    links = "".join(f'<li><a href="#{s.name}">{escape(s.heading)}</a></li>' for s in rest)
    return (
        f'<!doctype html>\n<html lang="{made.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(made.title)}</title>\n<style>\n{style}{_recoloured()}</style>\n</head>\n<body>\n"
        f'<header><h1>{escape(made.title)}</h1><p class="lists">{escape(made.subtitle)}</p></header>\n<main>\n'
        f"{_section(first, made.language)}"
        f'<nav aria-label="{escape(label("contents", made.language))}"><ul>{links}</ul></nav>\n'
        f"{''.join(_section(section, made.language) for section in rest)}"
        f"</main>\n<footer><p>{escape(made.footer)}</p></footer>\n</body>\n</html>\n"
    )


def _recoloured() -> str:
    """Rules that give each colour of a chart the value of its role, so that charts follow light and dark."""
    rules = []
    for role, colour in COLOURS.items():
        rules.append(f'svg [fill="{colour}"] {{ fill: var(--{role}); }}')
        rules.append(f'svg [stroke="{colour}"] {{ stroke: var(--{role}); }}')
    return "\n".join(rules) + "\n"


def _section(section: Section, language: Language) -> str:
    blocks = "".join(_block(block, language) for block in section.blocks)
    name = escape(section.name)
    heading = f'<h2 id="{name}-h">{escape(section.heading)}</h2>'
    return f'<section id="{name}" aria-labelledby="{name}-h">{heading}\n{blocks}</section>\n'


def _block(block: Block, language: Language) -> str:
    if block.kind == "figure" and block.figure is not None:
        return _figure(block.figure, language)
    if block.kind == "table":
        return _table(block.text, block.columns, block.rows)
    if block.kind == "facts":
        pairs = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in block.items)
        return f'<dl class="facts">{pairs}</dl>\n'
    if block.kind in ("list", "refusals"):
        items = "".join(f"<li>{escape(text)}</li>" for _, text in block.items)
        return f'<div class="{block.kind}"><h3>{escape(block.text)}</h3><ul>{items}</ul></div>\n'
    return f'<p class="{escape(block.kind)}">{escape(block.text)}</p>\n'


def _figure(figure: Figure, language: Language) -> str:
    name = escape(figure.name)
    return (
        f'<figure id="f-{name}"><h3>{escape(figure.title)}</h3><p>{escape(figure.sentence)}</p>\n'
        f'<div class="wide">{figure.svg(WIDE)}</div><div class="narrow">{figure.svg(NARROW)}</div>\n'
        f"<details><summary>{escape(label('table', language))}: {escape(figure.title)}</summary>"
        f"{_table('', figure.columns, figure.rows)}</details>"
        f"<figcaption>{escape(figure.source)}</figcaption></figure>\n"
    )


def _table(caption: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(f'<tr><th scope="row">{escape(row[0])}</th>{"".join(map(_cell, row[1:]))}</tr>' for row in rows)
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<div class="table" tabindex="0" role="group"><table>{title}{top}<tbody>{body}</tbody></table></div>\n'


def _cell(text: str) -> str:
    """A cell; a word too long for a phone, as a fingerprint, may break anywhere."""
    long = max(map(len, text.split()), default=0) > LONG_WORD
    return f'<td class="long">{escape(text)}</td>' if long else f"<td>{escape(text)}</td>"
