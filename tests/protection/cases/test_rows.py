"""Lines of lists and of the work list in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from naungan.protection.cases.queries.lists import WorkItem
from naungan.protection.cases.rows import draw_due


def _item(late_by: timedelta, kind: str = "review") -> WorkItem:
    return WorkItem(kind, "AAAA-AAAA-A", timezone.now() - late_by, late_by > timedelta(0), "REF")


@pytest.mark.parametrize(
    ("late_by", "language", "words"),
    [
        (timedelta(days=3, hours=5), "en", "overdue by 3\N{NO-BREAK SPACE}days"),
        (timedelta(days=3, hours=5), "id", "terlambat 3\N{NO-BREAK SPACE}hari"),
        (timedelta(hours=2, minutes=1), "en", "overdue by 2\N{NO-BREAK SPACE}hours"),
        (timedelta(minutes=5, seconds=5), "en", "overdue by 5\N{NO-BREAK SPACE}minutes"),
    ],
)
def test_what_is_late_says_by_how_much(late_by: timedelta, language: str, words: str) -> None:
    with translation.override(language):
        (line,) = draw_due([_item(late_by)])
    assert (line.when, line.is_late) == (words, True)


def test_what_is_still_to_come_says_its_day() -> None:
    with translation.override("en"):
        (line,) = draw_due([_item(-timedelta(days=40))])
    assert line.when == f"{timezone.localtime(timezone.now() + timedelta(days=40)):%-d %B %Y}"


def test_lines_keep_their_order_and_their_words() -> None:
    with translation.override("en"):
        lines = draw_due([_item(timedelta(days=9)), _item(timedelta(days=2), "contact"), _item(timedelta(days=2))])
    assert [line.words for line in lines] == ["Case review", "Contact the person", "Case review"]
    assert [line.when for line in lines] == [
        "overdue by 1\N{NO-BREAK SPACE}week",
        "overdue by 2\N{NO-BREAK SPACE}days",
        "overdue by 2\N{NO-BREAK SPACE}days",
    ]
