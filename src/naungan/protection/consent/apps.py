"""Django's entry for consents."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Consents, and who must confirm that a withdrawn one is acted on."""

    name = "naungan.protection.consent"
    label = "consent"

    def ready(self) -> None:
        from naungan.protection.consent import pages, telling  # noqa: F401, PLC0415 - tell cases and access of consents
