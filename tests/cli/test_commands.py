"""The command itself: help, exit codes, and that it starts light."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from naungan.cli.frame import COMMANDS
from tests.cli.conftest import ROOT, Installation

pytestmark = pytest.mark.slow


def test_help_imports_neither_django_nor_the_house() -> None:
    program = (
        "import sys, contextlib\n"
        "sys.argv = ['naungan', '--help']\n"
        "from naungan.cli import main\n"
        "main()\n"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in ('django', 'cryptography', 'granian')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_helps_and_names_its_exit_codes(demo: Installation, name: str) -> None:
    done = demo.run(name, "--help")

    assert done.code == 0
    assert "Exit codes" in done.out


def test_unknown_command_is_wrong_usage(demo: Installation) -> None:
    assert demo.run("nonsense").code == 2


def test_missing_secret_names_the_setting_and_the_fix(tmp_path: Path) -> None:
    from tests.cli.conftest import installation

    done = installation(tmp_path / "new").run("doctor")

    assert done.code == 3
    assert "NAUNGAN_SECRET_KEY" in done.err
    assert "NAUNGAN_SECRET_KEY_FILE" in done.err


def test_serve_without_keys_says_how_to_make_them(real: Callable[..., Installation]) -> None:
    done = real().run("serve", "--check")

    assert done.code == 1
    assert "naungan keys generate" in done.err


def test_serve_refuses_an_open_key_file_on_the_data_disk(real: Callable[..., Installation], built: Path) -> None:
    place = real()
    place.home.mkdir(parents=True)
    key = place.home / "vault_key.json"
    key.write_bytes((built / "vault_key.json").read_bytes())
    key.chmod(0o600)

    done = place.run("serve", "--check")

    assert done.code == 1
    assert "naungan keys seal" in done.err


def test_serve_refuses_a_passphrase_on_the_data_disk(real: Callable[..., Installation]) -> None:
    place = real()
    place.home.mkdir(parents=True)
    secret = place.home / "passphrase"
    secret.write_text("enam kata acak yang panjang sekali")
    secret.chmod(0o600)
    place.run("keys", "generate", "--passphrase-file", str(secret))

    done = place.run("serve", "--check", NAUNGAN_VAULT_PASSPHRASE_FILE=str(secret))

    assert done.code == 1
    assert "keep it elsewhere" in done.err


def test_new_installation_is_ready_after_keys_and_first_administrator(real: Callable[..., Installation]) -> None:
    secret = "enam kata acak yang panjang sekali"
    place = real(NAUNGAN_VAULT_PASSPHRASE=secret)
    place.home.parent.mkdir(exist_ok=True)
    written = place.home.parent / "passphrase"
    written.write_text(secret)

    made = place.run("keys", "generate", "--passphrase-file", str(written))
    ready = place.run("serve", "--check")
    words = ("--name", "Admin", "--organisation", "Yayasan Uji", "--new-organisation", "NGO", "--role", "administrator")
    created = place.run("user", "create", "admin@uji.example.org", *words)

    assert (made.code, ready.code, created.code) == (0, 0, 0), made.err + ready.err + created.err
    assert "/recover/" in created.out


def test_demo_refuses_a_real_installation(real: Callable[..., Installation]) -> None:
    done = real(NAUNGAN_DEMO="0").run("demo", "--no-serve")

    assert done.code == 1
    assert "invented people do not belong" in done.err


def test_module_and_command_are_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "naungan", "--version"],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        check=False,
    )

    assert done.returncode in (0, 1)
