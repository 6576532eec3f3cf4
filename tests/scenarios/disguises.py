"""How a word may lie hidden in bytes, and where it is found."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path


def disguises(text: str) -> set[bytes]:
    """A word as it is, without spaces, in small letters, as UTF-16, as hexadecimal and as base64 at any offset."""
    spellings = {text, text.lower(), text.replace(" ", ""), text.replace(" ", "").lower()}
    plain = {spelling.encode(code) for spelling in spellings for code in ("utf-8", "utf-16-le", "utf-16-be")}
    found = set(plain)
    for raw in plain:
        found |= {raw.hex().encode(), raw.hex().upper().encode()}
        found |= {_inner_base64(raw, offset) for offset in range(3)}
    return found


def find(canaries: Mapping[str, str], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Which canary lies where."""
    needles = {name: disguises(text) for name, text in canaries.items()}
    return [
        f"{name} in {place}"
        for place, content in places
        for name, looks in needles.items()
        if any(look in content for look in looks)
    ]


def files_under(folder: Path) -> list[tuple[str, bytes]]:
    """Every file under a folder with its content; static files are the package's own."""
    return [
        (str(path.relative_to(folder)), path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != "static"
    ]


def _inner_base64(raw: bytes, offset: int) -> bytes:
    """What stays of the base64 of a word whatever stands before and after it."""
    before = {0: 0, 1: 2, 2: 3}[offset]
    coded = base64.b64encode(b"\0" * offset + raw)
    whole = (offset + len(raw)) * 8 // 6
    return coded[before:whole]
