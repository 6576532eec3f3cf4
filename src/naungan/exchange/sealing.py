"""Seals rows under their batch's key, and makes the keyed digests by which a file or row is recognised again."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256

from naungan.vault import keys
from naungan.vault.crypto import DataKey

DIGEST_LETTERS = 32
# One encoder for all: `json.dumps` makes a new one for every call with options.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def seal_row(key: DataKey, place: tuple[int, int], content: Mapping[str, object]) -> bytes:
    """Encrypt what a row says, bound to its batch and its place in the file."""
    return key.seal(_name(place), _encode(content))


def open_row(key: DataKey, place: tuple[int, int], sealed: bytes | memoryview) -> dict[str, object]:
    """Decrypt what a row says."""
    content: dict[str, object] = json.loads(key.open(_name(place), bytes(sealed)))
    return content


class Digests:
    """
    Keyed digests of one organisation: equal content gives equal digests, a guess cannot be tested without the key.

    A new key version does not forget what older ones have seen: `known_as` gives the digest under each.
    """

    def __init__(self, organisation_id: int, purpose: str) -> None:
        ring = keys.ring()
        message = f"{purpose} {organisation_id}".encode()
        self._current = hmac.new(ring.subkey("batch"), message, sha256).digest()
        older = [version for version in ring.keys if version != ring.current]
        self._older = [hmac.new(ring.subkey("batch", version=v), message, sha256).digest() for v in older]

    def of(self, content: bytes) -> str:
        """The digest under the present key."""
        return _short(self._current, content)

    def known_as(self, content: bytes) -> list[str]:
        """The digest under the present key and each older one, the present first."""
        return [_short(key, content) for key in (self._current, *self._older)]


def _short(key: bytes, content: bytes) -> str:
    return hmac.digest(key, content, "sha256").hex()[:DIGEST_LETTERS]


def _name(place: tuple[int, int]) -> str:
    return f"row:{place[0]}:{place[1]}"
