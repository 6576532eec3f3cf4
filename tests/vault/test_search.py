"""People are found by misspelt, turned-round and unfinished names, numbers, and what else is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naungan.access.models import Organisation
from naungan.methods.linkage.closeness import typing_slips
from naungan.vault import actions, queries
from naungan.vault.index.profile import Facets
from naungan.vault.index.words import is_slip
from naungan.vault.models import IndexEntry, Subject
from naungan.vault.queries import Criteria
from tests.vault.factories import AMINAH, named, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def aminah(organisation: Organisation) -> Subject:
    for name in ("Budi Hartono", "Siti Maryam", "Joko"):
        named(organisation, name)
    return person(organisation, AMINAH, Facets("Female", "32"))


@pytest.mark.parametrize(
    "asked",
    [
        "siti aminah",
        "AMINAH, Hj. Siti",
        "sitti aminah",
        "Siti Ami",
        "mina",
        "siti aminah 1994",
        "9999010194050003",
        "000111222333",
        "+62 000-111-222-333",
        "aminah@EXAMPLE.org",
        Criteria(name="aminah", birth_year="1994", sex="Female", province="32"),
        Criteria(birth_year="1994", sex="Female", province="32"),
    ],
)
def test_person_is_found(organisation: Organisation, aminah: Subject, asked: str | Criteria) -> None:
    result = queries.search([organisation.pk], asked)

    assert [hit.subject_id for hit in result.hits] == [aminah.pk]
    assert not result.capped


@pytest.mark.parametrize(
    "asked",
    ["siti amnah", "siti aminnah", "siti amniah", "siti asinah", "sitti maminah", "aminak siti", "siti aminah bariah"],
    ids=["left out", "put in", "swapped", "changed", "at the beginning", "at the end", "of another word"],
)
def test_person_is_found_by_a_word_with_one_slip(organisation: Organisation, asked: str) -> None:
    named(organisation, "Siti Rahmawati Bahariah")
    meant = named(organisation, "Siti Aminah Bahriah")

    assert [hit.subject_id for hit in queries.search([organisation.pk], asked).hits] == [meant.pk]


def test_right_name_is_never_taken_for_a_slip(organisation: Organisation) -> None:
    meant = named(organisation, "Siti Aminah")
    named(organisation, "Siti Amilah")

    assert [hit.subject_id for hit in queries.search([organisation.pk], "siti aminah").hits] == [meant.pk]


@given(st.text("abn", max_size=6), st.text("abn", max_size=6))
def test_one_slip_is_what_the_distance_between_two_words_says(one: str, other: str) -> None:
    assert is_slip(one, other) == (typing_slips(one, other) <= 1)


@pytest.mark.parametrize("asked", ["", "budi aminah", "siti aminah 1990", "nobody@example.org", "1234567", "x"])
def test_nobody_is_found_who_does_not_answer_everything(
    organisation: Organisation, aminah: Subject, asked: str
) -> None:
    assert queries.search([organisation.pk], asked).hits == ()


def test_answer_carries_the_name(organisation: Organisation, aminah: Subject) -> None:
    longer = named(organisation, "Siti Aminah Wulandari Rahayu Kusuma")

    hits = queries.search([organisation.pk], "siti aminah wulandari").hits

    assert [hit.subject_id for hit in hits] == [longer.pk]
    assert hits[0].name == "Siti Aminah Wulandari Rahayu Kusuma"
    assert 0 < hits[0].score <= 1


def test_whole_answer_comes_before_a_part(organisation: Organisation) -> None:
    named(organisation, "Wulandari Rahayu Kusuma")
    whole = named(organisation, "Wulandari")

    hits = queries.search([organisation.pk], "wulandari").hits

    assert hits[0].subject_id == whole.pk


def test_old_spelling_finds_the_new(organisation: Organisation) -> None:
    subject = named(organisation, "Joko Suryadi")

    assert queries.search([organisation.pk], "Djoko Soerjadi").hits[0].subject_id == subject.pk


def test_single_name_is_found(organisation: Organisation) -> None:
    subject = named(organisation, "Sutrisno")

    assert queries.search([organisation.pk], "soetrisno").hits[0].subject_id == subject.pk


def test_people_of_another_organisation_are_not_found(
    organisation: Organisation, other_organisation: Organisation, aminah: Subject
) -> None:
    assert queries.search([other_organisation.pk], "siti aminah").hits == ()
    assert len(queries.search([other_organisation.pk, organisation.pk], "siti aminah").hits) == 1


def test_changed_name_is_found_by_the_new_only(organisation: Organisation, aminah: Subject) -> None:
    actions.seal(aminah, {"prs_FirstName": "Dewi", "prs_SecondName": None, "x:alias": None})

    assert queries.search([organisation.pk], "siti aminah").hits == ()
    assert queries.search([organisation.pk], "dewi").hits[0].subject_id == aminah.pk


def test_facets_stay_when_the_name_changes(organisation: Organisation, aminah: Subject) -> None:
    actions.seal(aminah, {"prs_FirstName": "Dewi"})

    asked = Criteria(birth_year="1994", sex="Female", province="32")
    assert queries.search([organisation.pk], asked).hits[0].subject_id == aminah.pk


def test_index_holds_no_word(organisation: Organisation, aminah: Subject) -> None:
    rows = IndexEntry.objects.filter(subject=aminah).values_list("digest", "version", "organisation_id")

    assert 4 <= len(rows) <= 20
    assert all(isinstance(number, int) for row in rows for number in row)


def test_too_many_answers_ask_for_one_more_word(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CANDIDATES", 5)
    monkeypatch.setattr(queries, "SOME", 3)
    for number in range(10):
        named(organisation, f"Wulan Contoh{'abcdefghij'[number]}")

    result = queries.search([organisation.pk], "wulan")

    assert result.capped
    assert (len(result.hits), result.decrypted_count) == (3, 3)


def test_more_hits_than_wanted_are_capped(organisation: Organisation) -> None:
    for _ in range(4):
        named(organisation, "Wulan")

    result = queries.search([organisation.pk], "wulan", limit=2)

    assert (len(result.hits), result.capped, result.decrypted_count >= 4) == (2, True, True)


def test_heavy_word_finds_everybody_in_a_small_caseload(organisation: Organisation) -> None:
    actions.expect_people(organisation.pk, 1_000_000)
    subjects = {named(organisation, name).pk for name in ("Muhammad", "Muhammad Akbar", "Muhammad Rizki")}

    result = queries.search([organisation.pk], "mohamad")

    assert {hit.subject_id for hit in result.hits} == subjects
    assert not result.capped


def test_heavy_word_asks_for_another_in_a_large_caseload(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.expect_people(organisation.pk, 1_000_000)
    monkeypatch.setattr(queries, "CANDIDATES", 2)
    alone = named(organisation, "Muhammad")
    pair = named(organisation, "Muhammad Akbar")
    named(organisation, "Muhammad Zetaqwo")

    one_word = queries.search([organisation.pk], "muhammad")
    two_words = queries.search([organisation.pk], "akbar muhamad")

    assert one_word.capped
    assert [hit.subject_id for hit in one_word.hits] == [alone.pk]
    assert [hit.subject_id for hit in two_words.hits] == [pair.pk]
    assert not two_words.capped
