"""Notes and files of a case: sealed, checked by content, stripped of place marks."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from naungan.access.errors import Forbidden, NotFound
from naungan.access.rules import standing
from naungan.protection.cases.actions import add_attachment, add_note, remove_attachment
from naungan.protection.cases.errors import FileRefused, InvalidValues
from naungan.protection.cases.queries import read_attachment, timeline
from tests.personas import Persona, case_of

PDF = b"%PDF-1.7\n" + b"Kanarikata " * 400


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A small picture with extra chunks."""
    parts = [
        (b"IHDR", struct.pack("!IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        *chunks,
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    ]
    body = b"".join(struct.pack("!I", len(d)) + k + d + struct.pack("!I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + body


def docx(*members: str) -> bytes:
    """A packed office file with the named members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for member in members:
            packed.writestr(member, "x")
    return out.getvalue()


def test_attachment_comes_back_whole(amara: Persona) -> None:
    case = case_of(amara)
    attachment = add_attachment(by=amara.actor(), case=case, name="surat.pdf", content=PDF)

    _, name, content = read_attachment(by=amara.actor(), case=case, ref=attachment.ref)

    assert (name, content) == ("surat.pdf", PDF)


def test_attachment_lies_encrypted_on_the_disk(amara: Persona) -> None:
    add_attachment(by=amara.actor(), case=case_of(amara), name="Kanarikata.pdf", content=PDF)

    kept = [path for path in Path(django_settings.HOME).rglob("*") if path.is_file()]
    assert kept
    assert not any(b"Kanarikata" in path.read_bytes() or "Kanarikata" in path.name for path in kept)


def test_attachment_of_a_picture_loses_its_place_marks(amara: Persona) -> None:
    case = case_of(amara)
    marked = png((b"eXIf", b"GPS -6.2"), (b"tEXt", b"Author\0Kanarikata"))

    attachment = add_attachment(by=amara.actor(), case=case, name="foto.png", content=marked)

    assert read_attachment(by=amara.actor(), case=case, ref=attachment.ref)[2] == png()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00binary", "kind"),
        (b"<html><script>", "kind"),
        (b"<svg onload=1>", "kind"),
        (docx("word/document.xml", "word/vbaProject.bin"), "macro"),
        (docx("readme.txt"), "kind"),
        (b"PK\x03\x04broken", "damaged"),
        (b"\x89PNG\r\n\x1a\nbroken", "damaged"),
    ],
)
def test_attachment_of_the_wrong_content_is_refused(amara: Persona, content: bytes, code: str) -> None:
    with pytest.raises(FileRefused, match=code):
        add_attachment(by=amara.actor(), case=case_of(amara), name="innocent.pdf", content=content)


def test_attachment_over_the_limit_is_refused(amara: Persona, settings: object) -> None:
    settings.ATTACHMENT_MOST_BYTES = 100  # type: ignore[attr-defined]  # pytest-django's settings

    with pytest.raises(FileRefused, match="too_large"):
        add_attachment(by=amara.actor(), case=case_of(amara), name="surat.pdf", content=PDF)


def test_attachment_is_refused_while_the_scanner_is_silent(amara: Persona, settings: object) -> None:
    settings.CLAMD = "tcp://127.0.0.1:1"  # type: ignore[attr-defined]  # pytest-django's settings

    with pytest.raises(FileRefused, match="scanner_silent"):
        add_attachment(by=amara.actor(), case=case_of(amara), name="surat.pdf", content=PDF)


def test_removed_attachment_cannot_be_read(amara: Persona) -> None:
    case = case_of(amara)
    attachment = add_attachment(by=amara.actor(), case=case, name="surat.pdf", content=PDF)

    remove_attachment(by=amara.actor(), case=case, ref=attachment.ref)

    with pytest.raises(NotFound):
        read_attachment(by=amara.actor(), case=case, ref=attachment.ref)


def test_attachment_is_not_opened_by_observers(amara: Persona, bilal: Persona) -> None:
    case = case_of(amara)
    attachment = add_attachment(by=amara.actor(), case=case, name="surat.pdf", content=PDF)

    with pytest.raises(Forbidden):
        read_attachment(by=bilal.actor(), case=case, ref=attachment.ref)


def test_note_is_on_the_timeline(amara: Persona) -> None:
    case = case_of(amara)

    add_note(by=amara.actor(), case=case, text="  Kunjungan rumah, keadaan baik. ")

    lines, more = timeline(standing(amara.actor(), case))
    assert (lines[0].kind, lines[0].text, lines[0].by, more) == (
        "note",
        "Kunjungan rumah, keadaan baik.",
        "Amara",
        None,
    )


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001])
def test_note_empty_or_too_long_is_refused(amara: Persona, text: str) -> None:
    case = case_of(amara)

    with pytest.raises(InvalidValues):
        add_note(by=amara.actor(), case=case, text=text)


def test_timeline_pages_repeat_nothing(amara: Persona) -> None:
    case = case_of(amara)
    for number in range(5):
        add_note(by=amara.actor(), case=case, text=f"Catatan {number}")

    first, key = timeline(standing(amara.actor(), case), limit=3)
    second, end = timeline(standing(amara.actor(), case), before=key, limit=3)

    assert [line.text for line in first + second] == [f"Catatan {n}" for n in (4, 3, 2, 1, 0)] + [""]
    assert end is None
