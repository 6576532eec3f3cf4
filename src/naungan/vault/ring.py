"""The key ring: versions of the key-encryption key, and what is derived from them. It lives in memory only."""

from __future__ import annotations

import hmac
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from naungan.vault import crypto, shares
from naungan.vault.errors import BadShare, KeyInUse, UnknownKeyVersion

_MARK = b"NK1"
_CHECK_BYTES = 4


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Key-encryption keys by version; new records use `current`."""

    current: int
    keys: Mapping[int, bytes]
    _wrapping: dict[int, AESGCM] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys or any(len(key) != crypto.KEY_BYTES for key in self.keys.values()):
            raise UnknownKeyVersion(_("a key ring needs its current version, and keys of 32 bytes"))

    def __repr__(self) -> str:
        return f"KeyRing(current={self.current}, versions={sorted(self.keys)})"

    def subkey(self, purpose: str, *, version: int | None = None) -> bytes:
        """
        The key of one purpose: `index:<kind>:<organisation>`, `audit`, `batch`, `backup`...

        Raises:
            UnknownKeyVersion: the ring does not hold that version.
        """
        return crypto.subkey(self._key(self.current if version is None else version), purpose)

    def wrap(self, key: bytes, *, ref: str) -> tuple[bytes, int]:
        """Wrap a data key under the current version; returns the bytes and the version."""
        return crypto.wrap_key(self._aes(self.current), key, ref=ref, kek_version=self.current), self.current

    def unwrap(self, wrapped: bytes, *, ref: str, version: int) -> bytes:
        """Unwrap a data key; raises Tampered or UnknownKeyVersion."""
        return crypto.unwrap_key(self._aes(version), wrapped, ref=ref, kek_version=version)

    def fingerprint(self, version: int) -> str:
        """What tells two keys apart without telling the key."""
        return hmac.new(self.subkey("fingerprint", version=version), b"naungan", sha256).hexdigest()[:32]

    def rotated(self) -> KeyRing:
        """The ring with a new key, which becomes current; the old ones still open what they sealed."""
        version = max(self.keys) + 1
        return KeyRing(version, {**self.keys, version: crypto.new_key()})

    def without(self, version: int) -> KeyRing:
        """The ring after a version is destroyed for good."""
        if version == self.current:
            raise KeyInUse(_("the current key version cannot be retired; rotate first"))
        self._key(version)
        return KeyRing(self.current, {number: key for number, key in self.keys.items() if number != version})

    def to_bytes(self) -> bytes:
        """Everything in few bytes, for custodians' shares."""
        body = _MARK + struct.pack(">HB", self.current, len(self.keys))
        body += b"".join(struct.pack(">H", version) + self.keys[version] for version in sorted(self.keys))
        return body + sha256(body).digest()[:_CHECK_BYTES]

    @classmethod
    def from_bytes(cls, raw: bytes) -> KeyRing:
        """
        Read what `to_bytes` wrote.

        Raises:
            BadShare: these are not the bytes of a ring.
        """
        body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
        if not body.startswith(_MARK) or sha256(body).digest()[:_CHECK_BYTES] != check:
            raise BadShare(_("the shares do not restore a key ring; use those printed together"))
        current, count = struct.unpack_from(">HB", body, len(_MARK))
        start, width = len(_MARK) + 3, 2 + crypto.KEY_BYTES
        pieces = [body[start + at * width : start + (at + 1) * width] for at in range(count)]
        return cls(current, {int.from_bytes(piece[:2]): piece[2:] for piece in pieces})

    def _key(self, version: int) -> bytes:
        key = self.keys.get(version)
        if key is None:
            raise UnknownKeyVersion(
                _("the key ring does not hold key version %(version)s; give the newest key file") % {"version": version}
            )
        return key

    def _aes(self, version: int) -> AESGCM:
        aes = self._wrapping.get(version)
        if aes is None:
            aes = self._wrapping[version] = AESGCM(self.subkey("wrap", version=version))
        return aes


def new_ring() -> KeyRing:
    """A ring with one fresh key."""
    return KeyRing(1, {1: crypto.new_key()})


def split_ring(ring: KeyRing, *, needed: int, custodians: int) -> list[str]:
    """Print a ring as shares, of which any `needed` restore it; a rotation asks for new ones."""
    return [share.text() for share in shares.split(ring.to_bytes(), needed=needed, shares=custodians)]


def combine_ring(texts: Sequence[str]) -> KeyRing:
    """Restore a ring from typed shares; raises BadShare or TooFewShares."""
    return KeyRing.from_bytes(shares.combine([shares.read_share(text) for text in texts]))
