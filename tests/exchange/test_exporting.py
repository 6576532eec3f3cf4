"""An export: its reason, its audit, what it leaves out, and how it leaves."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest

from naungan.access import audit, clock
from naungan.access.errors import Forbidden, NotFound, SecondFactorNeeded
from naungan.access.models import AuditEntry, Organisation
from naungan.exchange import actions
from naungan.exchange.actions import exporting
from naungan.exchange.errors import ExportGone, NothingChosen, ReasonMissing
from naungan.exchange.formats import count_unheld
from naungan.exchange.models import Export
from naungan.exchange.queries.batches import read_row
from naungan.exchange.states import Form
from naungan.protection.cases import actions as cases
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries.people import who_saw
from naungan.vault import actions as vault
from tests.exchange.making import bring_in, check, csv_file, people, records, rows_in
from tests.personas import Persona, case_of, make_persona

pytestmark = pytest.mark.django_db(transaction=True)

WITH_TEXT = {**people(1)[0], "hte_Country": "ID", "hte_Description": "Kejadian rekaan", "cco_CaseComment": "Catatan"}


def prepared(who: Persona, form: Form = Form.CSV, *, identity: bool = False, **choice: object) -> Export:
    """An export as far as its counts."""
    export = actions.start_export(
        by=who.actor(), form=form, choice=choice or {"state": "all"}, reason="Laporan bulanan", with_identity=identity
    )
    export.refresh_from_db()
    return export


def file_of(who: Persona, export: Export) -> bytes:
    """The whole file of an export."""
    return b"".join(actions.download(by=who.actor(), export=export).chunks)


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of an exported CSV."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_export_is_written_into_the_chain_case_by_case(amara: Persona, org_a: Organisation) -> None:
    bring_in(amara.actor(), csv_file(people(3)))
    export = prepared(amara)

    file_of(amara, export)

    [entry] = AuditEntry.objects.filter(action="export", ref=export.ref)
    assert audit.read_reason(entry) == "Laporan bulanan"
    assert set(AuditEntry.objects.filter(action="export.case").values_list("ref", flat=True)) == set(
        Case.objects.values_list("code", flat=True)
    )
    assert audit.verify(org_a.pk).broken_at is None


def test_case_is_in_the_chain_before_its_line_leaves(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file(people(2)))

    chunks = actions.download(by=amara.actor(), export=prepared(amara)).chunks
    heading = next(chunks)

    assert heading.startswith(b"\xef\xbb\xbfnaungan_code")
    assert not AuditEntry.objects.filter(action="export.case").exists()
    assert next(chunks)
    assert AuditEntry.objects.filter(action="export.case").count() == 2


def test_export_without_identity_holds_no_sealed_word(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file([{**WITH_TEXT, "vic_TypeOfExploitation": "Kata rekaan"}]))

    content = file_of(amara, prepared(amara)).decode()

    for word in ("Contoh1", "+62811", "Kejadian", "Catatan", "Kata rekaan"):
        assert word not in content
    [row] = rows_of(content.encode())
    assert row["naungan_code"] == Case.objects.get().code
    assert (row["prs_Gender"], row["prs_FirstName"], row["hte_Country"]) == ("Feminine", "", "ID")


def test_export_with_identity_needs_a_fresh_second_factor(amara: Persona) -> None:
    case_of(amara, prs_FirstName="Wulan")
    late = amara.actor(second_factor_at=clock.now() - timedelta(minutes=11))

    with pytest.raises(SecondFactorNeeded):
        actions.start_export(by=late, form=Form.CSV, choice={}, reason="Uji", with_identity=True)


def test_export_is_forbidden_to_whoever_only_reads(bilal: Persona, esra: Persona) -> None:
    for who in (bilal, esra):
        with pytest.raises(Forbidden):
            actions.start_export(by=who.actor(), form=Form.CSV, choice={}, reason="Uji")


def test_export_holds_only_cases_of_ones_own_scope(amara: Persona, chen: Persona) -> None:
    case_of(amara, prs_FirstName="Wulan")
    lina = make_persona("lina", amara.user.organisation, *[grant.role for grant in amara.actor().grants])
    case_of(lina, prs_FirstName="Rekaan")
    case_of(chen, prs_FirstName="Lain")

    assert len(rows_of(file_of(amara, prepared(amara)))) == 1


def test_export_of_chosen_codes_leaves_out_what_is_out_of_sight(amara: Persona, chen: Persona) -> None:
    mine, other = case_of(amara, prs_FirstName="Wulan"), case_of(chen, prs_FirstName="Lain")

    export = prepared(amara, codes=[mine.code, other.code])

    assert [row["naungan_code"] for row in rows_of(file_of(amara, export))] == [mine.code]


def test_export_without_reason_or_cases_is_refused(amara: Persona) -> None:
    with pytest.raises(NothingChosen):
        prepared(amara)
    with pytest.raises(ReasonMissing):
        actions.start_export(by=amara.actor(), form=Form.CSV, choice={}, reason="  ")


def test_export_of_somebody_else_is_not_there(amara: Persona, sari: Persona, chen: Persona) -> None:
    case_of(amara, prs_FirstName="Wulan")
    export = prepared(amara)

    for who in (sari, chen):
        with pytest.raises(NotFound):
            actions.find_export(who.actor(), export.ref)
        with pytest.raises(NotFound):
            actions.download(by=who.actor(), export=export)


def test_export_prepared_long_ago_is_gone(amara: Persona) -> None:
    case_of(amara, prs_FirstName="Wulan")
    export = prepared(amara)

    with clock.fixed(clock.now() + timedelta(hours=2)), pytest.raises(ExportGone):
        actions.download(by=amara.actor(), export=export)


def test_what_a_form_cannot_hold_is_counted_before(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file([{**WITH_TEXT, "prs_MiddleName": "Tengah"}, *people(1, first=2)]))

    export = prepared(amara, Form.PLAIN, identity=True)

    assert export.is_ready
    assert export.losses["records"] == 1
    assert export.losses["parts"] == {"prs_MiddleName": 1, "hte": 1, "cco": 1}


def test_name_of_the_file_tells_nothing(amara: Persona) -> None:
    case_of(amara, prs_FirstName="Wulan")

    name = actions.download(by=amara.actor(), export=prepared(amara)).name

    assert name.endswith(".csv")
    assert "Wulan" not in name


def test_json_export_is_one_object_a_case(amara: Persona) -> None:
    bring_in(amara.actor(), csv_file(people(2)))

    found = json.loads(file_of(amara, prepared(amara, Form.JSON)))

    assert len(found["records"]) == 2


def test_own_fields_and_words_go_out_and_come_back(amara: Persona, chen: Persona, esra: Persona) -> None:
    admin = esra.actor()
    for code, kind, data_class in (("kamar", "picklist", "operational"), ("cerita", "text", "sensitive")):
        cases.add_field(by=admin, code=code, kind=kind, data_class=data_class, label_id=code.title())
    cases.add_choice(by=admin, field="x:kamar", code="melati", label_id="Melati")
    bring_in(amara.actor(), csv_file([{**people(1)[0], "Kamar": "Melati", "x:cerita": "Rekaan"}]))

    [row] = rows_of(file_of(amara, prepared(amara, identity=True)))

    assert (row["x:kamar"], row["x:cerita"]) == ("melati", "Rekaan")
    assert records(amara.user.organisation_id)[0].custom == {"kamar": "melati", "cerita": "Rekaan"}


def test_added_word_of_a_published_list_leaves_as_the_published_code_and_comes_back(
    amara: Persona, esra: Persona
) -> None:
    cases.add_choice(
        by=esra.actor(), field="vic_TypeOfExploitation", code="penipuan", label_id="Penipuan daring", maps_to="Other"
    )
    brought = {**people(1)[0], "vic_TypeOfExploitation": "Penipuan daring; ForcedLabour"}
    bring_in(amara.actor(), csv_file([brought]))

    [row] = rows_of(file_of(amara, prepared(amara, identity=True)))

    assert records(amara.user.organisation_id)[0].values["vic_TypeOfExploitation"] == ("penipuan", "ForcedLabour")
    assert row["vic_TypeOfExploitation"] == "Other;ForcedLabour"
    assert json.loads(row["naungan_extra"])["w"] == {"vic_TypeOfExploitation": "penipuan; ForcedLabour"}


def test_added_word_comes_back_from_every_form(amara: Persona, esra: Persona) -> None:
    cases.add_choice(
        by=esra.actor(), field="vic_TypeOfExploitation", code="penipuan", label_id="Penipuan daring", maps_to="Other"
    )
    case_of(amara, prs_FirstName="Wulan", vic_TypeOfExploitation=("penipuan",))
    for form in Form:
        file = file_of(amara, prepared(amara, form, identity=True))
        batch = check(amara.actor(), io.BytesIO(file))
        [row] = rows_in(batch, "quarantined")
        assert read_row(amara.actor(), batch, row).values["vic_TypeOfExploitation"] == ("penipuan",)


def test_memory_holds_a_chunk_of_cases_and_not_all(amara: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    from naungan.exchange import records as module

    asked: list[int] = []
    real = module.__dict__["records_of"]

    def watched(chunk: list[Case], *, identity: bool) -> object:
        asked.append(len(chunk))
        return real(chunk, identity=identity)

    monkeypatch.setattr(module, "CHUNK_CASES", 4)
    monkeypatch.setattr(module, "records_of", watched)
    bring_in(amara.actor(), csv_file(people(10)))

    file_of(amara, prepared(amara))

    assert asked == [4, 4, 2]


VARIED = [
    {**people(1)[0], "prs_MiddleName": "Tengah", "prs_MailingCountry": "ID", "vic_AgeWhenTrafficked": "17"},
    {**people(1, first=2)[0], "prs_Gender": "perempuan?", "prs_FirstName": "Wulan\u00e9"},
    {**WITH_TEXT, "prs_FirstName": "Ketiga", "vic_TypeOfExploitation": "ForcedLabour;x_online_scam"},
    {**people(1, first=4)[0], "per_RoleInProcess": "Recruiter", "spl_Objectives": "Tujuan rekaan"},
    {**people(1, first=5)[0], "hte_Country": "MY", "vic_Vulnerabilities": "Poverty", "prs_PrimaryLanguage": "jav"},
    people(1, first=6)[0],
]


@pytest.mark.parametrize("form", [Form.PLAIN, Form.SINGLE, Form.MULTI])
@pytest.mark.parametrize("identity", [False, True])
def test_losses_are_counted_as_if_every_case_were_looked_at_whole(amara: Persona, form: Form, identity: bool) -> None:
    bring_in(amara.actor(), csv_file(VARIED))
    erased = Case.objects.select_related("person__subject").order_by("-pk")[2]
    vault.erase(by=None, subject=erased.person.subject, reason="request")
    Case.objects.filter(pk=Case.objects.order_by("pk")[0].pk).update(extra={"shelter_room": "7"})

    export = prepared(amara, form, identity=identity)

    ids = list(Case.objects.values_list("pk", flat=True))
    whole = count_unheld(form.value, exporting._records(export, ids))
    assert export.losses == {"records": whole.records, "parts": dict(whole.parts)}
    assert whole.records
    assert export.done == len(ids)


def test_who_saw_this_file_says_why_it_was_exported(amara: Persona, sari: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")
    file_of(sari, prepared(sari))

    lines = {line.action: line.reason for line in who_saw(sari.actor(), case)}
    assert lines["export.case"] == "Laporan bulanan"
