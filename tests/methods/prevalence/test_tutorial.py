"""The tutorial runs, and prints what it says it prints."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from naungan.methods.prevalence.estimate import estimate
from naungan.methods.prevalence.tables import read_csv
from naungan.methods.prevalence.words import two_figures

PAGE = Path(__file__).parents[3] / "docs" / "tutorials" / "how-many-are-never-seen.md"
BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


@pytest.mark.slow
def test_each_block_prints_what_stands_under_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    names: dict[str, object] = {}

    assert text.count("```python") == len(BLOCK.findall(text)) >= 9
    for code, expected in BLOCK.findall(text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, PAGE.name, "exec"), names)  # noqa: S102 - our own page, run to check it
        assert printed.getvalue() == expected


def test_numbers_of_the_explanation_are_those_of_the_program() -> None:
    page = (PAGE.parents[1] / "explanation" / "prevalence.md").read_text(encoding="utf-8")
    table = read_csv(Path(__file__).parent / "data" / "UKdat_5.csv")
    answers = [
        estimate(table, replicates=0),
        estimate(table, method="bic", replicates=0),
        estimate(table, method="bic", max_order=4, replicates=0),
    ]

    rows = dict(re.findall(r"\| ([A-Z]+), [^|]*\| ([\d,]+) \|", page))
    assert rows == {name: f"{table.on_all[table.mask_of([name])]:,}" for name in table.lists}
    assert f"Only {table.overlaps.two_or_more} of the {table.observed:,}" in page
    told = [int(text.replace(",", "")) for text in re.findall(r"\| about ([\d,]+) \|", page)]
    assert told == [two_figures(found.estimate or 0.0) for found in answers]
