"""Each constraint of the vault refuses what breaks it; each field is classified."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from naungan.access import clock
from naungan.access.models import Organisation
from naungan.vault.models import ErasureRecord, IndexVersion, KeyVersion, SealedItem, Subject

pytestmark = pytest.mark.django_db
NOW = clock.now()
HELD = {"held_at": NOW, "held_by": "AAAA", "hold_reason": "court"}


def subject(organisation: Organisation, **fields: Any) -> Subject:
    values = {"wrapped_key": b"x" * 60, "kek_version": 1, "opened_at": NOW, **fields}
    return Subject.objects.create(organisation=organisation, **values)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("vault_subject_kind", {"kind": "dog"}),
        ("vault_subject_erased", {"wrapped_key": None}),
        ("vault_subject_erased", {"erased_at": NOW}),
        ("vault_subject_erased", {"erased_at": NOW, "wrapped_key": None, "profile": b"x"}),
        ("vault_subject_hold_pair", {"held_at": NOW}),
        ("vault_subject_hold_pair", {"hold_reason": "court"}),
        ("vault_subject_hold_pair", {"held_until": NOW}),
        ("vault_subject_hold_term", {**HELD, "held_until": NOW - timedelta(days=1)}),
        ("vault_subject_held_or_erased", {**HELD, "erased_at": NOW, "wrapped_key": None}),
    ],
)
def test_subject_that_breaks_a_rule_is_refused(
    organisation: Organisation, constraint: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        subject(organisation, **fields)


def test_sealed_item_of_one_name_twice_is_refused(organisation: Organisation) -> None:
    owner = subject(organisation)
    SealedItem.objects.create(subject=owner, name="prs", ciphertext=b"x", key_version=1, updated_at=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        SealedItem.objects.create(subject=owner, name="prs", ciphertext=b"y", key_version=1, updated_at=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"number": 1, "state": "building", "served_at": None},
        {"number": 2, "state": "serving", "served_at": NOW},
        {"number": 2, "state": "building", "served_at": NOW},
    ],
)
def test_index_version_that_breaks_a_rule_is_refused(organisation: Organisation, fields: dict[str, Any]) -> None:
    common = {"organisation": organisation, "kek_version": 1, "people": 1, "frequent": b"", "made_at": NOW}
    IndexVersion.objects.create(**common, number=1, state="serving", served_at=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        IndexVersion.objects.create(**common, **fields)


def test_erasure_record_with_unknown_reason_is_refused(organisation: Organisation) -> None:
    with pytest.raises(IntegrityError, match="vault_erasurerecord_reason"), transaction.atomic():
        ErasureRecord.objects.create(
            subject_ref="A", organisation=organisation, erased_at=NOW, reason="whim", backups_until=NOW.date()
        )


def test_key_version_with_a_fingerprint_seen_before_is_refused() -> None:
    KeyVersion.objects.create(version=1, fingerprint="f", first_used_at=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        KeyVersion.objects.create(version=2, fingerprint="f", first_used_at=NOW)


@pytest.mark.parametrize("model", list(apps.get_app_config("vault").get_models()), ids=lambda model: model.__name__)
def test_every_field_is_classified_once(model: Any) -> None:
    kinds = vars(model.DataClass)
    classified = [name for kind in ("identifying", "sensitive", "operational", "open") for name in kinds.get(kind, ())]
    fields = {field.name for field in model._meta.concrete_fields} - {"id", "pk"}

    assert sorted(classified) == sorted(fields)
