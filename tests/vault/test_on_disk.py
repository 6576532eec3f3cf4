"""What lies on the disk: no identity while it is kept, no key after it is erased, and none after a restore."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CANARIES = {
    "prs_FirstName": "Kanariawati",
    "prs_SecondName": "Burungsari Emasputri",
    "prs_IdentityNumber": "9876501234567890",
    "prs_MobilePhone": "+62000987654321",
    "prs_Email": "kanari.burung@example.org",
    "prs_MailingStreet": "Jalan Sangkar Emas 77",
    "prs_Birthdate": "1994-05-03",
    "note:1": "Catatan rahasia tentang burung kenari kuning",
    "raw:prs_MaritalStatus": "terbang bebas",
    "x:passport": "ZQ7654321",
    "x:alias": "Sikuningmanis",
    "file:01:name": "foto kenari di sangkar.jpg",
}


def run(home: Path, command: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.vault.installation", str(home), command],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PATH": "/usr/bin:/bin", "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("installation")
    run(home, "fill")
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "home"))


def on_disk(home: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(home.iterdir()) if path.name.startswith("db.sqlite3"))


def disguises(text: str) -> set[bytes]:
    """How a text may hide in a file: other encodings, without spaces, parts of base64 at any offset."""
    forms = {text, text.lower(), text.upper(), text.replace(" ", ""), text.replace(" ", "").lower()}
    found: set[bytes] = set()
    for form in forms:
        for raw in (form.encode(), form.encode("utf-16-le"), form.encode("utf-16-be")):
            found |= {raw, raw.hex().encode()}
            found |= {base64.b64encode(b"x" * offset + raw)[4:-4] for offset in range(3)}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CANARIES if name != "prs_Birthdate"])
def test_identity_is_nowhere_in_the_files_of_the_database(filled: Path, name: str) -> None:
    files = on_disk(filled)
    words = {CANARIES[name], *(word for word in CANARIES[name].split() if len(word) > 6)}

    assert len(files) > 50_000
    assert [form for word in words for form in disguises(word) if form in files] == []


@pytest.mark.slow
def test_year_of_birth_is_not_beside_the_person(filled: Path) -> None:
    assert b"1994-05-03" not in on_disk(filled)


@pytest.mark.slow
def test_erased_key_is_nowhere_in_the_files_of_the_database(home: Path) -> None:
    assert run(home, "erase") == {}

    files = on_disk(home)
    wrapped, profile = (home / "wrapped").read_bytes(), (home / "profile").read_bytes()
    assert len(wrapped) == 60
    assert wrapped not in files
    assert wrapped[12:44] not in files
    assert profile[:40] not in files


@pytest.mark.slow
def test_erased_person_cannot_be_read_from_a_restored_older_copy(home: Path) -> None:
    older = home / "older"
    older.mkdir()
    for path in home.glob("db.sqlite3*"):
        shutil.copy(path, older)
    run(home, "erase")
    for path in home.glob("db.sqlite3*"):
        path.unlink()
    for path in older.iterdir():
        shutil.copy(path, home)
    assert run(home, "read")["note:1"] == CANARIES["note:1"]

    assert run(home, "forget") == {}
    assert run(home, "read") == {}
