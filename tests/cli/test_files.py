"""Files in and out on the command line, by the same acts as on the screen."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from naungan.world.workbooks import fill_template
from tests.cli.conftest import Installation

pytestmark = pytest.mark.slow

SUPERVISOR = "laras@yayasan.example.org"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "rows.xlsx"
    fill_template(path, form="template_single", seed=17, people=12, today=date(2026, 11, 20))
    return path


def test_workbook_comes_in_once(demo: Installation, workbook: Path) -> None:
    first = demo.run("import", str(workbook), "--as", SUPERVISOR, "--json")
    again = demo.run("import", str(workbook), "--as", SUPERVISOR, "--json")

    assert first.code == 0, first.err
    assert json.loads(first.out)["counts"] == {"accepted": 12}
    assert json.loads(again.out)["known"] is True


def test_check_only_makes_no_case(demo: Installation, workbook: Path) -> None:
    done = demo.run("import", str(workbook), "--as", SUPERVISOR, "--check-only", "--json")

    assert json.loads(done.out)["state"] == "checked"


def test_unreadable_file_is_refused(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "not.xlsx").write_bytes(b"PK\x03\x04 not a workbook")

    done = demo.run("import", str(tmp_path / "not.xlsx"), "--as", SUPERVISOR)

    assert done.code == 1
    assert "could not be read" in done.out


def test_mixed_up_organisation_stops_the_import(demo: Installation, workbook: Path) -> None:
    done = demo.run("import", str(workbook), "--as", SUPERVISOR, "--organisation", "UPTD PPA Tirtasari (fiktif)")

    assert done.code == 1


def test_export_writes_the_scope_without_identity(demo: Installation, tmp_path: Path) -> None:
    done = demo.run("export", str(tmp_path / "out.csv"), "--as", SUPERVISOR, "--reason", "Rapat", "--state", "all")

    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert done.code == 0, done.err
    assert rows
    assert all(row["prs_FirstName"] == "" for row in rows)


def test_export_by_somebody_without_that_right_is_refused_in_words(demo: Installation, tmp_path: Path) -> None:
    done = demo.run("export", str(tmp_path / "out.csv"), "--as", "ana@yayasan.example.org", "--reason", "Rapat")

    assert done.code == 1
    assert "role does not allow" in done.err
    assert not (tmp_path / "out.csv").exists()
