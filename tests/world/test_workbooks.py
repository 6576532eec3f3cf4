"""Templates filled with drawn rows can be read again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from naungan.exchange.formats import open_upload
from naungan.world.workbooks import Template, fill_template

TODAY = date(2026, 11, 24)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["template_plain", "template_single", "template_multi"])
def test_filled_template_is_recognised_and_holds_the_rows(tmp_path: Path, form: Template) -> None:
    path = tmp_path / "rows.xlsx"

    written = fill_template(path, form=form, seed=17, people=25, today=TODAY)

    upload = open_upload(path)
    rows = [row for row in upload.rows() if any(row.cells[1:])]
    assert written == 25
    assert len(rows) == 25 + 2


def test_same_seed_fills_the_same_rows(tmp_path: Path) -> None:
    for name in ("a", "b"):
        fill_template(tmp_path / name, form="template_plain", seed=17, people=5, today=TODAY)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
