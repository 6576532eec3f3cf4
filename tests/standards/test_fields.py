"""The field table: all of HTCDS 2.0, classified and in two languages."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from naungan.standards import htcds
from naungan.standards.htcds import FIELDS, DataClass


def _published(name: str) -> list[dict[str, str]]:
    text = resources.files("naungan.standards.htcds").joinpath(f"data/{name}").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_fields_are_the_84_of_the_standard_in_its_order() -> None:
    published = [row["api_name"] for row in _published("fields.csv") if row["api_name"]]

    assert list(FIELDS) == published
    assert len(FIELDS) == 84


def test_core_and_deprecated_fields_are_counted_as_in_the_standard() -> None:
    core = [field for field in FIELDS.values() if field.core]

    assert sum(not field.deprecated for field in core) == 38
    assert {name for name, field in FIELDS.items() if field.deprecated} == {
        "vic_AgreementToManagePersonalData",
        "vic_Vulnerabilities",
        "vic_DetailsOfVulnerabilities",
    }


@pytest.mark.parametrize("name", list(FIELDS))
def test_field_has_both_labels_and_a_class(name: str) -> None:
    field = FIELDS[name]

    assert field.label
    assert field.label_id
    assert field.label_in("id") == field.label_id
    assert field.data_class in DataClass


def test_identity_and_free_text_about_a_person_are_sealed() -> None:
    about_people = [field for field in FIELDS.values() if field.prefix != "org"]

    assert all(field.sealed for field in about_people if field.data_class is DataClass.IDENTIFYING)
    assert all(field.sealed for field in about_people if field.kind in ("text", "long_text", "phone", "email"))
    assert all(field.sealed for field in about_people if field.kind == "decimal_degrees")


@pytest.mark.parametrize("row", _published("picklists.csv"), ids=lambda row: f"{row['api_name']}-{row['value']}")
def test_published_choice_is_kept_intact(row: dict[str, str]) -> None:
    choice = htcds.choices(row["api_name"])[row["value"]]

    assert (choice.code, choice.label) == (row["value"], row["label"])
    assert choice.label_id
    assert not choice.extension
    assert choice.maps_to == choice.code


@pytest.mark.parametrize(
    ("field", "code", "target"),
    [
        ("vic_MethodsOfControl", "x_RestrictsMovement", "Other"),
        ("vic_MethodsOfControl", "x_UsesChildren", "Other"),
        ("vic_TypeOfExploitation", "x_SlaveryOrSimilarPractices", "Servitude"),
        ("vic_TypeOfExploitation", "x_ForcedCriminality", "Other"),
        ("vic_TraffickingStatus", "x_UnderAssessment", "PossibleVictimOfTrafficking"),
        ("cas_Status", "x_OnHold", "Active"),
        ("spl_Type", "x_Shelter", "SocialCare"),
        ("org_Type", "x_Embassy", "CentralGovernmentOrganisation"),
        ("org_Type", "x_Donor", None),
    ],
)
def test_extension_code_maps_back_to_the_standard(field: str, code: str, target: str | None) -> None:
    assert htcds.choices(field)[code].maps_to == target


def test_every_extension_code_maps_to_a_published_code() -> None:
    for name in FIELDS:
        for choice in htcds.choices(name).values():
            if choice.extension and choice.maps_to:
                assert not htcds.choices(name)[choice.maps_to].extension


def test_relationship_spelling_of_the_standard_is_kept() -> None:
    assert "Unaquainted" in htcds.choices("vic_RelationshipToTrafficker")


def test_custom_field_is_sealed_when_it_is_free_text() -> None:
    field = htcds.custom_field("shoe", label="Shoe size", kind="text", data_class=DataClass.OPEN)

    assert field.api_name == "x:shoe"
    assert field.sealed
