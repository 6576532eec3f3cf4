"""Invented people for the tests of the vault."""

from collections.abc import Mapping

from naungan.access.models import Organisation
from naungan.vault import actions
from naungan.vault.index.profile import Facets
from naungan.vault.models import Subject

AMINAH = {
    "prs_FirstName": "Siti",
    "prs_SecondName": "Aminah",
    "prs_Birthdate": "1994-05-03",
    "prs_IdentityNumber": "9999 0101 9405 0003",
    "prs_MobilePhone": "+62000111222333",
    "prs_Email": "Aminah@example.org",
    "x:alias": "Mina Contoh",
}


def person(organisation: Organisation, items: Mapping[str, str | None], facets: Facets | None = None) -> Subject:
    subject = actions.open_subject(organisation_id=organisation.pk)
    actions.seal(subject, items, facets=facets)
    return subject


def named(organisation: Organisation, name: str) -> Subject:
    first, _, rest = name.partition(" ")
    return person(organisation, {"prs_FirstName": first, "prs_SecondName": rest or None})
