"""Keeps the Indonesian catalogues: `update` collects sentences, `check` finds gaps, `compile` writes .mo files.

Each app holds its own catalogue in `locale/id/LC_MESSAGES/`. Python sources are read with Babel, templates with
Django's own reader. The files carry no date, no line numbers and no path of this machine, so that the same
sentences always give the same bytes.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "naungan"
LANGUAGE = "id"
# Babel asks for a mapping; what each position means is decided in _key.
KEYWORDS = dict.fromkeys(
    [
        *("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"),
        *("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"),
    ]
)
COMMENT_TAGS = ("Translators:",)
HEADER = (
    "# Indonesian sentences of Naungan. Licence: Apache-2.0.\n"
    "# Collected by tools/messages.py; write the msgstr lines, nothing else.\n"
)
PLURAL = "nplurals=1; plural=0;"

Sentence = tuple[str, str | tuple[str, str]]


@dataclass
class Found:
    """Where a sentence stands, and what its writer told the translator."""

    files: set[str] = field(default_factory=set)
    comments: set[str] = field(default_factory=set)


def apps() -> list[Path]:
    """The folders that own a catalogue: those of Django apps, and the commands."""
    return sorted([*(path.parent for path in SOURCE.rglob("apps.py")), SOURCE / "cli"])


def _owned(app: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """The app's own files, without those of an app inside it."""
    inner = [other for other in apps() if other != app and app in other.parents]
    for path in sorted(app.rglob("*")):
        if path.suffix in suffixes and not any(other in path.parents for other in inner):
            yield path


def sentences(app: Path) -> dict[Sentence, Found]:
    """Every sentence of an app, by context and text."""
    found: dict[Sentence, Found] = {}
    for path in _owned(app, (".py", ".html", ".txt")):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = "\n".join(line.lstrip() for line in templatize(text, origin=path.name).splitlines())
        where = path.relative_to(ROOT).as_posix()
        reader = io.BytesIO(text.encode())
        for _, function, words, comments in extract_python(reader, KEYWORDS, COMMENT_TAGS, {"encoding": "utf-8"}):
            key = _key(str(function), words)
            if key is None:
                continue
            entry = found.setdefault(key, Found())
            entry.files.add(where)
            entry.comments.update(comment for comment in comments or () if comment)
    return found


def _key(function: str, words: str | Sequence[str | None] | None) -> Sentence | None:
    """Context and text of one call; None when the text is not written out there."""
    parts = [words] if isinstance(words, str) else [part for part in words or () if isinstance(part, str)]
    context = parts.pop(0) if function.startswith(("pgettext", "npgettext")) and parts else ""
    if function.startswith(("ngettext", "npgettext")) and len(parts) >= 2:
        return context, (parts[0], parts[1])
    return (context, parts[0]) if parts and parts[0] else None


def catalogue_path(app: Path) -> Path:
    """Where an app keeps its Indonesian."""
    return app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def _empty() -> Catalog:
    catalogue = Catalog(locale=LANGUAGE, fuzzy=False)
    catalogue.mime_headers = [("Plural-Forms", PLURAL)]
    return catalogue


def _read(path: Path) -> Catalog:
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def _of(message: Message) -> Sentence:
    text = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
    return message.context or "", text


def _translated(catalogue: Catalog) -> dict[Sentence, Message]:
    return {_of(message): message for message in catalogue if message.id}


def updated(app: Path) -> Catalog:
    """The catalogue as it should be: every sentence, with the words it already had, in a steady order."""
    old = _translated(_read(catalogue_path(app)))
    new = _empty()
    found = sentences(app)
    for key in sorted(found, key=lambda key: (_first(key[1]).casefold(), _first(key[1]), key[0])):
        context, text = key
        before = old.get(key)
        new.add(
            text,
            string=before.string if before and not before.fuzzy else _blank(text),
            locations=[(name, 0) for name in sorted(found[key].files)],
            auto_comments=sorted(found[key].comments),
            context=context or None,
            flags=_flags(text),
        )
    return new


