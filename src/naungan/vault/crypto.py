"""
Encrypts items, keys and files; knows nothing of the database.

Everything is AES-256-GCM. What a ciphertext belongs to (subject, item, key version) is bound as
associated data, so that it cannot be moved. Lengths are padded to classes, since the length of a name
tells much about it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from naungan.vault.errors import BadName, Tampered

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES
MOST_NAME_BYTES = 120
SEGMENT_BYTES = 64 * 1024
STREAM_MAGIC = b"NV1\n"
_SALT_BYTES = 32
_PREFIX_BYTES = 7
_TEXT, _BYTES = b"t", b"b"


def new_key() -> bytes:
    """Draw a key of 256 bits."""
    return os.urandom(KEY_BYTES)


def subkey(root: bytes, purpose: str, *, salt: bytes | None = None) -> bytes:
    """
    Derive a key for one purpose from a root key (HKDF-SHA256).

    Args:
        root: At least 32 bytes of secret chance.
        purpose: Says what the key is for; two purposes never share a key.
        salt: Chance that may be public, when several keys of one purpose are needed.

    Returns:
        bytes: 32 bytes, from which neither the root nor another purpose's key can be found.

    Source:
        RFC 5869.
    """
    return HKDF(SHA256(), KEY_BYTES, salt, b"naungan vault 1\0" + purpose.encode()).derive(root)


def wrap_key(wrapping: AESGCM, key: bytes, *, ref: str, kek_version: int) -> bytes:
    """Encrypt a subject's data key under a wrapping key; bound to the subject and the wrapping key's version."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + wrapping.encrypt(nonce, key, _bound("key", ref, "", kek_version))


def unwrap_key(wrapping: AESGCM, wrapped: bytes, *, ref: str, kek_version: int) -> bytes:
    """
    Decrypt a subject's data key.

    Raises:
        Tampered: the bytes were changed, or belong to another subject or key version.
    """
    try:
        return wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound("key", ref, "", kek_version))
    except (InvalidTag, ValueError) as error:
        raise Tampered("a wrapped key cannot be opened: changed, moved or under another key") from error


