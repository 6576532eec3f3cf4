"""Keeps a text from being run as a formula when a CSV file is opened in a spreadsheet program."""

from __future__ import annotations

import re

__all__ = ["FORMULA_START", "shield", "unshield"]

FORMULA_START = ("=", "+", "-", "@", "\t", "\r")

_HARMLESS = re.compile(r"\+[1-9]\d{1,14}|-?\d{1,15}(?:\.\d{1,15})?")
_SHIELDED = re.compile(r"'+[=+\-@\t\r]")


def shield(text: str) -> str:
    """
    A text that a spreadsheet program will not run as a formula; `unshield` takes the mark away again.

    Phone numbers in the international form and plain numbers are left as they are: they can do no harm.

    >>> shield("=1+1"), shield("+628123456789")
    ("'=1+1", '+628123456789')
    """
    if text.startswith(FORMULA_START) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return f"'{text}" if text.startswith("'") and _SHIELDED.match(text) else text


def unshield(text: str) -> str:
    """
    Take away what `shield` put before a text.

    >>> unshield("'=1+1")
    '=1+1'
    """
    return text[1:] if text.startswith("'") and _SHIELDED.match(text) else text
