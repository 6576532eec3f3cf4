"""Names of Indonesia and its neighbours in comparable form: parts, search keys, likeness."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from naungan.methods.linkage import rules
from naungan.methods.linkage.closeness import name_closeness
from naungan.methods.linkage.sounds import prefix_buckets, sound_key

__all__ = [
    "NormalName",
    "normalise",
    "prefix_buckets",
    "search_sounds",
    "search_tokens",
    "similarity",
    "sound_key",
]


# No name is longer, and hostile input must not cost more than a long name does.
LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class NormalName:
    """
    A name in comparable form; identifying, like the name itself.

    Attributes:
        tokens: Words of the name, lower case, without accents and titles, in the order given.
        initials: Single letters standing for words.
        aliases: Other names given in the same field, each as its words.
        patronymic: The words after bin, binti, a/l and the like.
        titles: Honorifics, ranks and degrees taken off, undotted.
    """

    tokens: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()
    patronymic: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the name as one line; `normalise` brings it back to the same, but for the titles."""
        parts = [*self.tokens, *self.initials]
        if self.patronymic:
            parts += ["bin", *self.patronymic]
        for alias in self.aliases:
            parts += ["alias", *alias]
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class _Part:
    tokens: tuple[str, ...]
    initials: tuple[str, ...]
    titles: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return self.tokens + self.initials


def normalise(name: str) -> NormalName:
    """
    Bring a name as people write it into comparable form.

    Titles are taken off unless nothing would remain; every form of Muhammad, Ahmad, Abdul and Siti
    becomes one word; parts run together (`Abdurrahman`, `Nurhayati`) come apart; a name doubled to
    fill a passport's two fields is taken once. Spelling is left as it is: see `sound_key`.

    Args:
        name: Any string: one name, any script; only its first 1,000 characters are read. Aliases
            after alias, als., a.k.a., @, a slash, in brackets or in quotation marks.

    Returns:
        NormalName: Identifying. Never raises; an empty or meaningless string gives empty parts. A
            second normalisation of its `text` changes nothing.

    >>> normalise("Hj. Sitti Aminah binti H. Achmad, S.Pd. alias Mina")
    ... # doctest: +NORMALIZE_WHITESPACE
    NormalName(tokens=('siti', 'aminah'), initials=(), aliases=(('mina',),),
        patronymic=('ahmad',), titles=('hj', 'spd', 'h'))
    >>> normalise("SUKARNI SUKARNI").tokens, normalise("Moh.Abdurrohman S.").tokens
    (('sukarni',), ('muhammad', 'abdul', 'rohman'))
    """
    texts = _aliases_apart(_folded(name[:LONGEST]))
    parts = [words for words in (_words(texts[0]), *map(_alias_words, texts[1:])) if words]
    if not parts:
        return NormalName()
    own, father = _father_apart(parts[0])
    main, patronymic = _part(own), _part(father)
    titles = main.titles + patronymic.titles
    aliases: list[tuple[str, ...]] = []
    for other in map(_alias, parts[1:]):
        if rules.NEVER_NAMES.issuperset(other):
            titles += other
        elif other != main.words and other not in aliases:
            aliases.append(other)
    return NormalName(main.tokens, main.initials, tuple(aliases), patronymic.words, titles)


def search_tokens(name: str | NormalName) -> frozenset[str]:
    """
    List the words under which a name is found letter by letter.

    Args:
        name: A name as written, or already normalised.

    Returns:
        frozenset[str]: Words of the name, its aliases and patronymic, and titles that are also names
            (Andi, Cut); no initials. The order of the name's words does not matter. Identifying:
            store only as keyed hashes.

    >>> sorted(search_tokens("Aminah, Siti alias Mina"))
    ['aminah', 'mina', 'siti']
    """
    normal = name if isinstance(name, NormalName) else normalise(name)
    found = {*normal.tokens, *normal.patronymic}
    for alias in normal.aliases:
        found.update(alias)
    found.update(title for title in normal.titles if title in rules.NAME_LIKE)
    return frozenset(word for word in found if not _is_initial(word))


def search_sounds(name: str | NormalName) -> frozenset[str]:
    """
    List the sound keys under which a name is found in any spelling.

    Args:
        name: A name as written, or already normalised.

    Returns:
        frozenset[str]: `sound_key` of each of `search_tokens`, at most as many. Identifying:
            store only as keyed hashes.

    >>> search_sounds("Soekarno") == search_sounds("Ir. Sukarno")
    True
    """
    return frozenset(map(sound_key, search_tokens(name)))


