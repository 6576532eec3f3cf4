"""
How words and numbers become digests of an index from which little can be guessed.

A digest is the number of a bucket that several values share; the key decides which. A word falls in
one of three classes by the number of people expected to bear it:

- light: rarer than a bucket is full. One digest.
- spread: it would make its bucket stand out. It has 2, 4, 8... digests; each person gets one of them by
  the key's chance, a search asks for all. The buckets stay equally full, so that their rank tells nothing.
- heavy: a search for it alone would find too many. It has no digest of its own, only together with
  another heavy word of the same name, or with the year of birth, or for a name of this one word.

The beginning of a word is indexed once, by the shortest of its coarse beginnings that is not heavy.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import blake2b
from itertools import combinations

from naungan.vault.crypto import subkey
from naungan.vault.index.profile import Profile
from naungan.vault.index.words import Word, words_of

BUCKET_ROWS = 100
PAIR_ROWS = 32
NUMBER_ROWS = 4
HEAVY_ROWS = 250
LEAST_BUCKETS = 64
WORDS_A_PERSON = 1.8
ALONE = ""
_KIND_SHIFT = 40
_RECORD = struct.Struct(">BQI")


class Kind(IntEnum):
    """What a digest is made of; each has a key of its own."""

    WORD = 1
    START = 2
    PAIR = 3
    NUMBER = 4
    PHONE = 5
    EMAIL = 6
    FACETS = 7


FULL: Mapping[Kind, int] = {
    Kind.WORD: BUCKET_ROWS,
    Kind.START: BUCKET_ROWS,
    Kind.PAIR: PAIR_ROWS,
    Kind.NUMBER: NUMBER_ROWS,
    Kind.PHONE: NUMBER_ROWS,
    Kind.EMAIL: NUMBER_ROWS,
    Kind.FACETS: BUCKET_ROWS,
}
_OF_WORDS = frozenset((Kind.WORD, Kind.START, Kind.PAIR))


@dataclass(frozen=True, slots=True)
class Lookup:
    """Digests to ask for together; `is_whole` says whether everybody who fits is behind them."""

    digests: tuple[int, ...] = ()
    is_whole: bool = True

    def __add__(self, other: Lookup) -> Lookup:
        return Lookup(self.digests + other.digests, self.is_whole and other.is_whole)


_NOTHING_WHOLE = Lookup()
_TOO_MANY = Lookup(is_whole=False)


@dataclass(frozen=True, slots=True, repr=False)
class Scheme:
    """
    One build of an organisation's index.

    `people` is the size it is made for; `frequent` holds, for keyed values that are not rare, how many
    people of that number bear them.
    """

    keys: Mapping[Kind, bytes]
    people: int
    frequent: Mapping[tuple[Kind, int], int] = field(default_factory=dict)
    _buckets: dict[Kind, int] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for kind, rows in FULL.items():
            filed = self.people * (WORDS_A_PERSON if kind in _OF_WORDS else 1)
            self._buckets[kind] = max(LEAST_BUCKETS, 1 << max(0, round(filed / rows) - 1).bit_length())

    def buckets(self, kind: Kind) -> int:
        """How many buckets a kind has: a power of two, so that each is about as full as meant."""
        return self._buckets[kind]

    def full(self, kind: Kind) -> int:
        """How many people share a bucket."""
        return FULL[kind]

    def mac(self, kind: Kind, value: str) -> int:
        """The keyed value itself, 64 bits; never stored beside a person."""
        return int.from_bytes(blake2b(value.encode(), key=self.keys[kind], digest_size=8).digest())

    def is_heavy(self, kind: Kind, value: str) -> bool:
        """Whether more people bear it than a search may open."""
        return self.frequent.get((kind, self.mac(kind, value)), 0) > HEAVY_ROWS

    def digests_of(self, subject_ref: str, profile: Profile) -> set[int]:
        """All digests under which a person is filed."""
        made: set[int] = set()
        heavy: list[str] = []
        for word in profile.words:
            weight = self._file_word(made, heavy, subject_ref, word)
            self._file_start(made, subject_ref, word, weight)
        for value in pair_values(heavy, profile):
            made.add(self._one(Kind.PAIR, value, subject_ref))
        for kind, values in self._numbers(profile):
            made.update(self._digest(kind, self.mac(kind, value), 0) for value in values)
        facets = facets_value(profile.birth_year, profile.facets.sex, profile.facets.province)
        if facets:
            made.add(self._one(Kind.FACETS, facets, subject_ref))
        return made

    def find_word(self, word: Word, *, is_unfinished: bool) -> Lookup:
        """Where people are filed who bear a word, or, when it is unfinished, one that begins so."""
        found = _TOO_MANY if self.is_heavy(Kind.WORD, word.sound) else self.find(Kind.WORD, word.sound)
        return found + self.find_start(word) if is_unfinished and word.starts else found

    def find_start(self, word: Word) -> Lookup:
        """Where people are filed one of whose words begins like this one."""
        for start in word.starts:
            if not self.is_heavy(Kind.START, start):
                return self.find(Kind.START, start)
        return _TOO_MANY

    def find_pairs(self, words: Sequence[Word], birth_year: str = "") -> Iterator[Lookup]:
        """Where people are filed who bear two of these words, or one of them and the year of birth."""
        heavy = [word.sound for word in words if self.is_heavy(Kind.WORD, word.sound)]
        for one, other in combinations(heavy, 2):
            yield self.find(Kind.PAIR, pair_value(one, other))
        if birth_year:
            for sound in heavy:
                yield self.find(Kind.PAIR, pair_value(sound, f"={birth_year}"))

    def find_alone(self, word: Word) -> Lookup:
        """Where people are filed whose whole name is this one heavy word."""
        return self.find(Kind.PAIR, pair_value(word.sound, ALONE))

    def find(self, kind: Kind, value: str) -> Lookup:
        """Where people are filed under a value of a kind."""
        mac = self.mac(kind, value)
        return Lookup(tuple({self._digest(kind, mac, place) for place in range(self._spread(kind, mac))}))

    def _numbers(self, profile: Profile) -> tuple[tuple[Kind, tuple[str, ...]], ...]:
        return (Kind.NUMBER, profile.numbers), (Kind.PHONE, profile.phones), (Kind.EMAIL, profile.emails)

    def _file_word(self, made: set[int], heavy: list[str], subject_ref: str, word: Word) -> int:
        """File a word by its sound; returns the chance that also places its beginning."""
        chance = self._chance(subject_ref, word.sound)
        mac = self.mac(Kind.WORD, word.sound)
        if self.frequent.get((Kind.WORD, mac), 0) > HEAVY_ROWS:
            heavy.append(word.sound)
        else:
            spread = self._spread(Kind.WORD, mac)
            made.add(self._digest(Kind.WORD, mac, chance % spread))
        return chance

    def _file_start(self, made: set[int], subject_ref: str, word: Word, chance: int) -> None:
        for start in word.starts:
            mac = self.mac(Kind.START, start)
            if self.frequent.get((Kind.START, mac), 0) <= HEAVY_ROWS:
                made.add(self._digest(Kind.START, mac, chance % self._spread(Kind.START, mac)))
                return

    def _one(self, kind: Kind, value: str, subject_ref: str) -> int:
        mac = self.mac(kind, value)
        spread = self._spread(kind, mac)
        return self._digest(kind, mac, self._chance(subject_ref, value) % spread if spread > 1 else 0)

    def _spread(self, kind: Kind, mac: int) -> int:
        """Over how many digests a value is spread: a power of two, so that the parts of kinds nest."""
        count = self.frequent.get((kind, mac))
        if count is None:
            return 1
        wanted = -(-count // FULL[kind])
        return 1 << (wanted - 1).bit_length() if wanted > 1 else 1

    def _chance(self, subject_ref: str, value: str) -> int:
        # Secret and steady: the same person and word fall in the same place each time they are sealed.
        place = blake2b(f"{subject_ref}\0{value}".encode(), key=self.keys[Kind.WORD], person=b"place", digest_size=4)
        return int.from_bytes(place.digest())

    def _digest(self, kind: Kind, mac: int, place: int) -> int:
        if place:
            mixed = blake2b(mac.to_bytes(8) + place.to_bytes(4), key=self.keys[kind], person=b"part", digest_size=8)
            mac = int.from_bytes(mixed.digest())
        return kind << _KIND_SHIFT | mac & self._buckets[kind] - 1


def index_keys(root: bytes, organisation_id: int, number: int) -> dict[Kind, bytes]:
    """The keys of one build: one for each kind of digest and each organisation."""
    return {kind: subkey(root, f"index:{kind.name.lower()}:{organisation_id}:{number}") for kind in Kind}


def pair_value(one: str, other: str) -> str:
    """Two words whose order does not matter."""
    return f"{one}\0{other}" if one <= other else f"{other}\0{one}"


def pair_values(heavy: Sequence[str], profile: Profile) -> set[str]:
    """What the heavy words of a name are filed under."""
    made = {pair_value(one, other) for one, other in combinations(dict.fromkeys(heavy), 2)}
    if len(profile.words) == 1:
        made.update(pair_value(sound, ALONE) for sound in heavy)
    if profile.birth_year:
        made.update(pair_value(sound, f"={profile.birth_year}") for sound in heavy)
    return made


def facets_value(birth_year: str, sex: str, province: str) -> str:
    """Year of birth, sex and province together; empty when one is missing, for none is indexed alone."""
    return f"{birth_year}|{sex}|{province}" if birth_year and sex and province else ""


def learn(empty: Scheme, profiles: Callable[[], Iterable[Profile]], *, share: float = 1.0) -> Scheme:
    """
    Find the values that are not rare, so that they are spread or paired.

    Args:
        empty: The scheme without frequent values.
        profiles: Gives the profiles, or a sample of them; called twice.
        share: The part of all people that the sample is.

    Returns:
        Scheme: with the counts of frequent values under the scheme's keys, scaled to everybody.
    """
    words: Counter[tuple[Kind, str]] = Counter()
    for profile in profiles():
        words.update({(Kind.WORD, word.sound) for word in profile.words})
        words.update({(Kind.START, start) for word in profile.words for start in word.starts})
        facets = facets_value(profile.birth_year, profile.facets.sex, profile.facets.province)
        if facets:
            words[Kind.FACETS, facets] += 1
    first = _frequent(empty, words, share)
    heavy = {value for (kind, value), count in words.items() if kind is Kind.WORD and count / share > HEAVY_ROWS}
    pairs: Counter[tuple[Kind, str]] = Counter()
    for profile in profiles():
        borne = [word.sound for word in profile.words if word.sound in heavy]
        pairs.update((Kind.PAIR, value) for value in pair_values(borne, profile))
    return Scheme(empty.keys, empty.people, {**first, **_frequent(empty, pairs, share)})


def expect(empty: Scheme, shares: Mapping[str, float]) -> Scheme:
    """
    The scheme of an organisation about which nothing is known yet.

    Args:
        empty: The scheme without frequent values.
        shares: For words in their normal form, the part of all people that bears them.

    Returns:
        Scheme: with the counts that a caseload of the meant size would have.
    """
    words: Counter[tuple[Kind, str]] = Counter()
    borne: dict[str, float] = {}
    for text, part in shares.items():
        for word in words_of(text):
            borne[word.sound] = borne.get(word.sound, 0) + part
            for start in word.starts:
                words[Kind.START, start] += round(part * empty.people)
    words.update({(Kind.WORD, sound): round(part * empty.people) for sound, part in borne.items()})
    heavy = [(sound, part) for sound, part in borne.items() if part * empty.people > HEAVY_ROWS]
    for (one, first), (other, second) in combinations(heavy, 2):
        words[Kind.PAIR, pair_value(one, other)] = round(2 * first * second * empty.people)
    return Scheme(empty.keys, empty.people, _frequent(empty, words, 1.0))


def pack_frequent(frequent: Mapping[tuple[Kind, int], int]) -> bytes:
    """The counts as bytes, to be sealed."""
    return b"".join(_RECORD.pack(kind, mac, count) for (kind, mac), count in frequent.items())


def unpack_frequent(raw: bytes) -> dict[tuple[Kind, int], int]:
    """Read what `pack_frequent` wrote."""
    return {(Kind(kind), mac): count for kind, mac, count in _RECORD.iter_unpack(raw)}


def _frequent(scheme: Scheme, counts: Mapping[tuple[Kind, str], int], share: float) -> dict[tuple[Kind, int], int]:
    return {
        (kind, scheme.mac(kind, value)): round(count / share)
        for (kind, value), count in counts.items()
        if count / share > scheme.full(kind)
    }
