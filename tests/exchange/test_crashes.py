"""Kill -9 in the middle of accepting, and a full disk: nothing half done, nothing lost, and it can go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.crashing import CHUNK, ROWS

pytestmark = pytest.mark.slow

# Settings of the story's own: a file database, since a killed process must leave one behind.
SETTINGS = """
import os
from tests.settings import *
DATABASES = {"default": {**env.database(f"sqlite:///{os.environ['STORY']}/story.sqlite3", HOME)}}
HOME = Path(os.environ["STORY"])
STORAGES["default"]["OPTIONS"]["location"] = str(HOME / "files")
AUDIT_ANCHORS = str(HOME / "anchors.jsonl")
ERASURE_LIST = str(HOME / "erasures.jsonl")
"""


class Story:
    """Runs parts of a story in processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "story_settings.py").write_text(SETTINGS, encoding="utf-8")

    def run(self, mode: str) -> subprocess.CompletedProcess[str]:
        root = Path(__file__).parents[2]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(root), str(root / "src")]),
            "DJANGO_SETTINGS_MODULE": "story_settings",
            "STORY": str(self.folder),
        }
        words = [sys.executable, "-m", "tests.exchange.crashing", mode]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    def state(self, mode: str) -> dict[str, Any]:
        done = self.run(mode)
        assert done.returncode == 0, done.stderr[-2000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A database with one checked file of some hundred rows."""
    told = Story(tmp_path)
    assert told.state("prepare")["counts"] == {"good": ROWS}
    return told


def test_kill_in_the_middle_of_accepting_leaves_nothing_half_done_and_goes_on(story: Story) -> None:
    killed = story.run("killed")
    after = story.state("resume")

    assert killed.returncode == -signal.SIGKILL
    assert (after["state"], after["counts"]) == ("accepted", {"accepted": ROWS})
    assert after["cases"] == after["people"] == after["subjects"] == after["linked"] == ROWS
    assert after["chain"] is None


def test_rows_before_the_kill_stay_and_the_chunk_of_the_kill_is_not_there(story: Story) -> None:
    story.run("killed")

    state = story.state("look")

    assert state["state"] == "accepting"
    assert state["cases"] == state["subjects"] == state["linked"] == 2 * CHUNK
    assert state["counts"] == {"accepted": 2 * CHUNK, "good": ROWS - 2 * CHUNK}
    assert state["chain"] is None


def test_full_disk_while_accepting_stops_between_chunks_and_goes_on_later(story: Story) -> None:
    full = story.state("full")
    after = story.state("resume")

    assert (full["state"], full["failure"]) == ("accepting", "disk_full")
    assert full["cases"] == full["linked"] == full["subjects"] < ROWS
    assert full["cases"] % CHUNK == 0
    assert (after["state"], after["cases"]) == ("accepted", ROWS)


def test_full_disk_while_a_file_arrives_keeps_nothing_of_it(story: Story) -> None:
    refused = story.run("full_staging")

    assert "refused" in refused.stderr
    assert json.loads(refused.stdout.splitlines()[-1])["files"] == 1
