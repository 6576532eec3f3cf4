"""People, cases and what belongs to them. Identity and free text lie in the vault; here are codes and dates."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from naungan.access.models import Organisation, Team, User
from naungan.access.policy import Relation
from naungan.access.references import new_code, new_ref
from naungan.protection.cases.states import State
from naungan.vault.models import Subject


def _codes() -> models.JSONField[list[str], list[str]]:
    return models.JSONField(default=list, blank=True)


class Person(models.Model):
    """Somebody whom an organisation assists; who they are lies in the vault under `subject`."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="assisted")
    subject = models.OneToOneField(Subject, models.PROTECT, related_name="person")
    gender = models.CharField(max_length=40, blank=True)
    is_deceased = models.BooleanField(null=True, blank=True)
    marital_status = models.CharField(max_length=40, blank=True)
    children_count = models.PositiveSmallIntegerField(null=True, blank=True)
    primary_language = models.CharField(max_length=20, blank=True)
    secondary_language = models.CharField(max_length=20, blank=True)
    education = models.CharField(max_length=60, blank=True)
    citizenship = _codes()
    residence_country = models.CharField(max_length=2, blank=True)
    created_at = models.DateTimeField()

    class DataClass:
        sensitive = ("marital_status", "children_count", "is_deceased")
        operational = (
            "ref",
            "organisation",
            "subject",
            "gender",
            "primary_language",
            "secondary_language",
            "education",
            "citizenship",
            "residence_country",
            "created_at",
        )


class Case(models.Model):
    """One course of help for one person in one organisation, with the victim's context."""

    code = models.CharField(max_length=11, unique=True, default=new_code)
    person = models.ForeignKey(Person, models.PROTECT, related_name="cases")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="cases")
    state = models.CharField(max_length=12, default=State.OPEN.value)
    version = models.PositiveIntegerField(default=1)
    opened_on = models.DateField()
    touched_at = models.DateTimeField()
    closed_on = models.DateField(null=True, blank=True)
    closure_reason = models.CharField(max_length=20, blank=True)
    closed_with_contact = models.BooleanField(null=True, blank=True)
    retention_until = models.DateField(null=True, blank=True)
    is_restricted = models.BooleanField(default=False)
    age_at_opening = models.PositiveSmallIntegerField(null=True, blank=True)

    trafficking_status = models.CharField(max_length=40, blank=True)
    status_decided_by = models.CharField(max_length=60, blank=True)
    relationship_to_trafficker = models.CharField(max_length=40, blank=True)
    age_when_trafficked = models.PositiveSmallIntegerField(null=True, blank=True)
    recruitment_methods = _codes()
    control_methods = _codes()
    exploitation_types = _codes()
    labour_industries = _codes()
    consent_given = models.BooleanField(null=True, blank=True)
    agreement_to_manage_data = models.BooleanField(null=True, blank=True)
    incoming_referral_on = models.DateField(null=True, blank=True)
    incoming_referral_reason = models.CharField(max_length=60, blank=True)
    outgoing_referral_on = models.DateField(null=True, blank=True)
    outgoing_referral_reason = models.CharField(max_length=60, blank=True)

    extra = models.JSONField(default=dict, blank=True)
    batch = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "batch"], name="cases_case_batch", condition=~Q(batch="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="cases_case_state_known"
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(state__in=[State.CLOSED.value, State.TRANSFERRED.value]),
                name="cases_case_closed_when_ended",
            ),
        ]

    class DataClass:
        sensitive = (
            "age_at_opening",
            "trafficking_status",
            "status_decided_by",
            "relationship_to_trafficker",
            "age_when_trafficked",
            "recruitment_methods",
            "control_methods",
            "exploitation_types",
            "labour_industries",
            "extra",
        )
        operational = (
            "code",
            "person",
            "organisation",
            "state",
            "version",
            "opened_on",
            "touched_at",
            "closed_on",
            "closure_reason",
            "closed_with_contact",
            "retention_until",
            "is_restricted",
            "consent_given",
            "agreement_to_manage_data",
            "incoming_referral_on",
            "incoming_referral_reason",
            "outgoing_referral_on",
            "outgoing_referral_reason",
            "batch",
            "created_at",
        )

    def __str__(self) -> str:
        return self.code


class CaseRelation(models.Model):
    """
    What an organisation, team or person is to a case: the row that opens it to them.

    `scope` is one number for "this relation of this holder"; state and sort columns are copied from the
    case, so that a list is one range of one index, whatever the number of cases.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="relations", db_index=False)
    kind = models.CharField(max_length=12, choices=[(r.value, r.value) for r in Relation])
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    scope = models.BigIntegerField()
    parts = models.JSONField(default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    is_open = models.BooleanField(default=True)
    is_restricted = models.BooleanField(default=False)
    touched_at = models.DateTimeField()
    opened_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "scope"], name="cases_relation_once"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="cases_relation_period"
            ),
        ]
        indexes = [
            # The last two columns are asked of every row of a walk, and so are read from the index alone.
            models.Index(
                fields=["scope", "is_open", "-touched_at", "-case", "is_restricted", "ends_at"],
                name="cases_rel_touched",
            ),
            models.Index(
                fields=["scope", "is_open", "-opened_on", "-case", "is_restricted", "ends_at"], name="cases_rel_opened"
            ),
        ]

    class DataClass:
        operational = (
            "case",
            "kind",
            "organisation",
            "team",
            "user",
            "scope",
            "parts",
            "starts_at",
            "ends_at",
            "is_open",
            "is_restricted",
            "touched_at",
            "opened_on",
        )


class ConflictOfInterest(models.Model):
    """Somebody of the staff who must not see a case, whatever their role."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="conflicts", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="conflicts")
    marked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="cases_conflict_once")]

    class DataClass:
        operational = ("case", "user", "marked_by", "marked_at")


