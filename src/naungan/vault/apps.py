"""Django's entry for the vault."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Sealed identities, keys and the blind index."""

    name = "naungan.vault"
    label = "vault"
