"""The pages are fit to be read by anybody, anywhere."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, names, pages, prose  # isort: skip - makes the folder of tools known

from places import PATTERN

PICTURE_MOST_BYTES = 150_000


@pytest.mark.parametrize("name", names())
def test_page_names_no_machine_and_no_registry(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert not PATTERN.search(text)


@pytest.mark.parametrize("name", names())
def test_page_has_one_title(name: str) -> None:
    if name.startswith("docs/project/"):  # each takes in a page of the project's root
        return

    titles = re.findall(r"^# ", prose(ROOT / name), re.MULTILINE)

    assert len(titles) == 1


def test_decisions_are_short_and_have_their_parts() -> None:
    decisions = [page for page in pages() if page.parent.name == "adr"]

    for page in decisions:
        text = page.read_text(encoding="utf-8")
        assert all(f"\n{part}" in text for part in ("Status:", "## Context", "## Decision", "## Consequences")), (
            page.name
        )
        assert text.count("\n") <= 70, page.name


def test_pictures_are_small_and_used() -> None:
    texts = "".join(page.read_text(encoding="utf-8") for page in pages())

    for picture in (ROOT / "docs" / "pictures").glob("*.png"):
        assert picture.stat().st_size <= PICTURE_MOST_BYTES, picture.name
        assert picture.name in texts, picture.name
