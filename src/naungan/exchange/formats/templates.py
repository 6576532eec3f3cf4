"""The published workbooks, taken apart: what stands before, in and after the rows of the case sheet."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from io import BytesIO

from naungan.exchange.formats.errors import UnknownForm

__all__ = ["MACRO_FREE_TYPE", "Template", "template"]

_FILES = {
    "template_plain": "plain.xlsx",
    "template_single": "single_select.xlsx",
    "template_multi": "multi_select.xlsm",
}
_MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
MACRO_FREE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

_CASES = "xl/worksheets/sheet1.xml"
_STYLES = "xl/styles.xml"
_EXTRA_PART = "xl/worksheets/naungan.xml"
_ROW = re.compile(r'<row r="(\d+)".*?</row>', re.DOTALL)
_XFS = re.compile(r'<cellXfs count="(\d+)">(.*?)</cellXfs>', re.DOTALL)
_ALIGNED = '<alignment horizontal="left" vertical="top" wrapText="1"/>'
_DATE_FORMAT = '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'


@dataclass(frozen=True, slots=True)
class Template:
    """
    A published workbook, ready to be filled.

    `before` ends with row 2 of the case sheet; `blank_rows` are the published rows 3 to 1002; `after` begins with the
    end of the rows and holds the validations. `parts` are the other parts of the archive. Three cell styles were
    added to the published ones: text, text that a spreadsheet program must not take for a formula, date.
    """

    before: str
    blank_rows: tuple[str, ...]
    after: str
    parts: tuple[tuple[str, bytes], ...]
    text_style: int
    quoted_style: int
    date_style: int

    def opening(self, count: int | None) -> str:
        """`before`, with the extent of the sheet corrected where the published one is too small or unknown."""
        if count is not None and count + 2 <= 1002:
            return self.before
        extent = f'<dimension ref="A1:AM{count + 2}"/>' if count is not None else ""
        return re.sub(r"<dimension [^>]*/>", extent, self.before, count=1)

    def closing(self, last_row: int) -> str:
        """`after`, with the lists reaching down to the last row if it lies below the published range."""
        return (
            re.sub(
                r"(<xm:sqref>)([^<]*)(</xm:sqref>)",
                lambda found: found[1] + re.sub(r":([A-Z]+)50[12]\b", rf":\g<1>{last_row}", found[2]) + found[3],
                self.after,
            )
            if last_row > 501
            else self.after
        )


@lru_cache(maxsize=3)
def template(form: str) -> Template:
    """
    The published workbook of a form.

    Raises:
        UnknownForm: no workbook is published under this name.
    """
    if form not in _FILES:
        raise UnknownForm(form)
    folder = resources.files("naungan.standards.htcds").joinpath("data/templates")
    with zipfile.ZipFile(BytesIO(folder.joinpath(_FILES[form]).read_bytes())) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    sheet = parts.pop(_CASES).decode("utf-8")
    rows = list(_ROW.finditer(sheet))
    styles, first_style = _with_styles(parts[_STYLES].decode("utf-8"))
    parts[_STYLES] = styles.encode("utf-8")
    _announce_extra_sheet(parts)
    return Template(
        before=sheet[: rows[1].end()],
        blank_rows=tuple(found.group() for found in rows[2:]),
        after=sheet[rows[-1].end() :],
        parts=tuple(sorted(parts.items(), key=lambda part: part[0] != "[Content_Types].xml")),
        text_style=first_style,
        quoted_style=first_style + 1,
        date_style=first_style + 2,
    )


def _with_styles(styles: str) -> tuple[str, int]:
    found = _XFS.search(styles)
    if found is None or "<numFmts" in styles:
        raise UnknownForm("styles")
    first = int(found[1])
    base = 'fontId="0" fillId="0" borderId="0" xfId="0"'
    added = (
        f'<xf numFmtId="0" {base} applyAlignment="1">{_ALIGNED}</xf>'
        f'<xf numFmtId="49" {base} quotePrefix="1" applyNumberFormat="1" applyAlignment="1">{_ALIGNED}</xf>'
        f'<xf numFmtId="164" {base} applyNumberFormat="1" applyAlignment="1">{_ALIGNED}</xf>'
    )
    styles = (
        styles[: found.start()] + f'<cellXfs count="{first + 3}">{found[2]}{added}</cellXfs>' + styles[found.end() :]
    )
    return styles.replace("<fonts ", _DATE_FORMAT + "<fonts ", 1), first


def _announce_extra_sheet(parts: dict[str, bytes]) -> None:
    """Declare the sheet `naungan`, and a workbook without macros."""

    def change(name: str, old: str, new: str) -> None:
        text = parts[name].decode("utf-8")
        parts[name] = text.replace(old, new, 1).encode("utf-8")

    sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    link_type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    change("[Content_Types].xml", _MACRO_TYPE, MACRO_FREE_TYPE)
    change(
        "[Content_Types].xml", "</Types>", f'<Override PartName="/{_EXTRA_PART}" ContentType="{sheet_type}"/></Types>'
    )
    change("xl/workbook.xml", "</sheets>", '<sheet name="naungan" sheetId="99" r:id="rId99"/></sheets>')
    link = f'<Relationship Id="rId99" Type="{link_type}" Target="worksheets/naungan.xml"/></Relationships>'
    change("xl/_rels/workbook.xml.rels", "</Relationships>", link)
