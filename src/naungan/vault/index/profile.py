"""What of a person can be searched: normal forms of names and numbers. It is sealed like any other item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from naungan.vault.bundles import ALIAS_ITEMS, BIRTH_ITEM, EMAIL_ITEMS, NAME_ITEMS, NUMBER_ITEMS, PHONE_ITEMS
from naungan.vault.index.words import Word, words_of

Value = TypeVar("Value")
PHONE_DIGITS = 9
LEAST_NUMBER_LETTERS = 5
_FIELD, _PART, _WORD = "\x1d", "\x1e", "\x1f"


class Facets(NamedTuple):
    """What is known in the clear and indexed only together with the year of birth."""

    sex: str = ""
    province: str = ""


class Profile(NamedTuple):
    """The searchable side of one person."""

    name: str = ""
    words: tuple[Word, ...] = ()
    numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    birth_year: str = ""
    facets: Facets = Facets()

    def to_text(self) -> str:
        """The profile as the text that is sealed."""
        words = "".join(
            f"{_PART}{word.token}{_WORD}{word.sound}{_WORD}{_WORD.join(word.starts)}" for word in self.words
        )
        lists = (_PART.join(values) for values in (self.numbers, self.phones, self.emails))
        return _FIELD.join((self.name, words, *lists, self.birth_year, self.facets.sex, self.facets.province))

    @classmethod
    def from_text(cls, text: str) -> Profile:
        """Read what `to_text` wrote."""
        name, words, numbers, phones, emails, birth_year, sex, province = text.split(_FIELD)
        pieces = (word.split(_WORD) for word in words.split(_PART)[1:])
        return cls(
            name=name,
            words=tuple(Word(token, sound, tuple(filter(None, starts))) for token, sound, *starts in pieces),
            numbers=_listed(numbers),
            phones=_listed(phones),
            emails=_listed(emails),
            birth_year=birth_year,
            facets=Facets(sex, province),
        )


def tokens_of(text: str) -> list[str]:
    """The words of the name in a profile's text, the rest of it left unread: a quick first look."""
    words = text.split(_FIELD, 2)[1]
    return [word.partition(_WORD)[0] for word in words.split(_PART)[1:]]


def traces(word: Word, *, is_unfinished: bool) -> tuple[str, ...]:
    """Pieces of which a profile's text holds at least one when a word of it may answer the word asked for."""
    whole = (f"{_WORD}{word.sound}{_WORD}",)
    return (*whole, f"{_PART}{word.token}", f"{_WORD}{word.sound}") if is_unfinished else whole


def profile_of(items: Mapping[str, str | bytes], facets: Facets) -> Profile:
    """Make the profile of a person from their items in the clear."""
    texts = {name: value for name, value in items.items() if isinstance(value, str) and value.strip()}
    name = " ".join(texts[item].strip() for item in NAME_ITEMS if item in texts)
    aliases = [texts[item] for item in ALIAS_ITEMS if item in texts]
    birth = texts.get(BIRTH_ITEM, "")[:4]
    return Profile(
        name=_clean(" / ".join((name, *aliases)) if aliases else name),
        words=_distinct(word for text in (name, *aliases) for word in words_of(text)),
        numbers=_distinct(filter(None, (number_form(texts[item]) for item in NUMBER_ITEMS if item in texts))),
        phones=_distinct(filter(None, (phone_form(texts[item]) for item in PHONE_ITEMS if item in texts))),
        emails=_distinct(texts[item].strip().lower() for item in EMAIL_ITEMS if item in texts),
        birth_year=birth if len(birth) == 4 and birth.isdecimal() else "",
        facets=facets,
    )


def number_form(text: str) -> str:
    """A document number without spaces and signs; empty when it is too short or one sign repeated, as fillers are."""
    kept = "".join(letter for letter in text.upper() if letter.isalnum())
    return kept if len(kept) >= LEAST_NUMBER_LETTERS and len(set(kept)) > 1 else ""


def phone_form(text: str) -> str:
    """The last nine digits, which `0812...` and `+62 812...` share; empty when there are fewer than six."""
    digits = "".join(letter for letter in text if letter.isdecimal())
    return digits[-PHONE_DIGITS:] if len(digits) >= 6 and len(set(digits)) > 1 else ""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(_PART)) if text else ()


def _distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(values))


def _clean(text: str) -> str:
    return text.translate({ord(mark): " " for mark in (_FIELD, _PART, _WORD)})
