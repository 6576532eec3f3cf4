"""Django's entry for safety."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """Safety plans, reported dangers and protection measures."""

    name = "naungan.protection.safety"
    label = "safety"

    def ready(self) -> None:
        from naungan.protection.safety import pages  # noqa: F401, PLC0415 - puts the card beside a case
