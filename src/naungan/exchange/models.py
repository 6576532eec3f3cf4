"""Import batches with their rows, and exports. Values of rows are sealed under the batch's key; here are codes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from naungan.access.models import Organisation, Team, User
from naungan.access.references import new_ref
from naungan.exchange.states import GONE, Form, RowState, State
from naungan.protection.cases.models import Case
from naungan.vault.models import Subject


class ImportBatch(models.Model):
    """
    One file on its way in.

    `rows_subject` holds the key of what waits in quarantine, `raw_subject` that of the file itself, so
    that the file can be forgotten without the rows. Headings and sheet names are sealed too.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    rows_subject = models.OneToOneField(Subject, models.PROTECT, related_name="+")
    raw_subject = models.OneToOneField(Subject, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    kind = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, default=State.STAGED.value)
    failure = models.CharField(max_length=40, blank=True)
    failure_params = models.JSONField(default=dict, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    raw_destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="exchange_batch_list"),
            models.Index(
                fields=["closed_at"], name="exchange_batch_closed", condition=Q(raw_destroyed_at__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "digest"],
                condition=~Q(state__in=sorted(state.value for state in GONE)),
                name="exchange_importbatch_file_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="exchange_importbatch_state"
            ),
        ]

    class DataClass:
        sensitive = ("digest",)
        operational = (
            "ref", "organisation", "team", "rows_subject", "raw_subject", "size_bytes", "kind", "state", "failure",
            "failure_params", "mapping", "problems", "counts", "done", "total", "created_by", "created_at",
            "moved_at", "closed_at", "raw_destroyed_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return self.ref


class ImportRow(models.Model):
    """
    One row of a file: where it stood, what became of it, and which problems it has (codes and places only).

    `sealed` is the row under the batch's key until it is accepted; `digest` is keyed, so that a guess at a
    row cannot be tested.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", db_index=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    sheet = models.PositiveSmallIntegerField(default=0)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12)
    digest = models.CharField(max_length=32)
    instance = models.CharField(max_length=32, blank=True)
    case = models.ForeignKey(Case, models.SET_NULL, null=True, blank=True, related_name="import_rows")
    problems = models.JSONField(default=list, blank=True)
    has_problems = models.BooleanField(default=False)
    candidates = models.JSONField(default=list, blank=True)
    decided = models.CharField(max_length=8, blank=True)
    sealed = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["batch", "state", "id"], name="exchange_row_state"),
            models.Index(fields=["batch", "id"], name="exchange_row_problems", condition=Q(has_problems=True)),
            models.Index(
                fields=["organisation", "digest"],
                name="exchange_row_known",
                condition=Q(state__in=["accepted", "matched"]),
            ),
            models.Index(
                fields=["organisation", "instance"],
                name="exchange_row_instance",
                condition=Q(state__in=["accepted", "matched"]) & ~Q(instance=""),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "sheet", "number"], name="exchange_importrow_place"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RowState]), name="exchange_importrow_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "matched", "undone"]) | Q(sealed__isnull=True),
                name="exchange_importrow_forgets",
            ),
        ]

    class DataClass:
        identifying = ("sealed",)
        sensitive = ("digest", "instance")
        operational = (
            "batch", "organisation", "sheet", "number", "state", "case", "problems", "has_problems", "candidates",
            "decided",
        )  # fmt: skip


class Export(models.Model):
    """Cases on their way out: what was chosen, in which form, and what the form cannot hold."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    form = models.CharField(max_length=20, choices=[(form.value, form.value) for form in Form])
    with_identity = models.BooleanField(default=False)
    choice = models.JSONField(default=dict)
    case_count = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    losses = models.JSONField(default=dict, blank=True)
    is_ready = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    downloaded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-created_at"], name="exchange_export_list")]

    class DataClass:
        operational = (
            "ref", "organisation", "created_by", "form", "with_identity", "choice", "case_count", "done", "losses",
            "is_ready", "created_at", "downloaded_at",
        )  # fmt: skip
