"""Django's entry for files in and out."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Import batches, exports and integrations."""

    name = "naungan.exchange"
    label = "exchange"

    def ready(self) -> None:
        from naungan.exchange import scope  # noqa: F401, PLC0415 - tells access how batches are reached
        from naungan.exchange.actions import closing  # noqa: F401, PLC0415 - tells cases what forgets a person
