"""Safety plans and protection measures; what endangers whom, and all words about it, lie in the vault."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from naungan.access.models import User
from naungan.access.references import new_ref
from naungan.protection.safety.risks import MEASURES, Level
from naungan.protection.safety.states import STORED, State


class SafetyPlan(models.Model):
    """
    What endangers a person and what is done about it, agreed with them; one is in force at a time.

    Threats with their scores and the steps lie in the vault under `safety:<ref>:threats` and `:steps`.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="safety_plans")
    state = models.CharField(max_length=12, default=State.DRAFT.value)
    level = models.CharField(max_length=8)
    agreed = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    active_from = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    deadline = models.ForeignKey("cases.Deadline", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "-id"], name="safety_of_case")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in STORED]), name="safety_state_known"),
            models.CheckConstraint(condition=Q(level__in=[level.value for level in Level]), name="safety_level_known"),
            models.CheckConstraint(
                condition=~Q(state=State.ACTIVE.value) | Q(agreed=True, active_from__isnull=False),
                name="safety_active_is_agreed",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state=State.ACTIVE.value), name="safety_one_plan_in_force"
            ),
        ]

    class DataClass:
        sensitive = ("level",)
        operational = (
            "ref",
            "case",
            "state",
            "agreed",
            "made_at",
            "made_by",
            "active_from",
            "ended_at",
            "deadline",
        )

    def __str__(self) -> str:
        return self.ref


class Measure(models.Model):
    """One thing that is done to protect a person, and who answers for it; its words lie in the vault."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="measures")
    kind = models.CharField(max_length=20)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    responsible = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "-from_on", "-id"], name="safety_measures_of_case")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(MEASURES)), name="safety_measure_known"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")), name="safety_measure_period"
            ),
        ]

    class DataClass:
        sensitive = ("kind",)
        operational = ("ref", "case", "from_on", "until_on", "responsible", "recorded_at")
