"""Bad files and bad rows: a clear message with place and fix, nothing lost, nothing half done."""

from __future__ import annotations

import io
import zipfile
from itertools import islice

import pytest

from naungan.exchange import actions, tasks
from naungan.exchange.errors import FileRefused
from naungan.exchange.formats import UnreadableFile, check_rows
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.pages import failure_words
from naungan.exchange.queries.batches import problems_of
from naungan.exchange.states import State
from naungan.protection.cases.models import Case
from naungan.vault.models import Subject
from tests.exchange.making import bring_in, check, codes, csv_file, people, records, rows_in, stage, workbook
from tests.personas import Persona

pytestmark = pytest.mark.django_db(transaction=True)

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)


def packed(parts: dict[str, bytes]) -> bytes:
    """A ZIP file with these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of few kilobytes that would unpack to 500 MB."""
    return packed({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(500_000_000)})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("kasus.xlsx", OLD_WORKBOOK, "damaged_file"),
        ("kasus.xlsx", b"PK\x03\x04 cut", "damaged_file"),
        ("kasus.xlsx", b"%PDF-1.7 not a table", "not_a_table"),
        ("kasus.csv", b"satu,dua\n1,2\n", "no_header"),
        ("kasus.json", b'[{"prs_FirstName": ', "bad_json"),
    ],
)
def test_file_that_cannot_be_read_fails_with_its_code_and_leaves_nothing(
    name: str, content: bytes, code: str, amara: Persona
) -> None:
    batch = stage(amara.actor(), io.BytesIO(content), name)

    assert batch.state == State.FAILED.value
    assert batch.failure in (code, "old_workbook")
    assert failure_words(batch)
    assert not ImportRow.objects.exists()
    assert not Subject.objects.filter(wrapped_key__isnull=False).exists()


@pytest.mark.slow
def test_zip_bomb_is_refused_before_it_unfolds(amara: Persona) -> None:
    batch = stage(amara.actor(), io.BytesIO(bomb()), "kasus.xlsx")

    assert (batch.state, batch.failure) == (State.FAILED.value, "inflates_too_much")


def test_file_above_the_limit_is_refused(amara: Persona, settings: object) -> None:
    settings.UPLOAD_MOST_BYTES = 1_000_000  # type: ignore[attr-defined]  # pytest-django's settings

    with pytest.raises(FileRefused) as refused:
        actions.stage_file(by=amara.actor(), file=io.BytesIO(bytes(1_000_001)), name="besar.xlsx")

    assert refused.value.problem.code == "file_too_large"
    assert not ImportBatch.objects.exists()


def test_failed_file_may_come_again(amara: Persona) -> None:
    stage(amara.actor(), io.BytesIO(b"satu,dua\n1,2\n"))

    again = actions.stage_file(by=amara.actor(), file=io.BytesIO(b"satu,dua\n1,2\n"), name="a.csv")

    assert not again.is_known


def test_file_in_another_encoding_is_understood_and_said(amara: Persona) -> None:
    content = "prs_FirstName,prs_SecondName\r\nJosé,Contoh\r\n".encode("cp1252")

    batch = bring_in(amara.actor(), io.BytesIO(content))

    assert records(batch.organisation_id)[0].values["prs_FirstName"] == "José"
    assert "encoding_guessed" in [problem.code for problem in problems_of(batch)]


@pytest.mark.parametrize(
    ("field", "text", "code", "state"),
    [
        ("prs_Birthdate", "31-02-1999", "date_impossible", "quarantined"),
        ("prs_Birthdate", "04/05/1999", "date_ambiguous", "quarantined"),
        ("prs_Birthdate", "kemarin", "date_unreadable", "quarantined"),
        ("prs_MobilePhone", "08123456789", "phone_without_country", "good"),
        ("vic_TypeOfExploitation", "Kata rekaan", "unknown_choice", "good"),
        ("prs_NumberOfChildren", "dua", "number_unreadable", "quarantined"),
        ("con_Consent", "mungkin", "boolean_unreadable", "quarantined"),
        ("prs_FirstName", "x" * 300, "too_long", "quarantined"),
    ],
)
def test_bad_cell_is_reported_with_its_place_and_the_row_is_kept(
    field: str, text: str, code: str, state: str, amara: Persona
) -> None:
    batch = check(amara.actor(), csv_file([{**people(1)[0], field: text}]))

    [row] = rows_in(batch, state)
    [problem] = [problem for problem in problems_of(batch) if problem.severity != "note"]
    assert codes(row) >= {code}
    assert (problem.code, problem.row) == (code, 2)
    assert problem.column
    assert text not in f"{problem}"