def similarity(a: str, b: str) -> float:
    """
    Say how alike two names are, whatever the order of their words.

    Args:
        a: A name as written.
        b: Another.

    Returns:
        float: 1.0 for the same words in any order, above 0.9 for other spellings of them, from 0.5
            for likely slips, initials or missing parts, below 0.5 for different names; 0.0 when one is
            empty. Symmetric. A rank for hits, not the probability that two people are one.

    >>> similarity("Siti Aminah", "AMINAH, Hj. Siti")
    1.0
    >>> similarity("Sity Aminh", "Siti Aminah") > 0.85, similarity("Siti Aminah", "Budi Hartono") < 0.3
    (True, True)
    """
    return name_closeness(normalise(a), normalise(b))


# --- letters -----------------------------------------------------------------------------------------

_KEPT_MARKS: Final = frozenset('.,@()/"')
_DROPPED: Final = frozenset("'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u2018\u2019\u201b\u2032\uff07")
_FLAT: Final = {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ŋ": "ng"}
_SPECIAL: Final = {
    ";": ",",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "[": "(",
}
_SPECIAL_CLOSING: Final = {"]": ")"}


def _letter(char: str) -> str:
    """Return what one character becomes: itself folded, a kept mark, a blank, or nothing."""
    if char in _DROPPED:
        return ""
    if char in _KEPT_MARKS:
        return char
    special = _SPECIAL.get(char) or _SPECIAL_CLOSING.get(char) or _FLAT.get(char)
    if special:
        return special
    kind = unicodedata.category(char)
    if kind == "Mn" and "\u0300" <= char <= "\u036f":
        return ""
    if kind[0] in "LMN":
        return char.lower()
    return "" if kind == "Cf" else " "


class _Letters(dict[int, str]):
    """Characters seen so far to what they become; bounded by Unicode itself."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _letter(chr(code))
        return folded


_ASCII: Final = {code: _letter(chr(code)) for code in range(128)}
_ALL: Final = _Letters(_ASCII)


def _folded(name: str) -> str:
    if name.isascii():
        return name.translate(_ASCII)
    flat = unicodedata.normalize("NFKD", name).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", flat).translate(_ALL))


# --- aliases, fathers, words -------------------------------------------------------------------------

_FATHER_SLASH: Final = re.compile(r"(?<![^\s])[asd]\s?/\s?[lpo](?![^\s.])")
_BRACKETS: Final = re.compile(r"\(([^()]*)\)|\"([^\"]*)\"")
_ALIAS_WORD: Final = "|".join(map(re.escape, sorted(rules.ALIAS_MARKERS, key=len, reverse=True)))
_HAS_ALIAS: Final = re.compile(rf"[@(\"/)]|[ .,](?:{_ALIAS_WORD})(?:[ .,]|$)")
_ALIAS_CUT: Final = re.compile(rf"[@/()\"]|(?<=[ .,])(?:{_ALIAS_WORD})(?:[ .,]+|$)")


def _aliases_apart(text: str) -> list[str]:
    """The text of the name first, then of each alias; blanks for the marks between them."""
    text = text.strip()
    if not _HAS_ALIAS.search(text):
        return [text]
    if "/" in text:
        text = _FATHER_SLASH.sub(" bin ", text)
    inside = [one or two for one, two in _BRACKETS.findall(text)]
    pieces = [_BRACKETS.sub(" ", text), *inside]
    return [part for piece in pieces for part in _ALIAS_CUT.split(piece)]


def _words(text: str) -> list[str]:
    """Words with the dot that ends them; a dotted degree or title as its letters after a dot."""
    if "," in text:
        first, *others = text.split(",")
        words = _spaced(first)
        for other in others:
            joined = other.replace(".", "").replace(" ", "")
            words += ["." + joined] if joined in rules.DOTTED else _spaced(other)
        return words
    return _spaced(text)


def _spaced(text: str) -> list[str]:
    words = text.split()
    if "." not in text:
        return words
    found: list[str] = []
    for word in words:
        if "." in word:
            found += _undotted(word)
        else:
            found.append(word)
    return found


def _undotted(word: str) -> list[str]:
    pieces = [piece for piece in word.split(".") if piece]
    if len(pieces) > 1 and (joined := "".join(pieces)) in rules.DOTTED:
        return ["." + joined]
    last = len(pieces) - 1
    return [piece + "." if place < last or word[-1] == "." else piece for place, piece in enumerate(pieces)]


def _father_apart(words: list[str]) -> tuple[list[str], list[str]]:
    """Split before the first bin, binti or anak that has a word on both sides; one that ends the name says nothing."""
    while len(words) > 1 and _is_father_marker(words[-1]):
        words = words[:-1]
    for place, word in enumerate(words[1:-1], start=1):
        balinese_title = word == "anak" and words[place + 1] == "agung"
        if _is_father_marker(word) and not balinese_title:
            after = [other for other in words[place + 1 :] if not _is_father_marker(other)]
            return (words[:place], after) if after else (words, [])
    return words, []


def _is_father_marker(word: str) -> bool:
    return word in rules.FATHER_MARKERS or (len(word) > 2 and word.rstrip(".") in rules.FATHER_MARKERS)


def _alias_words(text: str) -> list[str]:
    """Words of an alias, without the marker where brackets hold that too."""
    words = _words(text)
    while words and words[0].strip(".") in rules.ALIAS_MARKERS:
        words = words[1:]
    return words


def _alias(words: list[str]) -> tuple[str, ...]:
    own, father = _father_apart(words)
    return _part([*own, *father]).words


# Beside one of these, `Md.` is Made; elsewhere it is Muhammad.
_BALINESE: Final = frozenset({"i", "ni", "luh", "gusti", "dewa", "ngurah", "bagus", "gede", "ida"})

# --- titles ------------------------------------------------------------------------------------------


def _part(words: list[str]) -> _Part:
    """Take titles off, bring words to their one form, part those run together."""
    if not words:
        return _Part((), (), ())
    titles: list[str] = []
    kept = _canonical(words, titles)
    _strip_tail(kept, titles)
    _strip_lead(kept, titles)
    _strip_tail(kept, titles)
    initials = [word for word in kept if _is_initial(word)]
    if initials:
        kept = [word for word in kept if not _is_initial(word)]
        _strip_lead(kept, titles)
    if not kept and not initials:
        return _only_title(words)
    return _Part(_once(kept), tuple(dict.fromkeys(initials)), tuple(titles))


def _only_title(words: list[str]) -> _Part:
    """Of words that are all titles, keep the first as the name: better found by that than not at all."""
    bare = [word.strip(".") for word in words]
    word = next((word for word in bare if not _is_initial(word)), bare[0])
    return _Part((), (word,), ()) if _is_initial(word) else _Part((rules.WORDS.get(word, word),), (), ())


def _canonical(words: list[str], titles: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        if word[0] == ".":
            titles.append(word[1:])
            continue
        bare = word.rstrip(".")
        if bare in rules.ANYWHERE:
            titles.append(bare)
        elif (known := rules.WORDS.get(word) or rules.WORDS.get(bare)) is not None:
            balinese = bare == "md" and not _BALINESE.isdisjoint(kept)
            kept.append("made" if balinese else known)
        elif len(bare) > 5 and bare.startswith(rules.JOIN_STARTS):
            _part_joined(bare, kept)
        else:
            kept.append(bare)
    return kept


def _part_joined(word: str, kept: list[str]) -> None:
    """Append `word`, or the words it is made of (`abdurrahman`, `nurhayati`)."""
    for join in rules.JOINS:
        if not word.startswith(join.prefix) or word in join.exceptions:
            continue
        rest = word[len(join.prefix) :]
        if rest[:1] == rest[1:2]:
            rest = rest[1:]
        if len(rest) >= join.rest_letters and rest not in rules.RESERVED:
            kept.append(join.word)
            _part_joined(rules.WORDS.get(rest, rest), kept)
            return
    kept.append(word)


def _strip_tail(kept: list[str], titles: list[str]) -> None:
    while True:
        full = [place for place, word in enumerate(kept) if not _is_initial(word)]
        if len(full) < 2 or kept[full[-1]] not in rules.TRAILING:
            return
        titles.append(kept.pop(full[-1]))


def _strip_lead(kept: list[str], titles: list[str]) -> None:
    full = sum(not _is_initial(word) for word in kept)
    while kept:
        length = _title_length(kept, full)
        if not length:
            break
        titles.append(" ".join(kept[:length]))
        full -= sum(not _is_initial(word) for word in kept[:length])
        del kept[:length]
    if full and kept[0] == "m":
        kept[0] = "muhammad"


def _title_length(kept: list[str], full: int) -> int:
    """How many words at the front are one title, 0 when the front is the name."""
    first = kept[0]
    for phrase in rules.PHRASES.get(first, ()):
        if tuple(kept[: len(phrase)]) == phrase:
            left = full - sum(not _is_initial(word) for word in phrase)
            if left >= rules.TITLES[" ".join(phrase)].needs:
                return len(phrase)
    title = rules.LEADING.get(first)
    if title is None:
        return 0
    return int(full - (not _is_initial(first)) >= title.needs)


def _is_initial(word: str) -> bool:
    return len(word) == 1 and "a" <= word <= "z"


def _once(words: list[str]) -> tuple[str, ...]:
    """Halve a name that says itself twice, as passports do with single names."""
    while len(words) > 1 and not len(words) % 2 and words[: len(words) // 2] == words[len(words) // 2 :]:
        words = words[: len(words) // 2]
    return tuple(words)
