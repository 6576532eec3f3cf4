"""Builds the search index anew, in batches, while the old build serves."""

from __future__ import annotations

from collections.abc import Callable

from django.db import models, transaction

from naungan.access import clock
from naungan.vault import bundles, store
from naungan.vault.index import versions
from naungan.vault.index.profile import Profile, profile_of
from naungan.vault.index.scheme import Scheme, learn
from naungan.vault.models import IndexEntry, IndexVersion, SealedItem, Subject
from naungan.vault.queries import reindex_due

BATCH = 500
SAMPLE = 50_000
_ENTRY_COLUMNS = ("organisation_id", "version", "digest", "subject_id")


@transaction.atomic
def expect_people(organisation_id: int, people: int) -> None:
    """Size the index of an organisation that has none yet, before a large import."""
    if not IndexVersion.objects.filter(organisation_id=organisation_id).exists():
        versions.new_version(
            organisation_id, number=1, people=max(people, versions.FIRST_PEOPLE), state=IndexVersion.SERVING
        )


def reindex(
    organisation_id: int,
    *,
    batch_size: int = BATCH,
    renormalise: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """
    Build an organisation's index anew under the current key, sized and shaped for its people now.

    Searches ask the old build until the new one is complete; writers fill both. Safe to stop and to run
    again: it goes on where it was.

    Args:
        organisation_id: Whose index.
        batch_size: People a transaction.
        renormalise: Make the normal forms of names anew too, after the rules of names changed.
        progress: Called after each batch with the number done and the number of all.

    Returns:
        int: how many people were indexed in this run.
    """
    people = _people(organisation_id).count()
    _remove_left_over(organisation_id, batch_size)
    building = _building(organisation_id, people)
    done = 0
    while batch := _index_batch(building, batch_size, renormalise=renormalise):
        done += batch
        if progress:
            progress(done, people)
    _serve(building)
    _remove_left_over(organisation_id, batch_size)
    return done


def reindex_what_is_due() -> int:
    """Build anew the index of each organisation whose caseload has outgrown it; returns how many."""
    due = [
        organisation_id
        for organisation_id in IndexVersion.objects.values_list("organisation_id", flat=True).distinct().order_by()
        if reindex_due(organisation_id)
    ]
    for organisation_id in due:
        reindex(organisation_id)
    return len(due)


def _building(organisation_id: int, people: int) -> IndexVersion:
    known = IndexVersion.objects.filter(organisation_id=organisation_id)
    started = known.filter(state=IndexVersion.BUILDING).first()
    if started:
        return started
    number = 1 + max([0, *known.values_list("number", flat=True)])
    share = min(1.0, SAMPLE / people) if people else 1.0
    return versions.new_version(
        organisation_id,
        number=number,
        people=max(people, versions.FIRST_PEOPLE),
        state=IndexVersion.BUILDING,
        learn=lambda empty: _learnt(empty, organisation_id, share),
    )


def _learnt(empty: Scheme, organisation_id: int, share: float) -> Scheme:
    """What is frequent here. A small caseload is no measure of a large one, so counts are of these people only."""
    ids = list(_people(organisation_id).values_list("pk", flat=True))
    step = max(1, round(1 / share))
    return learn(empty, lambda: (Profile.from_text(text) for _, _, text in store.profiles(ids[::step])), share=1 / step)


def _index_batch(building: IndexVersion, batch_size: int, *, renormalise: bool) -> int:
    with transaction.atomic():
        scheme = versions.scheme_of(building)
        late = _people(building.organisation_id).select_for_update().filter(pk__gt=building.reached)
        ids = [subject.pk for subject in late.only("pk").order_by("pk")[:batch_size]]
        if not ids:
            return 0
        if renormalise:
            _renormalise(ids)
        rows = sorted(
            (building.organisation_id, building.number, digest, subject_id)
            for subject_id, ref, text in store.profiles(ids)
            for digest in scheme.digests_of(ref, Profile.from_text(text))
        )
        IndexEntry.objects.filter(subject_id__in=ids, version=building.number).delete()
        store.insert_rows(IndexEntry, _ENTRY_COLUMNS, rows)
        building.reached = ids[-1]
        building.save(update_fields=["reached"])
        return len(ids)


@transaction.atomic
def _serve(building: IndexVersion) -> None:
    IndexVersion.objects.filter(organisation_id=building.organisation_id, state=IndexVersion.SERVING).delete()
    building.state, building.served_at = IndexVersion.SERVING, clock.now()
    building.save(update_fields=["state", "served_at"])


def _remove_left_over(organisation_id: int, batch_size: int) -> None:
    """Take out, in batches, entries of builds that are no more."""
    kept = versions.numbers_in_use(organisation_id)
    left = IndexEntry.objects.filter(organisation_id=organisation_id).exclude(version__in=kept)
    for number in sorted(set(left.values_list("version", flat=True).distinct())):
        old = left.filter(version=number).order_by("digest")
        while digests := list(old.values_list("digest", flat=True)[: batch_size * 10]):
            left.filter(version=number, digest__lte=digests[-1]).delete()


def _people(organisation_id: int) -> models.QuerySet[Subject]:
    return Subject.objects.filter(organisation_id=organisation_id, kind="person", erased_at__isnull=True)


def _renormalise(ids: list[int]) -> None:
    """Seal anew the searchable side of people from their names and numbers."""
    old = {pk: Profile.from_text(text).facets for pk, _, text in store.profiles(ids)}
    sealed = []
    rows = SealedItem.objects.filter(subject_id__in=list(old), name=bundles.PERSON).select_related("subject")
    for row in rows:
        key = store.data_key(row.subject)
        profile = profile_of(bundles.opened(key, bytes(row.ciphertext), bundles.INDEXED), old[row.subject_id])
        sealed.append((row.subject_id, key.seal(store.PROFILE, profile.to_text())))
    store.write_profiles(sealed)
