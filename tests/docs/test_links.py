"""Every link inside the documentation leads somewhere."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, names, prose

LINK = re.compile(r"(?:\]\(|src=\")([^)\s\"]+)[)\"]")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchor_of(heading: str) -> str:
    """The anchor of a heading, as hosts of Markdown and the build make it."""
    plain = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return re.sub(r"\s", "-", plain)


@pytest.mark.parametrize("name", names())
def test_links_inside_lead_to_a_file(name: str) -> None:
    page = ROOT / name
    inside = [link for link in LINK.findall(prose(page)) if "://" not in link and not link.startswith("mailto:")]

    broken = [link for link in inside if not (page.parent / link.partition("#")[0]).exists()]

    assert not broken


@pytest.mark.parametrize("name", names())
def test_links_to_a_heading_lead_to_one(name: str) -> None:
    page = ROOT / name
    marked = [link.partition("#") for link in LINK.findall(prose(page)) if "#" in link and "://" not in link]

    broken = []
    for path, _, anchor in marked:
        target = (page.parent / path) if path else page
        if anchor not in {anchor_of(heading) for heading in HEADING.findall(prose(target))}:
            broken.append(f"{path}#{anchor}")

    assert not broken
