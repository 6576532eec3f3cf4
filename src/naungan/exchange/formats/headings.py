"""Which headings are known: names of the standard, of the templates and of the survey form, and visible labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from naungan.exchange.formats.cells import Cell
from naungan.standards.htcds import FIELDS, Field

Kind = Literal[
    "template_plain", "template_single", "template_multi", "csv_api", "json_api", "survey_csv", "survey_json"
]

# Columns that only our own files have.
CODE, ROW_ID, EXTRA = "naungan_code", "naungan_row", "naungan_extra"
OWN_COLUMNS = frozenset({CODE, ROW_ID, EXTRA})

MISSPELT = "vic_TraffickinStatusDecisionMakingOrg"
ADDRESS_COLUMNS = ("N", "O", "P", "Q", "R")

# What survey servers add, best source of a submission's identity first.
INSTANCE_IDS = (
    "meta/instanceid",
    "meta-instanceid",
    "instanceid",
    "key",
    "__id",
    "_uuid",
    "meta/rootuuid",
    "formhub/uuid",
)
SURVEY_BOOKKEEPING = frozenset({
    *INSTANCE_IDS, "start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "username", "audit",
    "submissiondate", "submitterid", "submittername", "attachmentspresent", "attachmentsexpected", "status",
    "reviewstate", "edits", "formversion", "formid", "instancename", "meta/instancename", "meta-instancename",
    "__version__", "_version_", "_id", "_index", "_parent_index", "_parent_table_name", "_submission_time",
    "_submission__id", "_submission__uuid", "_validation_status", "_notes", "_status", "_submitted_by", "_tags",
    "_xform_id_string", "_attachments", "_geolocation", "meta/deprecatedid", "hq_case_id", "_edited", "_duration",
    "_bamboo_dataset_id", "__system/submissiondate", "__system/updatedat", "__system/submitterid",
    "__system/submittername", "__system/attachmentspresent", "__system/attachmentsexpected", "__system/status",
    "__system/reviewstate", "__system/deviceid", "__system/edits", "__system/formversion", "__system/deletedat",
})  # fmt: skip
_SURVEY_MARKS = frozenset({
    "meta/instanceid", "meta-instanceid", "instanceid", "key", "__id", "_uuid", "submissiondate", "_submission_time",
    "formhub/uuid", "prs_first_name", "prs_second_name", "vic_methods_of_control", "_xform_id_string",
})  # fmt: skip
_LABELLED_PREFIXES = ("prs_", "vic_", "cas_", "con_")
_TIDY = re.compile(r"[\s\u00a0*:]+")


def tidy(cell: Cell) -> str:
    """A heading for comparison: blanks made one, stars and colons left out, case ignored."""
    return _TIDY.sub(" ", cell).strip().casefold() if isinstance(cell, str) else ""


@lru_cache(maxsize=1)
def names() -> Mapping[str, str]:
    """Names (of the standard, of the templates' hidden row, of the survey form) and the fields they stand for."""
    found: dict[str, str] = {MISSPELT.casefold(): "vic_TraffickingStatusDecisionMakingOrg"}
    for name, field in FIELDS.items():
        found[name.casefold()] = name
        if field.survey_name:
            found[field.survey_name.casefold()] = name
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def labels() -> Mapping[str, str]:
    """Visible labels that stand for exactly one field about a case; the templates' fields come first."""
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    fields = [field for field in FIELDS.values() if field.api_name.startswith(_LABELLED_PREFIXES)]
    for field in sorted(fields, key=lambda each: each.excel_column is None):
        for label in {tidy(field.label), tidy(field.label_id)}:
            if label in found and not FIELDS[found[label]].excel_column:
                doubtful.add(label)
            found.setdefault(label, field.api_name)
    return MappingProxyType({label: name for label, name in found.items() if label not in doubtful})


@lru_cache(maxsize=1)
def template_columns() -> tuple[tuple[str, Field], ...]:
    """The columns of the published templates from B to AM, each with the field that its visible label names."""
    fields = [field for field in FIELDS.values() if field.excel_column]
    by_label = {field.excel_label: field.excel_column for field in fields}
    placed = [(by_label.get(field.label) or field.excel_column or "", field) for field in fields]
    return tuple(sorted(placed, key=lambda pair: (len(pair[0]), pair[0])))


def name_of(heading: Cell) -> str | None:
    """The field that a heading names, group paths of survey servers included."""
    word = tidy(heading)
    known = names()
    if word in known:
        return known[word]
    for mark in ("/", "-", ":"):
        last = word.rpartition(mark)[2]
        if last != word and last in known:
            return known[last]
    return None


def is_bookkeeping(heading: Cell) -> bool:
    """Whether a survey server added the column."""
    return tidy(heading) in SURVEY_BOOKKEEPING


def known_in(row: Sequence[Cell]) -> int:
    """How many cells of a row are known headings."""
    return sum(1 for cell in row if name_of(cell) or tidy(cell) in labels() or tidy(cell) in OWN_COLUMNS)


def known_headings(rows: Sequence[Sequence[Cell]]) -> int:
    """How many headings the best row has; 0 if no row can be taken for the heading."""
    best = 0
    for row in rows:
        known = known_in(row)
        if known >= 2 or any(name_of(cell) for cell in row):  # one label alone may be a word of the data
            best = max(best, known)
    return best


def is_survey(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether the headings are those of survey answers."""
    return any(
        tidy(cell) in _SURVEY_MARKS or tidy(cell).rpartition("/")[2] in _SURVEY_MARKS
        for row in rows[:1]
        for cell in row
    )


def kind_of_workbook(heads: Mapping[str, Sequence[Sequence[Cell]]]) -> Kind:
    """Which published template a workbook follows; the two with lists differ in one stray blank of theirs."""
    if "validation" not in heads:
        return "template_plain"
    cells = [cell for row in heads["validation"] for cell in row if isinstance(cell, str)]
    return "template_single" if "Debt bondage " in cells else "template_multi"
