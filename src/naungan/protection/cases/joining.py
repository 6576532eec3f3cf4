"""What other apps add to the page of a case: cards beside it, and the words of their lines on the timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from naungan.access.rules import Standing
from naungan.protection.cases.models import Case


@dataclass(frozen=True, slots=True)
class Card:
    """A card beside a case: its heading, where it leads, and the template that draws the rest from `context`."""

    id: str
    title: str
    url: str
    template: str
    context: Mapping[str, object]


MakesCard = Callable[[Standing[Case]], Card]
Titles = Callable[[Mapping[str, object]], str]
_cards: list[MakesCard] = []
_titles: dict[str, Titles] = {}


def card_beside(make: MakesCard) -> MakesCard:
    """Register a card of every case page; a decorator. It is drawn for whoever may read the case."""
    _cards.append(make)
    return make


def titles_of_lines(kind: str) -> Callable[[Titles], Titles]:
    """Register how the lines of one kind are called on the timeline, by their details; a decorator."""

    def keep(titles: Titles) -> Titles:
        _titles[kind] = titles
        return titles

    return keep


def cards_of(found: Standing[Case]) -> list[Card]:
    """The cards of other apps for one reader of one case."""
    return [make(found) for make in _cards]


def title_of_line(kind: str, details: Mapping[str, object]) -> str | None:
    """What a line is called by the app that wrote it; None where that is no other app."""
    return _titles[kind](details) if kind in _titles else None
