"""Each setting has its line in the documentation, and each line its setting."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "naungan"
PAGE = ROOT / "docs" / "reference" / "settings.md"

# env.text("HOST"), _secret("AUDIT_KEY"), text("HOME") in env.py itself.
READ = re.compile(r'(?:env\.(?:text|flag|whole|listed)|_secret|\btext)\(\s*"([A-Z][A-Z_]+)"')
ROW = re.compile(r"^\| `NAUNGAN_([A-Z_]+)` \|", re.MULTILINE)


def settings_read() -> set[str]:
    """The names that the program asks the environment for, without those of secret files."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")]
    names = {name for text in texts for name in READ.findall(text)}
    return {name for name in names if not (name.endswith("_FILE") and name.removesuffix("_FILE") in names)}


def test_settings_read_by_the_program_are_documented() -> None:
    documented = set(ROW.findall(PAGE.read_text(encoding="utf-8")))

    missing = settings_read() - documented

    assert not missing


def test_settings_documented_are_read_by_the_program() -> None:
    documented = set(ROW.findall(PAGE.read_text(encoding="utf-8")))

    unknown = documented - settings_read()

    assert not unknown


def test_settings_page_names_each_setting_once() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))

    assert len(rows) == len(set(rows))
