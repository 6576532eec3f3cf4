"""Every field of every model says how much harm it can do."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

CLASSES = ("identifying", "sensitive", "operational", "open")
OURS = [model for model in apps.get_models() if model.__module__.startswith("naungan.")]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_field_has_exactly_one_class(model: type[models.Model]) -> None:
    sorted_fields = [name for kind in CLASSES for name in getattr(model.DataClass, kind, ())]  # type: ignore[attr-defined]  # the rule under test

    fields = {field.name for field in model._meta.get_fields() if field.concrete and not field.auto_created}
    own = {name for name in fields if name != "id"}
    assert sorted(sorted_fields) == sorted(own)
