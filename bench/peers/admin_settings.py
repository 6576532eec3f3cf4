"""Settings of the measured peer: Django's own admin on the same tables. Nothing of the product uses them."""

from naungan.site.settings import *  # noqa: F403 - the peer runs on the product's own database

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin"]  # noqa: F405 - of the settings above
ROOT_URLCONF = "bench.peers.admin"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "bench.peers.admin.signed_in",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SILENCED_SYSTEM_CHECKS = ["admin.E403", "admin.E408"]
