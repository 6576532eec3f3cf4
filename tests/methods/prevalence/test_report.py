"""Reports: one file, offline, never the number alone, and nothing that could point to a person."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.estimate import estimate
from naungan.methods.prevalence.linkage_errors import what_if
from naungan.methods.prevalence.report import Document, Extras, beside, document, write
from naungan.methods.prevalence.report_html import html
from naungan.methods.prevalence.report_pdf import pdf
from naungan.methods.prevalence.report_words import LABELS
from naungan.methods.prevalence.sensitivity import Sensitivity, examine
from naungan.methods.prevalence.tables import CaptureTable, read_csv
from naungan.methods.prevalence.verdict import rate_per_100_000, strata_beside
from naungan.methods.prevalence.words import FIXED, Language

DATA = Path(__file__).parent / "data"
DAY = date(2026, 1, 5)


@cache
def made(language: Language = "en") -> Document:
    table = read_csv(DATA / "UKdat_5.csv")
    found = estimate(table, replicates=300, seed=1)
    others = (estimate(table, method="chao"), estimate(table, method="graphs"))
    extras = Extras(others=others, what_if=what_if(table, seed=1, draws=5), written_on=DAY)
    return document(table, found, language=language, found=tried(), extras=extras)


@cache
def tried() -> Sensitivity:
    return examine(read_csv(DATA / "UKdat_5.csv"), seed=1)


@cache
def page_of(language: Language = "en") -> str:
    return html(made(language))


def refused() -> Document:
    table = CaptureTable.of(["polisi", "<b>LSM</b>", "dinas"], {"polisi": 15, "<b>LSM</b>": 25, "dinas": 7})
    return document(table, estimate(table), language="id", extras=Extras(written_on=DAY))


class Page(HTMLParser):
    """Counts tags, and checks that they close in order."""

    VOID = ("meta", "rect", "line", "path", "br", "link")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def read(page: str) -> Page:
    parser = Page()
    parser.feed(page)
    return parser


@pytest.mark.slow
def test_page_is_well_formed_with_one_title_and_unique_names() -> None:
    page = read(page_of())

    assert not page.open
    assert page.tags.count("h1") == 1
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "id"])
def test_first_page_says_undecided_and_the_fixed_words(language: Language) -> None:
    first = page_of(language).partition("</section>")[0]

    assert FIXED[language] in first
    assert {"en": "The data do not decide", "id": "Data tidak memutuskan"}[language] in first
    assert f'<html lang="{language}">' in first


@pytest.mark.slow
def test_first_page_gives_two_figures_and_never_the_point_estimate() -> None:
    facts = re.search(r'<dl class="facts">.*?</dl>', page_of())

    assert facts is not None
    assert "11,313" not in facts.group()
    assert re.search(r"\d+,?0{2,} to \d+,?0{2,}", facts.group())


@pytest.mark.slow
def test_page_loads_nothing_and_runs_nothing() -> None:
    page = page_of()

    assert "<script" not in page
    assert "url(" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page.replace('xlink:href="#', ""))


@pytest.mark.slow
def test_page_names_the_table_seed_version_and_every_method() -> None:
    page = page_of()

    assert read_csv(DATA / "UKdat_5.csv").hash in page
    assert "Seed" in page
    assert "average over decomposable graphs" in page
    assert "unanswered" in page


@pytest.mark.slow
def test_no_number_is_missing_or_endless() -> None:
    text = re.sub(r"<style>.*?</style>", "", page_of() + html(refused()), flags=re.DOTALL)

    assert not re.search(r"\b(nan|inf|None|NaN|Infinity)\b", text)


def test_refusal_is_a_report_too_and_names_are_escaped() -> None:
    page = html(refused())

    assert "Tidak ada orang di dua daftar" in page
    assert "<b>LSM</b>" not in page
    assert "&lt;b&gt;LSM&lt;/b&gt;" in page


@pytest.mark.slow
def test_pdf_is_tagged_and_says_its_language() -> None:
    made_of = pdf(made("id"))

    assert made_of.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made_of
    assert b"/Lang" in made_of


@pytest.mark.slow
def test_same_report_has_the_same_bytes() -> None:
    assert pdf(made()) == pdf(made())


@pytest.mark.slow
def test_failing_group_is_printed_as_failing() -> None:
    table = read_csv(DATA / "Korea.csv")
    good = estimate(table, method="chao")
    bad = estimate(CaptureTable.of(["b", "c", "d"], {"b": 5, "c": 5}))
    strata = strata_beside({"women": good, "men": bad}, good)
    page = html(document(table, good, extras=Extras(strata=strata, written_on=DAY)))

    assert "no sum: a group fails" in page
    assert "refused" in page


@pytest.mark.slow
def test_rate_names_its_denominator_and_year() -> None:
    table = read_csv(DATA / "Korea.csv")
    found = estimate(table, replicates=200, seed=1)
    rate = rate_per_100_000(found, population=2_000_000, year=1944, of="residents")
    page = html(document(table, found, found=examine(table, seed=1), extras=Extras(rate=rate, written_on=DAY)))

    assert "Denominator: 2,000,000 residents, 1944." in page


@pytest.mark.parametrize("ending", [".doc", ""])
def test_other_endings_are_refused(tmp_path: Path, ending: str) -> None:
    table = read_csv(DATA / "Korea.csv")

    with pytest.raises(PrevalenceError, match="report"):
        write(tmp_path / f"report{ending}", table, estimate(table, method="chao"))


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".html", ".pdf"])
def test_report_is_written(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"report{ending}"
    table = read_csv(DATA / "Korea.csv")

    write(path, table, estimate(table, method="chao"), language="id")

    assert path.stat().st_size > 10_000


def test_every_label_is_in_both_languages() -> None:
    assert all(english and indonesian for english, indonesian in LABELS.values())


def test_other_methods_stand_beside_when_none_is_given() -> None:
    table = read_csv(DATA / "Kosovo.csv")

    assert [found.method for found in beside(table, estimate(table, replicates=0))] == ["bic", "chao", "graphs"]


def test_stepwise_stands_beside_another_method() -> None:
    table = read_csv(DATA / "Kosovo.csv")
    found = beside(table, estimate(table, method="bic", replicates=0))

    assert [other.method for other in found] == ["stepwise", "chao", "graphs"]


@pytest.mark.slow
def test_first_page_without_an_estimate_holds_no_other_number_of_people() -> None:
    table = read_csv(DATA / "Korea.csv")
    found = estimate(table, method="fixed", terms=[("b", "c"), ("b", "d")])
    page = document(table, found, extras=Extras(written_on=DAY)).sections[0]

    said = " ".join(
        [*(block.text for block in page.blocks), *(text for block in page.blocks for _, text in block.items)]
    )
    assert set(re.findall(r"\d[\d,]+", said)) == {"123"}
    assert not any(block.figure for block in page.blocks)
    assert found.settings["terms"] == "b:c,b:d"
