"""Settings of the small installation: the real ones with only access and the vault."""

from tests.settings import *  # noqa: F403 - settings are extended so
from tests.settings import INSTALLED_APPS as ALL_APPS

ROOT_URLCONF = "django.contrib.auth.urls"
INSTALLED_APPS = [
    app for app in ALL_APPS if not app.startswith(("naungan.protection", "naungan.exchange", "naungan.site"))
]
SILENCED_SYSTEM_CHECKS = ["urls.E001"]