class DataKey:
    """The key of one subject, ready to seal and open its items."""

    __slots__ = ("_aes", "_head", "_key", "_tail", "ref", "version")

    def __init__(self, key: bytes, *, ref: str, version: int) -> None:
        self._key = key
        self._aes = AESGCM(key)
        self.ref = ref
        self.version = version
        # What items are bound to, around their names; built once, for a person has many items.
        self._head, self._tail = _bound("item", ref, "", version).rsplit(b"\0\0", 1)
        self._head, self._tail = self._head + b"\0", b"\0" + self._tail

    def seal(self, name: str, value: str | bytes) -> bytes:
        """Encrypt one item under a fresh random nonce, bound to subject, name and key version."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aes.encrypt(nonce, _padded(value), self._head + name.encode() + self._tail)

    def open(self, name: str, sealed: bytes) -> str | bytes:
        """
        Decrypt one item.

        Raises:
            Tampered: the bytes were changed, or belong to another subject, name or key version.
        """
        bound = self._head + name.encode() + self._tail
        try:
            return _unpadded(self._aes.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound))
        except (InvalidTag, ValueError) as error:
            raise Tampered("an item cannot be opened: changed, moved or under another key") from error

    def encrypt_stream(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Encrypt a file of any length in pieces; see `encrypt_stream`."""
        return encrypt_stream(self._key, _bound("file", self.ref, name, self.version), chunks)

    def decrypt_stream(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Decrypt a file in pieces; see `decrypt_stream`."""
        return decrypt_stream(self._key, _bound("file", self.ref, name, self.version), chunks)


def check_name(name: str) -> str:
    """Refuse names of items that could blur what a ciphertext is bound to."""
    if not name or len(name.encode()) > MOST_NAME_BYTES or not name.isprintable():
        raise BadName("an item's name must be printable and at most 120 bytes long")
    return name


def pack(items: Mapping[str, bytes]) -> bytes:
    """Put sealed items into one row: for each, the length and text of its name, then of its ciphertext."""
    parts: list[bytes] = []
    for name, sealed in items.items():
        encoded = name.encode()
        parts += (struct.pack(">BI", len(encoded), len(sealed)), encoded, sealed)
    return b"".join(parts)


def unpack(row: bytes) -> dict[str, bytes]:
    """Take a row apart into sealed items by name, still encrypted."""
    items: dict[str, bytes] = {}
    at, end = 0, len(row)
    try:
        while at < end:
            name_bytes, sealed_bytes = struct.unpack_from(">BI", row, at)
            middle = at + 5 + name_bytes
            at = middle + sealed_bytes
            items[row[middle - name_bytes : middle].decode()] = row[middle:at]
    except (struct.error, UnicodeDecodeError) as error:
        raise Tampered("a sealed row is damaged") from error
    if at != end:
        raise Tampered("a sealed row is damaged")
    return items


def encrypt_stream(key: bytes, bound: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """
    Encrypt a file segment by segment so that cutting, reordering and joining are noticed.

    Args:
        key: The subject's data key; each file gets a key of its own, derived with a random salt.
        bound: What the file belongs to.
        chunks: The plain bytes, in pieces of any size.

    Returns:
        Iterator[bytes]: a header, then ciphertext; memory use is one segment.

    Source:
        STREAM: Hoang, Reyhanitabar, Rogaway, Vizar (2015), CRYPTO 2015, LNCS 9215, 493-517.
    """
    salt, prefix = os.urandom(_SALT_BYTES), os.urandom(_PREFIX_BYTES)
    aes = AESGCM(subkey(key, "file", salt=salt))
    yield STREAM_MAGIC + salt + prefix
    for number, last, segment in _segments(chunks, SEGMENT_BYTES):
        yield aes.encrypt(_segment_nonce(prefix, number, last), segment, bound)


def decrypt_stream(key: bytes, bound: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """
    Decrypt a file segment by segment; a segment is given out only when it is proven genuine.

    Raises:
        Tampered: changed, cut, reordered, lengthened, or another subject's or name's file. Because a
            cut is noticed at the end only, whoever writes the output must drop it on this error.
    """
    pieces = _Reader(chunks)
    header = pieces.take(len(STREAM_MAGIC) + _SALT_BYTES + _PREFIX_BYTES)
    if len(header) != len(STREAM_MAGIC) + _SALT_BYTES + _PREFIX_BYTES or not header.startswith(STREAM_MAGIC):
        raise Tampered("an encrypted file has no valid header")
    salt, prefix = header[len(STREAM_MAGIC) : -_PREFIX_BYTES], header[-_PREFIX_BYTES:]
    aes = AESGCM(subkey(key, "file", salt=salt))
    for number, last, segment in _segments(pieces.rest(), SEGMENT_BYTES + TAG_BYTES):
        try:
            yield aes.decrypt(_segment_nonce(prefix, number, last), segment, bound)
        except (InvalidTag, ValueError) as error:
            raise Tampered("an encrypted file was changed, cut or reordered") from error


def _bound(kind: str, ref: str, name: str, version: int) -> bytes:
    # The names are printable, so that NUL parts the fields without doubt.
    return f"naungan\0{kind}\0{ref}\0{name}\0{version}".encode()


def _padded(value: str | bytes) -> bytes:
    plain = _TEXT + value.encode() if isinstance(value, str) else _BYTES + value
    length = len(plain) + 1
    step = 32 if length <= 256 else 256 if length <= 4096 else 4096
    return plain + b"\x80" + bytes(-length % step)


def _unpadded(padded: bytes) -> str | bytes:
    end = padded.rindex(b"\x80")
    return padded[1:end].decode() if padded[:1] == _TEXT else padded[1:end]


def _segment_nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


def _segments(chunks: Iterable[bytes], size: int) -> Iterator[tuple[int, bool, bytes]]:
    """Cut into segments of one size; the last, perhaps empty, is marked."""
    pending, number = bytearray(), 0
    for chunk in chunks:
        pending += chunk
        while len(pending) > size:
            yield number, False, bytes(pending[:size])
            del pending[:size]
            number += 1
    yield number, True, bytes(pending)


class _Reader:
    """Takes a fixed number of bytes from pieces of any size, then hands on the rest."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def take(self, count: int) -> bytes:
        while len(self._left) < count:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._left += chunk
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    def rest(self) -> Iterator[bytes]:
        yield self._left
        yield from self._chunks
