"""
The key file: a key ring sealed by a passphrase, by a key from outside, or by a key that a KMS unwraps.

Only the demonstration may leave it unsealed, and then the file says so.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from naungan.vault.crypto import KEY_BYTES, NONCE_BYTES
from naungan.vault.errors import BadKeyFile, CannotUnseal, KeysMissing
from naungan.vault.ring import KeyRing

FORMAT = "naungan vault keys 1"
UNSEALED_WARNING = "NOT SEALED. For the demonstration only: whoever reads this file reads every identity."
COMMAND_SECONDS = 30


@dataclass(frozen=True, slots=True, repr=False)
class Argon2Cost:
    """What guessing one passphrase costs; the default takes about a second and 256 MiB (RFC 9106 has less)."""

    passes: int = 3
    memory_kib: int = 256 * 1024
    lanes: int = 4


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What may open a key file; the first that fits the file's way of sealing is used."""

    passphrase: str | None = None
    key: bytes | None = None
    command: str | None = None


def read_key(text: str) -> bytes:
    """
    Read a key of 32 bytes written in hexadecimal or base64.

    Raises:
        CannotUnseal: it is neither.
    """
    folded = text.strip()
    try:
        is_hexadecimal = len(folded) == 2 * KEY_BYTES
        key = bytes.fromhex(folded) if is_hexadecimal else base64.b64decode(_standard(folded), validate=True)
    except (ValueError, NotBase64) as error:
        raise CannotUnseal(_("the vault key must be 32 bytes, written in hexadecimal or base64")) from error
    if len(key) != KEY_BYTES:
        raise CannotUnseal(_("the vault key must be 32 bytes, written in hexadecimal or base64"))
    return key


def write_unsealed(path: Path, ring: KeyRing) -> None:
    """Write a ring in the clear, marked as such; for the demonstration only."""
    _write(path, {"format": FORMAT, "sealed_by": "nothing", "warning": UNSEALED_WARNING, "keys": _payload(ring)})


