"""Erasure destroys the key, is held back by law, and reaches restored backups."""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from naungan.access import audit, clock
from naungan.access.models import AuditEntry, Organisation
from naungan.vault import actions, queries
from naungan.vault.actions.erasing import scrub
from naungan.vault.errors import NotOnHold, OnHold, SubjectErased
from naungan.vault.models import ErasureRecord, IndexEntry, SealedItem, Subject
from tests.personas import Persona
from tests.vault.factories import AMINAH, person

pytestmark = pytest.mark.django_db


def last_entry(organisation: Organisation) -> AuditEntry:
    return AuditEntry.objects.filter(organisation=organisation).latest("number")


@pytest.fixture
def aminah(organisation: Organisation) -> Subject:
    return person(organisation, AMINAH)


def test_erased_person_is_nowhere(organisation: Organisation, aminah: Subject, dewi: Persona) -> None:
    record = actions.erase(by=dewi.actor(), subject=aminah, reason="request")

    aminah.refresh_from_db()
    assert (aminah.wrapped_key, aminah.profile) == (None, None)
    assert not SealedItem.objects.filter(subject=aminah).exists()
    assert not IndexEntry.objects.filter(subject=aminah).exists()
    assert queries.read([aminah.pk], None) == {aminah.pk: {}}
    assert queries.search([organisation.pk], "siti aminah").hits == ()
    assert (record.reason, record.erased_by) == ("request", dewi.user.ref)


def test_erasure_says_from_when_it_holds_in_backups(
    organisation: Organisation, aminah: Subject, settings: Settings
) -> None:
    settings.BACKUP_KEPT_DAYS = 10

    record = actions.erase(by=None, subject=aminah, reason="request")

    assert record.backups_until == clock.today() + timedelta(days=10)


def test_erasure_is_audited_by_reference(organisation: Organisation, aminah: Subject, dewi: Persona) -> None:
    actions.erase(by=dewi.actor(), subject=aminah, reason="request")

    entry = last_entry(organisation)
    assert (entry.action, entry.ref, entry.details) == ("vault.erase", aminah.ref, {"reason": "request"})


def test_erasure_twice_changes_nothing(organisation: Organisation, aminah: Subject) -> None:
    first = actions.erase(by=None, subject=aminah, reason="request")

    assert actions.erase(by=None, subject=aminah, reason="order") == first


def test_nothing_is_sealed_for_the_erased(organisation: Organisation, aminah: Subject) -> None:
    actions.erase(by=None, subject=aminah, reason="request")

    with pytest.raises(SubjectErased):
        actions.seal(aminah, {"prs_FirstName": "Siti"})


def test_hold_forbids_erasure_until_it_is_released(organisation: Organisation, aminah: Subject, dewi: Persona) -> None:
    actions.hold(by=dewi.actor(), subject=aminah, reason="court")

    with pytest.raises(OnHold):
        actions.erase(by=dewi.actor(), subject=aminah, reason="request")
    assert queries.read([aminah.pk], ["prs_FirstName"])[aminah.pk]
    actions.release_hold(by=dewi.actor(), subject=aminah)
    assert last_entry(organisation).action == "vault.release_hold"
    assert actions.erase(by=dewi.actor(), subject=aminah, reason="request")


def test_hold_past_its_term_no_longer_forbids(organisation: Organisation, aminah: Subject, dewi: Persona) -> None:
    actions.hold(by=dewi.actor(), subject=aminah, reason="court", until=clock.now() + timedelta(days=1))

    with pytest.raises(OnHold):
        actions.erase(by=None, subject=aminah, reason="request")
    with clock.fixed(clock.now() + timedelta(days=2)):
        assert actions.erase(by=None, subject=aminah, reason="request")


def test_hold_on_the_erased_and_release_of_none_are_refused(
    organisation: Organisation, aminah: Subject, dewi: Persona
) -> None:
    with pytest.raises(NotOnHold):
        actions.release_hold(by=dewi.actor(), subject=aminah)
    actions.erase(by=None, subject=aminah, reason="request")
    with pytest.raises(OnHold):
        actions.hold(by=dewi.actor(), subject=aminah, reason="court")


