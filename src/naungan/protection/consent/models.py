"""Consents and who must confirm that a withdrawn one is acted on; names and free words lie in the vault."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from naungan.access.models import Organisation, User
from naungan.access.references import new_ref
from naungan.protection.consent.purposes import GIVERS, HOW, PURPOSES
from naungan.protection.consent.states import STORED, State


def _codes() -> models.JSONField[list[str], list[str]]:
    return models.JSONField(default=list, blank=True)


class Consent(models.Model):
    """
    One answer to one question: may this be done, for this purpose, with this of mine, towards them, until then.

    A record is never changed after its answer but by withdrawal; whoever is asked again gets a new one. The names of
    recipient outside, guardian, witness and interpreter lie in the vault under `consent:<ref>:<part>`.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20)
    state = models.CharField(max_length=12, default=State.REQUESTED.value)
    recipient = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    fields = _codes()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    given_on = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=20, blank=True)
    how = models.CharField(max_length=12, blank=True)
    told = _codes()
    given_by = models.CharField(max_length=16, blank=True)
    is_child = models.BooleanField(null=True, blank=True)
    assent = models.BooleanField(null=True, blank=True)
    guardian_suspected = models.BooleanField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    deadline = models.ForeignKey("cases.Deadline", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "purpose", "-id"], name="consent_of_case")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in STORED]), name="consent_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=list(PURPOSES)), name="consent_purpose_known"),
            models.CheckConstraint(condition=Q(how__in=["", *HOW]), name="consent_how_known"),
            models.CheckConstraint(condition=Q(given_by__in=["", *GIVERS]), name="consent_giver_known"),
            models.CheckConstraint(
                condition=Q(state__in=[State.REQUESTED.value, State.REFUSED.value])
                | Q(given_on__isnull=False, until__isnull=False, answered_at__isnull=False),
                name="consent_given_has_a_term",
            ),
            models.CheckConstraint(
                condition=Q(state=State.WITHDRAWN.value, withdrawn_at__isnull=False)
                | (~Q(state=State.WITHDRAWN.value) & Q(withdrawn_at__isnull=True)),
                name="consent_withdrawn_has_a_moment",
            ),
        ]

    class DataClass:
        sensitive = ("is_child", "assent", "guardian_suspected", "given_by")
        operational = (
            "ref",
            "case",
            "purpose",
            "state",
            "recipient",
            "fields",
            "asked_at",
            "asked_by",
            "given_on",
            "until",
            "language",
            "how",
            "told",
            "answered_at",
            "answered_by",
            "withdrawn_at",
            "withdrawn_by",
            "deadline",
        )

    def __str__(self) -> str:
        return self.ref


class Confirmation(models.Model):
    """
    That one of those who work under a consent acts on its withdrawal: stops, or names the law by which they keep.

    Without an organisation it is the recipient outside, whose name lies in the vault with the consent; the ground for
    keeping lies there under `confirmation:<ref>:ground`.
    """

    ANSWERS = ("stopped", "kept")

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    consent = models.ForeignKey(Consent, models.CASCADE, related_name="confirmations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(max_length=12, blank=True, choices=[(answer, answer) for answer in ANSWERS])
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", confirmed_at__isnull=True)
                | (~Q(answer="") & Q(confirmed_at__isnull=False, confirmed_by__isnull=False)),
                name="consent_confirmed_pair",
            ),
            models.UniqueConstraint(fields=["consent", "organisation"], name="consent_confirmation_once"),
        ]

    class DataClass:
        operational = ("ref", "consent", "organisation", "answer", "confirmed_at", "confirmed_by")