def create_unsealed(path: Path, ring: KeyRing) -> KeyRing:
    """Write the demonstration's first ring unless another process just did; returns the one in the file."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.first")
    write_unsealed(draft, ring)
    try:
        os.link(draft, path)
    except FileExistsError:
        return read_ring(path, Secrets())
    finally:
        draft.unlink()
    return ring


def write_sealed_by_passphrase(path: Path, ring: KeyRing, passphrase: str, cost: Argon2Cost | None = None) -> None:
    """Seal a ring with a passphrase (Argon2id) and write it."""
    cost = cost or Argon2Cost()
    header: dict[str, object] = {
        "format": FORMAT,
        "sealed_by": "passphrase",
        "argon2id": {"passes": cost.passes, "memory_kib": cost.memory_kib, "lanes": cost.lanes},
        "salt": _text(os.urandom(16)),
    }
    _write(path, _sealed(header, ring, _from_passphrase(header, passphrase)))


def write_sealed_by_key(path: Path, ring: KeyRing, key: bytes) -> None:
    """Seal a ring with a key that is given from outside at each start, and write it."""
    _write(path, _sealed({"format": FORMAT, "sealed_by": "key"}, ring, key))


def write_sealed_by_command(path: Path, ring: KeyRing, *, key: bytes, wrapped: bytes) -> None:
    """
    Seal a ring with a data key of a KMS and write it.

    Args:
        path: The key file.
        ring: What to seal.
        key: The data key in the clear, as the KMS gave it out; it is not written.
        wrapped: The same key as the KMS wrapped it; the unwrap command gets it at each start.
    """
    _write(path, _sealed({"format": FORMAT, "sealed_by": "command", "wrapped": _text(wrapped)}, ring, key))


def rewrite(path: Path, ring: KeyRing, secrets: Secrets) -> None:
    """Replace the ring in a file, sealed as the file is now."""
    file = _read(path)
    if file["sealed_by"] == "nothing":
        write_unsealed(path, ring)
        return
    key = _unsealing_key(file, secrets)
    header = {name: value for name, value in file.items() if name not in ("nonce", "sealed", "written_at")}
    _open(file, key)
    _write(path, _sealed(header, ring, key))


def read_ring(path: Path, secrets: Secrets) -> KeyRing:
    """
    Open a key file.

    Raises:
        KeysMissing: there is no such file.
        BadKeyFile: it is not a key file.
        CannotUnseal: the secret is missing or wrong, or the file was changed.
    """
    file = _read(path)
    if file["sealed_by"] == "nothing":
        keys = file.get("keys")
        return _ring(keys if isinstance(keys, dict) else {})
    return _open(file, _unsealing_key(file, secrets))


def is_sealed(path: Path) -> bool:
    """Whether a key file can be read only with a secret."""
    return _read(path)["sealed_by"] != "nothing"


def _sealed(header: Mapping[str, object], ring: KeyRing, key: bytes) -> dict[str, object]:
    nonce = os.urandom(NONCE_BYTES)
    plain = json.dumps(_payload(ring)).encode()
    return {**header, "nonce": _text(nonce), "sealed": _text(AESGCM(key).encrypt(nonce, plain, _bound(header)))}


def _open(file: Mapping[str, object], key: bytes) -> KeyRing:
    header = {name: value for name, value in file.items() if name not in ("nonce", "sealed", "written_at")}
    try:
        plain = AESGCM(key).decrypt(_raw(file, "nonce"), _raw(file, "sealed"), _bound(header))
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal(_("the key file does not open: wrong secret, or the file was changed")) from error
    return _ring(json.loads(plain))


def _unsealing_key(file: Mapping[str, object], secrets: Secrets) -> bytes:
    way = file["sealed_by"]
    if way == "passphrase" and secrets.passphrase is not None:
        return _from_passphrase(file, secrets.passphrase)
    if way == "key" and secrets.key is not None:
        return secrets.key
    if way == "command" and secrets.command is not None:
        return _from_command(secrets.command, _raw(file, "wrapped"))
    raise CannotUnseal(
        _("the key file is sealed by %(way)s: give NAUNGAN_VAULT_PASSPHRASE, _KEY or _UNWRAP_COMMAND") % {"way": way}
    )


def _from_passphrase(file: Mapping[str, object], passphrase: str) -> bytes:
    cost = file.get("argon2id")
    if not isinstance(cost, dict):
        raise BadKeyFile(_("the key file does not say what its passphrase costs"))
    try:
        return hash_secret_raw(
            passphrase.encode(),
            _raw(file, "salt"),
            time_cost=int(cost["passes"]),
            memory_cost=int(cost["memory_kib"]),
            parallelism=int(cost["lanes"]),
            hash_len=KEY_BYTES,
            type=Type.ID,
        )
    except (KeyError, ValueError, TypeError, HashingError) as error:
        raise BadKeyFile(_("the key file's Argon2id values cannot be used")) from error


def _from_command(command: str, wrapped: bytes) -> bytes:
    try:
        done = subprocess.run(
            shlex.split(command), input=wrapped, capture_output=True, timeout=COMMAND_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotUnseal(_("the unwrap command failed; run it by hand to see why")) from error
    return done.stdout if len(done.stdout) == KEY_BYTES else read_key(done.stdout.decode("ascii", "replace"))


def _payload(ring: KeyRing) -> dict[str, object]:
    return {"current": ring.current, "versions": {str(number): _text(key) for number, key in ring.keys.items()}}


def _ring(payload: Mapping[str, object]) -> KeyRing:
    current, versions = payload.get("current"), payload.get("versions")
    if not isinstance(current, int) or not isinstance(versions, dict):
        raise BadKeyFile(_("the key file holds no keys"))
    return KeyRing(current, {int(number): base64.b64decode(key) for number, key in versions.items()})


def _bound(header: Mapping[str, object]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()


def _read(path: Path) -> dict[str, object]:
    try:
        file = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise KeysMissing(_("there is no key file; make one with `naungan keys generate`")) from error
    except (OSError, ValueError) as error:
        raise BadKeyFile(_("the key file cannot be read")) from error
    if not isinstance(file, dict) or file.get("format") != FORMAT or "sealed_by" not in file:
        raise BadKeyFile(_("this is not a key file of the vault"))
    return file


def _write(path: Path, file: Mapping[str, object]) -> None:
    """Replace the file whole, readable by its owner only, so that a crash leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    text = json.dumps({**file, "written_at": datetime.now(UTC).isoformat(timespec="seconds")}, indent=2) + "\n"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file_object:
        file_object.write(text)
        file_object.flush()
        os.fsync(file_object.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _raw(file: Mapping[str, object], name: str) -> bytes:
    value = file.get(name)
    if not isinstance(value, str):
        raise BadKeyFile(_("the key file has no %(name)s") % {"name": name})
    try:
        return base64.b64decode(value, validate=True)
    except NotBase64 as error:
        raise BadKeyFile(_("the key file's %(name)s is damaged") % {"name": name}) from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _standard(text: str) -> str:
    return text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4)