def test_row_with_the_counter_only_is_no_row(amara: Persona) -> None:
    batch = check(amara.actor(), workbook("plain", [{}, {"D": "Wulan"}, {}]))

    assert batch.counts == {"good": 1}


def test_formulas_are_never_computed(amara: Persona) -> None:
    cell = '<c r="D3" t="str"><f>HYPERLINK("http://example.org","x")</f></c>'
    file = workbook("plain", [{"E": "Contohwati"}])
    content = patched(file.getvalue(), '<c r="E3"', f'{cell}<c r="E3"')

    batch = check(amara.actor(), io.BytesIO(content), "kasus.xlsx")

    assert codes(rows_in(batch, "quarantined")[0]) == {"formula_without_value"}


def test_file_that_breaks_a_limit_further_down_keeps_no_row(amara: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    from naungan.exchange.actions import checking

    def breaking(*given: object, **named: object) -> object:
        yield from islice(check_rows(*given, **named), 3)  # type: ignore[arg-type]  # handed on
        raise UnreadableFile("damaged_file")

    monkeypatch.setattr(checking, "CHUNK_ROWS", 2)
    monkeypatch.setattr(checking, "check_rows", breaking)
    batch = check(amara.actor(), csv_file(people(5)))

    assert (batch.state, batch.failure, batch.counts) == (State.FAILED.value, "damaged_file", {})
    assert not ImportRow.objects.exists()


def test_no_name_is_among_the_arguments_of_background_work(amara: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = tasks.start

    def watched(work: object, record: object, by: object) -> None:
        seen.extend((str(getattr(record, "ref", "")), str(getattr(by, "user_ref", ""))))
        real(work, record, by)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(tasks, "start", watched)
    bring_in(amara.actor(), csv_file(people(1)), "Contoh1 Rekaan.csv")

    assert len(seen) == 6
    assert set(seen) == {ImportBatch.objects.get().ref, amara.user.ref}


def test_error_of_background_work_carries_no_value_out(
    amara: Persona, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from naungan.exchange.actions import accepting

    def breaks(**given: object) -> object:
        raise ValueError("Contoh1 Rekaan")

    monkeypatch.setattr(accepting, "open_cases", breaks)
    batch = bring_in(amara.actor(), csv_file(people(1)))

    assert (batch.state, batch.failure) == (State.ACCEPTING.value, "stopped")
    assert "Contoh1" not in caplog.text
    assert not Case.objects.exists()


def test_work_that_stopped_can_be_taken_up_again(amara: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    from naungan.exchange.actions import accepting

    with monkeypatch.context() as patch:
        patch.setattr(accepting, "CHUNK_ROWS", 0)
        patch.setattr(accepting, "known_rows", lambda *_: 1 / 0)
        patch.setattr(accepting, "CHUNK_ROWS", 5)
        batch = bring_in(amara.actor(), csv_file(people(8)))
    actions.resume(by=amara.actor(), batch=batch)

    batch.refresh_from_db()
    assert (batch.state, batch.counts) == (State.ACCEPTED.value, {"accepted": 8})


def test_member_who_lost_the_role_stops_the_work(amara: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    from naungan.access import clock
    from naungan.access.models import RoleGrant

    batch = check(amara.actor(), csv_file(people(1)))
    monkeypatch.setattr(tasks, "start", lambda *_: None)
    actions.accept_good(by=amara.actor(), batch=batch)
    RoleGrant.objects.filter(user=amara.user).update(revoked_at=clock.now())

    assert tasks.accept_rows.call(batch.ref, amara.user.ref) == "stopped"

    batch.refresh_from_db()
    assert batch.failure == "not_allowed"
    assert not Case.objects.exists()


def patched(content: bytes, old: str, new: str) -> bytes:
    """A workbook whose first sheet has one piece of its XML replaced."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(old, new, 1).encode()
    return packed(parts)
