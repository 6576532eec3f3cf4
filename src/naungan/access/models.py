"""Organisations, teams, the people who work in them, their roles, and the audit chain."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from naungan.access.policy import Role
from naungan.access.references import new_ref
from naungan.access.words import notice_name


class Organisation(models.Model):
    """A body that assists, decides or coordinates; the ten `org_` fields of HTCDS 2.0."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("type"), max_length=60, default="NGO")
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    street = models.CharField(_("street"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    state = models.CharField(_("province"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, default="ID")
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_fictional = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="access_organisation_name")]

    class DataClass:
        operational = ("is_active", "is_fictional", "created_at")
        open = (
            "ref",
            "name",
            "kind",
            "country",
            "state",
            "phone",
            "street",
            "city",
            "postal_code",
            "latitude",
            "longitude",
        )

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Colleagues of one organisation who hold cases together."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="teams")
    name = models.CharField(_("name"), max_length=120)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("organisation", Lower("name"), name="access_team_name")]

    class DataClass:
        operational = ("ref", "organisation", "name", "ended_at")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds people by the address they sign in with."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.of_address(username or "").get()

    def of_address(self, email: str) -> models.QuerySet[User]:
        """
        Whoever signs in with an address, whatever its case.

        Compared in small letters, as the throttle counts: among capitals PostgreSQL takes ſ for S and ı for I,
        and each such spelling would be five more guesses at one password.
        """
        return self.annotate(_address=Lower("email")).filter(_address=email.lower())


class User(AbstractBaseUser):
    """A person who works in an organisation and signs in."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    email = models.EmailField(_("e-mail"), max_length=254)
    display_name = models.CharField(_("name"), max_length=120)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    language = models.CharField(_("language"), max_length=5, default="id")
    is_active = models.BooleanField(default=True)
    is_program = models.BooleanField(default=False)
    wants_digest = models.BooleanField(_("a daily e-mail that says how many notices wait"), default=True)
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_until = models.DateField(_("away until"), null=True, blank=True)
    delegate = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="stands_in_for")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="access_user_email"),
            models.CheckConstraint(
                condition=Q(away_from__isnull=True, away_until__isnull=True)
                | Q(away_from__isnull=False, away_until__isnull=False, away_from__lte=models.F("away_until")),
                name="access_user_away",
            ),
        ]

    class DataClass:
        identifying = ("email", "display_name")
        sensitive = ("password",)
        operational = (
            "ref",
            "organisation",
            "language",
            "is_active",
            "is_program",
            "wants_digest",
            "away_from",
            "away_until",
            "delegate",
            "created_at",
            "last_login",
        )

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name


class RoleGrant(models.Model):
    """A role given to a person, in a team or in the whole organisation, until it is revoked."""

    ROLES = [(role.value, role.value) for role in Role]

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=30, choices=ROLES)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="grants")
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "revoked_at"], name="access_grant_live")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "team"],
                condition=Q(revoked_at__isnull=True, team__isnull=False),
                name="access_rolegrant_once_team",
            ),
            # A second one, because SQLite takes every null for another team.
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(revoked_at__isnull=True, team__isnull=True),
                name="access_rolegrant_once_whole",
            ),
        ]

    class DataClass:
        operational = ("user", "role", "team", "granted_by", "granted_at", "revoked_by", "revoked_at")


class Recovery(models.Model):
    """Return of access to somebody who lost their factors: asked by one administrator, granted by another."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    user = models.ForeignKey(User, models.CASCADE, related_name="recoveries")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(null=True, blank=True)
    token_digest = models.CharField(max_length=64, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True, granted_at__isnull=True)
                | (Q(granted_by__isnull=False, granted_at__isnull=False) & ~Q(granted_by=models.F("asked_by"))),
                name="access_recovery_two_people",
            )
        ]

    class DataClass:
        operational = ("ref", "user", "asked_by", "asked_at", "granted_by", "granted_at", "used_at")
        sensitive = ("token_digest",)


class Notice(models.Model):
    """Something a person should know; its words carry no code, name or reason."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    target = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "read_at", "-created_at"], name="access_notice_unread")]

    class DataClass:
        operational = ("user", "kind", "target", "created_at", "read_at", "mailed_at", "escalated_at")

    @property
    def words(self) -> str:
        """What the notice says; it names no case, no person and no reason."""
        return notice_name(self.kind)


class AuditChain(models.Model):
    """The end of one organisation's chain: locked while an entry is added."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, primary_key=True, related_name="audit_chain")
    length = models.BigIntegerField(default=0)
    head = models.BinaryField(max_length=32)

    class DataClass:
        operational = ("organisation", "length", "head")


class AuditEntry(models.Model):
    """What was done: references and ciphertext only, each entry sealed to the one before."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="audit_entries", db_index=False)
    number = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=16, blank=True)
    role = models.CharField(max_length=60, blank=True)
    via = models.CharField(max_length=8)
    action = models.CharField(max_length=40)
    ref = models.CharField(max_length=40, blank=True)
    details = models.JSONField(default=dict)
    reason = models.BinaryField(null=True)
    mac = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="access_auditentry_number")]
        indexes = [
            models.Index(fields=["organisation", "ref", "number"], name="access_audit_ref"),
            models.Index(fields=["organisation", "actor", "number"], name="access_audit_actor"),
            models.Index(fields=["organisation", "action", "number"], name="access_audit_action"),
        ]

    class DataClass:
        operational = ("organisation", "number", "at", "actor", "role", "via", "action", "ref", "details", "mac")
        sensitive = ("reason",)
