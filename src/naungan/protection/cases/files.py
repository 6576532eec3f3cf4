"""Checks what a file really is, and takes place and device marks out of the working copy of a picture."""

from __future__ import annotations

import io
import socket
import struct
import zipfile
import zlib
from urllib.parse import urlsplit

from django.conf import settings

from naungan.protection.cases.errors import FileRefused

# Kinds by content: (media type, the bytes it begins with). What is not here is refused.
_SIGNATURES = (
    ("application/pdf", b"%PDF-"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("audio/mpeg", b"ID3"),
    ("audio/ogg", b"OggS"),
)
_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "content.xml": "application/vnd.oasis.opendocument.text",
}
_INFLATED_MOST = 200_000_000


def kind_of(content: bytes) -> str:
    """
    The media type of a file, by its content and never by its name.

    Raises:
        FileRefused: it is empty, or of a kind that is not taken.
    """
    if not content:
        raise FileRefused("empty")
    for kind, beginning in _SIGNATURES:
        if content.startswith(beginning):
            return kind
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "audio/mp4"
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    return _text_kind(content)


def without_marks(content: bytes, kind: str) -> bytes:
    """The working copy: a JPEG or PNG without its metadata, so that no place or device goes with it."""
    if kind == "image/jpeg":
        return _bare_jpeg(content)
    if kind == "image/png":
        return _bare_png(content)
    return content


def scan(content: bytes) -> bool:
    """
    Ask clamd whether a file is clean; False when no scanner is set.

    Raises:
        FileRefused: the scanner found malware, or is set and does not answer.
    """
    if not settings.CLAMD:
        return False
    try:
        with _clamd() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), 65536):
                piece = content[start : start + 65536]
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            answer = line.recv(4096)
    except OSError as error:
        raise FileRefused("scanner_silent") from error
    if not answer.rstrip(b"\0").endswith(b"OK"):
        raise FileRefused("malware")
    return True


def _clamd() -> socket.socket:
    parts = urlsplit(settings.CLAMD)
    if parts.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(30)
        line.connect(parts.path)
        return line
    return socket.create_connection((str(parts.hostname or "localhost"), parts.port or 3310), timeout=30)


def _office_kind(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            if sum(entry.file_size for entry in packed.infolist()) > _INFLATED_MOST:
                raise FileRefused("inflates_too_far")
    except zipfile.BadZipFile as error:
        raise FileRefused("damaged") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused("macro")
    for member, kind in _OFFICE.items():
        if member in names:
            return kind
    raise FileRefused("kind")


def _text_kind(content: bytes) -> str:
    try:
        words = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileRefused("kind") from error
    if "\0" in words or words.lstrip()[:1] == "<":
        raise FileRefused("kind")
    return "text/plain"


def _bare_jpeg(content: bytes) -> bytes:
    kept, place = bytearray(content[:2]), 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker, size = content[place + 1], struct.unpack("!H", content[place + 2 : place + 4])[0]
        if marker == 0xDA:
            return bytes(kept) + content[place:]
        if not (0xE1 <= marker <= 0xEF or marker == 0xFE) or marker == 0xEE:
            kept += content[place : place + 2 + size]
        place += 2 + size
    raise FileRefused("damaged")


def _bare_png(content: bytes) -> bytes:
    kept, place = bytearray(content[:8]), 8
    while place + 12 <= len(content):
        size = struct.unpack("!I", content[place : place + 4])[0]
        kind, whole = content[place + 4 : place + 8], content[place : place + 12 + size]
        if len(whole) != 12 + size or zlib.crc32(whole[4:-4]) != struct.unpack("!I", whole[-4:])[0]:
            raise FileRefused("damaged")
        if kind not in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"):
            kept += whole
        if kind == b"IEND":
            return bytes(kept)
        place += 12 + size
    raise FileRefused("damaged")
