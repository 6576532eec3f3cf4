"""The pages of imports and exports, by somebody allowed, somebody read-only and somebody outside."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from naungan.exchange.models import Export, ImportBatch
from naungan.exchange.queries.batches import read_row
from naungan.protection.cases.models import Case
from tests.exchange.making import bring_in, check, csv_file, fresh, people, rows_in, stage, workbook
from tests.personas import Persona, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

WRONG_DATE = {**people(1)[0], "prs_Birthdate": "31-02-1999"}


def upload(browser: Client, content: bytes, name: str = "kasus.csv") -> ImportBatch:
    """Send a file by the page."""
    browser.post("/imports/start/", {"file": SimpleUploadedFile(name, content)})
    return ImportBatch.objects.latest("created_at")


def test_wizard_from_the_file_to_the_cases_works_on_pages(amara: Persona) -> None:
    browser = amara.client()
    batch = upload(browser, csv_file(people(2)).getvalue())

    shown = browser.get(f"/imports/{batch.ref}/", follow=True)
    browser.post(f"/imports/{batch.ref}/map/", {})
    checked = browser.get(f"/imports/{batch.ref}/")
    browser.post(f"/imports/{batch.ref}/accept/")

    assert "Confirm the columns" in shown.content.decode()
    assert "Import 2 rows" in checked.content.decode()
    assert Case.objects.filter(batch=batch.ref).count() == 2


def test_import_list_names_no_person(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file(people(1)), "Contoh1 Rekaan.csv")

    page = amara.client().get("/imports/").content.decode()

    assert "Imported" in page
    assert "Contoh1" not in page


def test_row_in_quarantine_is_mended_on_its_page(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([WRONG_DATE]))
    row, browser = rows_in(batch, "quarantined")[0], amara.client()
    address = f"/imports/{batch.ref}/rows/{row.pk}/"

    shown = browser.get(address).content.decode()
    refused = browser.post(address, {"prs_Birthdate": "30-02-1999"})
    browser.post(address, {"prs_Birthdate": "28-02-1999"})

    assert "31-02-1999" in shown
    assert refused.status_code == 422
    assert fresh(batch).counts == {"good": 1}


def test_date_with_two_readings_is_offered_with_the_names_of_the_months(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([{**WRONG_DATE, "prs_Birthdate": "03/04/1990"}]))
    row = rows_in(batch, "quarantined")[0]

    shown = amara.client().get(f"/imports/{batch.ref}/rows/{row.pk}/").content.decode()

    assert "Did you mean 1990-04-03 (3 April 1990) or 1990-03-04 (4 March 1990)?" in shown


def test_row_imported_before_says_so_and_is_brought_in_on_its_page(amara: Persona) -> None:
    alike = {"prs_FirstName": "Contoh1", "prs_Gender": "Feminine"}
    bring_in(amara.actor(), csv_file([alike]))
    batch = check(amara.actor(), csv_file([alike, *people(1, first=5)]))
    row, browser, code = rows_in(batch, "skipped")[0], amara.client(), Case.objects.get().code

    listed = browser.get(f"/imports/{batch.ref}/?rows=skipped").content.decode()
    shown = browser.get(f"/imports/{batch.ref}/rows/{row.pk}/").content.decode()
    browser.post(f"/imports/{batch.ref}/rows/{row.pk}/", {"what": "back"})

    assert "This row was imported before" in listed
    assert code in listed
    assert code in shown
    assert fresh(batch).counts == {"good": 1, "quarantined": 1}


@pytest.mark.parametrize(
    ("who", "expected"), [("amara", 200), ("sari", 200), ("bilal", 403), ("dana", 403), ("esra", 403), ("chen", 404)]
)
def test_batch_page_is_open_to_whom_the_policy_says(
    who: str, expected: int, amara: Persona, request: pytest.FixtureRequest
) -> None:
    team = amara.team
    batch = bring_in(amara.actor(), csv_file(people(1)))
    ImportBatch.objects.filter(pk=batch.pk).update(team=team)
    browser = request.getfixturevalue(who).client()

    statuses = {browser.get(f"/imports/{batch.ref}/{page}").status_code for page in ("", "report/", "marked/")}

    assert statuses == {expected}


def test_colleague_cannot_open_a_batch_of_another(amara: Persona, org_a: object) -> None:
    from naungan.access.policy import Role
    from tests.personas import make_persona

    batch = bring_in(amara.actor(), csv_file(people(1)))
    colleague = make_persona("lina", amara.user.organisation, Role.CASEWORKER)

    assert colleague.client().get(f"/imports/{batch.ref}/").status_code == 404


def test_same_file_by_the_page_says_when_it_came(amara: Persona) -> None:
    browser, content = amara.client(), csv_file(people(1)).getvalue()
    first = upload(browser, content)

    again = browser.post("/imports/start/", {"file": SimpleUploadedFile("lain.csv", content)}, follow=True)

    assert "Nothing was changed" in again.content.decode()
    assert ImportBatch.objects.count() == 1
    assert again.redirect_chain[0][0] == f"/imports/{first.ref}/"


def test_progress_is_polled_quietly_and_asks_for_a_fresh_page_at_the_end(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file(people(1)))
    ImportBatch.objects.filter(pk=batch.pk).update(state="accepting")
    browser = amara.client()

    running = browser.get(f"/imports/{batch.ref}/", headers={"HX-Request": "true"})
    ImportBatch.objects.filter(pk=batch.pk).update(state="accepted")
    over = browser.get(f"/imports/{batch.ref}/", headers={"HX-Request": "true"})

    assert "hx-trigger" in running.content.decode()
    assert over.headers["HX-Refresh"] == "true"


def test_empty_file_is_refused_with_the_fix(amara: Persona) -> None:
    answer = amara.client().post("/imports/start/", {"file": SimpleUploadedFile("kosong.csv", b"")})

    assert answer.status_code == 422
    assert "The file holds nothing." in answer.content.decode()


def test_file_that_is_too_large_is_refused_while_it_arrives(amara: Persona, settings: object) -> None:
    settings.UPLOAD_MOST_BYTES = 1000  # type: ignore[attr-defined]  # pytest-django's settings

    answer = amara.client().post("/imports/start/", {"file": SimpleUploadedFile("besar.csv", b"x" * 2000)})

    assert answer.status_code == 422
    assert not ImportBatch.objects.exists()


def test_upload_without_the_token_of_the_form_is_refused(amara: Persona) -> None:
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, amara.user)

    answer = browser.post("/imports/start/", {"file": SimpleUploadedFile("a.csv", b"x")})

    assert answer.status_code == 403


def test_alternative_reading_of_the_address_is_offered_and_taken(amara: Persona) -> None:
    batch = stage(amara.actor(), workbook("plain", [{"B": "Petugas", "D": "Wulan", "N": "Kota Contoh"}]))
    browser = amara.client()

    page = browser.get(f"/imports/{batch.ref}/map/").content.decode()
    browser.post(f"/imports/{batch.ref}/map/", {"reading-0": "trust_hidden_names"})
    browser.post(f"/imports/{batch.ref}/accept/")

    from tests.exchange.making import records

    assert "trust_hidden_names" in page
    assert records(amara.user.organisation_id)[0].values["prs_MailingCity"] == "Kota Contoh"


def test_report_downloads_problems_with_their_places_and_no_value(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([WRONG_DATE]))

    lines = b"".join(amara.client().get(f"/imports/{batch.ref}/report/?as=csv")).decode()

    assert "31-02-1999" not in lines
    assert "error,,2,F" in lines


def test_export_is_counted_on_one_page_and_downloaded_from_it(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file(people(2)))
    browser = amara.client()

    sent = {"form": "csv", "state": "", "reason": "Laporan bulanan", "with_identity": "on"}
    prepared = browser.post("/exports/", sent, follow=True).content.decode()
    file = browser.post(f"/exports/{Export.objects.get().ref}/")

    assert "2 cases are ready to leave" in prepared
    assert "Contoh2" in b"".join(file).decode()


def test_export_without_reason_says_so(amara: Persona) -> None:
    answer = amara.client().post("/exports/", {"form": "csv", "reason": " "})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("who", "expected"), [("amara", 200), ("sari", 404), ("bilal", 403), ("esra", 403), ("chen", 404)]
)
def test_export_is_open_to_whoever_prepared_it_only(
    who: str, expected: int, amara: Persona, request: pytest.FixtureRequest
) -> None:
    bring_in(amara.actor(), csv_file(people(1)))
    amara.client().post("/exports/", {"form": "template_plain", "reason": "Laporan", "state": "all"})

    answer = request.getfixturevalue(who).client().get(f"/exports/{Export.objects.get().ref}/")

    assert answer.status_code == expected


def test_phone_without_country_shows_its_suggestion_and_stays_until_it_is_corrected(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([{**WRONG_DATE, "prs_MobilePhone": "08123456789"}]))
    row, browser = rows_in(batch, "quarantined")[0], amara.client()
    address = f"/imports/{batch.ref}/rows/{row.pk}/"

    page = browser.get(address).content.decode()
    browser.post(address, {"prs_Birthdate": "28-02-1999", "prs_MobilePhone": "08123456789"})
    kept = read_row(amara.actor(), batch, rows_in(batch, "good")[0]).kept
    browser.post(address, {"prs_MobilePhone": ""})
    emptied = read_row(amara.actor(), batch, rows_in(batch, "good")[0]).kept
    browser.post(address, {"prs_MobilePhone": "+628123456789"})
    corrected = read_row(amara.actor(), batch, rows_in(batch, "good")[0])

    assert "+628123456789" in page
    assert (kept, emptied) == ({"prs_MobilePhone": "08123456789"}, {})
    assert (corrected.kept, corrected.values["prs_MobilePhone"]) == ({}, "+628123456789")
