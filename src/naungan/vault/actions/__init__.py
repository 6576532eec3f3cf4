"""What changes the vault. Callers ask `access` first: the vault knows no cases and decides nothing of that."""

from naungan.vault.actions.erasing import (
    apply_erasures,
    erase,
    erase_many,
    hold,
    list_erasures,
    release_hold,
)
from naungan.vault.actions.indexing import expect_people, reindex, reindex_what_is_due
from naungan.vault.actions.rotating import note_key_versions, prove_backup, retire_key, rewrap, rotate_keys
from naungan.vault.actions.sealing import open_subject, open_subjects, renew, seal, seal_many
from naungan.vault.index.profile import Facets
from naungan.vault.reasons import sealed_reason

__all__ = [
    "Facets",
    "apply_erasures",
    "erase",
    "erase_many",
    "expect_people",
    "hold",
    "list_erasures",
    "note_key_versions",
    "open_subject",
    "open_subjects",
    "prove_backup",
    "reindex",
    "reindex_what_is_due",
    "release_hold",
    "renew",
    "retire_key",
    "rewrap",
    "rotate_keys",
    "seal",
    "seal_many",
    "sealed_reason",
]
