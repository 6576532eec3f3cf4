"""The fields that a file of an organisation may hold: its own, with their words, beside those of the standard."""

from __future__ import annotations

from typing import cast

from naungan.protection.cases.models import CustomChoice, CustomField
from naungan.standards import htcds


def own_fields(organisation_id: int) -> list[htcds.Field]:
    """The organisation's own fields as the formats know fields; ended ones too, since old records keep their values."""
    words: dict[str, dict[str, htcds.Choice]] = {}
    for word in CustomChoice.objects.filter(organisation_id=organisation_id).order_by("order", "code"):
        choice = htcds.Choice(word.code, word.label_en or word.label_id, word.label_id, extension=True)
        words.setdefault(word.field, {})[word.code] = choice
    fields = CustomField.objects.filter(organisation_id=organisation_id).order_by("order", "code")
    return [_field(own, words.get(f"x:{own.code}", {})) for own in fields]


def _field(own: CustomField, words: dict[str, htcds.Choice]) -> htcds.Field:
    return htcds.custom_field(
        own.code,
        label=own.label_en or own.label_id,
        label_id=own.label_id,
        kind=cast(htcds.Kind, own.kind),
        choices=words or None,
        data_class=htcds.DataClass(own.data_class),
    )
