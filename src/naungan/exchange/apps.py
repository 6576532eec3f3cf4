"""Django's entry for files in and out."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Import batches, exports and integrations."""

    name = "naungan.exchange"
    label = "exchange"

    def ready(self) -> None:
        from naungan.exchange import forgetting, scope, telling  # noqa: F401, PLC0415 - tell cases and access of files
