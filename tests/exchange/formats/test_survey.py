"""Survey answers as ODK Central and KoboToolbox export them."""

from __future__ import annotations

import json
from datetime import date

import pytest

from naungan.exchange.formats import open_upload
from tests.exchange.formats.samples import codes, csv_of, read

ODK_CSV = csv_of(
    "SubmissionDate,start,end,con_Consent,prs_First_Name,prs_Second_Name,prs_Birthdate,prs_Gender,prs_Citizenship,"
    "vic_Methods_of_Control,vic_ForcedLabourIndustry,cas_ReasonForIncomingReferral,meta-instanceID,KEY,SubmitterName",
    "2024-01-01T00:00:00.000Z,2024-01-01T00:00:00.000+07:00,,TRUE,Contoh,Rekaan,1990-04-23,Feminine,TR,"
    "DebtBondage  PhysicalThreats,A_AgricultureForestryAndFishing F_Construction,kata sendiri,uuid:aa-1,uuid:aa-1,x",
)
KOBO_CSV = (
    b'"start";"end";"con_Consent";"prs_First_Name";"vic_Methods_of_Control";"vic_Methods_of_Control/DebtBondage";'
    b'"vic_Methods_of_Control/Other";"_id";"_uuid";"_submission_time"\r\n'
    b'"2024";"2024";"FALSE";"Contoh";"DebtBondage Other";"1";"1";"7";"bb-2";"2024-01-01T00:00:00"\r\n'
)


def test_survey_csv_of_odk_is_recognised_and_read() -> None:
    mapping, rows = read(ODK_CSV)

    assert open_upload(ODK_CSV).kind == "survey_csv"
    assert rows[0].values == {
        "con_Consent": True,
        "prs_FirstName": "Contoh",
        "prs_SecondName": "Rekaan",
        "prs_Birthdate": date(1990, 4, 23),
        "prs_Gender": "Feminine",
        "prs_Citizenship": ("TR",),
        "vic_MethodsOfControl": ("DebtBondage", "PhysicalThreats"),
        "vic_ForcedLabourIndustry": ("A_AgricultureForestryAndFishing", "F_Construction"),
    }
    assert rows[0].external_id == "aa-1"
    assert rows[0].kept == {"cas_ReasonForIncomingReferral": "kata sendiri"}
    assert mapping.notes == ()


def test_survey_csv_of_kobo_is_recognised_and_read() -> None:
    _, rows = read(KOBO_CSV)

    assert rows[0].values == {
        "con_Consent": False,
        "prs_FirstName": "Contoh",
        "vic_MethodsOfControl": ("DebtBondage", "Other"),
    }
    assert rows[0].external_id == "bb-2"


def test_survey_csv_with_one_column_for_each_choice_is_put_together() -> None:
    _, rows = read(
        csv_of("_uuid,prs_First_Name,vic_Methods_of_Control/DebtBondage,vic_Methods_of_Control/Other", "c,Contoh,1,0")
    )

    assert rows[0].values["vic_MethodsOfControl"] == ("DebtBondage",)


ANSWERS = {"prs_First_Name": "Contoh", "vic_Methods_of_Control": "DebtBondage Other"}
SYSTEM = {"__system": {"submissionDate": "2024"}, "meta": {"instanceID": "uuid:dd"}}


@pytest.mark.parametrize(
    ("document", "external_id"),
    [
        ({"@odata.context": "x", "value": [{"__id": "uuid:dd", **ANSWERS, **SYSTEM}]}, "dd"),
        (
            {"count": 1, "next": None, "results": [{"_id": 1, "_uuid": "ee", "_tags": [], "group": ANSWERS}]},
            "ee",
        ),
        ([{"_uuid": "ff", "main/prs_First_Name": "Contoh", "main/vic_Methods_of_Control": "DebtBondage Other"}], "ff"),
    ],
)
def test_survey_json_is_recognised_and_read(document: object, external_id: str) -> None:
    content = json.dumps(document).encode()

    mapping, rows = read(content)

    assert open_upload(content).kind == "survey_json"
    assert rows[0].values == {"prs_FirstName": "Contoh", "vic_MethodsOfControl": ("DebtBondage", "Other")}
    assert rows[0].external_id == external_id
    assert mapping.notes == ()


def test_survey_question_that_is_not_ours_is_reported_not_dropped() -> None:
    mapping, rows = read(csv_of("_uuid,prs_First_Name,hobby", "g,Contoh,renang"))

    assert [(note.code, note.column) for note in mapping.notes] == [("unknown_column", "C")]
    assert rows[0].raw["C"] == "renang"


def test_survey_title_is_not_taken_for_the_second_name() -> None:
    _, rows = read(csv_of("_uuid,prs_Title,prs_Second_Name", "h,Penjahit,Rekaan"))

    assert rows[0].values == {"prs_Title": "Penjahit", "prs_SecondName": "Rekaan"}


def test_survey_consent_in_words_is_understood() -> None:
    _, rows = read(csv_of("_uuid,con_Consent", "i,Yes"))

    assert codes(rows[0]) == []
    assert rows[0].values == {"con_Consent": True}


def test_survey_list_longer_than_one_read_is_streamed() -> None:
    answers = [
        {"_uuid": f"u{n}", "prs_First_Name": "Contoh " * 20, "vic_LocationOfExploitation": "x" * 200}
        for n in range(2500)
    ]

    _, rows = read(json.dumps({"results": answers}).encode())

    assert len(rows) == 2500
    assert rows[-1].external_id == "u2499"
