"""The keys of this installation: opened once at start, as the settings say, and kept in memory only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from naungan.vault import key_file
from naungan.vault.errors import KeysMissing, UnknownKeyVersion, UnsealedKeyOnDataDisk
from naungan.vault.ring import KeyRing, new_ring

__all__ = [
    "key_path",
    "refuse_unsealed_on_data_disk",
    "reload",
    "replace_ring",
    "ring",
    "ring_with",
    "use",
]

_opened: KeyRing | None = None


def ring() -> KeyRing:
    """The installation's key ring; the demonstration makes one when there is none."""
    global _opened  # noqa: PLW0603 - one ring a process, opened once
    if _opened is None:
        _opened = _open()
    return _opened


def ring_with(version: int) -> KeyRing:
    """The ring, read again when another process has rotated it since."""
    held = ring()
    if version in held.keys:
        return held
    held = reload()
    if version not in held.keys:
        raise UnknownKeyVersion(
            _("the key ring does not hold key version %(version)s; give the newest key file") % {"version": version}
        )
    return held


def reload() -> KeyRing:
    """Forget the ring in memory and open the key file again."""
    global _opened  # noqa: PLW0603 - one ring a process
    _opened = None
    return ring()


def replace_ring(new: KeyRing) -> None:
    """Write a changed ring to the key file, sealed as before, and use it from now on."""
    global _opened  # noqa: PLW0603 - one ring a process
    path, secrets = key_path(), _secrets()
    if path.exists():
        key_file.rewrite(path, new, secrets)
    elif secrets.key is not None:
        key_file.write_sealed_by_key(path, new, secrets.key)
    else:
        raise KeysMissing(_("there is no key file; make one with `naungan keys generate`"))
    _opened = new


@contextmanager
def use(other: KeyRing) -> Iterator[KeyRing]:
    """Use another ring for a while: to prove a backup, and in tests."""
    global _opened  # noqa: PLW0603 - one ring a process
    before, _opened = _opened, other
    try:
        yield other
    finally:
        _opened = before


def key_path() -> Path:
    """Where the key file lies."""
    return Path(settings.VAULT_KEY_FILE)


def refuse_unsealed_on_data_disk(data: Path, *, secret_files: Sequence[Path] = ()) -> None:
    """
    Check, before serving outside the demonstration, that no key lies open beside the data.

    Args:
        data: A folder or file on the disk that holds the data.
        secret_files: Files that hold a vault key or passphrase, as the settings name them.

    Raises:
        UnsealedKeyOnDataDisk: an unsealed key file or a secret file lies on that disk, or others
            than its owner may read it; the message says which and the fix.
    """
    disk = _existing(data).stat().st_dev
    path = key_path()
    if path.exists():
        _refuse_readable_by_others(path)
        if not key_file.is_sealed(path) and path.stat().st_dev == disk:
            raise UnsealedKeyOnDataDisk(
                _("the key file is not sealed and lies on the disk that holds the data; run `naungan keys seal`")
            )
    for secret in secret_files:
        _refuse_readable_by_others(secret)
        if secret.stat().st_dev == disk:
            raise UnsealedKeyOnDataDisk(
                _("%(file)s opens the vault and lies on the disk that holds the data; keep it elsewhere")
                % {"file": secret.name}
            )


def _open() -> KeyRing:
    path, secrets = key_path(), _secrets()
    if path.exists():
        return key_file.read_ring(path, secrets)
    if secrets.key is not None:
        return KeyRing(1, {1: secrets.key})
    if getattr(settings, "DEMO", False):
        return key_file.create_unsealed(path, new_ring())
    raise KeysMissing(_("there is no key file; make one with `naungan keys generate`"))


def _secrets() -> key_file.Secrets:
    key = settings.VAULT_KEY
    return key_file.Secrets(
        passphrase=settings.VAULT_PASSPHRASE,
        key=key_file.read_key(key) if key else None,
        command=settings.VAULT_UNWRAP_COMMAND,
    )


def _refuse_readable_by_others(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        raise UnsealedKeyOnDataDisk(
            _("others than its owner may read %(file)s; run chmod 600 on it") % {"file": path.name}
        )


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
