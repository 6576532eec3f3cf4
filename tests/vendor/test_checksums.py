"""Vendored files are those that were published."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/SHA256SUMS"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vendored_files_are_as_published(folder: Path) -> None:
    lines = [line.split(maxsplit=1) for line in (folder / "SHA256SUMS").read_text().splitlines()]
    listed = {name: digest for digest, name in lines}

    found = {name: sha256((folder / name).read_bytes()).hexdigest() for name in listed}

    assert found == listed
    assert "LICENSE" in listed
