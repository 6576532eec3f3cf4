"""What every route shares: the error, headers and references."""

from __future__ import annotations

from typing import Annotated

from ninja import Field, Header, Path, Schema
from pydantic import ConfigDict

CODE = r"^[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}-?[0-9A-Za-z]$"
REF = r"^[0-9A-HJKMNP-TV-Z]{16}$"

Code = Annotated[str, Path(description="The code of a case, such as K7QF-2M9D-X.", max_length=20)]
Ref = Annotated[str, Path(description="A reference: 16 letters and digits.", max_length=20)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="A new value for each piece of work; the same value repeats the answer for 24 hours.",
    ),
]
Version = Annotated[
    str,
    Header(
        alias="If-Match",
        description="The ETag that was read.",
    ),
]

# What the document says of headers and addresses; the API itself answers 400, 428, 412 or 404, not 422.
FORMS = {"Idempotency-Key": "^[!-~]{8,200}$", "If-Match": '^"[0-9]{1,9}"$', "code": CODE, "ref": REF}


class Strict(Schema):
    """A body that takes no field it does not know."""

    model_config = ConfigDict(extra="forbid")


class ErrorField(Schema):
    """A field that breaks a rule; never its value."""

    field: str
    rule: str
    message: str
    fix: str


class ErrorBody(Schema):
    """What went wrong."""

    code: str = Field(description="A stable word to program against.")
    message: str
    fields: list[ErrorField]


class Error(Schema):
    """The one shape of every error."""

    error: ErrorBody


class Note(ErrorField):
    """Something noticed that did not stand in the way."""
