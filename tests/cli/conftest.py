"""Real processes of `naungan`, each with a home folder of its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings as SettingsWrapper

from naungan.cli.frame import cli, run
from naungan.vault import keys
from naungan.world.building import build_caseload, build_organisations
from naungan.world.caseload import Span

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-20"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> object:
        return json.loads(self.out)


@dataclass(frozen=True)
class Installation:
    """A home folder, the environment around it, and a way to run the command there."""

    home: Path
    environment: dict[str, str]

    def run(self, *words: str, given: str = "", **more: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "naungan", *words],
            env={**self.environment, **more},
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return Done(done.returncode, done.stdout, done.stderr)


def installation(home: Path, **more: str) -> Installation:
    """An installation whose environment holds nothing of the tests' own."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("NAUNGAN_", "DJANGO_"))}
    environment = {**plain, "PYTHONPATH": str(ROOT / "src"), "NAUNGAN_HOME": str(home), **more}
    return Installation(home, environment)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of a demonstration with sixty people, built once by a real process."""
    home = tmp_path_factory.mktemp("demo") / "var"
    done = installation(home, NAUNGAN_DEMO="1").run("demo", "--people", "60", "--no-serve", "--today", TODAY)
    assert done.code == 0, done.err
    return home


@pytest.fixture
def demo(built: Path, tmp_path: Path) -> Installation:
    """A demonstration of this test's own."""
    shutil.copytree(built, tmp_path / "var")
    return installation(tmp_path / "var", NAUNGAN_DEMO="1")


@pytest.fixture
def real(tmp_path: Path) -> Callable[..., Installation]:
    """A new installation outside the demonstration, its secrets on the command's environment."""

    def make(**more: str) -> Installation:
        secrets = {"NAUNGAN_SECRET_KEY": "s" * 40, "NAUNGAN_AUDIT_KEY": "a" * 40}
        return installation(tmp_path / "real", **secrets, **more)

    return make


@dataclass(frozen=True)
class Inside:
    """The same command in this process, on the test's own database: quick, where a process proves nothing more."""

    home: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def run(self, *words: str, given: str = "") -> Done:
        self.capture.readouterr()
        self.patch.setattr("sys.stdin", io.StringIO(given))
        code = run(cli, words)
        out, err = self.capture.readouterr()
        return Done(code, out, err)


@pytest.fixture
def inside(
    db: None,
    settings: SettingsWrapper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Inside]:
    """A demonstration with sixty people in the test's database and a home folder of its own."""
    home = tmp_path / "var"
    home.mkdir(mode=0o700)
    settings.HOME, settings.DEMO = home, True
    settings.VAULT_KEY, settings.VAULT_KEY_FILE = None, str(home / "vault_key.json")
    settings.ERASURE_LIST, settings.AUDIT_ANCHORS = str(home / "erasures.jsonl"), str(home / "anchors.jsonl")
    monkeypatch.setattr(keys, "_opened", None)
    before = os.umask(0o077)
    kept = Path(str(connection.settings_dict["NAME"]))
    if kept.is_file():
        kept.chmod(0o600)
    span = Span(17, 0, 60, date.fromisoformat(TODAY))
    roster = build_organisations(people=60)
    build_caseload(span, roster)
    yield Inside(home, capsys, monkeypatch)
    os.umask(before)


def beside_postgres(script: str, place: Installation, **paths: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in an installation while a private PostgreSQL server runs; `paths` are variables of it."""
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "with_postgres.py"), "bash", "-c", script],
        env={**place.environment, "PY": sys.executable, **{name: str(path) for name, path in paths.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
