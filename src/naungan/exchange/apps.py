"""Django's entry for files in and out."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Import batches, exports and integrations."""

    name = "naungan.exchange"
    label = "exchange"
