"""Every chart has its table, its source and its sentence, loads nothing, and draws without a browser."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from naungan.methods.figures import prevalence as charts
from naungan.methods.figures.figure import NARROW, Figure, Language
from naungan.methods.prevalence import linkage_errors, sensitivity
from naungan.methods.prevalence.estimate import estimate
from naungan.methods.prevalence.tables import CaptureTable, read_csv

DATA = Path(__file__).parents[1] / "prevalence" / "data"
NAMES = (
    "overlap",
    "answers",
    "spread",
    "replicates",
    "leave-one-out",
    "consistency",
    "odds-ratio",
    "identifying",
    "trajectory",
    "linkage",
)


@cache
def figures(language: Language) -> dict[str, Figure]:
    table = read_csv(DATA / "Kosovo.csv")
    found = estimate(table, replicates=300, seed=1)
    tried = sensitivity.examine(table, seed=1)
    linked = linkage_errors.what_if(table, seed=1, draws=20)
    made = (
        charts.overlap(table, language),
        charts.answers(table, (found, estimate(table, method="chao")), language),
        charts.spread(tried, language),
        charts.replicates(table, found, language),
        charts.leave_one_out(tried, language),
        charts.consistency(tried, language),
        charts.odds_ratios(tried, language),
        charts.identifying(tried, language),
        charts.trajectory(tried, language),
        charts.linkage(table, linked, language),
    )
    return {figure.name: figure for figure in made if figure is not None}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("name", NAMES)
def test_chart_carries_what_it_must(name: str, language: Language) -> None:
    figure = figures(language)[name]

    assert figure.title
    assert figure.sentence.endswith(".")
    assert "Kosovo" not in figure.source
    assert "4,400" in figure.source or "4.400" in figure.source
    assert figure.rows
    assert all(len(row) == len(figure.columns) for row in figure.rows)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_spec_is_plain_data_and_loads_nothing(name: str) -> None:
    written = json.dumps(figures("en")[name].spec(), allow_nan=False)

    assert '"url"' not in written
    assert "NaN" not in written


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_svg_is_an_image_with_a_description_and_no_wider_than_asked(name: str) -> None:
    figure = figures("en")[name]
    drawn = figure.svg(NARROW)

    width = re.search(r'width="(\d+)"', drawn)
    assert drawn.startswith('<svg role="img" aria-label="')
    assert " role=" not in drawn.removeprefix("<svg role=")  # a part with a role and no name is read as nothing
    assert "<script" not in drawn
    assert "http" not in drawn.replace("http://www.w3.org", "")
    assert width is not None
    assert int(width.group(1)) <= NARROW + 40


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "id"])
def test_two_languages_share_no_sentence(language: Language) -> None:
    other: Language = "id" if language == "en" else "en"

    mine, theirs = figures(language), figures(other)
    assert all(mine[name].sentence != theirs[name].sentence for name in NAMES)


@pytest.mark.slow
def test_thousands_are_marked_in_the_manner_of_the_language() -> None:
    assert ">10,000<" in figures("en")["identifying"].svg()
    assert ">10.000<" in figures("id")["identifying"].svg()


@pytest.mark.slow
def test_png_is_a_picture() -> None:
    assert figures("en")["overlap"].png().startswith(b"\x89PNG")


def test_overlap_chart_hides_one_and_two_people() -> None:
    table = CaptureTable.of(["A", "B", "C"], {"A": 30, "B": 30, "C": 30, "A:B": 9, "A:B:C": 2})
    figure = charts.overlap(table)

    assert figure.rows[2] == ("three or more", "< 3")
    assert "< 3 on three or more" in figure.sentence


def test_no_estimate_draws_no_curves() -> None:
    tried = sensitivity.examine(CaptureTable.of(["A", "B", "C"], {"A": 5, "B": 5, "C": 5}), seed=1)

    assert charts.identifying(tried) is None
    assert charts.trajectory(tried) is None
    assert charts.odds_ratios(tried) is None


def test_answer_of_a_model_taken_as_given_is_labelled_so() -> None:
    table = read_csv(DATA / "Kosovo.csv")
    chosen, given = estimate(table, replicates=400), estimate(table, method="bic", replicates=0)

    labels = json.dumps(charts.answers(table, (chosen, given)).spec())

    assert "best model by BIC (one model taken as given): " in labels
    assert "stepwise choice of the model: " in labels
