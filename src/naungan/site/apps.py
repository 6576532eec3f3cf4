"""Django's entry for the site."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Shell, sign-in and the pages that belong to no single domain."""

    name = "naungan.site"
    label = "site"
