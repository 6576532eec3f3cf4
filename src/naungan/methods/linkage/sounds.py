"""How a word of a name sounds: one key for old and new spelling, and coarse beginnings for search."""

from __future__ import annotations

import re
from typing import Final

from naungan.methods.linkage import rules

__all__ = ["prefix_buckets", "sound_key"]

BUCKET_LETTERS: Final = (3, 5)

# In this order. The Republican spelling of 1947 wrote u for oe; the reform of 1972 wrote
# j, c, y, ny, sy, kh for dj, tj, j, nj, sj, ch. The rest is Arabic, Burmese and Khmer romanisation.
_DIGRAPHS: Final = (
    ("oe", "u"), ("dj", "j"), ("tj", "c"), ("sch", "s"), ("sh", "s"), ("kh", "h"), ("gh", "g"),
    ("th", "t"), ("dh", "d"), ("ph", "p"), ("bh", "b"), ("dz", "z"), ("ts", "s"), ("ck", "k"),
    ("x", "ks"),
)  # fmt: skip
_LETTERS: Final = str.maketrans("qfveo", "kppiu")
_COARSE: Final = str.maketrans("qfveoyjz", "kppiuiis")

_CH_AS_C: Final = re.compile(r"ch(?=h|e|i|an|ar)")
_HARD_C: Final = re.compile(r"c(?![aeiouhj])")
_S_GLIDE: Final = re.compile(r"s[yj](?=[aeiou])")
_SOFT_Z: Final = re.compile(r"z(?=[aeiou])")
_VOWEL_Y: Final = re.compile(r"y(?![aeiou])")
_VOWEL_W: Final = re.compile(r"(?<=[ao])w(?![aeiou])|(?<=a)o")
_WEAK_E: Final = re.compile(r"(?<=[bcdgkpst])e(?=[rl][aeiou])")
_J_GLIDE: Final = re.compile(r"(?<=[^aiu])i+j*(?=[au])")
_FIRST_GLIDE: Final = re.compile(r"^i+j*(?=[au])")
_W_GLIDE: Final = re.compile(r"(?<=[^aiu])u+w*(?=[ai])")
_DOUBLED: Final = re.compile(r"(.)\1+")


def sound_key(token: str) -> str:
    """
    Bring one word of a name to a key that its spellings share.

    Old and new spelling, doubled letters, f/p/v, q/k, th/t, z before a vowel and j, a final h,
    e/i and o/u, and glides (`Suria`, `Surya`, `Surjadi`) fall together. So do j and y: a lone j is a
    y in the old spelling and a j in the new, and the word alone does not always say which. Roots that
    vary otherwise (`Rohman`, `Rahman`) come from `data/stems.csv`.

    Args:
        token: One word as `normalise` gives it. Any string is taken; one that is not written
            in the letters a-z is its own key.

    Returns:
        str: The key, lower-case letters; empty only for an empty word. Not a name, not unique,
            and identifying: keep it where names are kept.

    Source:
        Ejaan van Ophuijsen (1901), Ejaan Republik (1947), Ejaan yang Disempurnakan (1972).

    >>> sound_key("Djoko") == sound_key("Joko")
    True
    >>> sound_key("Tjahjono") == sound_key("Cahyono") == sound_key("Tjahyono")
    True
    >>> sound_key("Surjadi"), sound_key("Soeryadi"), sound_key("Santoso")
    ('surjadi', 'surjadi', 'santusu')
    """
    word = token.lower()
    if not (word.isascii() and word.isalpha()):
        return word
    word = rules.WORDS.get(word, word)
    return _with_roots(_ending(_with_beginning(_letters(word)))) or word


def prefix_buckets(token: str) -> tuple[str, ...]:
    """
    Give the coarse beginnings under which a word, or its first typed letters, is found.

    Args:
        token: One word as `normalise` gives it, or at least three typed letters of it.

    Returns:
        tuple[str, ...]: The first 3 and the first 5 letters after spelling is folded (e/i/j/y, o/u,
            f/p/v, q/k, s/z are one letter each), the shorter first; empty for fewer than three. Store all;
            look up the last one. Many names share one, so check hits after decryption.

    >>> prefix_buckets("Surjadi"), prefix_buckets("Soer"), prefix_buckets("ab")
    (('sur', 'suria'), ('sur',), ())
    """
    word = token.lower()
    if word.isascii():
        word = _DOUBLED.sub(r"\1", _spelt(word).replace("ch", "h").translate(_COARSE))
    return tuple(word[:letters] for letters in BUCKET_LETTERS if len(word) >= letters)


def _spelt(word: str) -> str:
    for old, new in _DIGRAPHS:
        if old in word:
            word = word.replace(old, new)
    return word


def _letters(word: str) -> str:
    """Fold spelling in all places alike; what depends on the word's end comes after."""
    if "ch" in word:
        word = _CH_AS_C.sub("c", word, count=1) if word.startswith("ch") else word
        word = word.replace("chr", "kr").replace("ch", "h")
    word = _spelt(word)
    if "c" in word:
        word = _HARD_C.sub("k", word)
    if "z" in word:
        word = _SOFT_Z.sub("j", word).replace("z", "s")
    if "y" in word or "sj" in word:
        word = _VOWEL_Y.sub("i", _S_GLIDE.sub("s", word)).replace("y", "j")
    return _vowels(word)


def _vowels(word: str) -> str:
    if "e" in word:
        if len(word) > 4:
            word = _WEAK_E.sub("", word)
        word = word.replace("ae", "ai").replace("ei", "ai")
    word = _VOWEL_W.sub("u", word).translate(_LETTERS)
    if "i" in word:
        word = _FIRST_GLIDE.sub("ij", _J_GLIDE.sub("j", word))
    if "u" in word:
        word = _W_GLIDE.sub("w", word)
    return _DOUBLED.sub(r"\1", word)


def _ending(word: str) -> str:
    if len(word) > 2 and word[0] == "h" and word[1] not in "aiu":
        word = word[1:]
    if len(word) > 2 and word[-1] == "h":
        word = word[:-1]
    if word[-1:] == "d":
        return word[:-1] + "t"
    if word[-1:] == "b":
        return word[:-1] + "p"
    return word


def _with_beginning(word: str) -> str:
    for length in _START_LENGTHS:
        stem = _STARTS.get(word[:length])
        if stem is not None:
            return stem + word[length:]
    return word


def _with_roots(word: str) -> str:
    whole = _WHOLES.get(word)
    if whole is not None:
        return whole
    for length in _END_LENGTHS:
        stem = _ENDS.get(word[-length:])
        if stem is not None:
            return word[:-length] + stem
    return word


def _stems(place: str, *, ended: bool) -> dict[str, str]:
    """Spellings of the stems at one place, as keys, to the key of the stem."""

    def key(word: str) -> str:
        return _ending(_letters(word)) if ended else _letters(word)

    return {
        key(spelling): key(stem.stem)
        for stem in rules.STEMS
        if stem.place == place
        for spelling in (*stem.spellings, stem.stem)
    }


def _lengths(stems: dict[str, str]) -> tuple[int, ...]:
    return tuple(sorted({len(key) for key in stems}, reverse=True))


_STARTS: Final = _stems("start", ended=False)
_ENDS: Final = _stems("end", ended=True)
_WHOLES: Final = _stems("whole", ended=True)
_START_LENGTHS: Final = _lengths(_STARTS)
_END_LENGTHS: Final = _lengths(_ENDS)
