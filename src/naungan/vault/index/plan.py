"""What a search asks for, and by which ways of the index it may be answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from naungan.vault.index.profile import Profile, number_form, phone_form, traces
from naungan.vault.index.scheme import Kind, Lookup, Scheme, facets_value
from naungan.vault.index.words import LEAST_LETTERS, Word, words_of

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER = re.compile(r"\+?\d[\d\s.\-/]{4,}\d|(?=[A-Za-z]*\d)[A-Za-z]{1,3}\s?\d{5,}")
_EMAIL = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class Criteria:
    """
    A search: words of a name, a number or an address, and what else is known.

    Year, sex and province narrow the words; without words they are looked up together only.
    """

    name: str = ""
    number: str = ""
    email: str = ""
    birth_year: str = ""
    sex: str = ""
    province: str = ""
    is_finished: bool = False

    @classmethod
    def of(cls, text: str) -> Criteria:
        """Sort what was typed in one box."""
        email = _first(_EMAIL, text)
        rest = text.replace(email, " ") if email else text
        number = _first(_NUMBER, rest)
        rest = rest.replace(number, " ") if number else rest
        year = _first(_YEAR, rest)
        rest = rest.replace(year, " ") if year else rest
        return cls(name=rest.strip(), number=number.strip(), email=email.lower(), birth_year=year)


@dataclass(frozen=True, slots=True)
class Question:
    """A search made ready to be compared with profiles."""

    criteria: Criteria
    words: tuple[Word, ...]
    number: str
    phone: str
    email: str
    text: str

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.number or self.phone or self.email or self._facets)

    @property
    def _facets(self) -> str:
        asked = self.criteria
        return facets_value(asked.birth_year, asked.sex, asked.province)

    def ways(self, scheme: Scheme) -> Iterator[Lookup]:
        """Each way of finding whom the question means; everybody who fits is behind every whole way."""
        if self.number or self.phone:
            found = scheme.find(Kind.NUMBER, self.number) if self.number else Lookup()
            yield found + (scheme.find(Kind.PHONE, self.phone) if self.phone else Lookup())
        if self.email:
            yield scheme.find(Kind.EMAIL, self.email)
        for word in self.words:
            yield scheme.find_word(word, is_unfinished=self._may_go_on(word))
        yield from scheme.find_pairs(self.words, self.criteria.birth_year)
        if len(self.words) == 1:
            yield scheme.find_alone(self.words[0]) + Lookup(is_whole=False)
        if self._facets:
            yield scheme.find(Kind.FACETS, self._facets)

    def suspects(self) -> Iterator[tuple[Word, Question]]:
        """Each word that may hold a slip of the fingers, the longest first, and the question for the others."""
        for word in sorted(self.words, key=lambda word: -len(word.token)):
            if len(word.token) > LEAST_LETTERS:
                others = tuple(other for other in self.words if other != word)
                yield word, replace(self, criteria=replace(self.criteria, is_finished=True), words=others)

    def traces(self) -> list[tuple[str, ...]]:
        """For each word, the pieces one of which is in the sealed text of whoever may answer: a quick first look."""
        return [traces(word, is_unfinished=self._may_go_on(word)) for word in self.words]

    def score(self, profile: Profile) -> float:
        """How well a profile answers: 0 when something asked for is missing, 1 when all words are the same."""
        if not self._numbers_fit(profile) or not self._facts_fit(profile):
            return 0.0
        if not self.words:
            return 1.0
        borne = {word.token for word in profile.words}
        total = 0.0
        for asked in self.words:
            if asked.token in borne:
                total += 1.0
            elif not (found := self._best(profile, asked)):
                return 0.0
            else:
                total += found
        spare = max(0, len(profile.words) - len(self.words))
        return total / len(self.words) - min(0.1, 0.02 * spare)

    def _best(self, profile: Profile, asked: Word) -> float:
        if any(word.sound == asked.sound for word in profile.words):
            return 0.9
        goes_on = self._may_go_on(asked)
        return 0.7 if goes_on and any(word.fits(asked, is_unfinished=True) for word in profile.words) else 0.0

    def _may_go_on(self, word: Word) -> bool:
        return not self.criteria.is_finished and len(word.token) >= LEAST_LETTERS

    def _numbers_fit(self, profile: Profile) -> bool:
        if (self.number or self.phone) and self.number not in profile.numbers and self.phone not in profile.phones:
            return False
        return not self.email or self.email in profile.emails

    def _facts_fit(self, profile: Profile) -> bool:
        asked, known = self.criteria, profile.facets
        return (
            (not asked.birth_year or profile.birth_year in ("", asked.birth_year))
            and (not asked.sex or known.sex in ("", asked.sex))
            and (not asked.province or known.province in ("", asked.province))
        )


def question_of(asked: str | Criteria) -> Question:
    """Make a search ready."""
    criteria = Criteria.of(asked) if isinstance(asked, str) else asked
    return Question(
        criteria,
        words_of(criteria.name),
        number_form(criteria.number),
        phone_form(criteria.number),
        criteria.email.strip().lower(),
        criteria.name,
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""
