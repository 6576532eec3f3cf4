"""The 84 named fields of HTCDS 2.0 and what this project adds to each: data class, vault, Indonesian label."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Literal

from naungan.standards.htcds.choices import Choice, standard_choices

Kind = Literal[
    "text", "long_text", "picklist", "multi_picklist", "date", "boolean", "number", "decimal_degrees",
    "phone", "email", "country", "language",
]  # fmt: skip

DATA = resources.files("naungan.standards.htcds").joinpath("data")
OWN_DATA = resources.files("naungan.standards").joinpath("data")

# The standard gives no lengths; these are ours. An Excel cell holds 32,767 characters.
TEXT_LIMIT = 255
LONG_TEXT_LIMIT = 32_000

REPEATED_PREFIXES = ("per", "hte", "spl", "cco")


class DataClass(StrEnum):
    """How much harm a field can do in the wrong hands."""

    IDENTIFYING = "identifying"
    SENSITIVE = "sensitive"
    OPERATIONAL = "operational"
    OPEN = "open"


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """
    One field: of the standard, or an organisation's own (`custom_field`).

    `excel_column`, `excel_name` and `excel_label` are the column, hidden name and visible label in the published
    templates; `survey_name` is the question's name in the survey form. `sealed` fields live in the vault.
    `several` fields hold a tuple of codes. `references` says what a name stands for: an organisation, a user, a person.
    """

    api_name: str
    object: str
    label: str
    kind: Kind
    label_id: str = ""
    order: int = 0
    section: str = ""
    description: str = ""
    notes: str = ""
    core: bool = False
    deprecated: bool = False
    pattern: str | None = None
    max_length: int = TEXT_LIMIT
    data_class: DataClass = DataClass.SENSITIVE
    sealed: bool = True
    several: bool = False
    references: str | None = None
    excel_column: str | None = None
    excel_name: str | None = None
    excel_label: str | None = None
    survey_name: str | None = None
    low: int | None = None
    high: int | None = None
    own_choices: Mapping[str, Choice] | None = field(default=None, repr=False)

    @property
    def prefix(self) -> str:
        """The object's prefix: `prs`, `vic`, `cas`, `hte`... or `x` for an organisation's own field."""
        return "x" if self.is_custom else self.api_name.split("_", 1)[0]

    @property
    def is_custom(self) -> bool:
        """Whether an organisation added the field."""
        return self.api_name.startswith("x:")

    @property
    def is_repeated(self) -> bool:
        """Whether one case may hold several of the object."""
        return self.prefix in REPEATED_PREFIXES

    @property
    def choices(self) -> Mapping[str, Choice]:
        """The codes that the field takes, in order; empty where it takes anything."""
        if self.own_choices is not None:
            return self.own_choices
        if self.kind == "country":
            return standard_choices("country")
        if self.kind == "language":
            return standard_choices("language")
        return standard_choices(self.api_name)

    def label_in(self, language: str) -> str:
        """The field's label in Indonesian (`id`) or English."""
        return (self.label_id or self.label) if language.lower().startswith("id") else self.label


_KINDS: Mapping[str, Kind] = {
    "text": "text", "long_text": "long_text", "picklist": "picklist", "multi_picklist": "multi_picklist",
    "date": "date", "boolean": "boolean", "number": "number", "decimal_degrees": "decimal_degrees",
    "picklist_or_text": "text", "reference_organisation": "text", "reference_user": "text",
    "reference_person": "text", "": "text",
}  # fmt: skip

# Where the published tables leave the kind open or two published files disagree.
_KIND_OF: Mapping[str, Kind] = {
    "prs_MailingLongitude": "decimal_degrees",
    "prs_MailingLatitude": "decimal_degrees",
    "prs_MailingCountry": "country",
    "org_ShippingCountry": "country",
    "hte_Country": "country",
    "prs_PrimaryLanguage": "language",
    "prs_SecondaryLanguage": "language",
    "prs_Email": "email",
    # A picklist in the field table, multiple choice in the macro template and in the survey form.
    "vic_ForcedLabourIndustry": "multi_picklist",
}

