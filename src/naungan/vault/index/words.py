"""The words of a name as the index knows them: normal form, sound, and coarse beginnings."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from naungan.methods.linkage import names

LEAST_LETTERS = 3


class Word(NamedTuple):
    """One word: `sound` is shared by its spellings, `starts` are its beginnings, the shorter first."""

    token: str
    sound: str
    starts: tuple[str, ...] = ()

    def fits(self, asked: Word, *, is_unfinished: bool) -> bool:
        """Whether this word, borne by somebody, answers the word asked for."""
        if self.sound == asked.sound or not is_unfinished or len(asked.token) < LEAST_LETTERS:
            return self.sound == asked.sound
        return self.token.startswith(asked.token) or self.sound.startswith(asked.sound)


def is_slip(asked: str, borne: str) -> bool:
    """Whether two words differ by one slip of the fingers: a letter left out, put in, changed, or swapped."""
    short, long = (asked, borne) if len(asked) <= len(borne) else (borne, asked)
    if len(long) - len(short) > 1:
        return False
    at = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    return short[at + 1 :] == long[at + 1 :] or (
        short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    )


def words_of(name: str) -> tuple[Word, ...]:
    """The words of a name, its aliases and patronymic, each once; initials and titles are left out."""
    return tuple(word_of(token) for token in sorted(names.search_tokens(name)))


# A bounded number of single words stays in memory, with no tie to a person: most names share few words.
@lru_cache(maxsize=20_000)
def word_of(token: str) -> Word:
    """One word in its normal form."""
    return Word(token, names.sound_key(token), names.prefix_buckets(token))
