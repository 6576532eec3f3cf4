"""The generated pages say what the code says, and the words in translated pages are those of the screens."""

from __future__ import annotations

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from tests.docs.pages import ROOT  # isort: skip - makes the folder of tools known

import reference


@pytest.mark.parametrize("name", reference.WRITERS)
def test_generated_page_is_in_step_with_the_code(name: str) -> None:
    with translation.override("en"):
        text = reference.WRITERS[name]()

    kept = (reference.DOCS / name).read_text(encoding="utf-8")

    assert kept == text, "run make docs, and commit what it wrote"


@pytest.mark.parametrize("name", reference.TRANSLATED)
def test_words_in_bold_stand_on_the_screen(name: str) -> None:
    sentences: set[str] = set()
    for path in (ROOT / "src").rglob("django.po"):
        with path.open("rb") as file:
            sentences |= {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file)}
    words = reference.BOLD.findall((reference.DOCS / name).read_text(encoding="utf-8"))

    unknown = [word for word in words if word not in sentences]

    assert words
    assert not unknown
