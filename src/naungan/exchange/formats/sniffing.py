"""Says what a file is by its content; a name or an ending proves nothing."""

from __future__ import annotations

import codecs
import re
from typing import Literal

from naungan.exchange.formats.errors import UnreadableFile

Content = Literal["workbook", "json", "text"]

_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_BIFF = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00", b"\x09\x00\x04\x00")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(rb"\s*<(?:\?xml|!doctype|html|table|workbook)", re.IGNORECASE)
_OTHER_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x7fELF",
    b"MZ",
)


def content_of(head: bytes, whole: bytes | None = None) -> Content:
    """
    Say what a file is.

    Args:
        head: Its first 64 KiB or more.
        whole: All of it where at hand; looked at for old workbooks only.

    Raises:
        UnreadableFile: with the reason, for everything that is not read.
    """
    if not head.strip(b"\x00\xef\xbb\xbf\r\n\t "):
        raise UnreadableFile("file_empty")
    if head.startswith(_OLE2):
        raise UnreadableFile("encrypted_workbook" if _ENCRYPTED in (whole or head) else "old_workbook")
    if head.startswith(_BIFF):
        raise UnreadableFile("old_workbook")
    if head.startswith(b"PK"):
        return "workbook"
    if head.startswith(_OTHER_BINARY):
        raise UnreadableFile("not_a_table")
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise UnreadableFile("other_spreadsheet")
    encoding, _ = encoding_of(head)
    text = head.decode(encoding, errors="ignore").lstrip("\ufeff \r\n\t")
    return "json" if text[:1] in ("{", "[") else "text"


def encoding_of(sample: bytes) -> tuple[str, bool]:
    """
    Say in which encoding a text is.

    Args:
        sample: All of the text, or its beginning.

    Returns:
        tuple: Python's name of the encoding, and whether it was guessed.

    Raises:
        UnreadableFile: the bytes are no text.
    """
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", False
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    if sample[:400].count(0) > len(sample[:400]) // 4:
        return ("utf-16-le" if sample[1:400:2].count(0) >= sample[0:400:2].count(0) else "utf-16-be"), True
    if b"\x00" in sample:
        raise UnreadableFile("not_a_table")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252", True
    return "utf-8", False


def delimiter_of(text: str) -> str:
    """Say what divides the columns of a CSV text: comma, semicolon or tab, by the fullest first line."""
    line = _first_line(text)
    counts = {mark: _outside_quotes(line, mark) for mark in (",", ";", "\t")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def _first_line(text: str) -> str:
    for line in text.lstrip("\ufeff").splitlines():
        if line.strip(' ,;\t"'):
            return line
    return ""


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])
