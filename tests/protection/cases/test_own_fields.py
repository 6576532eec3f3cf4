"""Fields and words that an organisation adds: typed, classified, ended, never deleted."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import IntegrityError
from django.http import QueryDict

from naungan.access.errors import Forbidden
from naungan.access.models import AuditEntry
from naungan.protection.cases import forms
from naungan.protection.cases.actions import (
    CaseDraft,
    add_choice,
    add_field,
    change_field,
    end_choice,
    open_case,
    save_fields,
)
from naungan.protection.cases.errors import EditConflict, InvalidValues
from naungan.protection.cases.models import CustomChoice, CustomField
from naungan.protection.cases.queries import case_record
from naungan.standards import htcds
from tests.personas import Persona


def own_field(esra: Persona, **changes: str) -> CustomField:
    """A field that the administrator adds."""
    given = {"code": "house", "kind": "picklist", "data_class": "operational", "label_id": "Rumah"}
    return add_field(by=esra.actor(), **{**given, **changes})  # type: ignore[arg-type]  # all are texts


def test_own_text_field_lies_in_the_vault(esra: Persona, amara: Persona) -> None:
    own_field(esra, code="belief", kind="text", data_class="sensitive")

    case = open_case(by=amara.actor(), draft=CaseDraft(values={}, custom={"belief": "Kanarikata"}))

    assert case.extra == {}
    assert case_record(amara.actor(), case).custom == {"belief": "Kanarikata"}


def test_own_identifying_field_is_masked(esra: Persona, amara: Persona) -> None:
    own_field(esra, code="nickname", kind="text", data_class="identifying")

    case = open_case(by=amara.actor(), draft=CaseDraft(values={}, custom={"nickname": "Kanarikata"}))

    assert case_record(amara.actor(), case).custom == {}


def test_own_field_stands_in_forms_until_its_end(esra: Persona) -> None:
    field = own_field(esra)
    add_choice(by=esra.actor(), field="x:house", code="north", label_id="Utara")

    assert [one.name for one in forms.build_own(esra.user.organisation_id, {})] == ["x:house"]
    change_field(by=esra.actor(), ref=field.ref, words={"label_id": "Rumah"}, ends_on=date(2020, 1, 1))
    assert forms.build_own(esra.user.organisation_id, {}) == []


def test_own_word_of_a_list_is_read_from_a_form(esra: Persona) -> None:
    own_field(esra)
    add_choice(by=esra.actor(), field="x:house", code="north", label_id="Utara")

    values, problems, _ = forms.read_own(QueryDict("x:house=Utara"), esra.user.organisation_id)

    assert (values, problems) == ({"house": "north"}, [])


def test_word_added_to_a_list_of_the_standard_is_offered(esra: Persona) -> None:
    add_choice(by=esra.actor(), field="prs_MaritalStatus", code="customary", label_id="Kawin adat", maps_to="Married")

    inputs = forms.build(["prs_MaritalStatus"], {}, organisation_id=esra.user.organisation_id)

    assert "customary" in [option.code for option in inputs[0].options]


def test_ended_word_is_offered_only_where_it_stands(esra: Persona) -> None:
    word = add_choice(
        by=esra.actor(), field="prs_MaritalStatus", code="customary", label_id="Kawin adat", maps_to="Married"
    )
    end_choice(by=esra.actor(), choice_id=word.pk, ends_on=date(2020, 1, 1))

    def offered(value: str | None) -> list[str]:
        inputs = forms.build(
            ["prs_MaritalStatus"], {"prs_MaritalStatus": value}, organisation_id=esra.user.organisation_id
        )
        return [option.code for option in inputs[0].options]

    assert "customary" not in offered(None)
    assert "customary" in offered("customary")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "Bad Code"}, "code"),
        ({"kind": "colour"}, "kind"),
        ({"kind": "text", "data_class": "operational"}, "data_class"),
        ({"label_id": " "}, "label_id"),
    ],
)
def test_own_field_that_breaks_a_rule_is_refused(esra: Persona, changes: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidValues) as refused:
        own_field(esra, **changes)

    assert [problem.field for problem in refused.value.problems] == [field]


def test_own_field_code_twice_is_refused(esra: Persona) -> None:
    own_field(esra)

    with pytest.raises(InvalidValues):
        own_field(esra)


def test_own_field_by_a_case_manager_is_refused(amara: Persona) -> None:
    with pytest.raises(Forbidden):
        own_field(amara)


def test_own_field_is_audited(esra: Persona) -> None:
    own_field(esra)

    assert AuditEntry.objects.filter(action="field.added", ref="house").exists()


def test_open_text_is_refused_by_the_database(esra: Persona) -> None:
    with pytest.raises(IntegrityError):
        CustomField.objects.create(
            organisation=esra.user.organisation, code="t", kind="text", data_class="open", label_id="T"
        )


def test_own_field_on_an_old_version_shows_both_texts(esra: Persona, amara: Persona) -> None:
    own_field(esra, code="belief", kind="text", data_class="sensitive")
    case = open_case(by=amara.actor(), draft=CaseDraft(values={}, custom={"belief": "Satu"}))
    save_fields(by=amara.actor(), case=case, values={}, custom={"belief": "Dua"}, version=1)

    with pytest.raises(EditConflict) as conflict:
        save_fields(by=amara.actor(), case=case, values={}, custom={"belief": "Tiga"}, version=1)

    assert conflict.value.theirs["x:belief"] == "Dua"


def test_word_of_the_standard_is_chosen_from_the_words_of_its_list(esra: Persona) -> None:
    page = esra.client().get("/cases/fields/?list=prs_MaritalStatus").content.decode()

    offered = re.findall(r'<option value="(\w+)"', page.split('name="maps_to"')[1].split("</select>")[0])
    assert offered == list(htcds.choices("prs_MaritalStatus"))


def test_word_added_on_the_page_is_in_the_list(esra: Persona) -> None:
    sent = {"field": "prs_MaritalStatus", "code": "customary", "label_id": "Kawin adat", "maps_to": "Married"}

    page = esra.client().post("/cases/words/add/", sent, follow=True).content.decode()

    assert CustomChoice.objects.get().maps_to == "Married"
    assert "in Marital Status, exported as Married" in page


@pytest.mark.parametrize("wrong", [{"maps_to": ""}, {"maps_to": "Marrried"}, {"code": "Kawin Adat"}, {"label_id": " "}])
def test_refused_word_of_the_standard_comes_back_with_what_was_typed(esra: Persona, wrong: dict[str, str]) -> None:
    sent = {"field": "prs_MaritalStatus", "code": "customary", "label_id": "Kawin adat", "label_en": "Customary"}

    answer = esra.client().post("/cases/words/add/", {**sent, "maps_to": "Married", **wrong})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Customary"' in page
    assert 'value="prs_MaritalStatus" selected' in page
    assert f'href="#w-{next(iter(wrong))}"' in page
    assert not CustomChoice.objects.exists()


def test_refused_word_of_an_own_list_comes_back_with_what_was_typed(esra: Persona) -> None:
    field = own_field(esra)

    answer = esra.client().post(
        "/cases/words/add/", {"field": "x:house", "back": field.ref, "code": "Bad Code", "label_id": "Utara"}
    )

    assert answer.status_code == 422
    assert 'value="Utara"' in answer.content.decode()
    assert 'value="Bad Code"' in answer.content.decode()


@pytest.mark.parametrize(("who", "expected"), [("bilal", 403), ("amara", 403)])
def test_word_is_refused_to_whoever_does_not_manage_fields(
    request: pytest.FixtureRequest, who: str, expected: int
) -> None:
    assert request.getfixturevalue(who).client().post("/cases/words/add/", {}).status_code == expected


def test_list_of_own_fields_speaks_in_words(esra: Persona) -> None:
    own_field(esra, code="urgent", kind="boolean")

    page = esra.client().get("/cases/fields/").content.decode()

    assert "Yes or no · Operational" in page
    assert "boolean ·" not in page
