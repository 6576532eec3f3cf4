"""What the documentation tells people to type exists."""

from __future__ import annotations

import re
from importlib import import_module

import click
import pytest

from naungan.cli import frame
from tests.docs.pages import ROOT, names

TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
MAKE = re.compile(r"(?:^|`|[A-Z]+=\S+ )make ([a-z-]+)", re.MULTILINE)
NAUNGAN = re.compile(r"(?:^|`|bin/)naungan ([a-z]+)(?: ([a-z-]+))?(?=[ `\n])", re.MULTILINE)


@pytest.mark.parametrize("name", names())
def test_make_targets_named_exist(name: str) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))

    named = set(MAKE.findall((ROOT / name).read_text(encoding="utf-8")))

    assert not named - targets


def test_readme_names_its_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    blocks = re.findall(r"```bash\n(.+?)\n```", readme)

    assert blocks == ["make demo", "make test"]


@pytest.mark.parametrize("name", names())
def test_commands_named_exist(name: str) -> None:
    unknown = []
    for first, second in NAUNGAN.findall((ROOT / name).read_text(encoding="utf-8")):
        if first not in frame.COMMANDS:
            unknown.append(first)
            continue
        command = import_module(frame.COMMANDS[first][0]).command
        if isinstance(command, click.Group) and second and second not in command.commands:
            unknown.append(f"{first} {second}")

    assert not unknown


def test_each_command_is_documented() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")

    missing = [name for name in frame.COMMANDS if f"\n## naungan {name}\n" not in page]

    assert not missing
