"""Makes the files that the tests of imports bring in, and takes the usual steps with them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from importlib import resources
from xml.sax.saxutils import escape

from naungan.access.actor import Actor
from naungan.exchange import actions
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries.records import CaseRecord, read_record

TEMPLATES = {"plain": "plain.xlsx", "single": "single_select.xlsx", "multi": "multi_select.xlsm"}

# One value for each of the 38 columns of the published templates, by column letter.
FULL_ROW: Mapping[str, str] = {
    "B": "Petugas Rekaan", "C": "Ibu", "D": "Wulan", "E": "Contohwati", "F": "Yes", "G": "1999-04-17", "H": "Feminine",
    "I": "Indonesia", "J": "Bidan", "K": "wulan@example.org", "L": "+622100000001", "M": "+628110000001",
    "N": "Jalan Rekaan 5", "O": "Kota Contoh", "P": "Jawa Barat", "Q": "40111", "R": "Indonesia",
    "S": "Actual Victim of Trafficking", "T": "Police", "U": "Through online social networks", "V": "Bandung rekaan",
    "W": "Debt bondage", "X": "Forced Labour", "Y": "Construction", "Z": "Prostitution", "AA": "Pelabuhan rekaan",
    "AB": "Active", "AC": "Yayasan Rekaan", "AD": "2026-02-03", "AE": "Rujukan Rekaan", "AF": "Other",
    "AG": "Datang sendiri", "AH": "Balai Rekaan", "AI": "Penerima Rekaan", "AJ": "Other", "AK": "2026-03-04",
    "AL": "Ke balai", "AM": "Belum",
}  # fmt: skip


def csv_file(rows: Iterable[Mapping[str, str]]) -> io.BytesIO:
    """A CSV by API names."""
    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows(listed)
    return io.BytesIO(out.getvalue().encode())


def people(count: int, *, first: int = 1) -> list[dict[str, str]]:
    """Invented people, each different."""
    return [
        {
            "prs_FirstName": f"Contoh{number}",
            "prs_SecondName": "Rekaan",
            "prs_Gender": "Feminine",
            "prs_MobilePhone": f"+62811{number:07d}",
            "vic_TypeOfExploitation": "ForcedLabour",
        }
        for number in range(first, first + count)
    ]


def workbook(kind: str, rows: Iterable[Mapping[str, str]]) -> io.BytesIO:
    """A published template filled by hand: texts by column letter, the first row of data being row 3."""
    published = resources.files("naungan.standards.htcds").joinpath("data/templates", TEMPLATES[kind]).read_bytes()
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(published)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = _filled(content.decode(), list(rows)).encode()
            new.writestr(entry.filename, content)
    out.seek(0)
    return out


def _filled(sheet: str, rows: list[Mapping[str, str]]) -> str:
    for number, row in enumerate(rows, start=3):
        cells = "".join(
            f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
            for letter, text in sorted(row.items(), key=lambda cell: (len(cell[0]), cell[0]))
        )
        filled = f'<row r="{number}"><c r="A{number}"><v>{number - 2}</v></c>{cells}</row>'
        start = sheet.index(f'<row r="{number}" ')
        sheet = sheet[:start] + filled + sheet[sheet.index("</row>", start) + 6 :]
    return sheet


def stage(by: Actor, file: io.BytesIO, name: str = "a file.csv") -> ImportBatch:
    """Bring a file in, as far as the columns."""
    return fresh(actions.stage_file(by=by, file=file, name=name).batch)


def check(by: Actor, file: io.BytesIO, name: str = "a file.csv") -> ImportBatch:
    """Bring a file in, as far as its checked rows."""
    batch = stage(by, file, name)
    return fresh(actions.confirm_mapping(by=by, batch=batch))


def bring_in(by: Actor, file: io.BytesIO, name: str = "a file.csv") -> ImportBatch:
    """Bring a file in to the end: its good rows are cases."""
    batch = check(by, file, name)
    return fresh(actions.accept_good(by=by, batch=batch))


def fresh(batch: ImportBatch) -> ImportBatch:
    """The batch as it stands now."""
    return ImportBatch.objects.select_related("rows_subject", "raw_subject", "team").get(pk=batch.pk)


def rows_in(batch: ImportBatch, state: str) -> list[ImportRow]:
    """The rows of a batch in one state."""
    return list(ImportRow.objects.filter(batch=batch, state=state).order_by("pk"))


def codes(row: ImportRow) -> set[str]:
    """The codes of a row's problems."""
    return {str(kept[0]) for kept in row.problems}


def records(organisation_id: int) -> list[CaseRecord]:
    """Every case of an organisation, opened, in the order in which they came."""
    cases = Case.objects.filter(organisation_id=organisation_id).select_related("person__subject", "organisation")
    return [read_record(case, identity=True) for case in cases.order_by("pk")]
