"""Finds pick-list entries in what people write: labels, API values, Excel and survey spellings, several in one cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from naungan.standards.checks import Problem
from naungan.standards.htcds.choices import Choice, country_aliases, language_aliases
from naungan.standards.htcds.fields import Field
from naungan.standards.htcds.values import EMPTY, Parsed, Raw, Source, as_text, value_class

_SPACES = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_DELIMITERS = ";,|\n"
_MEMO_LIMIT = 20_000


def fold(text: str) -> str:
    """A word for comparison: trimmed, blanks of any kind made one, case ignored."""
    return _SPACES.sub(" ", text).strip().casefold()


@dataclass(slots=True, eq=False)
class Lookup:
    """All accepted spellings of one field's list, and a memory of cells already understood (never of unknown words)."""

    codes: dict[str, str]
    older: frozenset[str]
    labels: re.Pattern[str]
    memo: dict[str, Parsed] = field(default_factory=dict)

    def remember(self, raw: str, parsed: Parsed) -> Parsed:
        """Keep what a fully known cell means, up to a limit."""
        if len(self.memo) < _MEMO_LIMIT:
            self.memo[raw] = parsed
        return parsed


def _spellings(choice: Choice) -> tuple[str, ...]:
    return (choice.label_id, choice.label, choice.excel_label, choice.survey_value, choice.code)


@lru_cache(maxsize=1024)
def lookup_for(of: Field) -> Lookup:
    """The lookup of a field; published spellings win over ours where they clash."""
    codes: dict[str, str] = {}
    older: frozenset[str] = frozenset()
    if of.kind == "country" or of.api_name == "prs_Citizenship":
        aliases, older = country_aliases()
        codes.update({fold(name): code for name, code in aliases.items()})
    elif of.kind == "language":
        codes.update({fold(name): code for name, code in language_aliases().items()})
    for attribute in range(5):
        for choice in of.choices.values():
            word = fold(_spellings(choice)[attribute])
            if word:
                codes[word] = choice.code
    longest_first = sorted(codes, key=len, reverse=True)
    pattern = "|".join(re.escape(word) for word in longest_first) or r"(?!)"
    return Lookup(codes, older, re.compile(rf"(?:{pattern})(?=\s*(?:[{_DELIMITERS}]|$))"))


def understood(of: Field) -> Mapping[str, Parsed]:
    """The cells of a field with a list that were understood before; it fills while others are read."""
    return lookup_for(of).memo if of.several or of.kind in ("picklist", "country", "language") else {}


def parse_choice(of: Field, raw: Raw, source: Source) -> Parsed:
    """Read one entry; an unknown word is kept in `raw` with a warning."""
    lookup = lookup_for(of)
    text = as_text(raw)
    known = lookup.memo.get(text)
    if known is not None:
        return known
    word = fold(text)
    if not word:
        return EMPTY
    code = lookup.codes.get(word)
    if code is None:
        return Parsed(None, (_unknown(of, raw),), text.strip())
    return lookup.remember(text, Parsed(code, _older(of, lookup, (word,))))


def parse_choices(of: Field, raw: Raw, source: Source) -> Parsed:
    """Read several entries: longest known label first, then the delimiter; survey answers also by blanks."""
    lookup = lookup_for(of)
    if isinstance(raw, list | tuple):
        return _from_words(of, lookup, [fold(as_text(part)) for part in raw], raw)
    text = as_text(raw)
    known = lookup.memo.get(text)
    if known is not None:
        return known
    words = _split(lookup, text, source)
    if not words:
        return EMPTY
    parsed = _from_words(of, lookup, words, raw)
    return parsed if parsed.raw is not None else lookup.remember(text, parsed)


def _split(lookup: Lookup, text: str, source: Source) -> list[str]:
    whole = fold(text.replace("\n", ";"))
    if not whole or whole in lookup.codes:
        return [whole] if whole else []
    words = _split_longest_first(lookup, whole)
    if source == "survey" and any(word not in lookup.codes for word in words):
        pieces = whole.split(" ")
        if all(piece in lookup.codes for piece in pieces):
            return pieces
        return [piece for word in words for piece in ([word] if word in lookup.codes else word.split(" "))]
    return words


def _split_longest_first(lookup: Lookup, whole: str) -> list[str]:
    words: list[str] = []
    position = 0
    while position < len(whole):
        if whole[position] in _DELIMITERS or whole[position] == " ":
            position += 1
            continue
        found = lookup.labels.match(whole, position)
        if found:
            words.append(found.group())
            position = found.end()
            continue
        end = min((at for at in (whole.find(mark, position) for mark in _DELIMITERS) if at >= 0), default=len(whole))
        words.append(whole[position:end].strip())
        position = end
    return words


def _from_words(of: Field, lookup: Lookup, words: list[str], raw: Raw) -> Parsed:
    codes = dict.fromkeys(lookup.codes[word] for word in words if word in lookup.codes)
    is_unknown = any(word and word not in lookup.codes for word in words)
    problems = _older(of, lookup, tuple(words))
    if is_unknown:
        return Parsed(tuple(codes) or None, (*problems, _unknown(of, raw)), as_text(raw).strip())
    return Parsed(tuple(codes) or None, problems)


def _unknown(of: Field, raw: Raw) -> Problem:
    return Problem.of("unknown_choice", field=of.api_name, value_class=value_class(raw))


def _older(of: Field, lookup: Lookup, words: tuple[str, ...]) -> tuple[Problem, ...]:
    if lookup.older and any(word in lookup.older for word in words):
        return (Problem.of("country_old_name", field=of.api_name),)
    return ()
