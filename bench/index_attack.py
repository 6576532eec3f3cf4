"""
Attacks a copied search index as a thief would who has no key, and says what part is guessed.

The thief knows everything but the keys: the program, the size, and the public frequency of every name and
birth year (an independent sample from the very generator of the people, which is more than any public
list gives). What is attacked is the real index of `naungan.vault.index`, and beside it, as a yardstick, a
plain index with one full keyed hash for each word.

    python bench/index_attack.py [--people 100000] [--json]

Attacks, each by kind of digest:

- rank: digests by how often they occur, beside values by how often they should. A digest that several
  values share can be matched with several guesses; each person filed there gets one.
- posterior: for each digest, the value that is likeliest for one of its size under the known scheme.
- blind: every person gets the commonest value; this needs no index, and any index guesses at least so much
  where it tells nothing. It is the floor, not a leak.
- co-occurrence: the digests that are found together in one person are matched with words that are found
  together in names, starting from the surest by rank and spreading to their neighbours.

`plain_together` is the co-occurrence attack, a heuristic, on the plain index (`--plain`, slow):
it says what the failing of the heuristic means.
A guess counts when the person does bear the value. Numbers and telephones are not attacked: nobody publishes
how often they occur.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate, combinations

from naungan.vault.index.profile import Facets, Profile
from naungan.vault.index.scheme import HEAVY_ROWS, Kind, Scheme, facets_value, learn, pair_values
from naungan.vault.index.words import words_of

AIM = 0.01
COLUMNS = ("plain", "plain_together", "blind", "rank", "posterior", "together")
SEED = 20261124
WORD, START, PAIR, FACETS = Kind.WORD, Kind.START, Kind.PAIR, Kind.FACETS


def _listed(text: str) -> list[str]:
    return text.split()


# Shares of a thousand people, rough: what shapes the head of the distribution.
_MALE = {
    "muhammad": 90, "ahmad": 36, "abdul": 32, "agus": 16, "budi": 10, "eko": 10, "dwi": 6, "tri": 6, "andi": 12,
    "rizki": 10, "hasan": 8, "ali": 10, "yusuf": 8, "ibrahim": 6, "ismail": 6, "iwan": 4, "joko": 6, "slamet": 4,
    "sutrisno": 4, "supriyadi": 4, "hendra": 6, "arif": 8, "firman": 4, "ilham": 4, "fauzi": 6, "hakim": 6,
    "akbar": 6, "maulana": 8, "hidayat": 10, "rahman": 12, "setiawan": 12, "saputra": 14, "pratama": 12,
    "kurniawan": 10, "gunawan": 6, "hartono": 4, "nugroho": 8, "prasetyo": 8, "wibowo": 6, "santoso": 8,
    "wijaya": 6, "ramadan": 8, "putu": 6, "made": 6, "wayan": 6, "ketut": 5, "nyoman": 5, "gede": 4,
    "yohanes": 6, "fransiskus": 4, "bambang": 6, "sugeng": 3, "wahyu": 8, "dedi": 6, "rudi": 6, "heri": 6,
    "asep": 7, "ujang": 4, "cecep": 3, "dadang": 3, "nana": 3, "syarif": 4, "amir": 4, "umar": 4, "usman": 4,
}  # fmt: skip
_FEMALE = {
    "siti": 56, "nur": 70, "sri": 30, "dewi": 22, "putri": 20, "aminah": 12, "ayu": 12, "sari": 22, "lestari": 12,
    "wati": 10, "rahma": 12, "indah": 10, "fitri": 10, "susanti": 8, "wahyuni": 10, "yanti": 8, "ratna": 8,
    "yuni": 6, "maria": 14, "aisyah": 10, "fatimah": 10, "maryam": 6, "suryani": 6, "handayani": 8, "rahayu": 10,
    "astuti": 8, "utami": 8, "anggraini": 8, "permata": 6, "hayati": 8, "jannah": 8, "azizah": 8, "hasanah": 6,
    "laila": 6, "dian": 8, "rina": 6, "rini": 4, "lina": 4, "nining": 3, "kartini": 4, "sumiati": 4, "kusuma": 4,
    "made": 5, "wayan": 5, "komang": 4, "luh": 5, "kadek": 5, "yuliana": 6, "theresia": 4, "elisabet": 3,
    "mega": 4, "melati": 3, "kartika": 4, "novita": 5, "intan": 5, "citra": 4, "wulandari": 6, "purnama": 4,
}  # fmt: skip
_TAIL_SHARE = 0.45
_HEADS = _listed(
    "su har war sam mul tar kar dar wag pon tuk mar sat jum rus yan pur bas kas sal dul mis nas ras tas was kus lam "
    "man pan rat sun tug wir gun han ism jas kos lil mas nov oki pit rum sis tit um"
)
_MIDDLES = ("", "i", "a", "an", "un", "ar", "in", "ad", "ij", "it", "ur", "is", "ol", "em", "uk")
_TAILS = _listed(
    "yono yanto jo tini tono tinah di mi man min sih ni yem nah diman wati ningsih iyah inem adi udin ito ani ona ida "
    "ul am ifa iroh ling"
)
_PROVINCES = {
    "jabar": 180, "jatim": 150, "jateng": 135, "sumut": 55, "banten": 45, "dki": 40, "sulsel": 34, "lampung": 33,
    "sumsel": 31, "riau": 24, "sumbar": 20, "kalbar": 20, "ntt": 60, "ntb": 55, "aceh": 20, "bali": 16, "kalsel": 15,
    "kaltim": 14, "papua": 10, "sulteng": 11, "jambi": 13, "sultra": 10, "sulut": 10, "kalteng": 10, "diy": 14,
    "kepri": 12, "bengkulu": 8, "maluku": 7, "babel": 6, "gorontalo": 5, "sulbar": 6, "malut": 5, "kaltara": 3,
}  # fmt: skip


def _weighted(weights: Mapping[str, float], tail: Sequence[str]) -> tuple[list[str], list[float]]:
    head = sum(weights.values())
    zipf = [1 / (rank + 20) for rank in range(len(tail))]
    scale = head * _TAIL_SHARE / (1 - _TAIL_SHARE) / sum(zipf)
    values = [*weights, *tail]
    return values, list(accumulate([*weights.values(), *(scale * weight for weight in zipf)]))


class World:
    """Makes people whose names, ages and provinces are as common as those of Indonesian workers abroad."""

    def __init__(self, seed: int) -> None:
        tail = [head + middle + end for head in _HEADS for middle in _MIDDLES for end in _TAILS]
        random.Random(1).shuffle(tail)
        self._names = {"M": _weighted(_MALE, tail[: len(tail) // 2]), "F": _weighted(_FEMALE, tail[len(tail) // 2 :])}
        self._provinces = list(_PROVINCES), list(accumulate(_PROVINCES.values()))
        self._random = random.Random(seed)

    def person(self) -> tuple[str, str, str, str]:
        """Name, year of birth, sex, province."""
        draw = self._random
        sex = "F" if draw.random() < 0.62 else "M"
        names, weights = self._names[sex]
        count = draw.choices((1, 2, 3, 4), (12, 50, 33, 5))[0]
        words = list(dict.fromkeys(draw.choices(names, cum_weights=weights, k=count)))
        # Words of the head come first in a name more often than not.
        words.sort(key=lambda word: (word not in _MALE and word not in _FEMALE, draw.random()))
        year = 2026 - min(75, max(8, round(draw.gammavariate(7, 4))))
        province = draw.choices(self._provinces[0], cum_weights=self._provinces[1])[0]
        return " ".join(words).title(), str(year), sex, province

    def profile(self) -> Profile:
        """The searchable side of a new person."""
        name, year, sex, province = self.person()
        number = "".join(self._random.choices("0123456789", k=16))
        return Profile(
            name=name,
            words=words_of(name),
            numbers=(number,),
            phones=(number[:9],),
            birth_year=year,
            facets=Facets(sex, province),
        )


Values = Callable[[Profile], Iterable[str]]
VALUES: Mapping[Kind, Values] = {
    WORD: lambda profile: sorted({word.sound for word in profile.words}),
    START: lambda profile: sorted({start for word in profile.words for start in word.starts}),
    PAIR: lambda profile: sorted(pair_values([word.sound for word in profile.words], profile)),
    FACETS: lambda profile: [facets_value(profile.birth_year, profile.facets.sex, profile.facets.province)],
}


@dataclass(frozen=True, slots=True)
class Stolen:
    """What the thief has of one kind: who is filed under which digest. Numbers mean nothing to him."""

    rows: Mapping[int, Sequence[int]]

    @property
    def by_size(self) -> list[int]:
        return sorted(self.rows, key=lambda digest: (-len(self.rows[digest]), digest))


def keys(seed: int) -> dict[Kind, bytes]:
    """Keys of a build, steady for a seed."""
    return {kind: blake2b(f"{seed}{kind}".encode(), digest_size=32).digest() for kind in Kind}


def steal(scheme: Scheme, people: Sequence[Profile]) -> dict[Kind, Stolen]:
    """The index as it lies in the database, by kind."""
    rows: dict[Kind, dict[int, list[int]]] = {kind: defaultdict(list) for kind in Kind}
    for number, profile in enumerate(people):
        for digest in scheme.digests_of(f"P{number}", profile):
            rows[Kind(digest >> 40)][digest].append(number)
    return {kind: Stolen(dict(found)) for kind, found in rows.items()}


def steal_plain(people: Sequence[Profile]) -> dict[Kind, Stolen]:
    """The yardstick: one full keyed hash for each value, as a first design would have it."""
    rows: dict[Kind, dict[str, list[int]]] = {kind: defaultdict(list) for kind in VALUES}
    for number, profile in enumerate(people):
        for kind, values in VALUES.items():
            for value in values(profile):
                rows[kind][value].append(number)
    return {
        kind: Stolen({kind << 40 | number: filed for number, filed in enumerate(found.values())})
        for kind, found in rows.items()
    }


def public_list(people: Iterable[Profile]) -> dict[Kind, list[tuple[str, int]]]:
    """How often each value occurs among people of the same world whom the thief may look at."""
    counts: dict[Kind, Counter[str]] = {kind: Counter() for kind in VALUES}
    for profile in people:
        for kind, values in VALUES.items():
            counts[kind].update(values(profile))
    return {kind: found.most_common() for kind, found in counts.items()}


def blind(kind: Kind, public: Sequence[tuple[str, int]], people: Sequence[Profile]) -> float:
    """The share guessed by giving everybody the commonest value."""
    return max((sum(value in VALUES[kind](p) for p in people) for value, _ in public[:3]), default=0) / len(people)


def rank_attack(kind: Kind, stolen: Stolen, expected: Sequence[tuple[str, float]], people: Sequence[Profile]) -> float:
    """
    The share of people for whom a value is guessed by the rank of their digests.

    Values are laid along the digests in order, each over as many rows as it should have, so that a digest
    that holds several values gets them all; a person filed there is guessed to bear the first.
    """
    right: set[int] = set()
    values = iter(expected)
    for digest in stolen.by_size:
        value = next(values, None)
        if value is None:
            break
        right.update(number for number in stolen.rows[digest] if value[0] in set(VALUES[kind](people[number])))
    return len(right) / len(people)


def expected_parts(
    kind: Kind, public: Sequence[tuple[str, int]], heavy: set[str], part: int
) -> list[tuple[str, float]]:
    """
    What the thief lays along the ranks, knowing the scheme: heavy values have no digest of their own, and a
    spread value comes once for each of its parts, each so much smaller.
    """
    parts: list[tuple[str, float]] = []
    for value, count in public:
        if kind is WORD and value in heavy:
            continue
        if kind is START and count > HEAVY_ROWS:
            continue
        if kind is PAIR and not all(part in heavy or part == "" or part[0] == "=" for part in value.split("\0")):
            continue
        wanted = math.ceil(count / part)
        spread = 1 << (wanted - 1).bit_length() if wanted > 1 else 1
        parts += [(value, count / spread)] * spread
    return sorted(parts, key=lambda part: -part[1])


def posterior_attack(
    kind: Kind,
    stolen: Stolen,
    parts: Sequence[tuple[str, float]],
    buckets: int,
    people: Sequence[Profile],
) -> float:
    """
    The share guessed by giving each digest the value that best explains its size.

    A digest holds noise from rare values, about evenly spread, and perhaps one larger part; the guess is the
    value with the highest posterior (Poisson sizes, parts falling anywhere with equal chance).
    """
    total = sum(size for _, size in parts)
    kinds = Counter(parts)
    likeliest: dict[int, str] = {}
    for size in {len(rows) for rows in stolen.rows.values()}:
        best, score = "", -math.inf
        for (value, part), copies in kinds.most_common(400):
            mean = part + (total - part) / buckets
            # Of those filed here, part/mean bear the value: what a guess for all of them gains.
            found = math.log(copies) + size * math.log(mean) - mean + math.log(part / mean)
            if found > score:
                best, score = value, found
        likeliest[size] = best
    right = {
        number
        for rows in stolen.rows.values()
        for number in rows
        if likeliest[len(rows)] in set(VALUES[kind](people[number]))
    }
    return len(right) / len(people)


def cooccurrence_attack(
    stolen: Mapping[Kind, Stolen],
    parts: Mapping[Kind, Sequence[tuple[str, float]]],
    known: Sequence[Profile],
    people: Sequence[Profile],
    *,
    seeds: int = 20,
    most: int = 2_000,
) -> dict[Kind, float]:
    """
    The share guessed by what is found together: surest digests by rank first, then their neighbours.

    Digests and values form two graphs, joined where both are found in one person. Pairs of a digest and a
    value score by the neighbours already matched with each other; the best pair is matched next.
    """
    digests, values = _graph_of_digests(stolen, most), _graph_of_values(parts, known, most)
    order = {kind: found.by_size[:most] for kind, found in stolen.items() if kind in VALUES}
    matched: dict[int, tuple[Kind, str]] = {}
    for kind in parts:
        for digest, (value, _) in zip(order[kind][:seeds], parts[kind][:seeds], strict=False):
            matched[digest] = (kind, value)
    for _ in range(5):
        matched = _rematch(matched, digests, values, order, parts, seeds)
    return {
        kind: len(
            {
                number
                for digest in order[kind]
                if digest in matched
                for number in stolen[kind].rows[digest]
                if matched[digest][1] in set(VALUES[kind](people[number]))
            }
        )
        / len(people)
        for kind in parts
    }


Graph = dict[object, Counter[object]]


def _graph(members: Iterable[Sequence[object]]) -> Graph:
    graph: Graph = defaultdict(Counter)
    for together in members:
        for one, other in combinations(together, 2):
            graph[one][other] += 1
            graph[other][one] += 1
    return graph


def _graph_of_digests(stolen: Mapping[Kind, Stolen], most: int) -> Graph:
    by_person: dict[int, list[object]] = defaultdict(list)
    for kind, found in stolen.items():
        if kind in VALUES:
            for digest in found.by_size[:most]:
                for number in found.rows[digest]:
                    by_person[number].append(digest)
    return _graph(by_person.values())


def _graph_of_values(parts: Mapping[Kind, Sequence[tuple[str, float]]], known: Sequence[Profile], most: int) -> Graph:
    kept = {kind: {value for value, _ in found[:most]} for kind, found in parts.items()}
    return _graph(
        [(kind, value) for kind in kept for value in VALUES[kind](profile) if value in kept[kind]] for profile in known
    )


def _rematch(
    matched: Mapping[int, tuple[Kind, str]],
    digests: Graph,
    values: Graph,
    order: Mapping[Kind, Sequence[int]],
    parts: Mapping[Kind, Sequence[tuple[str, float]]],
    seeds: int,
) -> dict[int, tuple[Kind, str]]:
    anchors: dict[object, list[object]] = defaultdict(list)
    for digest, guess in matched.items():
        anchors[guess].append(digest)
    fresh: dict[int, tuple[Kind, str]] = {}
    for kind, found in order.items():
        if kind not in parts:
            continue
        neighbours = {value: values[(kind, value)].most_common(30) for value, _ in parts[kind][: seeds * 15]}
        for digest in found[: seeds * 15]:
            near = digests[digest]
            best, score = None, 0.0
            for value, around in neighbours.items():
                told = 0.0
                for other, count in around:
                    seen = max((near[anchor] for anchor in anchors.get(other, ())), default=0)
                    told += min(seen, count) / (1 + max(seen, count))
                if told > score:
                    best, score = value, told
            if best is not None:
                fresh[digest] = (kind, best)
    return fresh


def measure(people_count: int, seed: int = SEED, *, with_plain: bool = False) -> dict[str, dict[str, float | None]]:
    """
    Run all attacks.

    Returns:
        dict: by kind of digest, shares of people in [0, 1] for whom a value was guessed.
    """
    world, elsewhere = World(seed), World(seed + 1)
    people = [world.profile() for _ in range(people_count)]
    known = [elsewhere.profile() for _ in range(people_count)]
    scheme = learn(Scheme(keys(seed), people_count), lambda: people)
    stolen, plain, public = steal(scheme, people), steal_plain(people), public_list(known)
    heavy = {value for value, count in public[WORD] if count > HEAVY_ROWS}
    parts = {kind: expected_parts(kind, public[kind], heavy, scheme.full(kind)) for kind in VALUES}
    together = cooccurrence_attack(stolen, parts, known[:20_000], people)
    whole = {kind: [(value, float(count)) for value, count in public[kind]] for kind in VALUES}
    plain_together = cooccurrence_attack(plain, whole, known[:20_000], people) if with_plain else {}
    table: dict[str, dict[str, float | None]] = {}
    for kind in VALUES:
        table[kind.name.lower()] = {
            "plain": rank_attack(kind, plain[kind], public[kind], people),
            "plain_together": plain_together.get(kind),
            "blind": blind(kind, public[kind], people),
            "rank": rank_attack(kind, stolen[kind], parts[kind], people),
            "posterior": posterior_attack(kind, stolen[kind], parts[kind], scheme.buckets(kind), people),
            "together": together[kind],
            "digests": len(stolen[kind].rows),
            "rows": sum(map(len, stolen[kind].rows.values())) / people_count,
            "largest": max(map(len, stolen[kind].rows.values()), default=0),
            "full": scheme.full(kind),
        }
    for kind in (Kind.NUMBER, Kind.PHONE):
        sizes = [len(rows) for rows in stolen[kind].rows.values()]
        # Nobody publishes how often a number occurs, so there is no frequency to attack: not measured.
        table[kind.name.lower()] = {
            **dict.fromkeys(COLUMNS),
            "digests": len(sizes),
            "rows": sum(sizes) / people_count,
            "largest": max(sizes, default=0),
            "full": scheme.full(kind),
        }
    return table


def _share(value: float | None) -> str:
    return f"{'-':>14}" if value is None else f"{value:14.2%}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Attacks a copied search index without its keys.")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plain", action="store_true", help="also run co-occurrence on the plain index (slow)")
    asked = parser.parse_args()
    table = measure(asked.people, with_plain=asked.plain)
    if asked.json:
        print(json.dumps({"people": asked.people, "aim": AIM, "kinds": table}, indent=2))
        return
    print(f"{asked.people:,} people, public frequencies known, no key; share of people guessed, aim {AIM:.0%}")
    print(f"{'kind':8} " + " ".join(f"{name:>14}" for name in COLUMNS) + "  digests  rows/person  largest")
    for kind, row in table.items():
        shares = " ".join(_share(row[name]) for name in COLUMNS)
        print(f"{kind:8} {shares}  {row['digests']:7.0f}  {row['rows']:11.2f}  {row['largest']:7.0f}")


if __name__ == "__main__":
    main()
