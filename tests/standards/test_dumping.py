"""Values written back, and records checked against the published tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from naungan.standards import htcds
from naungan.standards.htcds import FIELDS


def test_dump_single_select_keeps_the_published_blank() -> None:
    field = FIELDS["vic_MethodsOfControl"]

    assert htcds.dump(field, ("DebtBondage",), "template_single") == "Debt bondage "
    assert htcds.dump(field, ("DebtBondage", "Other"), "template_multi") == "Debt bondage; Other"


@pytest.mark.parametrize(
    ("name", "value", "form", "written"),
    [
        ("cas_Status", "FollowUp", "template_plain", "Follow up"),
        ("prs_Gender", "NonSpecifiedUnknown", "template_plain", "NonSpecifiedUnknown"),
        ("prs_Citizenship", ("TR", "ID"), "template_multi", "Turkey; Indonesia"),
        ("prs_Citizenship", ("TR", "ID"), "csv", "TR;ID"),
        ("prs_Citizenship", ("TR", "ID"), "json", ["TR", "ID"]),
        ("prs_Citizenship", ("TR", "ID"), "survey", "TR ID"),
        ("vic_RelationshipToTrafficker", "Unaquainted", "csv", "Unaquainted"),
        ("vic_MethodsOfControl", ("x_RestrictsMovement",), "csv", "Other"),
        ("org_Type", "x_Donor", "csv", None),
        ("con_Consent", True, "template_plain", "Yes"),
        ("con_Consent", False, "csv", "FALSE"),
        ("con_Consent", False, "json", False),
        ("hte_Date", date(2020, 4, 3), "csv", "2020-04-03"),
        ("hte_Latitude", Decimal("-6.20"), "csv", "-6.20"),
        ("prs_NumberOfChildren", 0, "csv", "0"),
        ("prs_FirstName", None, "csv", None),
    ],
)
def test_dump_writes_the_published_form(name: str, value: object, form: htcds.dumping.Form, written: object) -> None:
    assert htcds.dump(FIELDS[name], value, form) == written


@pytest.mark.parametrize(
    ("name", "value"),
    [("prs_Citizenship", ("ID", "MY")), ("prs_Birthdate", date(1990, 1, 2)), ("con_Consent", False),
     ("prs_NumberOfChildren", 3), ("hte_Latitude", Decimal("1.50")), ("prs_FirstName", "Siti")],
)  # fmt: skip
def test_sealed_text_gives_the_value_back(name: str, value: object) -> None:
    text = htcds.to_text(value)

    assert text is not None
    assert htcds.from_text(FIELDS[name], text) == value


def test_record_by_api_names_is_valid() -> None:
    record = {
        "prs_FirstName": "Siti",
        "prs_Citizenship": "ID;MY",
        "con_Consent": "TRUE",
        "prs_MobilePhone": "+628123456789",
        "prs_Birthdate": "",
    }

    assert htcds.validate_record(record) == []


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"prs_Name": "x"}, "unknown_field"),
        ({"prs_Gender": "Woman"}, "unknown_choice"),
        ({"vic_MethodsOfControl": ["x_UsesChildren"]}, "extension_code"),
        ({"vic_Vulnerabilities": "Poverty"}, "deprecated_field"),
        ({"prs_Birthdate": "3/4/2020"}, "wrong_type"),
        ({"prs_MobilePhone": "08123"}, "pattern_mismatch"),
        ({"hte_Latitude": "north"}, "wrong_type"),
        ({"con_Consent": "maybe"}, "wrong_type"),
        ({"prs_NumberOfChildren": "many"}, "wrong_type"),
    ],
)
def test_record_that_breaks_the_standard_is_told_why(record: dict[str, object], code: str) -> None:
    assert [problem.code for problem in htcds.validate_record(record)] == [code]
