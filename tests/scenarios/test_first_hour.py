"""The tutorial of the first hour, done as it is written, with each of the three published workbooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acting import code_of
from tests.browser.driving import Visitor, chromium, visiting
from tests.browser.server import Server, demonstration
from tests.exchange.making import TEMPLATES, workbook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SUPERVISOR = "ratih@uptd.example.org"
PHONE = "+6281200000002"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What `make demo` serves, with fewer people."""
    with demonstration(tmp_path_factory.mktemp("hour"), people=20) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of this module."""
    with chromium() as started:
        yield started


@pytest.fixture
def ratih(browser: Browser, server: Server) -> Iterator[Visitor]:
    """The supervisor of the tutorial, signed in."""
    with visiting(browser, server) as visitor:
        visitor.sign_in(SUPERVISOR)
        yield visitor


def rows(kind: str) -> list[Mapping[str, str]]:
    """The three rows of the tutorial, with a family name for each workbook so that each is new."""
    return [
        {"D": "Siti", "E": f"Nurjanah {kind}", "G": "1998-04-17", "H": "Perempuan"},
        {"D": "Yohanes", "E": f"Djelantik {kind}", "G": "03/04/1990", "H": "Laki-laki"},
        {"D": "Maria", "E": f"Contoh {kind}", "H": "Perempuan"},
    ]


def bring_in(ratih: Visitor, path: Path) -> None:
    """Step 3: bring the workbook in, mend the row that can be read in two ways, and import."""
    page = ratih.open("/imports/")
    page.get_by_role("link", name="Bring a file in").first.click()
    page.set_input_files("#id_file", path)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/map/", timeout=60_000)
    expect(page.locator("main")).to_contain_text("38 columns were recognised")
    page.get_by_role("button", name="Check the rows").click()
    row = page.get_by_role("link", name="Row 4")
    row.wait_for(timeout=60_000)
    row.click()
    expect(page.locator("main")).to_contain_text("This date can be read in two ways")
    page.fill("[name=prs_Birthdate]", "1990-04-03")
    page.get_by_role("button", name="The row is ready").click()
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.locator("main")).to_contain_text("The rows are cases now.", timeout=60_000)


def find_misspelt(page: Page, words: str, name: str) -> str:
    """Step 4: find a person whose name was typed wrongly; returns the code of the case."""
    page.fill("#search-box", words)
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name=name).click()
    page.wait_for_url("**/cases/*/")
    return code_of(page)


def correct_phone(page: Page) -> None:
    """Step 5: see who she is, for a reason, and write her telephone down."""
    page.locator(".person-header").get_by_role("link", name="Reveal").click()
    page.get_by_label("Correcting the record").check()
    page.locator("main form").get_by_role("button", name="Reveal").click()
    page.get_by_role("link", name="Edit The person").click()
    page.fill("[name=prs_MobilePhone]", "+62 812 0000 0002")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#timeline")).to_contain_text("Record changed")


def export(ratih: Visitor, form: str, folder: Path) -> Path:
    """Step 6: take everything out, with identity, for a reason."""
    page = ratih.open("/exports/")
    page.get_by_label(form).check()
    page.get_by_label("With names and other identity").check()
    page.get_by_label("Reason").fill("Tutorial")
    page.get_by_role("button", name="Count before it leaves").click()
    button = page.get_by_role("button", name="Download")
    button.wait_for(timeout=60_000)
    with page.expect_download(timeout=60_000) as waiting:
        button.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def people_in(path: Path) -> dict[str, tuple[object, ...]]:
    """The rows of an exported workbook by family name."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return {str(row[4]): row for row in sheet.iter_rows(min_row=3, values_only=True) if row[4]}


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("plain", "HTCDS workbook, plain"),
        ("single", "HTCDS workbook, one choice per cell"),
        ("multi", "HTCDS workbook, several choices per cell"),
    ],
)
def test_first_hour_goes_as_the_tutorial_says(ratih: Visitor, kind: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"my-cases{Path(TEMPLATES[kind]).suffix}"
    path.write_bytes(workbook(kind, rows(kind)).read())

    bring_in(ratih, path)
    find_misspelt(ratih.page, f"Sity Nurjanna {kind}", f"Siti Nurjanah {kind}")
    correct_phone(ratih.page)
    people = people_in(export(ratih, form, tmp_path))

    siti, yohanes = people[f"Nurjanah {kind}"], people[f"Djelantik {kind}"]
    assert siti[3] == "Siti"
    assert str(siti[12]).replace(" ", "") == PHONE
    assert _day(yohanes[6]) == date(1990, 4, 3)
    assert people[f"Contoh {kind}"][6] is None


def test_same_file_twice_changes_nothing(ratih: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "twice.xlsx"
    path.write_bytes(workbook("plain", rows("twice")).read())
    bring_in(ratih, path)

    page = ratih.open("/imports/start/")
    page.set_input_files("#id_file", path)
    page.get_by_role("button", name="Go on").click()

    expect(page.locator("body")).to_contain_text("Nothing was changed.")


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    assert isinstance(value, date | str)
    return value if isinstance(value, date) else date.fromisoformat(value)
