"""What can be read of the vault. Nothing here is audited: callers are actions and queries that are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from naungan.access.asking import ID, question
from naungan.methods.linkage import names as known_names
from naungan.methods.linkage.closeness import name_closeness
from naungan.vault import bundles, keys, store
from naungan.vault.crypto import DataKey, unpack
from naungan.vault.index import versions
from naungan.vault.index.plan import Criteria, Question, question_of
from naungan.vault.index.profile import Profile, tokens_of
from naungan.vault.index.scheme import Lookup
from naungan.vault.index.words import Word, is_slip
from naungan.vault.models import ErasureRecord, IndexVersion, KeyVersion, SealedItem, Subject
from naungan.vault.reasons import open_reason, sealed_reason

__all__ = [
    "Criteria",
    "Hit",
    "KeyHealth",
    "SearchResult",
    "kept_items",
    "kept_names",
    "key_health",
    "open_reason",
    "read",
    "read_bytes",
    "reindex_due",
    "sealed_reason",
    "search",
]

CANDIDATES = 400
# Of too many, only some are opened: enough to show that the words are right.
SOME = 100
FETCHED = 2_000
WAYS = 3
SLIPS_OPENED = 300
SLIPPED = 0.8
RANKED = 10
# When no more people than this are left, another look-up costs more than opening them.
FEW = 40
COLUMNS = ("subject_id", "ciphertext", "key_version", "subject__ref", "subject__wrapped_key", "subject__kek_version")
GROWN = 3
LEARNS_FROM = 2_000


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """Somebody found: whose items, the name, and how well it answers, 0 to 1."""

    subject_id: int
    name: str
    score: float


@dataclass(frozen=True, slots=True, repr=False)
class SearchResult:
    """
    Who was found.

    `capped` says that there may be more: one more word, letter or the year of birth is asked for.
    `decrypted_count` is how many people were opened to compare, for the audit entry.
    """

    hits: tuple[Hit, ...] = ()
    capped: bool = False
    decrypted_count: int = 0


@dataclass(frozen=True, slots=True)
class KeyHealth:
    """What `naungan doctor` asks of the keys."""

    current: int
    is_this_installation: bool
    backup_tested_at: datetime | None
    late_subjects: int
    late_indexes: int
    unlisted_erasures: int


def read(subject_ids: Iterable[int], names: Collection[str] | None) -> dict[int, dict[str, str]]:
    """
    Decrypt items of many subjects, in one query and one key each.

    Args:
        subject_ids: Whose.
        names: Which items; None for all.

    Returns:
        dict: by subject id, the texts by item name; what is not there, or was erased, is missing.

    Raises:
        Tampered: an item was changed or moved in the database.
    """
    return {
        subject_id: {name: value for name, value in items.items() if isinstance(value, str)}
        for subject_id, items in _opened(subject_ids, names).items()
    }


def read_bytes(subject_ids: Iterable[int], names: Collection[str]) -> dict[int, dict[str, bytes]]:
    """The same for items that were sealed as bytes."""
    return {
        subject_id: {name: value for name, value in items.items() if isinstance(value, bytes)}
        for subject_id, items in _opened(subject_ids, names).items()
    }


def kept_items(subject_id: int, names: Collection[str]) -> list[str]:
    """Which of some items a subject has; nothing is decrypted."""
    rows = _rows_of(names)
    if not rows:
        return []
    marks = ", ".join(["%s"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ciphertext FROM vault_sealeditem WHERE subject_id = %s AND name IN ({marks})",  # noqa: S608 - marks only
            [subject_id, *rows],
        )
        there = {name for (row,) in cursor.fetchall() for name in unpack(bytes(row))}
    return [name for name in names if name in there]


def kept_names(
    subject_ids: Iterable[int], *, opened: Collection[str] = ()
) -> dict[int, tuple[list[str], dict[str, str]]]:
    """Which items subjects have, by name; of them only `opened` are decrypted."""
    found: dict[int, tuple[list[str], dict[str, str]]] = {}
    for batch in store.batches(subject_ids, store.IDS_A_QUERY):
        rows = SealedItem.objects.filter(subject_id__in=batch, subject__wrapped_key__isnull=False)
        for subject_id, row, version, ref, wrapped, kek_version in rows.values_list(*COLUMNS):
            names, texts = found.setdefault(subject_id, ([], {}))
            items = unpack(bytes(row))
            names += items
            if not items.keys().isdisjoint(opened):
                key = store.unwrapped(ref, bytes(wrapped), kek_version, version)
                plain = ((name, key.open(name, items[name])) for name in opened if name in items)
                texts.update((name, text) for name, text in plain if isinstance(text, str))
    return found


def search(organisation_ids: Iterable[int], asked: str | Criteria, *, limit: int = 50) -> SearchResult:
    """
    Find people by words of a name in any spelling or order, number, telephone, e-mail or what else is known.

    Args:
        organisation_ids: In whose caseloads.
        asked: What was typed in one box, or criteria.
        limit: The most hits to give back, best first.

    Returns:
        SearchResult: only people who answer everything asked, checked after decryption.
    """
    question = question_of(asked)
    if question.is_empty:
        return SearchResult()
    hits: list[Hit] = []
    capped, opened = False, 0
    for organisation_id in organisation_ids:
        build = versions.serving_build(organisation_id)
        if build is None:
            continue
        found, is_more, looked = _hits(organisation_id, build, question)
        opened += looked
        if not found and not is_more and question.words:
            found, looked = _hits_of_slips(organisation_id, build, question)
            opened += looked
        hits += found
        capped = capped or is_more
    ranked = _ranked(question, hits)
    return SearchResult(tuple(ranked[:limit]), capped or len(ranked) > limit, opened)


def _hits(organisation_id: int, build: versions.Build, question: Question) -> tuple[list[Hit], bool, int]:
    """Who answers a question in one caseload, whether there may be more, and how many were opened."""
    candidates, is_more = _candidates(organisation_id, build, question)
    traces = question.traces()
    hits, opened = [], 0
    for subject_id, _, text in store.profiles(candidates):
        opened += 1
        if all(any(trace in text for trace in word) for word in traces):
            profile = Profile.from_text(text)
            score = question.score(profile)
            if score > 0:
                hits.append(Hit(subject_id, profile.name, score))
    return hits, is_more, opened


def _hits_of_slips(organisation_id: int, build: versions.Build, question: Question) -> tuple[list[Hit], int]:
    """
    Who answers when one word holds a slip of the fingers; asked only when nobody answers as typed.

    The other words, and the beginning of the one in doubt, lead to few people; its letters are compared after
    decryption. So the index tells nothing more than before.
    """
    opened: dict[int, str] = {}
    for suspect, rest in question.suspects():
        for candidates in _near(organisation_id, build, suspect, rest):
            fresh = sorted(candidates - opened.keys())[: SLIPS_OPENED - len(opened)]
            opened.update((subject_id, text) for subject_id, _, text in store.profiles(fresh))
            hits = _slipped({pk: opened[pk] for pk in candidates if pk in opened}, suspect, rest)
            if hits:
                return hits, len(opened)
    return [], len(opened)


def _near(organisation_id: int, build: versions.Build, suspect: Word, rest: Question) -> Iterator[set[int]]:
    """Who may be meant: those who answer the rest and begin like the word in doubt, then all who answer the rest."""
    ways = sorted((way for way in rest.ways(build.scheme) if way.is_whole), key=lambda way: len(way.digests))
    found = [_filed(organisation_id, build.number, way) for way in ways[:WAYS]]
    others = [set_ for set_ in found if len(set_) <= FETCHED]
    start = build.scheme.find_start(suspect)
    begun = _filed(organisation_id, build.number, start) if start.is_whole and start.digests else set()
    common = set.intersection(*others) if others else set()
    if begun:
        yield begun & common if others else begun
    elif not others:
        yield set(_small_caseload(organisation_id) or ())
    yield common


def _slipped(texts: Mapping[int, str], suspect: Word, rest: Question) -> list[Hit]:
    traces, hits = rest.traces(), []
    for subject_id, text in texts.items():
        if all(any(trace in text for trace in word) for word in traces) and any(
            is_slip(suspect.token, token) for token in tokens_of(text)
        ):
            profile = Profile.from_text(text)
            score = rest.score(profile) * SLIPPED
            hits += [Hit(subject_id, profile.name, score)] if score > 0 else []
    return hits


def key_health() -> KeyHealth:
    """How the keys are: the right ones, backed up with proof, nothing left under an old one."""
    ring = keys.ring()
    noted = {row.version: row for row in KeyVersion.objects.filter(retired_at__isnull=True)}
    tested = [row.backup_tested_at for row in noted.values()]
    return KeyHealth(
        current=ring.current,
        is_this_installation=all(
            version in ring.keys and ring.fingerprint(version) == row.fingerprint for version, row in noted.items()
        ),
        backup_tested_at=None if None in tested else min((moment for moment in tested if moment), default=None),
        late_subjects=Subject.objects.filter(~Q(kek_version=ring.current), wrapped_key__isnull=False).count(),
        late_indexes=IndexVersion.objects.exclude(kek_version=ring.current).count(),
        unlisted_erasures=ErasureRecord.objects.filter(listed_at__isnull=True).count(),
    )


def reindex_due(organisation_id: int) -> bool:
    """Whether an index has not learnt yet from its caseload, was outgrown, or is under an old key: `reindex` is due."""
    row = IndexVersion.objects.filter(organisation_id=organisation_id, state=IndexVersion.SERVING).first()
    if row is None:
        return False
    if row.kek_version != keys.ring().current:
        return True
    people = Subject.objects.filter(organisation_id=organisation_id, kind="person", erased_at__isnull=True)
    return people.count() > (LEARNS_FROM if row.number == 1 else GROWN * row.people)


def _opened(subject_ids: Iterable[int], names: Collection[str] | None) -> dict[int, dict[str, str | bytes]]:
    ids = list(subject_ids)
    found: dict[int, dict[str, str | bytes]] = {subject_id: {} for subject_id in ids}
    keys_of: dict[int, DataKey] = {}
    for batch in store.batches(found, store.IDS_A_QUERY):
        rows = _all_of_one(subject=ids[0]) if names is None and len(ids) == 1 else _of_many(batch, names)
        for subject_id, row, version, ref, wrapped, kek_version in rows:
            key = keys_of.get(subject_id)
            if key is None:
                key = keys_of[subject_id] = store.unwrapped(ref, bytes(wrapped), kek_version, version)
            found[subject_id].update(bundles.opened(key, bytes(row), names))
    return found


def _of_many(subject_ids: list[int], names: Collection[str] | None) -> Iterable[tuple[Any, ...]]:
    rows = SealedItem.objects.filter(subject_id__in=subject_ids, subject__wrapped_key__isnull=False)
    return (rows if names is None else rows.filter(name__in=_rows_of(names))).values_list(*COLUMNS)


@question(subject=ID)
def _all_of_one(subject: int) -> QuerySet[SealedItem, tuple[Any, ...]]:
    return SealedItem.objects.filter(subject_id=subject, subject__wrapped_key__isnull=False).values_list(*COLUMNS)


def _rows_of(names: Collection[str]) -> list[str]:
    return list({bundles.bundle_of(name) for name in names})


def _candidates(organisation_id: int, build: versions.Build, question: Question) -> tuple[list[int], bool]:
    """Whom to open, and whether there may be more than those."""
    ways = sorted(question.ways(build.scheme), key=lambda way: (not way.is_whole, len(way.digests)))
    complete: list[set[int]] = []
    for way in [way for way in ways if way.is_whole][:WAYS]:
        found = _filed(organisation_id, build.number, way)
        if len(found) <= FETCHED:
            complete.append(found)
        if complete and len(complete[-1]) <= FEW:
            break
    if complete:
        common = sorted(set.intersection(*complete))
        return (common, False) if len(common) <= CANDIDATES else (common[:SOME], True)
    everybody = _small_caseload(organisation_id)
    if everybody is not None:
        return everybody, False
    some = {subject_id for way in ways for subject_id in _filed(organisation_id, build.number, way, SOME)}
    return sorted(some)[:SOME], True


def _filed(organisation_id: int, number: int, way: Lookup, most: int = FETCHED) -> set[int]:
    return store.filed(organisation_id, number, way.digests, most) if way.digests else set()


def _small_caseload(organisation_id: int) -> list[int] | None:
    """Everybody, when they are so few that opening all costs no more than a search."""
    people = Subject.objects.filter(organisation_id=organisation_id, kind="person").order_by("pk")
    ids = list(people.values_list("pk", flat=True)[: CANDIDATES + 1])
    return ids if len(ids) <= CANDIDATES else None


def _ranked(question: Question, hits: list[Hit]) -> list[Hit]:
    """Best first; the first few are compared letter by letter, which would cost too much for all."""
    hits.sort(key=lambda hit: (-hit.score, hit.name, hit.subject_id))
    if not question.words:
        return hits
    asked = known_names.normalise(question.text)
    likeness = {
        name: name_closeness(asked, known_names.normalise(name)) for name in {hit.name for hit in hits[:RANKED]}
    }
    first = [replace(hit, score=(hit.score + likeness[hit.name]) / 2) for hit in hits[:RANKED]]
    return sorted(first, key=lambda hit: -hit.score) + [replace(hit, score=hit.score / 2) for hit in hits[RANKED:]]