def test_erasure_is_listed_outside_the_database_after_commit(
    organisation: Organisation,
    aminah: Subject,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actions.erase(by=None, subject=aminah, reason="request")

    lines = Path(settings.ERASURE_LIST).read_text().splitlines()
    assert [json.loads(line)["subject"] for line in lines] == [aminah.ref]
    assert ErasureRecord.objects.get().listed_at is not None
    assert actions.list_erasures() == 0


def test_erasure_not_yet_listed_is_listed_later(organisation: Organisation, aminah: Subject) -> None:
    actions.erase(by=None, subject=aminah, reason="request")

    assert queries.key_health().unlisted_erasures == 1
    assert actions.list_erasures() == 1
    assert queries.key_health().unlisted_erasures == 0


def test_restored_copy_forgets_again(organisation: Organisation, aminah: Subject, dewi: Persona) -> None:
    other = person(organisation, {"prs_FirstName": "Tetap"})
    before = Subject.objects.filter(pk=aminah.pk).values()[0]
    items = list(SealedItem.objects.filter(subject=aminah).values())
    actions.erase(by=None, subject=aminah, reason="request")
    actions.list_erasures()
    _restore(before, items)
    actions.hold(by=dewi.actor(), subject=aminah, reason="court")
    assert queries.read([aminah.pk], ["prs_FirstName"])[aminah.pk] == {"prs_FirstName": "Siti"}

    applied = actions.apply_erasures()

    assert (applied.erased, applied.already, applied.unknown, applied.refused) == (1, 0, 0, 0)
    assert queries.read([aminah.pk, other.pk], ["prs_FirstName"]) == {
        aminah.pk: {},
        other.pk: {"prs_FirstName": "Tetap"},
    }
    assert ErasureRecord.objects.get().reason == "restored"
    assert actions.apply_erasures().already == 1


def _restore(subject: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> None:
    """Bring rows back as an older copy of the database holds them."""
    ErasureRecord.objects.all().delete()
    Subject.objects.filter(pk=subject["id"]).update(**subject)
    SealedItem.objects.bulk_create([SealedItem(**item) for item in items])


def test_forged_line_of_the_list_is_not_followed(
    organisation: Organisation, aminah: Subject, settings: Settings
) -> None:
    path = Path(settings.ERASURE_LIST)
    path.parent.mkdir()
    forged = {"subject": aminah.ref, "erased_at": "2026-01-01T00:00:00+00:00", "reason": "request"}
    path.write_text(json.dumps({**forged, "backups_until": "2026-01-01", "seal": "0" * 64}) + "\nnot json\n[]\n")

    assert actions.apply_erasures().refused == 3
    assert queries.read([aminah.pk], ["prs_FirstName"])[aminah.pk]


def test_list_line_of_somebody_younger_than_the_copy_is_counted(organisation: Organisation, aminah: Subject) -> None:
    actions.erase(by=None, subject=aminah, reason="request")
    actions.list_erasures()
    Subject.objects.filter(pk=aminah.pk).update(ref="SOMEBODYELSE")

    assert actions.apply_erasures().unknown == 1


def test_missing_list_is_an_empty_one(tmp_path: Path) -> None:
    assert actions.apply_erasures(tmp_path / "none").erased == 0


def test_log_is_not_emptied_inside_a_transaction(organisation: Organisation) -> None:
    assert scrub() == (connection.vendor != "sqlite")


def test_many_are_erased_together_or_not_at_all(organisation: Organisation, dewi: Persona) -> None:
    free, held = (person(organisation, AMINAH) for _ in range(2))
    actions.hold(by=dewi.actor(), subject=held, reason="legal")

    with pytest.raises(OnHold):
        actions.erase_many(by=None, subjects=[free, held], reason="mistake")
    before = queries.read([free.pk, held.pk], None)
    actions.release_hold(by=dewi.actor(), subject=held)
    records = actions.erase_many(by=None, subjects=[held, free], reason="mistake")

    assert before[free.pk]
    assert [record.subject_ref for record in records] == [held.ref, free.ref]
    assert queries.read([free.pk, held.pk], None) == {free.pk: {}, held.pk: {}}
    assert audit.verify(organisation.pk).broken_at is None
