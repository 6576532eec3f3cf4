"""Reads and writes the files in which caseloads travel: the published templates, CSV, JSON and survey answers.

Pure Python: nothing here knows the database, users or Django. Problems carry codes; a door says them in words.
"""

from __future__ import annotations

from naungan.exchange.formats.errors import UnreadableFile
from naungan.exchange.formats.mapping import Alternative, Column, ColumnMapping, propose_mapping
from naungan.exchange.formats.marking import MarkedRow, write_marked
from naungan.exchange.formats.reading import Head, Limits, Upload, open_upload
from naungan.exchange.formats.record import Record, Unheld, count_unheld
from naungan.exchange.formats.rows import CheckedRow, check_rows
from naungan.exchange.formats.writing import (
    stream_csv,
    stream_json,
    stream_template,
    write_csv,
    write_json,
    write_template,
)

__all__ = [
    "Alternative",
    "CheckedRow",
    "Column",
    "ColumnMapping",
    "Head",
    "Limits",
    "MarkedRow",
    "Record",
    "Unheld",
    "UnreadableFile",
    "Upload",
    "check_rows",
    "count_unheld",
    "open_upload",
    "propose_mapping",
    "stream_csv",
    "stream_json",
    "stream_template",
    "write_csv",
    "write_json",
    "write_marked",
    "write_template",
]
