"""The tool of the catalogues: finds every sentence, notices every gap, and writes the same bytes each time."""

from __future__ import annotations

import gettext
import io
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import messages  # noqa: E402  the folder of tools is not a package

PO = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app with one Python sentence and three in a template."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    folder = tmp_path / "house"
    (folder / "templates").mkdir(parents=True)
    (folder / "apps.py").write_text('from x import gettext as _\nNAME = _("House")\n', encoding="utf-8")
    (folder / "templates" / "a.html").write_text(
        '{% load i18n %}\n  <p>{% translate "Door" %}</p>\n {% show "pill" label=_("Open") %}\n'
        "{% blocktranslate count n=n %}{{ n }} key{% plural %}{{ n }} keys{% endblocktranslate %}",
        encoding="utf-8",
    )
    return folder


def write(app: Path, text: str) -> Path:
    path = messages.catalogue_path(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PO + text, encoding="utf-8")
    path.with_suffix(".mo").write_bytes(messages.mo_bytes(path))
    return path


def test_sentences_come_from_python_and_templates(app: Path) -> None:
    texts = {text for _, text in messages.sentences(app)}

    assert texts == {"House", "Door", "Open", ("%(n)s key", "%(n)s keys")}


def test_problems_name_the_missing_the_obsolete_and_the_untranslated(app: Path) -> None:
    write(app, 'msgid "Door"\nmsgstr ""\n\nmsgid "Roof"\nmsgstr "Atap"\n')

    said = "\n".join(messages.problems(app))

    assert "missing: 'House'" in said
    assert "obsolete: 'Roof'" in said
    assert "untranslated or fuzzy: 'Door'" in said


def test_problems_name_a_fuzzy_sentence(app: Path) -> None:
    write(app, '#, fuzzy\nmsgid "Door"\nmsgstr "Pintu"\n')

    assert any("untranslated or fuzzy: 'Door'" in line for line in messages.problems(app))


def test_problems_name_placeholders_that_differ(app: Path) -> None:
    write(app, '#, python-format\nmsgid "%(n)s key"\nmsgid_plural "%(n)s keys"\nmsgstr[0] "%(m)s kunci"\n')

    assert any("placeholders differ" in line for line in messages.problems(app))


def test_problems_name_a_stale_compiled_file(app: Path) -> None:
    path = write(app, 'msgid "Door"\nmsgstr "Pintu"\n')
    path.with_suffix(".mo").write_bytes(b"old")

    assert any("stale" in line for line in messages.problems(app))


def test_update_keeps_translations_and_writes_the_same_bytes_again(app: Path) -> None:
    path = write(app, 'msgid "Door"\nmsgstr "Pintu"\n')

    messages.update()
    first = (path.read_bytes(), path.with_suffix(".mo").read_bytes())
    messages.update()

    assert (path.read_bytes(), path.with_suffix(".mo").read_bytes()) == first
    assert 'msgstr "Pintu"' in path.read_text(encoding="utf-8")


def test_catalogue_holds_no_date_and_no_path_of_a_machine(app: Path) -> None:
    path = write(app, "")

    messages.update()

    text = path.read_text(encoding="utf-8")
    assert "Date" not in text
    assert str(messages.ROOT) not in text


def test_compiled_file_is_read_by_gettext(app: Path) -> None:
    path = write(
        app, 'msgid "Door"\nmsgstr "Pintu"\n\nmsgid "%(n)s key"\nmsgid_plural "%(n)s keys"\nmsgstr[0] "%(n)s kunci"\n'
    )

    words = gettext.GNUTranslations(io.BytesIO(messages.mo_bytes(path)))

    assert words.gettext("Door") == "Pintu"
    assert words.ngettext("%(n)s key", "%(n)s keys", 5) == "%(n)s kunci"
