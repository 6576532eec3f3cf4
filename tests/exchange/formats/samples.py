"""Files as people send them: published templates filled by hand, survey exports, broken workbooks."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

import openpyxl

from naungan.exchange.formats import CheckedRow, ColumnMapping, Record, check_rows, open_upload, propose_mapping

TEMPLATE_FILES = {
    "template_plain": "plain.xlsx",
    "template_single": "single_select.xlsx",
    "template_multi": "multi_select.xlsm",
}
ADDRESS = {
    "N": "Jalan Contoh 1",
    "O": "Kota Contoh",
    "P": "Jawa Barat",
    "Q": "40115",
    "R": "Indonesia",
}
FULL_ROW: Mapping[str, Any] = {
    "B": "Pekerja Contoh",
    "C": "Ibu",
    "D": "Contoh",
    "E": "Rekaan",
    "F": "Ya",
    "G": date(1990, 4, 23),
    "H": "NonSpecifiedUnknown",
    "I": "Turkey",
    "J": "Penjahit",
    "K": "contoh@example.org",
    "L": "+62215550123",
    "M": "+628123456789",
    **ADDRESS,
    "S": "Possible victim of trafficking",
    "T": "Court or prosecution",
    "U": "At work",
    "V": "Pelabuhan Contoh",
    "W": "Debt bondage ",
    "X": "Forced labour",
    "Y": "Water supply; sewerage, waste management and remediation",
    "Z": "Pornography",
    "AA": "Kapal Contoh",
    "AB": "Follow up",
    "AC": "LSM Contoh",
    "AD": date(2020, 5, 6),
    "AE": "Petugas Satu",
    "AF": "Migration Or Change Of Location",
    "AG": "rincian masuk",
    "AH": "Rumah Contoh",
    "AI": "Petugas Dua",
    "AJ": "Other",
    "AK": "2021-06-07",
    "AL": "rincian keluar",
    "AM": "tujuan tercapai",
}
FULL_VALUES: Mapping[str, Any] = {
    "cas_CaseOwner": "Pekerja Contoh",
    "prs_Salutation": "Ibu",
    "prs_FirstName": "Contoh",
    "prs_SecondName": "Rekaan",
    "con_Consent": True,
    "prs_Birthdate": date(1990, 4, 23),
    "prs_Gender": "NonSpecifiedUnknown",
    "prs_Citizenship": ("TR",),
    "prs_Title": "Penjahit",
    "prs_Email": "contoh@example.org",
    "prs_HomePhone": "+62215550123",
    "prs_MobilePhone": "+628123456789",
    "prs_MailingStreet": "Jalan Contoh 1",
    "prs_MailingCity": "Kota Contoh",
    "prs_MailingState": "Jawa Barat",
    "prs_MailingPostalCode": "40115",
    "prs_MailingCountry": "ID",
    "vic_TraffickingStatus": "PossibleVictimOfTrafficking",
    "vic_TraffickingStatusDecisionMakingOrg": "CourtOrProsecution",
    "vic_MethodOfRecruitment": ("AtWork",),
    "vic_LocationOfRecruitment": "Pelabuhan Contoh",
    "vic_MethodsOfControl": ("DebtBondage",),
    "vic_TypeOfExploitation": ("ForcedLabour",),
    "vic_ForcedLabourIndustry": ("E_WaterSupplySewerageWasteManagement",),
    "vic_TypeOfSexExploitation": ("Pornography",),
    "vic_LocationOfExploitation": "Kapal Contoh",
    "cas_Status": "FollowUp",
    "cas_ReferringOrganisation": "LSM Contoh",
    "cas_IncomingReferralDate": date(2020, 5, 6),
    "cas_ReferringPrimaryCaseWorker": "Petugas Satu",
    "cas_ReasonForIncomingReferral": "MigrationOrChangeOfLocation",
    "cas_IncomingReferralDetails": "rincian masuk",
    "cas_ReferredOrganisation": "Rumah Contoh",
    "cas_ReferredPrimaryCaseWorker": "Petugas Dua",
    "cas_ReasonForOutgoingReferral": "Other",
    "cas_OutgoingReferralDate": date(2021, 6, 7),
    "cas_OutgoingReferralDetails": "rincian keluar",
    "cas_ReasonForCaseClosure": "tujuan tercapai",
}


def published(form: str) -> bytes:
    """A template as published."""
    folder = resources.files("naungan.standards.htcds").joinpath("data/templates")
    return folder.joinpath(TEMPLATE_FILES[form]).read_bytes()


def load(content: bytes) -> openpyxl.Workbook:
    """A workbook as another program sees it; that program warns that it drops validations, which is trap 10."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Data Validation extension")
        return openpyxl.load_workbook(io.BytesIO(content))


