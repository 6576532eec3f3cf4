"""The index is built anew while the old one serves."""

from unittest.mock import patch

import pytest

from naungan.access.models import Organisation
from naungan.vault import actions, keys, queries
from naungan.vault.actions import indexing
from naungan.vault.index import versions
from naungan.vault.models import IndexEntry, IndexVersion
from tests.vault.factories import AMINAH, named, person

pytestmark = pytest.mark.django_db


def versions_kept(organisation: Organisation) -> set[int]:
    return set(IndexEntry.objects.filter(organisation_id=organisation.pk).values_list("version", flat=True))


def test_index_built_anew_serves_alone(organisation: Organisation, other_organisation: Organisation) -> None:
    subject = person(organisation, AMINAH)
    named(other_organisation, "Siti")
    told: list[tuple[int, int]] = []

    done = actions.reindex(organisation.pk, progress=lambda at, of: told.append((at, of)))

    assert (done, told) == (1, [(1, 1)])
    assert versions_kept(organisation) == {2}
    assert versions_kept(other_organisation) == {1}
    assert queries.search([organisation.pk], "siti aminah").hits[0].subject_id == subject.pk


def test_index_half_built_serves_the_old_and_takes_new_people(organisation: Organisation) -> None:
    for name in ("Satu", "Dua", "Tiga"):
        named(organisation, name)
    with patch.object(indexing, "_serve", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        actions.reindex(organisation.pk, batch_size=2)

    late = named(organisation, "Empat Contoh")

    assert queries.search([organisation.pk], "dua").hits
    assert queries.search([organisation.pk], "empat").hits[0].subject_id == late.pk
    assert versions_kept(organisation) == {1, 2}


def test_index_cut_off_goes_on_where_it_was(organisation: Organisation) -> None:
    for name in ("Satu", "Dua", "Tiga", "Empat"):
        named(organisation, name)
    real = indexing._index_batch
    with (
        patch.object(indexing, "_index_batch", side_effect=[1, KeyboardInterrupt]),
        pytest.raises(KeyboardInterrupt),
    ):
        actions.reindex(organisation.pk, batch_size=2)
    building = IndexVersion.objects.get(state="building")
    real(building, 2, renormalise=False)

    done = actions.reindex(organisation.pk, batch_size=2)

    assert done == 2
    assert queries.search([organisation.pk], "satu").hits
    assert queries.search([organisation.pk], "empat").hits


def test_index_follows_new_rules_of_names(organisation: Organisation) -> None:
    subject = named(organisation, "Satu")
    with patch("naungan.vault.index.words.names.search_tokens", return_value=frozenset({"baru"})):
        actions.reindex(organisation.pk, renormalise=True)

    assert queries.search([organisation.pk], "baru").hits[0].subject_id == subject.pk


def test_left_over_entries_are_taken_out_in_batches(organisation: Organisation) -> None:
    subjects = [named(organisation, f"Contoh{'abcdef'[n]}") for n in range(6)]
    for subject in subjects:
        IndexEntry.objects.create(organisation_id=organisation.pk, version=99, digest=subject.pk, subject=subject)

    actions.reindex(organisation.pk, batch_size=1)

    assert versions_kept(organisation) == {2}


def test_index_is_due_until_it_has_learnt_when_outgrown_and_after_a_rotation(
    organisation: Organisation, other_organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not queries.reindex_due(organisation.pk)
    named(organisation, "Satu")
    named(other_organisation, "Satu")
    assert not queries.reindex_due(organisation.pk)

    monkeypatch.setattr(queries, "LEARNS_FROM", 0)
    assert queries.reindex_due(organisation.pk)
    actions.reindex(organisation.pk)
    assert not queries.reindex_due(organisation.pk)
    IndexVersion.objects.filter(organisation=organisation).update(people=0)
    assert queries.reindex_due(organisation.pk)
    with keys.use(keys.ring().rotated()):
        assert queries.reindex_due(other_organisation.pk)


def test_first_index_is_sized_for_what_is_expected_and_only_once(organisation: Organisation) -> None:
    actions.expect_people(organisation.pk, 100_000)
    actions.expect_people(organisation.pk, 200_000)

    assert IndexVersion.objects.get(organisation=organisation).people == 100_000


def test_writers_know_one_first_build(organisation: Organisation) -> None:
    first, again = versions.builds_to_fill(organisation.pk), versions.builds_to_fill(organisation.pk)

    assert [build.number for build in first] == [build.number for build in again] == [1]