_LIMITS: Mapping[str, tuple[int, int]] = {
    "prs_NumberOfChildren": (0, 50),
    "vic_AgeWhenTrafficked": (0, 120),
}


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(DATA.joinpath(name).read_text("utf-8").splitlines()))


def _kind(row: Mapping[str, str]) -> Kind:
    if row["pattern"] and "\\d" in row["pattern"]:
        return "phone"
    return _KIND_OF.get(row["api_name"]) or _KINDS[row["type_normalised"]]


def _range(api_name: str, kind: Kind) -> tuple[int | None, int | None]:
    if kind == "decimal_degrees":
        return (-180, 180) if api_name.endswith("Longitude") else (-90, 90)
    return _LIMITS.get(api_name, (None, None))


def _field(row: Mapping[str, str], own: Mapping[str, str], column: Mapping[str, str] | None) -> Field:
    name = row["api_name"]
    kind = _kind(row)
    low, high = _range(name, kind)
    limits = {"long_text": LONG_TEXT_LIMIT, "phone": 16, "email": 254}
    reference = "organisation" if name == "per_Organisation" else row["type_normalised"].removeprefix("reference_")
    return Field(
        api_name=name,
        object=row["object"],
        label=row["label"] or row["name"],
        kind=kind,
        label_id=own["label_id"],
        order=int(row["order"]),
        section=row["section"],
        description=row["description"],
        notes=row["notes"],
        core=row["core_or_extended"] == "core",
        deprecated=row["status"] == "DEPRECATED",
        pattern=row["pattern"] or None,
        max_length=limits.get(kind, TEXT_LIMIT),
        data_class=DataClass(own["data_class"]),
        sealed=own["sealed"] == "yes",
        several=kind == "multi_picklist",
        references=reference if reference in ("organisation", "user", "person") else None,
        excel_column=row["excel_column"] or None,
        excel_name=column["hidden_row_api_name"] if column else None,
        excel_label=column["visible_label"] if column else None,
        survey_name=row["xlsform_question"] or None,
        low=low,
        high=high,
    )


def _load() -> Mapping[str, Field]:
    own_text = OWN_DATA.joinpath("htcds_fields.csv").read_text("utf-8")
    own = {row["api_name"]: row for row in csv.DictReader(own_text.splitlines())}
    columns = {row["column"]: row for row in _rows("excel_columns.csv")}
    found = [
        _field(row, own[row["api_name"]], columns.get(row["excel_column"]))
        for row in _rows("fields.csv")
        if row["api_name"]
    ]
    return MappingProxyType({each.api_name: each for each in found})


FIELDS: Mapping[str, Field] = _load()


def choices(api_name: str) -> Mapping[str, Choice]:
    """
    The codes that a field of the standard takes, in the standard's order, our extension codes last.

    Args:
        api_name: A field of `FIELDS`.

    Returns:
        Mapping: code to `Choice`; empty for fields that take anything.

    >>> choices("vic_MethodsOfControl")["x_RestrictsMovement"].maps_to
    'Other'
    """
    return FIELDS[api_name].choices


def custom_field(
    code: str,
    *,
    label: str,
    kind: Kind,
    label_id: str = "",
    choices: Mapping[str, Choice] | None = None,
    data_class: DataClass = DataClass.SENSITIVE,
) -> Field:
    """
    Describe a field that an organisation added, so that it is parsed and written like the standard's.

    Args:
        code: The organisation's code of the field; its API name becomes `x:<code>`.
        label: English label; also recognised as a column heading.
        kind: How its values are read.
        label_id: Indonesian label; also recognised as a column heading.
        choices: Codes of a pick-list, in order.
        data_class: How much harm its values can do.

    Returns:
        Field: sealed if identifying, sensitive or free text.
    """
    sealed = data_class in (DataClass.IDENTIFYING, DataClass.SENSITIVE) or kind in ("text", "long_text")
    return Field(
        api_name=f"x:{code}",
        object="Own",
        label=label,
        kind=kind,
        label_id=label_id,
        data_class=data_class,
        sealed=sealed,
        several=kind == "multi_picklist",
        max_length=LONG_TEXT_LIMIT if kind == "long_text" else TEXT_LIMIT,
        own_choices=choices or {},
    )
