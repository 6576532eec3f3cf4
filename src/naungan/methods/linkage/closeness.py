"""How alike two normalised names are: slips of the pen in a word, then the best pairing of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from naungan.methods.linkage import rules
from naungan.methods.linkage.sounds import sound_key

if TYPE_CHECKING:
    from naungan.methods.linkage.names import NormalName

__all__ = ["jaro_winkler", "name_closeness", "typing_slips", "word_closeness"]

# Bounds of the work for hostile input; longer names keep their first words and letters.
MOST_WORDS: Final = 10
MOST_LETTERS: Final = 40

SAME_SOUND: Final = 0.96
JOINED: Final = 0.98
BY_INITIAL: Final = 0.7
CUT_SHORT: Final = 0.88
INITIAL_WEIGHT: Final = 0.3
TITLE_WEIGHT: Final = 0.3
FATHER_WEIGHT: Final = 0.6
# Below this two words count as different: unrelated Indonesian names share many letters.
DIFFERENT: Final = 0.72
# One letter in a short word is often another name (Rina, Rini), so likeness falls faster than letters do.
STEEPNESS: Final = 1.5
_WEIGHTS: Final = {sound_key(word): weight for word, weight in rules.WEIGHTS.items()}
# How much the shorter name's coverage counts beside the longer's.
SHORTER_SHARE: Final = 0.72


def typing_slips(a: str, b: str) -> int:
    """
    Count the slips between two words.

    Args:
        a: A word.
        b: Another.

    Returns:
        int: Letters left out, put in, changed, or swapped with their neighbour (optimal string
            alignment), at least 0. Time grows with the product of the lengths.

    Source:
        Damerau (1964), Communications of the ACM 7, 171-176.

    >>> typing_slips("aminah", "aminh"), typing_slips("siti", "stii")
    (1, 1)
    """
    before: list[int] = []
    last = list(range(len(b) + 1))
    for row, letter in enumerate(a, start=1):
        now = [row]
        for column, other in enumerate(b, start=1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == b[column - 2] and a[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]


def jaro_winkler(a: str, b: str) -> float:
    """
    Compare two words by shared letters in order, giving weight to a shared beginning.

    Args:
        a: A word.
        b: Another.

    Returns:
        float: In [0, 1]; 1.0 for equal words, 0.0 when either is empty or no letter is shared.

    Source:
        Winkler (1990), Proc. Section on Survey Research Methods, ASA, 354-359; prefix scale 0.1, up to 4.

    >>> round(jaro_winkler("martha", "marhta"), 3)
    0.961
    """
    if a == b:
        return float(bool(a))
    shared_a, shared_b = _shared(a, b)
    shared = len(shared_a)
    if not shared:
        return 0.0
    swapped = sum(one != other for one, other in zip(shared_a, shared_b, strict=True)) / 2
    jaro = (shared / len(a) + shared / len(b) + (shared - swapped) / shared) / 3
    start = 0
    for one, other in zip(a[:4], b[:4], strict=False):
        if one != other:
            break
        start += 1
    return jaro + start * 0.1 * (1 - jaro)


def _shared(a: str, b: str) -> tuple[list[str], list[str]]:
    """Letters of each that the other has within the Jaro window, in order."""
    window = max(max(len(a), len(b)) // 2 - 1, 0)
    taken = [False] * len(b)
    found: list[str] = []
    for place, letter in enumerate(a):
        for other in range(max(0, place - window), min(len(b), place + window + 1)):
            if not taken[other] and b[other] == letter:
                taken[other] = True
                found.append(letter)
                break
    return found, [letter for letter, used in zip(b, taken, strict=True) if used]


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    sound: str
    weight: float


def word_closeness(a: str, b: str) -> float:
    """
    Say how alike two words of names are.

    Args:
        a: One word as `normalise` gives it.
        b: Another.

    Returns:
        float: In [0, 1]: 1.0 equal, 0.96 the same sound, 0.7 a word and its initial, 0.0 different.

    >>> word_closeness("soekarno", "sukarno"), word_closeness("budi", "agus")
    (0.96, 0.0)
    """
    return _closeness(_Word(a, sound_key(a), 1.0), _Word(b, sound_key(b), 1.0))


def _closeness(a: _Word, b: _Word) -> float:
    if a.text == b.text:
        return 1.0
    if len(a.text) == 1 or len(b.text) == 1:
        return BY_INITIAL if a.sound[:1] == b.sound[:1] or a.text[0] == b.text[0] else 0.0
    if a.sound == b.sound:
        return SAME_SOUND
    alike = max(_alike(a.text, b.text), 0.98 * _alike(a.sound, b.sound))
    short, long = sorted((a.text, b.text), key=len)
    if len(short) >= 4 and long.startswith(short):
        alike = max(alike, CUT_SHORT)
    return alike**STEEPNESS if alike >= DIFFERENT else 0.0


def _alike(a: str, b: str) -> float:
    """The mean of both measures: Winkler's is kind to beginnings, slips are not."""
    if not a or not b:
        return 0.0
    longest = max(len(a), len(b))
    return (jaro_winkler(a, b) + 1 - typing_slips(a, b) / longest) / 2


