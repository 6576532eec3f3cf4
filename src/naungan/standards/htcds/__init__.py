"""The Human Trafficking Case Data Standard (HTCDS 2.0, IOM, CC BY 4.0): fields, codes, reading, writing."""

from __future__ import annotations

from naungan.standards.htcds.choices import Choice
from naungan.standards.htcds.dumping import Cell, dump, from_kind_text, from_text, to_text
from naungan.standards.htcds.fields import FIELDS, REPEATED_PREFIXES, DataClass, Field, Kind, choices, custom_field
from naungan.standards.htcds.parsing import Parsed, Raw, Source, Value, parse
from naungan.standards.htcds.records import validate_record

__all__ = [
    "FIELDS",
    "REPEATED_PREFIXES",
    "Cell",
    "Choice",
    "DataClass",
    "Field",
    "Kind",
    "Parsed",
    "Raw",
    "Source",
    "Value",
    "choices",
    "custom_field",
    "dump",
    "from_kind_text",
    "from_text",
    "parse",
    "to_text",
    "validate_record",
]
