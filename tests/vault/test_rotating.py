"""Keys rotate while serving; old ones retire when nothing needs them; backups of keys are proven."""

from unittest.mock import patch

import pytest
from django.utils.translation import override
from pytest_django.fixtures import Settings

from naungan.access.models import AuditEntry, Organisation
from naungan.vault import actions, keys, queries
from naungan.vault.actions import rotating
from naungan.vault.errors import BadKeyFile, KeyInUse
from naungan.vault.models import KeyVersion, Subject
from naungan.vault.ring import combine_ring, new_ring, split_ring
from tests.vault.factories import AMINAH, named, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outside_key(ring: object, settings: Settings) -> None:
    """A key from outside, so that there is a key file to write."""
    settings.VAULT_KEY = "11" * 32
    keys.reload()


def versions_in_use() -> set[int]:
    return set(Subject.objects.values_list("kek_version", flat=True))


def test_rotation_wraps_everybody_anew_and_nobody_is_lost(organisation: Organisation) -> None:
    subjects = [person(organisation, AMINAH) for _ in range(3)]

    done = actions.rotate_keys(by=None, organisation_id=organisation.pk)

    assert (done, versions_in_use()) == (3, {2})
    assert all(items == AMINAH for items in queries.read([s.pk for s in subjects], None).values())
    assert keys.reload().current == 2
    assert AuditEntry.objects.latest("number").action == "keys.rotate"


def test_rotation_cut_off_is_taken_up(organisation: Organisation) -> None:
    for number in range(4):
        named(organisation, f"Contoh{number}")
    with patch.object(rotating, "_wrap_anew", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        actions.rotate_keys(by=None, organisation_id=organisation.pk)
    assert queries.key_health().late_subjects == 4

    assert actions.rewrap(batch_size=3) == 4
    assert versions_in_use() == {2}


def test_person_written_between_is_wrapped_anew_in_passing(organisation: Organisation) -> None:
    subject = person(organisation, AMINAH)
    keys.replace_ring(keys.ring().rotated())

    actions.seal(subject, {"note:1": "Catatan"})

    assert versions_in_use() == {2}
    assert queries.read([subject.pk], ["note:1", "prs_FirstName"])[subject.pk]["prs_FirstName"] == "Siti"


def test_key_in_use_cannot_be_retired(organisation: Organisation) -> None:
    named(organisation, "Contoh")
    keys.replace_ring(keys.ring().rotated())

    with override("en"), pytest.raises(KeyInUse, match="identities"):
        actions.retire_key(1, by=None, organisation_id=organisation.pk)
    actions.rewrap()
    with pytest.raises(KeyInUse, match="index"):
        actions.retire_key(1, by=None, organisation_id=organisation.pk)


def test_key_no_longer_used_is_retired_and_search_goes_on(organisation: Organisation) -> None:
    subject = person(organisation, AMINAH)
    actions.rotate_keys(by=None, organisation_id=organisation.pk)
    actions.reindex(organisation.pk)

    actions.retire_key(1, by=None, organisation_id=organisation.pk)

    assert sorted(keys.reload().keys) == [2]
    assert KeyVersion.objects.get(pk=1).retired_at is not None
    assert queries.search([organisation.pk], "aminah").hits[0].subject_id == subject.pk


def test_keys_of_another_installation_are_noticed(organisation: Organisation) -> None:
    named(organisation, "Contoh")

    with keys.use(new_ring()):
        with pytest.raises(BadKeyFile):
            actions.open_subject(organisation_id=organisation.pk)
        assert not queries.key_health().is_this_installation


def test_backup_restored_by_custodians_is_proven(organisation: Organisation) -> None:
    named(organisation, "Contoh")
    shares = split_ring(keys.ring(), needed=2, custodians=3)
    assert queries.key_health().backup_tested_at is None

    actions.prove_backup(combine_ring(shares[:2]), by=None, organisation_id=organisation.pk)

    assert queries.key_health().backup_tested_at is not None
    assert AuditEntry.objects.latest("number").action == "keys.backup_tested"


def test_backup_older_than_the_rotation_is_not_proven(organisation: Organisation) -> None:
    named(organisation, "Contoh")
    old = keys.ring()
    actions.prove_backup(old, by=None, organisation_id=organisation.pk)
    actions.rotate_keys(by=None, organisation_id=organisation.pk)

    assert queries.key_health().backup_tested_at is None
    with override("en"), pytest.raises(BadKeyFile, match="version 2"):
        actions.prove_backup(old, by=None, organisation_id=organisation.pk)
