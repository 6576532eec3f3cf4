"""What may be asked about cases; every answer stays inside the scope of the one who asks."""

from naungan.protection.cases.queries.lists import CaseRow, Filters, Page, case_page, work_list
from naungan.protection.cases.queries.people import audit_of_case, caseloads, who_saw
from naungan.protection.cases.queries.records import (
    CaseRecord,
    OpenedCase,
    case_record,
    current_values,
    find_case,
    note_reading,
    open_record,
    reach_case,
    read_attachment,
    reveal_identity,
)
from naungan.protection.cases.queries.search import SearchHits, perhaps_known, search_people
from naungan.protection.cases.queries.timeline import TimelineLine, timeline

__all__ = [
    "CaseRecord",
    "CaseRow",
    "Filters",
    "OpenedCase",
    "Page",
    "SearchHits",
    "TimelineLine",
    "audit_of_case",
    "case_page",
    "case_record",
    "caseloads",
    "current_values",
    "find_case",
    "note_reading",
    "open_record",
    "perhaps_known",
    "reach_case",
    "read_attachment",
    "reveal_identity",
    "search_people",
    "timeline",
    "who_saw",
    "work_list",
]
