"""Django's entry for access."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Organisations, the people who work in them, roles, policy and the audit chain."""

    name = "naungan.access"
    label = "access"

    def ready(self) -> None:
        from naungan.access import scope  # noqa: F401, PLC0415 - says how organisations, teams and people are reached
