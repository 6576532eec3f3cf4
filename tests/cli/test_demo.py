"""The demonstration: built once, left alone the second time, grown when more people are asked for."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from naungan.world.organisations import PASSWORD, PERSONAS
from tests.cli.conftest import TODAY, Installation, installation

pytestmark = pytest.mark.slow


def rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database but what a start itself may touch."""
    with sqlite3.connect(home / "naungan.sqlite3") as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        kept = [name for name in names if not name.startswith("sqlite_")]
        return {name: database.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2').fetchall() for name in kept}


def test_demo_prints_a_sign_in_line_for_each_persona(demo: Installation) -> None:
    done = demo.run("demo", "--no-serve")

    assert all(persona.email in done.out for persona in PERSONAS)
    assert PASSWORD in done.out
    assert "FICTIONAL" in done.out


def test_second_run_changes_nothing_and_takes_no_step(demo: Installation) -> None:
    before = rows(demo.home)

    done = demo.run("demo", "--people", "60", "--no-serve")

    assert rows(demo.home) == before
    assert "Inventing" not in done.err


def test_more_people_adds_the_difference(demo: Installation) -> None:
    before = rows(demo.home)["cases_case"]

    done = demo.run("demo", "--people", "90", "--no-serve", "--today", TODAY)

    after = rows(demo.home)["cases_case"]
    assert done.code == 0, done.err
    assert len(after) == 90
    assert {row[0] for row in before} <= {row[0] for row in after}


def test_interrupted_demo_is_finished_by_the_next_run(demo: Installation) -> None:
    state = json.loads((demo.home / "demo.json").read_text())
    (demo.home / "demo.json").write_text(json.dumps({**state, "done": False}))

    demo.run("demo", "--people", "60", "--no-serve")

    assert json.loads((demo.home / "demo.json").read_text())["done"] is True
    assert len(rows(demo.home)["cases_case"]) == 60


def test_demo_keeps_its_folder_to_its_owner(demo: Installation) -> None:
    assert demo.home.stat().st_mode & 0o077 == 0
    assert (demo.home / "naungan.sqlite3").stat().st_mode & 0o077 == 0


def test_empty_demo_has_people_who_work_there_and_no_case(tmp_path: Path) -> None:
    place = installation(tmp_path / "empty", NAUNGAN_DEMO="1")

    done = place.run("demo", "--empty", "--no-serve")

    assert done.code == 0, done.err
    assert rows(place.home)["cases_case"] == []
    assert len(rows(place.home)["access_user"]) == len(PERSONAS)
