"""Tokens that let a program in, and the answers kept so that a repeated request does nothing twice."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from naungan.access.models import Organisation, User
from naungan.access.references import new_ref


class Token(models.Model):
    """One integration: a program's user, what it may do and until when; the secret itself is kept nowhere."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="tokens")
    user = models.OneToOneField(User, models.PROTECT, related_name="token")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_token_term"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="api_token_revoked_pair",
            ),
        ]

    class DataClass:
        sensitive = ("digest",)
        operational = (
            "ref",
            "organisation",
            "user",
            "name",
            "scopes",
            "created_at",
            "created_by",
            "expires_at",
            "revoked_at",
            "revoked_by",
            "last_used_on",
        )

    def __str__(self) -> str:
        return self.ref


class IdempotentAnswer(models.Model):
    """
    What a writing request was answered, for a day: codes, references and counts, never a value about a person.

    Both digests are keyed from outside the database, so that a copy of it cannot be used to try bodies.
    """

    token = models.ForeignKey(Token, models.CASCADE, related_name="answers", db_index=False)
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key_digest"], name="api_answer_once")]
        indexes = [models.Index(fields=["made_at"], name="api_answer_made")]

    class DataClass:
        operational = ("token", "key_digest", "request_digest", "status", "answer", "made_at")
