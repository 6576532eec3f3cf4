"""Opens subjects and seals their items, the search index included."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from naungan.access import clock
from naungan.access.inserting import insert_new, new_object
from naungan.vault import bundles, crypto, keys, store
from naungan.vault.actions.rotating import note_key_versions, rewrapped
from naungan.vault.crypto import DataKey
from naungan.vault.index.profile import Facets, Profile, profile_of
from naungan.vault.index.versions import builds_to_fill
from naungan.vault.models import IndexEntry, SealedItem, Subject

Items = Mapping[str, str | bytes | None]
_ITEM_COLUMNS = ("subject_id", "name", "ciphertext", "key_version", "updated_at")
_ENTRY_COLUMNS = ("organisation_id", "version", "digest", "subject_id")


def open_subject(*, organisation_id: int, kind: str = "person") -> Subject:
    """Open one subject with a fresh key."""
    return open_subjects(1, organisation_id=organisation_id, kind=kind)[0]


@transaction.atomic
def open_subjects(count: int, *, organisation_id: int, kind: str = "person") -> list[Subject]:
    """Open many subjects, each with a fresh key, in one statement."""
    ring = keys.ring()
    note_key_versions()
    moment = clock.now()
    made = []
    for _ in range(count):
        subject = new_object(Subject, organisation_id=organisation_id, kind=kind, opened_at=moment)
        key = crypto.new_key()
        subject.wrapped_key, subject.kek_version = ring.wrap(key, ref=subject.ref)
        subject.fresh_key = DataKey(key, ref=subject.ref, version=subject.key_version)
        made.append(subject)
    insert_new(Subject, made)
    # Once others can see the rows, the first items must take the way that locks them.
    transaction.on_commit(lambda: _no_longer_fresh(made))
    return made


def seal(subject: Subject, items: Items, *, facets: Facets | None = None) -> None:
    """
    Seal items of a subject; None takes an item out. Joins the caller's transaction.

    The subject's row is locked, so that two writers never lose each other's items. The search index
    follows when a name, number, address or birth date changes.

    Args:
        subject: Whose items they are.
        items: Values by item name.
        facets: Sex and province, kept for the index when given; None leaves them as they were.

    Raises:
        SubjectErased: the key was destroyed.
        BadName: an item's name cannot be used.
    """
    seal_many([(subject, items)], facets={subject.pk: facets} if facets else None)


@transaction.atomic
def seal_many(pairs: Sequence[tuple[Subject, Items]], *, facets: Mapping[int, Facets] | None = None) -> None:
    """Seal items of many subjects, each once, in a few statements; see `seal`. `facets` go by subject id."""
    known = facets or {}
    drafts = _drafts(pairs, known)
    _load(drafts)
    for draft in drafts:
        draft.merge(known.get(draft.subject.pk))
    _write_items(drafts)
    for organisation_id in dict.fromkeys(draft.subject.organisation_id for draft in drafts):
        _write_index(organisation_id, [d for d in drafts if d.subject.organisation_id == organisation_id])
    for draft in drafts:
        draft.subject.fresh_key = None


@transaction.atomic
def renew(subject: Subject) -> None:
    """Give a subject a new data key and seal everything anew under it; files keep the old key and are refused."""
    locked = Subject.objects.select_for_update().get(pk=subject.pk)
    old = store.data_key(locked)
    rows = list(SealedItem.objects.filter(subject=locked))
    plain = crypto.new_key()
    locked.key_version += 1
    locked.wrapped_key, locked.kek_version = keys.ring().wrap(plain, ref=locked.ref)
    new = DataKey(plain, ref=locked.ref, version=locked.key_version)
    for row in rows:
        row.ciphertext = bundles.merged(new, None, bundles.opened(old, bytes(row.ciphertext))) or b""
        row.key_version, row.updated_at = locked.key_version, clock.now()
    SealedItem.objects.bulk_update(rows, ["ciphertext", "key_version", "updated_at"])
    if locked.profile:
        locked.profile = new.seal(store.PROFILE, old.open(store.PROFILE, bytes(locked.profile)))
    locked.save(update_fields=["key_version", "wrapped_key", "kek_version", "profile"])


def _no_longer_fresh(made: Sequence[Subject]) -> None:
    for subject in made:
        subject.fresh_key = None


@dataclass(slots=True, repr=False)
class _Draft:
    """A subject's rows while they are being changed."""

    subject: Subject
    changes: dict[str, dict[str, str | bytes | None]]
    has_facets: bool
    is_fresh: bool
    key: DataKey | None = None
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes | None] = field(default_factory=dict)
    sealed_profile: bytes | None = None
    profile: Profile | None = None

    @property
    def touches_index(self) -> bool:
        person = self.changes.get(bundles.PERSON, {})
        return self.subject.kind == "person" and (self.has_facets or not bundles.INDEXED.isdisjoint(person))

    @property
    def needed(self) -> Collection[str]:
        return {*self.changes, bundles.PERSON} if self.touches_index else self.changes

    def merge(self, facets: Facets | None) -> None:
        key = self.key
        if key is None:
            raise AssertionError("keys are loaded before rows are merged")
        for bundle, changes in self.changes.items():
            self.after[bundle] = bundles.merged(key, self.before.get(bundle), changes)
        if self.touches_index:
            self.profile = profile_of(self._person(key), facets or self._facets(key))

    def _person(self, key: DataKey) -> dict[str, str | bytes]:
        changes = self.changes.get(bundles.PERSON, {})
        kept = self.before.get(bundles.PERSON)
        known = bundles.opened(key, kept, bundles.INDEXED.difference(changes)) if kept else {}
        return known | {name: value for name, value in changes.items() if value is not None}

    def _facets(self, key: DataKey) -> Facets:
        text = key.open(store.PROFILE, self.sealed_profile) if self.sealed_profile else ""
        return Profile.from_text(text).facets if isinstance(text, str) and text else Facets()