def name_closeness(a: NormalName, b: NormalName) -> float:
    """
    Say how alike two normalised names are, whatever the order of their words.

    Args:
        a: A name.
        b: Another.

    Returns:
        float: As `names.similarity`; the best over the names and their aliases, an alias against
            a name at most 0.97.
    """
    best = _compare(_weighed(a), _weighed(b))
    for one, other in _with_aliases(a, b):
        best = max(best, 0.97 * _compare(one, other))
    return best


def _with_aliases(a: NormalName, b: NormalName) -> list[tuple[list[_Word], list[_Word]]]:
    others_a = [_words(alias) for alias in a.aliases[:4]]
    others_b = [_words(alias) for alias in b.aliases[:4]]
    pairs = [(one, _weighed(b)) for one in others_a] + [(_weighed(a), other) for other in others_b]
    return pairs + [(one, other) for one in others_a for other in others_b]


def _word(text: str, factor: float = 1.0) -> _Word:
    text = text[:MOST_LETTERS]
    sound = sound_key(text)
    weight = INITIAL_WEIGHT if len(text) == 1 and text.isascii() else _WEIGHTS.get(sound, 1.0)
    return _Word(text, sound, weight * factor)


def _words(texts: tuple[str, ...]) -> list[_Word]:
    return [_word(text) for text in texts[:MOST_WORDS]]


def _weighed(name: NormalName) -> list[_Word]:
    """Every word that can be compared, the doubtful ones lighter."""
    words = [_word(text) for text in name.tokens + name.initials]
    words += [_word(text, FATHER_WEIGHT) for text in name.patronymic]
    words += [_Word(text, sound_key(text), TITLE_WEIGHT) for text in name.titles if text in rules.NAME_LIKE]
    return words[:MOST_WORDS]


def _compare(a: list[_Word], b: list[_Word]) -> float:
    if not a or not b:
        return 0.0
    matched = sum(_paired(a, b))
    weights = sorted((sum(word.weight for word in a), sum(word.weight for word in b)))
    shorter, longer = min(1.0, matched / weights[0]), min(1.0, matched / weights[1])
    score = longer + (shorter - longer) * SHORTER_SHARE * min(1.0, weights[0])
    return max(score, _joined(a, b))


def _paired(a: list[_Word], b: list[_Word]) -> list[float]:
    """Match words one to one, the closest first; what each match weighs."""
    pairs = sorted(
        (
            (close, one.weight + other.weight, row, column)
            for row, one in enumerate(a)
            for column, other in enumerate(b)
            if (close := _closeness(one, other)) > 0.0
        ),
        reverse=True,
    )
    rows: set[int] = set()
    columns: set[int] = set()
    found: list[float] = []
    for close, weight, row, column in pairs:
        if row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            found.append(close * weight / 2)
    return found


def _joined(a: list[_Word], b: list[_Word]) -> float:
    """Names that are the same once the blanks are gone: words run together or torn apart."""
    if len(a) == len(b):
        return 0.0
    one, other = "".join(word.text for word in a), "".join(word.text for word in b)
    if one == other or sound_key(one) == sound_key(other):
        return JOINED
    return 0.0
