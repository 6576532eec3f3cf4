"""Settings: each value is typed, secrets come from files too, and a bad value stops the start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from naungan.site import env
from naungan.site.env import BadSetting


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def test_text_reads_value_default_and_file(put: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put.setenv("NAUNGAN_X", "a")
    assert env.text("X") == "a"
    put.setenv("NAUNGAN_X", "")
    assert env.text("X", "default") == "default"
    (tmp_path / "x").write_text(" from a file \n")
    put.setenv("NAUNGAN_X_FILE", str(tmp_path / "x"))
    assert env.text("X") == "from a file"


def test_text_names_the_setting_whose_file_is_missing(put: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put.setenv("NAUNGAN_X_FILE", str(tmp_path / "missing"))

    with pytest.raises(BadSetting, match="NAUNGAN_X_FILE"):
        env.text("X")


@pytest.mark.parametrize(("said", "meant"), [("yes", True), ("1", True), ("ON", True), ("no", False), ("0", False)])
def test_flag_reads_yes_and_no(put: pytest.MonkeyPatch, said: str, meant: bool) -> None:
    put.setenv("NAUNGAN_X", said)

    assert env.flag("X") is meant


def test_flag_without_value_is_the_default(put: pytest.MonkeyPatch) -> None:
    put.delenv("NAUNGAN_X", raising=False)

    assert env.flag("X", default=True) is True


def test_flag_refuses_anything_else(put: pytest.MonkeyPatch) -> None:
    put.setenv("NAUNGAN_X", "perhaps")

    with pytest.raises(BadSetting, match="yes or no"):
        env.flag("X")


@pytest.mark.parametrize("said", ["-1", "a", "1.5", "0", "11"])
def test_whole_refuses_what_lies_outside(put: pytest.MonkeyPatch, said: str) -> None:
    put.setenv("NAUNGAN_X", said)

    with pytest.raises(BadSetting, match="from 1 to 10"):
        env.whole("X", default=5, least=1, most=10)


def test_whole_reads_numbers_and_default(put: pytest.MonkeyPatch) -> None:
    put.setenv("NAUNGAN_X", "7")
    assert env.whole("X", default=5) == 7
    put.delenv("NAUNGAN_X")
    assert env.whole("X", default=5) == 5


def test_listed_parts_by_commas(put: pytest.MonkeyPatch) -> None:
    put.setenv("NAUNGAN_X", " a, ,b ")

    assert env.listed("X") == ["a", "b"]


def test_database_reads_both_kinds(tmp_path: Path) -> None:
    assert env.database(None, tmp_path)["NAME"] == str(tmp_path / "naungan.sqlite3")
    assert env.database("sqlite:////var/a%20b.sqlite3", tmp_path)["NAME"] == "/var/a b.sqlite3"
    made = env.database("postgresql://u:p%40@db:5433/name?sslmode=require", tmp_path)
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == ("u", "p@", "db", "5433")
    assert made["OPTIONS"] == {"server_side_binding": True, "prepare_threshold": 3, "sslmode": "require"}
    pooled = env.database("postgresql://u@db/name?prepare_threshold=off", tmp_path)
    assert pooled["OPTIONS"]["prepare_threshold"] is None  # type: ignore[index]  # a mapping of the driver's own
    with pytest.raises(env.BadSetting, match="prepare_threshold"):
        env.database("postgresql://u@db/name?prepare_threshold=often", tmp_path)
    assert env.database("postgres:///name?host=/run/pg", tmp_path)["HOST"] == "/run/pg"


def test_database_refuses_other_kinds(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="DATABASE_URL"):
        env.database("mysql://x", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"NAUNGAN_SECRET_KEY": ""}, "NAUNGAN_SECRET_KEY: is missing"),
        ({"NAUNGAN_AUDIT_KEY": "short"}, "NAUNGAN_AUDIT_KEY: must have at least 32"),
        ({"NAUNGAN_IDLE_LOCK_MINUTES": "soon"}, "NAUNGAN_IDLE_LOCK_MINUTES: must be a whole number"),
        ({"NAUNGAN_DATABASE_URL": "oracle://x"}, "NAUNGAN_DATABASE_URL: must begin"),
        ({"NAUNGAN_TLS": "maybe"}, "NAUNGAN_TLS: must be yes or no"),
    ],
)
def test_bad_setting_stops_the_start(changed: dict[str, str], said: str) -> None:
    code = "import naungan.site.settings"

    ended = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **changed}, capture_output=True, text=True, check=False
    )

    assert ended.returncode != 0
    assert said in ended.stderr
