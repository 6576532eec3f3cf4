"""An import from the file to the cases: twice, in quarantine, undone, forgotten."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from naungan.access import audit, clock
from naungan.access.errors import NotFound
from naungan.access.models import AuditEntry, Notice, Organisation
from naungan.access.policy import Permission
from naungan.access.rules import visible
from naungan.exchange import actions
from naungan.exchange.actions import undoing
from naungan.exchange.errors import BatchWorkedOn, RowRefused, StepNotAllowed
from naungan.exchange.models import ImportBatch, ImportRow
from naungan.exchange.queries.batches import find_batch, read_row
from naungan.exchange.states import State
from naungan.protection.cases import actions as cases
from naungan.protection.cases.models import Case, Person
from naungan.protection.cases.states import Step
from naungan.vault import actions as vault
from naungan.vault.errors import SubjectErased
from naungan.vault.models import Subject
from naungan.vault.store import data_key
from tests.exchange.making import bring_in, check, codes, csv_file, fresh, people, records, rows_in, stage
from tests.personas import Persona

pytestmark = pytest.mark.django_db(transaction=True)

WRONG_DATE = {**people(1, first=90)[0], "prs_Birthdate": "31-02-1999"}


def test_import_makes_cases_and_writes_each_into_the_chain(amara: Persona, org_a: Organisation) -> None:
    batch = bring_in(amara.actor(), csv_file(people(3)))

    assert (batch.state, batch.counts) == (State.ACCEPTED.value, {"accepted": 3})
    assert Case.objects.filter(batch=batch.ref).count() == 3
    assert AuditEntry.objects.filter(action="case.imported").count() == 3
    assert audit.verify(org_a.pk).broken_at is None


def test_import_tells_whoever_brought_the_file_when_it_is_done(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file(people(1)))

    [notice] = Notice.objects.filter(user=amara.user)
    assert (notice.kind, notice.target) == ("import_done", f"/imports/{batch.ref}/")


def test_accepted_rows_keep_nothing_of_what_they_said(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file([*people(2), WRONG_DATE]))

    assert not ImportRow.objects.filter(batch=batch, state="accepted", sealed__isnull=False).exists()
    assert ImportRow.objects.filter(batch=batch, state="quarantined", sealed__isnull=False).count() == 1


def test_nothing_of_a_row_lies_in_the_clear(amara: Persona) -> None:
    check(amara.actor(), csv_file([WRONG_DATE]), "Contoh90 Rekaan.csv")

    stored = json.dumps([*map(str, ImportRow.objects.values_list()), *map(str, ImportBatch.objects.values_list())])

    assert "Contoh90" not in stored
    assert "31-02" not in stored


def test_raw_file_lies_encrypted(amara: Persona) -> None:
    batch = stage(amara.actor(), csv_file(people(1)))

    with default_storage.open(f"sealed/{batch.ref[:2]}/{batch.ref}", "rb") as file:
        assert b"Contoh1" not in file.read()


def test_same_file_twice_changes_nothing(amara: Persona) -> None:
    first = bring_in(amara.actor(), csv_file(people(2)))

    again = actions.stage_file(by=amara.actor(), file=csv_file(people(2)), name="other name.csv")

    assert again.is_known
    assert again.batch.pk == first.pk
    assert ImportBatch.objects.count() == 1
    assert Case.objects.count() == 2


def test_same_file_is_not_known_to_another_organisation(amara: Persona, chen: Persona) -> None:
    bring_in(amara.actor(), csv_file(people(2)))

    again = actions.stage_file(by=chen.actor(), file=csv_file(people(2)), name="a.csv")

    assert not again.is_known
    digests = set(ImportBatch.objects.values_list("digest", flat=True))
    assert len(digests) == 2


def test_rows_that_came_before_are_skipped_in_a_longer_file(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file(people(2)))

    batch = bring_in(amara.actor(), csv_file(people(3)))

    assert batch.counts == {"accepted": 1, "skipped": 2}
    assert Case.objects.count() == 3


def test_two_people_whose_rows_say_the_same_are_two_cases(amara: Persona) -> None:
    alike = [{"prs_Gender": "Feminine", "vic_TypeOfExploitation": "ForcedLabour"}] * 2

    first = bring_in(amara.actor(), csv_file(alike))
    again = bring_in(amara.actor(), csv_file([*alike, *people(1)]))

    assert first.counts == {"accepted": 2}
    assert again.counts == {"accepted": 1, "skipped": 2}


SAME = {"prs_FirstName": "Maria", "prs_Gender": "Feminine"}


def test_row_that_says_the_same_as_an_earlier_one_may_be_brought_in_as_somebody_else(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file([SAME]))
    batch = check(amara.actor(), csv_file([SAME, *people(1)]))
    [row] = rows_in(batch, "skipped")

    actions.bring_back(by=amara.actor(), batch=batch, row=row)
    actions.mend_row(by=amara.actor(), batch=batch, row=row, values={})
    actions.accept_good(by=amara.actor(), batch=batch)

    assert fresh(batch).counts == {"accepted": 2}
    assert Case.objects.count() == 3


def test_two_who_were_told_apart_are_both_known_when_they_come_again(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file([SAME]))
    batch = check(amara.actor(), csv_file([SAME, *people(1)]))
    row = actions.bring_back(by=amara.actor(), batch=batch, row=rows_in(batch, "skipped")[0])
    actions.mend_row(by=amara.actor(), batch=batch, row=row, values={})
    actions.accept_good(by=amara.actor(), batch=batch)

    again = bring_in(amara.actor(), csv_file([SAME, SAME, *people(2)]))

    assert again.counts == {"accepted": 1, "skipped": 3}


def test_row_imported_before_says_as_which_case(amara: Persona) -> None:
    first = bring_in(amara.actor(), csv_file([SAME]))
    batch = check(amara.actor(), csv_file([SAME, *people(1)]))

    [row] = rows_in(batch, "skipped")

    assert row.case_id == rows_in(first, "accepted")[0].case_id


def test_row_left_out_says_nothing_more_once_the_person_is_erased(amara: Persona, dewi: Persona) -> None:
    bring_in(amara.actor(), csv_file([SAME]))
    batch = check(amara.actor(), csv_file([SAME, *people(1)]))

    cases.erase_person(by=dewi.actor(), case=Case.objects.get(), reason="request")

    assert rows_in(batch, "skipped")[0].sealed is None


def test_row_with_a_wrong_date_waits_in_quarantine_with_its_place(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file([*people(1), WRONG_DATE]))

    [row] = rows_in(batch, "quarantined")
    assert batch.state == State.PARTLY_ACCEPTED.value
    assert (row.number, row.problems[0][0], row.problems[0][2]) == (3, "date_impossible", "F")


def test_mended_row_is_imported_with_the_next_accepting(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file([*people(1), WRONG_DATE]))
    row = rows_in(batch, "quarantined")[0]
    actions.mend_row(by=amara.actor(), batch=batch, row=row, values={"prs_Birthdate": date(1999, 2, 28)})
    actions.accept_good(by=amara.actor(), batch=batch)

    assert fresh(batch).state == State.ACCEPTED.value
    assert records(batch.organisation_id)[1].values["prs_Birthdate"] == date(1999, 2, 28)


def test_row_is_not_ready_while_a_refused_cell_was_not_looked_at(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([WRONG_DATE]))
    row = rows_in(batch, "quarantined")[0]

    with pytest.raises(RowRefused):
        actions.mend_row(by=amara.actor(), batch=batch, row=row, values={"prs_FirstName": "Lain"})

    assert fresh(batch).counts == {"quarantined": 1}


def test_reading_a_waiting_row_is_audited(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([WRONG_DATE]))

    content = read_row(amara.actor(), batch, rows_in(batch, "quarantined")[0])

    assert content.refused == {"prs_Birthdate": "31-02-1999"}
    assert AuditEntry.objects.filter(action="import.row_read", ref=batch.ref).exists()


def test_row_left_out_can_be_brought_back(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([WRONG_DATE]))
    row = actions.skip_row(by=amara.actor(), batch=batch, row=rows_in(batch, "quarantined")[0])

    actions.bring_back(by=amara.actor(), batch=batch, row=row)

    assert fresh(batch).counts == {"quarantined": 1}


def test_marked_workbook_comes_back_mended(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file([*people(1), WRONG_DATE, {**WRONG_DATE, "prs_FirstName": "Lain"}]))
    sent = actions.marked_workbook(by=amara.actor(), batch=batch, language="en")

    done = actions.return_workbook(by=amara.actor(), batch=batch, file=mended(sent, {3: "28-02-1999"}))
    actions.accept_good(by=amara.actor(), batch=batch)

    assert (done.mended, done.still_wrong) == (1, 1)
    assert fresh(batch).counts == {"accepted": 2, "quarantined": 1}


def test_marked_workbook_brought_in_as_a_file_says_where_it_belongs(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file([WRONG_DATE]))
    sent = actions.marked_workbook(by=amara.actor(), batch=batch, language="en")

    again = stage(amara.actor(), io.BytesIO(sent))

    assert (again.state, again.failure) == (State.FAILED.value, "marked_workbook")


def test_undo_destroys_cases_keys_and_the_file(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file([*people(2), WRONG_DATE]))
    subjects = list(Subject.objects.filter(kind="person"))

    actions.undo_batch(by=amara.actor(), batch=batch)

    undone = fresh(batch)
    assert (undone.state, undone.counts) == (State.UNDONE.value, {"undone": 2})
    assert not Case.objects.exists()
    assert not Person.objects.exists()
    assert not default_storage.exists(f"sealed/{batch.ref[:2]}/{batch.ref}")
    for subject in [*subjects, undone.rows_subject, undone.raw_subject]:
        subject.refresh_from_db()
        with pytest.raises(SubjectErased):
            data_key(subject)


def test_undone_file_may_come_again(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file(people(2)))
    actions.undo_batch(by=amara.actor(), batch=batch)

    again = bring_in(amara.actor(), csv_file(people(2)))

    assert again.counts == {"accepted": 2}


@pytest.mark.parametrize("work", ["save", "note", "move"])
def test_undo_is_refused_once_somebody_has_worked_on_a_case(amara: Persona, work: str) -> None:
    batch = bring_in(amara.actor(), csv_file(people(2)))
    case = Case.objects.filter(batch=batch.ref).first()
    assert case is not None
    if work == "save":
        cases.save_fields(by=amara.actor(), case=case, values={"vic_AgeWhenTrafficked": 17}, version=1)
    elif work == "note":
        cases.add_note(by=amara.actor(), case=case, text="Ditelepon")
    else:
        cases.move_case(by=amara.actor(), case=case, step=Step.FOLLOW_UP)

    with pytest.raises(BatchWorkedOn) as refused:
        actions.undo_batch(by=amara.actor(), batch=batch)

    assert refused.value.count == 1
    assert Case.objects.count() == 2


def test_discarded_file_leaves_nothing(amara: Persona) -> None:
    batch = check(amara.actor(), csv_file(people(2)))

    actions.discard_batch(by=amara.actor(), batch=batch)

    assert fresh(batch).state == State.UNDONE.value
    assert not ImportRow.objects.exists()
    assert not default_storage.exists(f"sealed/{batch.ref[:2]}/{batch.ref}")


def test_file_is_destroyed_thirty_days_after_the_end(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file(people(1)))

    early = actions.forget_due_files()
    with clock.fixed(clock.now() + timedelta(days=31)):
        late = actions.forget_due_files()

    assert (early, late) == (0, 1)
    assert fresh(batch).raw_destroyed_at is not None
    assert not default_storage.exists(f"sealed/{batch.ref[:2]}/{batch.ref}")
    assert Case.objects.count() == 1


def test_file_is_destroyed_when_a_person_in_it_is_erased(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file([*people(2), WRONG_DATE]))
    subject = Subject.objects.filter(kind="person").first()
    assert subject is not None
    vault.erase(by=amara.actor(), subject=subject, reason="request")

    actions.forget_due_files()

    assert fresh(batch).raw_destroyed_at is not None
    assert rows_in(batch, "quarantined")[0].sealed is not None


def test_step_out_of_order_is_refused(amara: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file(people(1)))

    for act in (actions.accept_good, actions.reopen_mapping, actions.discard_batch, actions.close_batch):
        with pytest.raises(StepNotAllowed):
            act(by=amara.actor(), batch=batch)


def test_batch_of_another_organisation_is_not_there(amara: Persona, chen: Persona, bilal: Persona) -> None:
    batch = check(amara.actor(), csv_file(people(1)))

    with pytest.raises(NotFound):
        find_batch(chen.actor(), batch.ref)
    for act in (actions.accept_good, actions.discard_batch, actions.reopen_mapping, actions.undo_batch):
        for outsider in (chen, bilal):
            with pytest.raises(NotFound):
                act(by=outsider.actor(), batch=batch)


def test_imported_cases_are_not_seen_by_another_organisation(amara: Persona, chen: Persona) -> None:
    bring_in(amara.actor(), csv_file(people(1)))

    assert not visible(chen.actor(), Permission.CASE_LIST, Case).exists()


def test_row_of_a_case_that_was_exported_here_waits_for_a_decision(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file(people(1)))
    code = Case.objects.get().code

    batch = check(amara.actor(), csv_file([{**people(1)[0], "naungan_code": code, "prs_Email": "baru@example.org"}]))

    [row] = rows_in(batch, "quarantined")
    assert row.candidates == [code]
    assert codes(row) == set()


def mended(sent: bytes, dates: dict[int, str]) -> io.BytesIO:
    """The marked workbook with other dates of birth, by row, as a spreadsheet program would save it."""
    import warnings

    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(sent))
        sheet = book.worksheets[0]
        column = next(cell.column for cell in sheet[1] if cell.value == "prs_Birthdate")
        for number, text in dates.items():
            sheet.cell(number, column, text)
        out = io.BytesIO()
        book.save(out)
    out.seek(0)
    return out


def test_erasing_a_person_destroys_the_files_that_hold_them_at_once(amara: Persona, dewi: Persona) -> None:
    batch = bring_in(amara.actor(), csv_file([*people(2), WRONG_DATE]))
    other = bring_in(amara.actor(), csv_file(people(5)[3:]))
    case = Case.objects.filter(batch=batch.ref).select_related("person__subject").first()
    assert case is not None

    cases.erase_person(by=dewi.actor(), case=case, reason="request")

    assert fresh(batch).raw_destroyed_at is not None
    assert rows_in(batch, "quarantined")[0].sealed is not None
    assert fresh(other).raw_destroyed_at is None


def test_undo_keeps_the_case_on_which_somebody_began_to_work_meanwhile(
    amara: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "CHUNK_CASES", 1)
    batch = bring_in(amara.actor(), csv_file(people(3)))
    kept = Case.objects.order_by("pk")[1]
    monkeypatch.setattr(undoing, "_worked_on", _none_at_first(undoing._worked_on, kept))

    actions.undo_batch(by=amara.actor(), batch=batch)

    assert list(Case.objects.values_list("code", flat=True)) == [kept.code]
    assert (fresh(batch).state, fresh(batch).counts) == (State.CLOSED.value, {"accepted": 1, "undone": 2})


def _none_at_first(real: Callable[[ImportBatch], QuerySet[ImportRow]], kept: Case) -> Callable[..., object]:
    """Somebody saves a case between the asking and the doing."""
    asked = iter([True])

    def worked_on(batch: ImportBatch) -> QuerySet[ImportRow]:
        if next(asked, False):
            return ImportRow.objects.none()
        Case.objects.filter(pk=kept.pk).update(version=2)
        return real(batch)

    return worked_on