def _blank(text: str | tuple[str, str]) -> str | tuple[str]:
    """No words yet; Indonesian has one form for one and for many."""
    return "" if isinstance(text, str) else ("",)


def _first(text: str | tuple[str, str]) -> str:
    return text if isinstance(text, str) else text[0]


def _flags(text: str | tuple[str, str]) -> list[str]:
    return ["python-format"] if "%(" in _first(text) else []


def po_text(catalogue: Catalog) -> bytes:
    """The catalogue as a .po file with a bare header, so that it is reproducible."""
    out = io.BytesIO()
    write_po(out, catalogue, omit_header=True, include_lineno=False, width=110)
    bare = (
        'msgid ""\nmsgstr ""\n'
        '"Language: id\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: ' + PLURAL + '\\n"\n\n'
    )
    return (HEADER + bare).encode() + out.getvalue()


def mo_bytes(path: Path) -> bytes:
    """What the compiled catalogue of a .po file must hold."""
    bare = _Bare(locale=LANGUAGE)
    for message in _read(path):
        if message.id and _is_whole(message):
            bare.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, bare)
    return out.getvalue()


class _Bare(Catalog):
    """A catalogue whose header is the same on every day and every machine: no dates, no program names."""

    def __iter__(self) -> Iterator[Message]:
        yield Message("", f"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: {PLURAL}\n")
        yield from (message for message in super().__iter__() if message.id)


def _is_whole(message: Message) -> bool:
    """Whether the translation is there and settled."""
    if message.fuzzy:
        return False
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(strings)


def problems(app: Path) -> list[str]:
    """Everything that keeps an app's Indonesian from being whole."""
    path = catalogue_path(app)
    found = sentences(app)
    if not found:
        return []
    where = path.relative_to(ROOT).as_posix()
    have = _translated(_read(path))
    said = [f"{where}: missing: {_first(key[1])!r}" for key in found if key not in have]
    said += [f"{where}: obsolete: {_first(key[1])!r}" for key in have if key not in found]
    said += [f"{where}: untranslated or fuzzy: {_first(key[1])!r}" for key, m in have.items() if not _is_whole(m)]
    said += [f"{where}: {error}: {_first(key[1])!r}" for key, m in have.items() if (error := _placeholder_error(m))]
    compiled = path.with_suffix(".mo")
    if path.exists() and (not compiled.exists() or compiled.read_bytes() != mo_bytes(path)):
        said.append(f"{compiled.relative_to(ROOT).as_posix()}: stale; run: python tools/messages.py compile")
    return said


def _placeholder_error(message: Message) -> str:
    """A translation must use the placeholders of its sentence, no more and no fewer."""
    if not _is_whole(message):
        return ""
    originals = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    allowed = set().union(*(_placeholders(text) for text in originals))
    needed = set.intersection(*(_placeholders(text) for text in originals))
    wrong = any(not needed <= _placeholders(text) <= allowed for text in strings)
    return "placeholders differ" if wrong else ""


def _placeholders(text: str | None) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sdif]|\{\w*\}", text or ""))


def update() -> int:
    """Collect the sentences of every app into its catalogue."""
    for app in apps():
        if sentences(app):
            path = catalogue_path(app)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(po_text(updated(app)))
    return compile_all()


def compile_all() -> int:
    """Write the compiled catalogue beside each one."""
    for app in apps():
        path = catalogue_path(app)
        if path.exists():
            path.with_suffix(".mo").write_bytes(mo_bytes(path))
    return 0


def check() -> int:
    """Say everything that is missing, and fail if anything is."""
    said = [line for app in apps() for line in problems(app)]
    print("\n".join(said) if said else "Every sentence has its Indonesian.")
    return 1 if said else 0


def main(arguments: list[str]) -> int:
    """Run one of the three commands."""
    commands = {"update": update, "check": check, "compile": compile_all}
    if len(arguments) != 1 or arguments[0] not in commands:
        print("usage: python tools/messages.py update|check|compile")
        return 2
    if not settings.configured:
        settings.configure()
    return commands[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
