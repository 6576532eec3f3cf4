"""Django's entry for the API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Tokens of integrations, answers kept for repeated requests, and the routes."""

    name = "naungan.exchange.api"
    label = "api"

    def ready(self) -> None:
        from naungan.exchange.api import scope  # noqa: F401, PLC0415 - tells access how tokens are reached