@lru_cache(maxsize=3)
def _short(form: str) -> bytes:
    """The template with eight of its thousand rows, which other programs read a hundred times faster."""
    book = load(published(form))
    book.worksheets[0].delete_rows(11, 992)
    return saved(book)


def filled(form: str, *rows: Mapping[str, Any], headings: Mapping[str, str | None] | None = None) -> bytes:
    """A template filled as with a spreadsheet program; `headings` changes cells of rows 1 and 2."""
    book = load(_short(form))
    sheet = book.worksheets[0]
    for place, text in (headings or {}).items():
        sheet[place] = text
    for number, row in enumerate(rows, start=3):
        for letter, value in row.items():
            sheet[f"{letter}{number}"] = value
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """A workbook as bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*rows: Iterable[Any]) -> bytes:
    """A workbook of one sheet with these rows."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def with_part(content: bytes, name: str, change: Mapping[bytes, bytes] | bytes) -> bytes:
    """A workbook with one part of the archive replaced, or with texts in it replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == name and not isinstance(change, bytes):
                for before, after in change.items():
                    assert before in data
                    data = data.replace(before, after)
            if entry.filename != name or not isinstance(change, bytes):
                new.writestr(entry.filename, data)
        if isinstance(change, bytes):
            new.writestr(name, change)
    return out.getvalue()


def read(content: bytes, **choices: Any) -> tuple[ColumnMapping, list[CheckedRow]]:
    """Open, map and check a file."""
    upload = open_upload(content)
    mapping = propose_mapping(upload.head().rows, choices.get("custom", ()))
    return mapping, list(check_rows(upload, mapping, **choices))


def csv_of(header: str, *lines: str) -> bytes:
    """A CSV text."""
    return "\r\n".join((header, *lines, "")).encode()


def codes(row: CheckedRow, *severities: str) -> list[str]:
    """The codes of a row's problems."""
    return [problem.code for problem in row.problems if not severities or problem.severity in severities]


def rich_record() -> Record:
    """A record that no template can hold whole."""
    return Record(
        values={
            **FULL_VALUES,
            "prs_FirstName": "=CMD()",
            "prs_MiddleName": "Tengah",
            "prs_Citizenship": ("ID", "TR"),
            "vic_MethodsOfControl": ("DebtBondage", "x_RestrictsMovement"),
            "vic_Vulnerabilities": ("Poverty",),
            "vic_AgeWhenTrafficked": 17,
            "org_ShippingLatitude": Decimal("-6.2088"),
        },
        repeated={
            "hte": [{"hte_City": "Kota A", "hte_Date": date(2020, 1, 1)}, {"hte_Latitude": Decimal("1.5")}],
            "cco": [{"cco_CaseComment": "baris satu\nbaris dua"}],
            "spl": [{"spl_Type": "x_Shelter"}],
        },
        custom={"shoe": "42", "tall": True, "seen": date(2022, 2, 2)},
        raw={"prs_HomePhone": "021 555", "hte#1:hte_Country": "Negeri Dongeng"},
        code="NGA-0001",
    )
