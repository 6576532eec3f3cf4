"""Django's entry for cases."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """People, cases, relations, notes and attachments."""

    name = "naungan.protection.cases"
    label = "cases"

    def ready(self) -> None:
        from naungan.protection.cases import leaving, scope, telling  # noqa: F401, PLC0415 - all tell access of cases
