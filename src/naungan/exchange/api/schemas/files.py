"""Imports, exports, and what a token may know of its surroundings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from naungan.exchange.api.schemas.cases import StateName
from naungan.exchange.api.schemas.common import REF, Strict


class Place(Schema):
    """A problem of a file with its place; never the value."""

    sheet: str | None
    row: int | None
    column: str | None
    field: str
    rule: str
    severity: Literal["error", "warning", "note"]
    message: str
    fix: str


class ImportLine(Schema):
    """One import."""

    ref: str
    state: str
    kind: str
    size_bytes: int
    created_at: datetime
    counts: dict[str, int] = Field(description="Rows by state: good, quarantined, accepted, skipped...")
    done: int
    total: int
    failure: str | None


class ImportList(Schema):
    """The newest imports."""

    imports: list[ImportLine]


class ImportBody(ImportLine):
    """One import with its first 200 problems."""

    problems: list[Place]
    has_more_problems: bool


class ImportMoved(Schema):
    """Where an import stands."""

    ref: str
    state: str
    is_known: bool | None = Field(None, description="The same file was taken before; nothing was done again.")


class NewImport(Strict):
    """What goes with a file."""

    team: str | None = Field(None, pattern=REF, description="The team that will hold the cases.")


class ExportChoice(Strict):
    """Which cases leave: by state and day of opening, or by their codes."""

    state: Literal["live", "all"] | StateName = Field("live", description="Open ones, all, or those in one state.")
    opened_from: date | None = None
    opened_until: date | None = None
    codes: Annotated[list[str], Field(max_length=1000)] | None = Field(None, description="Instead of the others.")


class NewExport(Strict):
    """What is to leave, in which form, and why."""

    form: Literal["csv", "json"] = "json"
    identity: bool = Field(False, description="Names and the like go along; needs the scope identity:read too.")
    reason: str = Field(min_length=3, max_length=500, description="Why; it is sealed in the audit chain.")
    choice: ExportChoice | None = None


class Label(Schema):
    """Words in both languages."""

    id: str
    en: str


class ChoiceBody(Schema):
    """A word of a pick-list."""

    code: str
    label: Label
    is_extension: bool
    maps_to: str | None


class FieldBody(Schema):
    """A field: of the standard, or the organisation's own (its name begins with `x:`)."""

    name: str
    object: str
    label: Label
    kind: str
    data_class: str
    is_sealed: bool
    is_identifying: bool
    takes_several: bool
    is_writable: bool
    is_deprecated: bool
    max_length: int
    list: str | None = Field(description="The name of its pick-list in `lists`.")


class FieldList(Schema):
    """Every field, and every pick-list once."""

    fields: list[FieldBody]
    lists: dict[str, list[ChoiceBody]]


class Named(Schema):
    """Something with a reference and a name."""

    ref: str
    name: str


class Me(Schema):
    """What the token is."""

    name: str
    ref: str
    scopes: list[str]
    expires_at: datetime
    organisation: Named
    teams: list[Named]
    requests_per_minute: int


Document = dict[str, Any]
