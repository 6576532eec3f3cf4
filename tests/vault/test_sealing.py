"""Items are sealed, read, changed and taken out; nothing lies in the clear."""

from collections.abc import Callable

import pytest
from django.db import transaction

from naungan.access.models import Organisation
from naungan.vault import actions, blobs, queries
from naungan.vault.errors import BadName, FileMissing, SubjectErased, Tampered
from naungan.vault.models import IndexEntry, SealedItem, Subject
from tests.vault.factories import AMINAH, named, person

pytestmark = pytest.mark.django_db


def test_items_sealed_are_read_in_the_clear(organisation: Organisation) -> None:
    subject = person(organisation, {**AMINAH, "note:01A": "Catatan", "hte:02B:hte_Description": "Kejadian"})

    assert queries.read([subject.pk], ["prs_FirstName", "note:01A", "prs_Title"]) == {
        subject.pk: {"prs_FirstName": "Siti", "note:01A": "Catatan"}
    }
    assert queries.read([subject.pk], None)[subject.pk] == {
        **AMINAH,
        "note:01A": "Catatan",
        "hte:02B:hte_Description": "Kejadian",
    }


def test_many_people_are_read_in_one_query(
    organisation: Organisation, django_assert_num_queries: Callable[[int], object]
) -> None:
    people = [person(organisation, {"prs_FirstName": f"Contoh{number}"}) for number in range(5)]

    with django_assert_num_queries(1):  # type: ignore[attr-defined]  # a context manager
        found = queries.read([subject.pk for subject in people], ["prs_FirstName"])

    assert [found[subject.pk]["prs_FirstName"] for subject in people] == [f"Contoh{n}" for n in range(5)]


def test_new_people_are_sealed_in_a_fixed_number_of_statements(
    organisation: Organisation, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    named(organisation, "Contoh")
    with django_assert_max_num_queries(25):  # type: ignore[attr-defined]  # a context manager
        subjects = actions.open_subjects(50, organisation_id=organisation.pk)
        actions.seal_many([(subject, AMINAH) for subject in subjects])

    assert SealedItem.objects.filter(subject__in=subjects).count() == 50


def test_item_sealed_again_takes_the_place_of_the_first(organisation: Organisation) -> None:
    subject = person(organisation, AMINAH)

    actions.seal(subject, {"prs_SecondName": "Maryam", "prs_Email": None})

    expected = {**AMINAH, "prs_SecondName": "Maryam"}
    del expected["prs_Email"]
    assert queries.read([subject.pk], None)[subject.pk] == expected


def test_last_item_of_a_row_taken_out_leaves_no_row(organisation: Organisation) -> None:
    subject = person(organisation, {"note:01A": "Catatan", "note:01B": "Lain"})

    actions.seal(subject, {"note:01A": None, "note:01C": None})

    assert list(SealedItem.objects.filter(subject=subject).values_list("name", flat=True)) == ["note:01B"]


def test_bytes_are_read_as_bytes(organisation: Organisation) -> None:
    subject = actions.open_subject(organisation_id=organisation.pk)
    actions.seal(subject, {"photo:1": b"\xff\x00"})

    assert queries.read_bytes([subject.pk], ["photo:1"]) == {subject.pk: {"photo:1": b"\xff\x00"}}
    assert queries.read([subject.pk], ["photo:1"]) == {subject.pk: {}}


def test_sealing_rolls_back_with_the_callers_transaction(organisation: Organisation) -> None:
    subject = person(organisation, AMINAH)

    with transaction.atomic():
        actions.seal(subject, {"prs_FirstName": "Lain"})
        transaction.set_rollback(True)

    assert queries.read([subject.pk], ["prs_FirstName"])[subject.pk] == {"prs_FirstName": "Siti"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_subject_erased_between_opening_and_sealing_takes_nothing(organisation: Organisation) -> None:
    subject = actions.open_subject(organisation_id=organisation.pk)
    actions.erase(by=None, subject=Subject.objects.get(pk=subject.pk), reason="mistake")

    with pytest.raises(SubjectErased):
        actions.seal(subject, AMINAH)

    assert not SealedItem.objects.filter(subject=subject).exists()


def test_rows_swapped_between_people_are_refused(organisation: Organisation) -> None:
    one, other = named(organisation, "Satu"), named(organisation, "Dua")
    row = SealedItem.objects.get(subject=one)

    SealedItem.objects.filter(subject=other).update(ciphertext=bytes(row.ciphertext))

    with pytest.raises(Tampered):
        queries.read([other.pk], None)


def test_keys_swapped_between_people_are_refused(organisation: Organisation) -> None:
    one, other = named(organisation, "Satu"), named(organisation, "Dua")

    Subject.objects.filter(pk=other.pk).update(wrapped_key=one.wrapped_key)

    with pytest.raises(Tampered):
        queries.read([other.pk], None)


def test_name_that_cannot_be_used_is_refused(organisation: Organisation) -> None:
    with pytest.raises(BadName):
        person(organisation, {"a\0b": "x"})


def test_subject_twice_in_a_call_is_refused(organisation: Organisation) -> None:
    subject = named(organisation, "Satu")

    with pytest.raises(ValueError):
        actions.seal_many([(subject, {"a": "1"}), (subject, {"a": "2"})])


def test_batch_subject_is_not_indexed(organisation: Organisation) -> None:
    batch = actions.open_subject(organisation_id=organisation.pk, kind="batch")

    actions.seal(batch, AMINAH)

    assert not IndexEntry.objects.filter(subject=batch).exists()


def test_subject_renewed_reads_the_same_under_another_key(organisation: Organisation) -> None:
    subject = person(organisation, {**AMINAH, "note:1": "Catatan"})
    before = bytes(Subject.objects.get(pk=subject.pk).wrapped_key or b"")

    actions.renew(subject)

    subject.refresh_from_db()
    assert (subject.key_version, bytes(subject.wrapped_key or b"") == before) == (2, False)
    assert queries.read([subject.pk], None)[subject.pk] == {**AMINAH, "note:1": "Catatan"}
    assert queries.search([organisation.pk], "siti aminah").hits[0].subject_id == subject.pk


def test_reason_is_sealed_for_its_person_only(organisation: Organisation) -> None:
    one, other = named(organisation, "Satu"), named(organisation, "Dua")

    sealed = actions.sealed_reason(one, "Ditanya keluarga")

    assert queries.open_reason(one, sealed) == "Ditanya keluarga"
    assert queries.open_reason(other, sealed) is None
    actions.erase(by=None, subject=one, reason="request")
    one.refresh_from_db()
    assert queries.open_reason(one, sealed) is None
    with pytest.raises(SubjectErased):
        actions.sealed_reason(one, "x")


def test_file_is_stored_as_ciphertext_and_read_back(organisation: Organisation) -> None:
    subject = named(organisation, "Satu")
    blobs.write(subject, "REF1", b"isi rahasia")
    blobs.write(subject, "REF1", iter([b"isi rahasia", b" yang baru"]))

    assert blobs.read(subject, "REF1") == b"isi rahasia yang baru"
    blobs.remove("REF1")
    with pytest.raises(FileMissing):
        blobs.read(subject, "REF1")


def test_file_of_another_person_is_refused(organisation: Organisation) -> None:
    one, other = named(organisation, "Satu"), named(organisation, "Dua")
    blobs.write(one, "REF2", b"isi rahasia")

    with pytest.raises(Tampered):
        blobs.read(other, "REF2")
