"""Cases: the list, one record, and what writes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from naungan.exchange.api.paging import MOST, PAGE
from naungan.exchange.api.schemas.common import REF, Error, Note, Strict

Fields = dict[str, Any]
StateName = Literal["open", "on_hold", "follow_up", "closed", "transferred"]
StepName = Literal["hold", "resume", "follow_up", "close", "transfer", "reopen"]
ReasonName = Literal["case_work", "contact", "referral", "correction", "legal", "request", "review"]
BY_NAME = "Values by HTCDS API name: codes for pick-lists (a list where a field takes several), days as YYYY-MM-DD."


class CaseFilters(Schema):
    """
    How the list is narrowed, sorted and paged; `x:<code>=<value>` narrows by an own field kept in the clear.

    A date or number is narrowed by `x:<code>:from` and `x:<code>:until`, a list with several choices by one of them.
    """

    open: Literal["true", "false", "any"] = Field("true", description="Open cases, ended ones, or both.")
    state: StateName | None = None
    trafficking_status: str | None = Field(None, max_length=60)
    exploitation: str | None = Field(None, max_length=60)
    industry: str | None = Field(None, max_length=60)
    gender: str | None = Field(None, max_length=60)
    batch: str | None = Field(None, pattern=REF, description="The import that opened them.")
    assigned_to: str | None = Field(None, pattern=REF, description="The reference of a colleague.")
    child: Literal["true", "false"] | None = None
    opened_from: date | None = None
    opened_until: date | None = None
    sort: Literal["touched", "opened"] = "touched"
    after: str = Field("", max_length=120, description="`next` of the page before.")
    limit: int = Field(PAGE, ge=1, le=MOST)
    count: Literal["true", "false"] = Field("false", description="Count too, up to 1000.")


class CaseLine(Schema):
    """A line of the list: codes and dates."""

    code: str
    state: StateName
    opened_on: date
    touched_at: datetime
    gender: str | None
    age_at_opening: int | None
    trafficking_status: str | None
    exploitation_types: list[str]
    is_restricted: bool


class CasePage(Schema):
    """A page of the list."""

    cases: list[CaseLine]
    next: str | None = Field(description="The key of the next page; null on the last.")
    count: int | None = None
    count_is_capped: bool | None = None


class PartBody(Schema):
    """A perpetrator, event, plan or comment."""

    ref: str
    fields: Fields


class CaseBody(Schema):
    """A whole case. Fields that tell who somebody is are named in `masked`, or shown against a reason."""

    code: str
    state: StateName
    version: int
    person: str = Field(description="The reference of the person.")
    opened_on: date
    touched_at: datetime
    closed_on: date | None
    is_restricted: bool
    fields: Fields = Field(description=BY_NAME)
    parts: dict[str, list[PartBody]] = Field(description="Repeated objects: per, hte, spl, cco.")
    own: Fields = Field(description="The organisation's own fields by code.")
    unread: Fields = Field(description="Words of an import that no list has, by API name.")
    masked: list[str]


class NewCase(Strict):
    """A case to be opened."""

    fields: Fields = Field(default_factory=dict, description=BY_NAME)
    parts: dict[str, Annotated[list[Fields], Field(max_length=50)]] = Field(
        default_factory=dict, description="Repeated objects by prefix: per, hte, spl, cco; each a set of fields."
    )
    own: Fields = Field(default_factory=dict)
    team: str | None = Field(None, pattern=REF, description="The team that will hold it; GET /me lists teams.")
    assigned_to: str | None = Field(None, pattern=REF, description="The colleague who will work on it.")
    opened_on: date | None = Field(None, description="Today when left out; not in the future.")


class PartChange(Strict):
    """A new part (no `ref`), a changed one, or one to be taken off."""

    ref: str | None = Field(None, pattern=REF)
    remove: bool = False
    fields: Fields = Field(default_factory=dict)


class CaseChange(Strict):
    """What is to be changed; null clears a field, what is not named stays."""

    fields: Fields = Field(default_factory=dict, description=BY_NAME)
    own: Fields = Field(default_factory=dict)
    parts: dict[Literal["per", "hte", "spl"], Annotated[list[PartChange], Field(max_length=50)]] = Field(
        default_factory=dict
    )


class CaseWritten(Schema):
    """Where a case stands after a change."""

    code: str
    person: str
    state: StateName
    version: int
    notes: list[Note] = Field(description="What was tidied or looks odd; nothing that stood in the way.")


class Current(Schema):
    """What the record says now: the version, and the fields that this token may read."""

    version: int
    fields: Fields


class ChangedMeanwhile(Error):
    """A 412: the error, and beside it the present texts."""

    current: Current


class NewNote(Strict):
    """A note or a comment."""

    text: str = Field(min_length=1, max_length=20_000)
    kind: Literal["note", "comment"] = "note"


class NoteWritten(Schema):
    """A note that was written; its words are not repeated."""

    ref: str
    code: str
    version: int


class Given(Strict):
    """What the guards of a step ask."""

    reason: str | None = Field(None, min_length=1, max_length=2000)
    closure_reason: str | None = Field(None, max_length=20)
    later_contact: bool | None = None
    retention_until: date | None = None
    safety_plan: bool | None = None
    services_ended: bool | None = None
    referrals_settled: bool | None = None


class NewStep(Strict):
    """A step of the case's state machine."""

    step: StepName
    given: Given | None = None


class PersonQuery(Schema):
    """Whether the identity is asked for, and why."""

    reason: ReasonName | None = Field(None, description="Shows the identity (scope identity:read); it is audited.")


class PersonCase(Schema):
    """A case of a person."""

    code: str
    state: StateName


class PersonBody(Schema):
    """A person: what is not identifying, the codes of their cases, and the identity against a reason."""

    ref: str
    cases: list[PersonCase]
    fields: Fields
    identity: Fields | None = None
    masked: list[str]
