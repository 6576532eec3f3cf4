"""The key file and the ring in it."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from django.utils.translation import override
from pytest_django import Settings as SettingsWrapper

from naungan.vault import key_file, keys
from naungan.vault.errors import (
    BadKeyFile,
    BadShare,
    CannotUnseal,
    KeyInUse,
    KeysMissing,
    UnknownKeyVersion,
    UnsealedKeyOnDataDisk,
)
from naungan.vault.key_file import Argon2Cost, Secrets
from naungan.vault.ring import KeyRing, combine_ring, new_ring, split_ring

CHEAP = Argon2Cost(passes=1, memory_kib=64, lanes=1)
OUTSIDE = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault_key.json"


def test_ring_rotated_keeps_old_keys_and_uses_the_new() -> None:
    ring = new_ring()
    wrapped, version = ring.wrap(bytes(32), ref="AAAA")

    later = ring.rotated()

    assert (version, later.current) == (1, 2)
    assert later.unwrap(wrapped, ref="AAAA", version=1) == bytes(32)


def test_ring_refuses_what_it_does_not_hold() -> None:
    ring = new_ring().rotated()

    with pytest.raises(UnknownKeyVersion):
        ring.subkey("audit", version=3)
    with pytest.raises(KeyInUse):
        ring.without(2)
    with pytest.raises(UnknownKeyVersion):
        KeyRing(2, {1: bytes(32)})
    assert sorted(ring.without(1).keys) == [2]


def test_ring_shows_no_key_when_printed_by_accident() -> None:
    ring = KeyRing(1, {1: b"k" * 32})

    assert "kkkk" not in repr(ring)
    assert "kkkk" not in repr(Secrets("kkkk", b"kkkk"))


def test_ring_split_among_custodians_is_restored_by_some() -> None:
    ring = new_ring().rotated()

    texts = split_ring(ring, needed=2, custodians=3)

    assert combine_ring(texts[1:]) == ring
    assert all(len(text) < 200 for text in texts)
    with pytest.raises(BadShare):
        KeyRing.from_bytes(b"NK1 something else")


def test_file_sealed_by_passphrase_opens_with_it_only(path: Path) -> None:
    ring = new_ring()
    key_file.write_sealed_by_passphrase(path, ring, "kata sandi panjang", CHEAP)

    assert key_file.read_ring(path, Secrets(passphrase="kata sandi panjang")) == ring
    for wrong in (Secrets(passphrase="lain"), Secrets(), Secrets(key=OUTSIDE)):
        with pytest.raises(CannotUnseal):
            key_file.read_ring(path, wrong)


def test_file_sealed_by_key_from_outside_opens_with_it(path: Path) -> None:
    ring = new_ring()
    key_file.write_sealed_by_key(path, ring, OUTSIDE)

    assert key_file.read_ring(path, Secrets(key=OUTSIDE)) == ring
    assert key_file.is_sealed(path)


def test_file_sealed_by_kms_opens_with_its_command(path: Path, tmp_path: Path) -> None:
    ring = new_ring()
    script = tmp_path / "unwrap.py"
    script.write_text("import sys; sys.stdout.buffer.write(bytes(255 - b for b in sys.stdin.buffer.read()))")
    command = f"{sys.executable} {script}"
    key_file.write_sealed_by_command(path, ring, key=OUTSIDE, wrapped=bytes(255 - byte for byte in OUTSIDE))

    assert key_file.read_ring(path, Secrets(command=command)) == ring
    with pytest.raises(CannotUnseal):
        key_file.read_ring(path, Secrets(command=f"{sys.executable} -c 1/0"))
    with pytest.raises(CannotUnseal):
        key_file.read_ring(path, Secrets(command="/no/such/command"))


def test_file_holds_no_key_in_the_clear_when_sealed(path: Path) -> None:
    ring = KeyRing(1, {1: b"k" * 32})
    key_file.write_sealed_by_passphrase(path, ring, "kata sandi panjang", CHEAP)

    assert b"a2tra2tr" not in path.read_bytes()


@pytest.mark.parametrize("field", ["sealed", "salt", "argon2id", "format", "sealed_by"])
def test_file_changed_is_refused(path: Path, field: str) -> None:
    key_file.write_sealed_by_passphrase(path, new_ring(), "kata sandi panjang", CHEAP)
    file = json.loads(path.read_text())
    file[field] = {"passes": 2, "memory_kib": 64, "lanes": 1} if field == "argon2id" else "AAAA" + str(file[field])
    path.write_text(json.dumps(file))

    with pytest.raises((CannotUnseal, BadKeyFile)):
        key_file.read_ring(path, Secrets(passphrase="kata sandi panjang"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "naungan vault keys 1", "sealed_by": "nothing"}'])
def test_file_that_is_no_key_file_is_refused(path: Path, text: str) -> None:
    path.write_text(text)

    with pytest.raises(BadKeyFile):
        key_file.read_ring(path, Secrets())


def test_file_is_its_owners_only(path: Path) -> None:
    key_file.write_sealed_by_key(path, new_ring(), OUTSIDE)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir() if entry.name.endswith(".new")] == []


def test_file_rewritten_stays_sealed_as_it_was(path: Path) -> None:
    ring = new_ring()
    key_file.write_sealed_by_passphrase(path, ring, "kata sandi panjang", CHEAP)
    secrets = Secrets(passphrase="kata sandi panjang")

    key_file.rewrite(path, ring.rotated(), secrets)

    assert key_file.read_ring(path, secrets).current == 2
    with pytest.raises(CannotUnseal):
        key_file.rewrite(path, ring, Secrets(passphrase="lain"))


def test_demonstration_file_says_that_it_is_not_sealed(path: Path) -> None:
    ring = new_ring()
    key_file.write_unsealed(path, ring)

    assert "NOT SEALED" in path.read_text()
    assert key_file.read_ring(path, Secrets()) == ring
    key_file.rewrite(path, ring.rotated(), Secrets())
    assert not key_file.is_sealed(path)


@pytest.mark.parametrize("text", ["11" * 32, "ERERERERERERERERERERERERERERERERERERERERERE=", " " + "11" * 32 + "\n"])
def test_key_is_read_in_hexadecimal_and_base64(text: str) -> None:
    assert len(key_file.read_key(text)) == 32


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "11" * 16])
def test_key_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(CannotUnseal):
        key_file.read_key(text)


def test_ring_of_the_settings_is_the_outside_key_until_a_file_exists(settings: SettingsWrapper) -> None:
    settings.VAULT_KEY = "11" * 32

    ring = keys.reload()
    keys.replace_ring(ring.rotated())

    assert dict(ring.keys) == {1: b"\x11" * 32}
    assert keys.reload().current == 2
    assert key_file.is_sealed(keys.key_path())


def test_ring_without_file_and_key_is_missing_outside_the_demonstration(settings: SettingsWrapper) -> None:
    settings.VAULT_KEY = None
    settings.DEMO = False

    with pytest.raises(KeysMissing):
        keys.reload()
    with pytest.raises(KeysMissing):
        keys.replace_ring(new_ring())


def test_demonstration_makes_its_own_marked_file(settings: SettingsWrapper) -> None:
    settings.VAULT_KEY = None
    settings.DEMO = True

    ring = keys.reload()

    assert key_file.read_ring(keys.key_path(), Secrets()) == ring


def test_demonstration_keeps_the_keys_that_another_process_made_first(path: Path) -> None:
    first = key_file.create_unsealed(path, new_ring())

    assert key_file.create_unsealed(path, new_ring()) == first
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_ring_is_read_again_when_another_process_rotated_it(settings: SettingsWrapper) -> None:
    settings.VAULT_KEY = "11" * 32
    first = keys.reload()
    key_file.write_sealed_by_key(keys.key_path(), first.rotated(), b"\x11" * 32)

    assert keys.ring_with(2).current == 2
    with pytest.raises(UnknownKeyVersion):
        keys.ring_with(3)


def test_unsealed_file_on_the_data_disk_is_refused(tmp_path: Path) -> None:
    key_file.write_unsealed(keys.key_path(), new_ring())

    with pytest.raises(UnsealedKeyOnDataDisk, match="keys seal"):
        keys.refuse_unsealed_on_data_disk(tmp_path / "not" / "yet")


def test_sealed_file_on_the_data_disk_is_allowed_when_only_its_owner_reads_it(tmp_path: Path) -> None:
    key_file.write_sealed_by_key(keys.key_path(), new_ring(), OUTSIDE)

    keys.refuse_unsealed_on_data_disk(tmp_path)

    keys.key_path().chmod(0o640)
    with pytest.raises(UnsealedKeyOnDataDisk, match="chmod 600"):
        keys.refuse_unsealed_on_data_disk(tmp_path)


def test_secret_file_on_the_data_disk_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.touch(0o600)

    with override("en"), pytest.raises(UnsealedKeyOnDataDisk, match="keep it elsewhere"):
        keys.refuse_unsealed_on_data_disk(tmp_path, secret_files=[secret])


@pytest.mark.skipif(
    not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == Path("/tmp").stat().st_dev,  # noqa: S108 - compares disks
    reason="needs a second disk",
)
def test_secret_file_on_another_disk_is_allowed(tmp_path: Path) -> None:
    secret = Path(f"/dev/shm/naungan-test-{os.getpid()}")  # noqa: S108 - a second disk
    secret.touch(0o600)
    try:
        keys.refuse_unsealed_on_data_disk(tmp_path, secret_files=[secret])
    finally:
        secret.unlink()
