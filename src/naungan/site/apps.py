"""Django's entry for the site."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Shell, sign-in and the pages that belong to no single domain."""

    name = "naungan.site"
    label = "site"

    def ready(self) -> None:
        from naungan.site import sign_in  # noqa: F401, PLC0415 - listens to sign-ins
