"""Opens the sealed file of a batch again, in memory only, and keeps what its columns mean, sealed too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from naungan.exchange.formats import ColumnMapping, Upload, open_upload
from naungan.exchange.models import ImportBatch
from naungan.exchange.places import SHEETS, joined
from naungan.exchange.uploads import path_of, unnamed_file
from naungan.vault import actions as vault
from naungan.vault import blobs
from naungan.vault import queries as vault_queries

MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """A sheet of a file, what its columns mean, and whether its rows are wanted."""

    name: str
    mapping: ColumnMapping
    is_wanted: bool


@contextmanager
def opened(batch: ImportBatch) -> Iterator[Upload]:
    """
    The file of a batch, decrypted into memory.

    Raises:
        UnreadableFile: it is not what can be read.
    """
    with unnamed_file() as file:
        for piece in blobs.stream(batch.raw_subject, batch.ref):
            file.write(piece)
        file.flush()
        yield open_upload(path_of(file))


def keep_mapping(batch: ImportBatch, sheets: Sequence[SheetMapping]) -> None:
    """Seal what the columns mean: headings may say more than they should."""
    stored = [[sheet.mapping.as_json(), sheet.is_wanted] for sheet in sheets]
    items = {MAPPING: json.dumps(stored, ensure_ascii=False), SHEETS: joined([sheet.name for sheet in sheets])}
    vault.seal(batch.rows_subject, items)


def mapping_of(batch: ImportBatch) -> list[SheetMapping]:
    """What the columns of a batch mean, sheet by sheet; empty before it was read and after it was forgotten."""
    items = vault_queries.read([batch.rows_subject_id], [MAPPING, SHEETS]).get(batch.rows_subject_id, {})
    if MAPPING not in items:
        return []
    names = items.get(SHEETS, "").split("\x1f")
    stored = json.loads(items[MAPPING])
    return [
        SheetMapping(name, ColumnMapping.from_json(mapping), is_wanted)
        for name, (mapping, is_wanted) in zip(names, stored, strict=True)
    ]
