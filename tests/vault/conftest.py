"""A fresh key ring for each test of the vault, and one organisation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings as SettingsWrapper

from naungan.access.models import Organisation
from naungan.vault import keys
from naungan.vault.ring import KeyRing, new_ring


@pytest.fixture(autouse=True)
def ring(settings: SettingsWrapper, tmp_path: Path) -> Iterator[KeyRing]:
    settings.VAULT_KEY_FILE = str(tmp_path / "keys" / "vault_key.json")
    settings.ERASURE_LIST = str(tmp_path / "lists" / "erasures.jsonl")
    with keys.use(new_ring()) as fresh:
        yield fresh


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(name="Rumah Aman (fiktif)")


@pytest.fixture
def other_organisation(db: None) -> Organisation:
    return Organisation.objects.create(name="Lembaga Lain (fiktif)")