def _drafts(pairs: Sequence[tuple[Subject, Items]], facets: Mapping[int, Facets]) -> list[_Draft]:
    drafts: dict[int, _Draft] = {}
    for subject, items in pairs:
        if subject.pk in drafts:
            raise ValueError("a subject comes once in a call")
        changes = bundles.by_bundle(items)
        if changes or subject.pk in facets:
            fresh = subject.fresh_key
            drafts[subject.pk] = _Draft(subject, changes, subject.pk in facets, fresh is not None, fresh)
    return list(drafts.values())


def _load(drafts: Sequence[_Draft]) -> None:
    """Lock the subjects that existed before, unwrap their keys and fetch the rows to change."""
    old = {draft.subject.pk: draft for draft in drafts if not draft.is_fresh}
    for ids in store.batches(sorted(old), store.IDS_A_QUERY):
        for locked in Subject.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
            old[locked.pk].key = rewrapped(locked)
            old[locked.pk].sealed_profile = bytes(locked.profile) if locked.profile else None
        names = {name for pk in ids for name in old[pk].needed}
        rows = SealedItem.objects.filter(subject_id__in=ids, name__in=names)
        for subject_id, name, ciphertext in rows.values_list("subject_id", "name", "ciphertext"):
            old[subject_id].before[name] = bytes(ciphertext)


def _write_items(drafts: Sequence[_Draft]) -> None:
    moment = store.moment(clock.now())
    made: list[tuple[object, ...]] = []
    for draft in drafts:
        version = draft.subject.key_version if draft.key is None else draft.key.version
        for name, row in draft.after.items():
            if name in draft.before:
                _change_row(draft.subject.pk, name, row, version)
            elif row is not None:
                made.append((draft.subject.pk, name, row, version, moment))
    if made:
        store.insert_rows(SealedItem, _ITEM_COLUMNS, made)


def _change_row(subject_id: int, name: str, row: bytes | None, version: int) -> None:
    rows = SealedItem.objects.filter(subject_id=subject_id, name=name)
    if row is None:
        rows.delete()
    else:
        rows.update(ciphertext=row, key_version=version, updated_at=clock.now())


def _write_index(organisation_id: int, drafts: Sequence[_Draft]) -> None:
    changed = [(draft, draft.profile) for draft in drafts if draft.profile is not None]
    if not changed:
        return
    store.write_profiles(
        [(d.subject.pk, d.key.seal(store.PROFILE, profile.to_text())) for d, profile in changed if d.key]
    )
    builds = builds_to_fill(organisation_id)
    wanted = {
        (organisation_id, build.number, digest, draft.subject.pk)
        for draft, profile in changed
        for build in builds
        for digest in build.scheme.digests_of(draft.subject.ref, profile)
    }
    there = _entries(organisation_id, [draft.subject.pk for draft, _ in changed if not draft.is_fresh])
    for entry in there - wanted:
        IndexEntry.objects.filter(
            organisation_id=entry[0], version=entry[1], digest=entry[2], subject_id=entry[3]
        ).delete()
    if wanted - there:
        store.insert_rows(IndexEntry, _ENTRY_COLUMNS, sorted(wanted - there))


def _entries(organisation_id: int, ids: Iterable[int]) -> set[tuple[int, int, int, int]]:
    return {
        (organisation_id, version, digest, subject_id)
        for batch in store.batches(ids, store.IDS_A_QUERY)
        for version, digest, subject_id in IndexEntry.objects.filter(subject_id__in=batch).values_list(
            "version", "digest", "subject_id"
        )
    }
