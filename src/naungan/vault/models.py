"""Subjects with their wrapped keys, sealed rows, the blind index, and what remains of an erasure."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from naungan.access.models import Organisation
from naungan.access.references import new_ref
from naungan.vault.crypto import DataKey


class Subject(models.Model):
    """
    Whom or what a data key belongs to: a person, an import batch, an extract.

    `profile` is what a search compares, sealed; it lies here so that a search reads one row a person.
    """

    KINDS = ("person", "batch", "extract")

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=[(kind, kind) for kind in KINDS], default="person")
    wrapped_key = models.BinaryField(max_length=60, null=True)
    kek_version = models.PositiveSmallIntegerField()
    key_version = models.PositiveSmallIntegerField(default=1)
    profile = models.BinaryField(null=True)
    opened_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(max_length=16, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    hold_reason = models.CharField(max_length=40, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    # The key of a subject that was opened a moment ago, until its first items are sealed; never stored.
    fresh_key: DataKey | None = None

    class Meta:
        indexes = [models.Index(fields=["organisation", "kind", "id"], name="vault_subject_organisation")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["person", "batch", "extract"]), name="vault_subject_kind"),
            models.CheckConstraint(
                condition=Q(wrapped_key__isnull=True, profile__isnull=True, erased_at__isnull=False)
                | Q(wrapped_key__isnull=False, erased_at__isnull=True),
                name="vault_subject_erased",
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, held_by="", hold_reason="", held_until__isnull=True)
                | (Q(held_at__isnull=False) & ~Q(held_by="") & ~Q(hold_reason="")),
                name="vault_subject_hold_pair",
            ),
            models.CheckConstraint(
                condition=Q(held_until__isnull=True) | Q(held_until__gt=F("held_at")), name="vault_subject_hold_term"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(held_at__isnull=True), name="vault_subject_held_or_erased"
            ),
        ]

    class DataClass:
        identifying = ("profile",)
        sensitive = ("wrapped_key",)
        operational = (
            "ref", "organisation", "kind", "kek_version", "key_version", "opened_at", "held_at", "held_by",
            "held_until", "hold_reason", "erased_at",
        )  # fmt: skip


class SealedItem(models.Model):
    """
    Sealed items of a subject that are read together: the person's, the case's, or those of one note or part.

    Each item inside is encrypted on its own (docs/adr/0002); `name` is the bundle's, see `bundles`.
    """

    subject = models.ForeignKey(Subject, models.CASCADE, related_name="items", db_index=False)
    name = models.CharField(max_length=60)
    ciphertext = models.BinaryField()
    key_version = models.PositiveSmallIntegerField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "name"], name="vault_sealeditem_name")]

    class DataClass:
        identifying = ("ciphertext",)
        operational = ("subject", "name", "key_version", "updated_at")


class IndexVersion(models.Model):
    """
    One build of an organisation's search index: its key, its size and the words it treats as frequent.

    `people` is what it was sized for; `frequent` is sealed. Writers fill every version that is
    building or serving; readers ask the serving one.
    """

    BUILDING, SERVING = "building", "serving"
    STATES = (BUILDING, SERVING)

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    kek_version = models.PositiveSmallIntegerField()
    people = models.PositiveIntegerField()
    frequent = models.BinaryField()
    state = models.CharField(max_length=8, choices=[(state, state) for state in STATES])
    reached = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    served_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="vault_indexversion_number"),
            models.UniqueConstraint(fields=["organisation", "state"], name="vault_indexversion_state"),
            models.CheckConstraint(
                condition=Q(state="building", served_at__isnull=True) | Q(state="serving", served_at__isnull=False),
                name="vault_indexversion_served",
            ),
        ]

    class DataClass:
        sensitive = ("frequent",)
        operational = (
            "organisation", "number", "kek_version", "people", "state", "reached", "made_at", "served_at",
        )  # fmt: skip


class IndexEntry(models.Model):
    """
    One keyed, shortened digest of a word or number of a subject.

    The primary key holds every column that a search reads, so that the look-up never touches the table.
    """

    pk = models.CompositePrimaryKey("organisation_id", "version", "digest", "subject_id")
    organisation_id = models.BigIntegerField()
    version = models.PositiveSmallIntegerField()
    digest = models.BigIntegerField()
    subject = models.ForeignKey(
        Subject, models.CASCADE, related_name="index_entries", db_constraint=False, db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["subject"], name="vault_indexentry_subject")]

    class DataClass:
        sensitive = ("digest",)
        operational = ("organisation_id", "version", "subject")


class ErasureRecord(models.Model):
    """That a subject was erased, by whom, for which reason, and when it holds in backups too."""

    REASONS = ("request", "consent_withdrawn", "retention", "mistake", "order", "restored")

    subject_ref = models.CharField(max_length=16, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    erased_at = models.DateTimeField()
    erased_by = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=20, choices=[(reason, reason) for reason in REASONS])
    backups_until = models.DateField()
    listed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["request", "consent_withdrawn", "retention", "mistake", "order", "restored"]),
                name="vault_erasurerecord_reason",
            )
        ]

    class DataClass:
        operational = (
            "subject_ref", "organisation", "erased_at", "erased_by", "reason", "backups_until", "listed_at",
        )  # fmt: skip


class KeyVersion(models.Model):
    """A version of the key-encryption key that this database has used: no key, only what tells it apart."""

    version = models.PositiveSmallIntegerField(primary_key=True)
    fingerprint = models.CharField(max_length=32)
    first_used_at = models.DateTimeField()
    backup_tested_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fingerprint"], name="vault_keyversion_fingerprint")]

    class DataClass:
        operational = ("version", "fingerprint", "first_used_at", "backup_tested_at", "retired_at")