class Perpetrator(models.Model):
    """Somebody named in the process of trafficking (HTCDS `per_`); name and details lie in the vault."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey(Case, models.CASCADE, related_name="perpetrators")
    role_in_process = _codes()

    class DataClass:
        sensitive = ("role_in_process",)
        operational = ("ref", "case")


class TraffickingEvent(models.Model):
    """A historic trafficking event (HTCDS `hte_`); place below the country and the account lie in the vault."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey(Case, models.CASCADE, related_name="events")
    country = models.CharField(max_length=2, blank=True)
    on = models.DateField(null=True, blank=True)
    kind = models.CharField(max_length=60, blank=True)

    class DataClass:
        sensitive = ("country", "on", "kind")
        operational = ("ref", "case")


class SupportPlan(models.Model):
    """A plan of support (HTCDS `spl_`); objectives and actions lie in the vault."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey(Case, models.CASCADE, related_name="plans")
    kind = models.CharField(max_length=60, blank=True)
    planned_end_on = models.DateField(null=True, blank=True)
    actual_end_on = models.DateField(null=True, blank=True)

    class DataClass:
        sensitive = ("kind",)
        operational = ("ref", "case", "planned_end_on", "actual_end_on")


class Entry(models.Model):
    """One line of a case's timeline; any words of it lie in the vault under `note:<ref>`."""

    KINDS = (
        "opened",
        "imported",
        "note",
        "comment",
        "saved",
        "moved",
        "assigned",
        "shared",
        "restricted",
        "file",
        "emergency",
        "consent",
        "safety",
        "merged",
        "erased",
    )

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey(Case, models.CASCADE, related_name="entries", db_index=False)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in KINDS])
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    details = models.JSONField(default=dict, blank=True)
    has_text = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["case", "-at", "-id"], name="cases_entry_timeline")]

    class DataClass:
        operational = ("ref", "case", "kind", "at", "by", "details", "has_text")


class Attachment(models.Model):
    """A file of a case, encrypted; its name lies in the vault under `file:<ref>:name`."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey(Case, models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    scanned_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="cases_attachment_removed_pair",
            )
        ]

    class DataClass:
        sensitive = ("digest",)
        operational = (
            "ref",
            "case",
            "kind",
            "size_bytes",
            "added_at",
            "added_by",
            "scanned_at",
            "removed_at",
            "removed_by",
        )


class Deadline(models.Model):
    """Something due on a case, shown in one work list across modules."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    case = models.ForeignKey(Case, models.CASCADE, related_name="deadlines")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="deadlines", db_index=False)
    kind = models.CharField(max_length=30)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # A clock warns by itself; when it last did.
    is_clock = models.BooleanField(default=False, db_default=False)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="cases_deadline_clock", condition=Q(done_at__isnull=True, is_clock=True)
            ),
            models.Index(fields=["user", "due_at"], name="cases_deadline_user", condition=Q(done_at__isnull=True)),
            models.Index(
                fields=["organisation", "due_at"], name="cases_deadline_org", condition=Q(done_at__isnull=True)
            ),
            models.Index(
                fields=["organisation", "due_at"],
                name="cases_deadline_unowned",
                condition=Q(done_at__isnull=True, user__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True) | Q(done_at__isnull=False),
                name="cases_deadline_done_pair",
            )
        ]

    class DataClass:
        operational = (
            "ref",
            "case",
            "organisation",
            "user",
            "kind",
            "due_at",
            "done_at",
            "done_by",
            "is_clock",
            "told_at",
        )


class CustomField(models.Model):
    """A field that an organisation adds to its cases: type, data class, words in both languages, end date."""

    KINDS = ("text", "long_text", "picklist", "multi_picklist", "date", "boolean", "number")
    CLASSES = ("identifying", "sensitive", "operational", "open")

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="custom_fields")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in KINDS])
    data_class = models.CharField(max_length=12, choices=[(kind, kind) for kind in CLASSES])
    label_id = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120, blank=True)
    help_id = models.CharField(max_length=300, blank=True)
    help_en = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=100)
    ends_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="cases_customfield_code"),
            models.CheckConstraint(
                condition=~Q(kind__in=["text", "long_text"]) | Q(data_class__in=["identifying", "sensitive"]),
                name="cases_customfield_text_sealed",
            ),
        ]

    class DataClass:
        operational = ("ref", "organisation", "code", "kind", "data_class", "order", "ends_on", "created_at")
        open = ("label_id", "label_en", "help_id", "help_en")


class CustomChoice(models.Model):
    """A word of a pick-list: of an own field, or added to one of the standard's lists; retired, never deleted."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="custom_choices")
    field = models.CharField(max_length=60)
    code = models.CharField(max_length=60)
    label_id = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120, blank=True)
    maps_to = models.CharField(max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(default=100)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "field", "code"], name="cases_customchoice_code")
        ]

    class DataClass:
        operational = ("organisation", "field", "code", "maps_to", "order", "ends_on")
        open = ("label_id", "label_en")


class SavedView(models.Model):
    """A named filter of the case list, one's own or shared with the organisation."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    query = models.JSONField(default=dict)
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="cases_savedview_name")]

    class DataClass:
        operational = ("ref", "user", "organisation", "name", "query", "is_shared")
