"""Indonesia's provinces by home-ministry code; the list is marked as not yet verified."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

__all__ = ["PROVINCES", "Province", "find_province"]


@dataclass(frozen=True, slots=True)
class Province:
    """A province; `is_verified` is false until its code was compared with the decree, and screens say so."""

    code: str
    name: str
    is_verified: bool
    note: str


def _read(name: str) -> list[dict[str, str]]:
    text = resources.files("naungan.standards").joinpath(f"data/{name}").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _load() -> Mapping[str, Province]:
    rows = _read("provinces.csv")
    return MappingProxyType(
        {row["code"]: Province(row["code"], row["name"], row["verified"] == "yes", row["note"]) for row in rows}
    )


PROVINCES: Mapping[str, Province] = _load()


def _plain(text: str) -> str:
    words = re.sub(r"[\W_]+", " ", text.casefold()).strip()
    return re.sub(r"^(provinsi|propinsi|prov|province of) ", "", words)


_BY_NAME = {_plain(province.name): province for province in PROVINCES.values()} | {
    row["name"]: PROVINCES[row["code"]] for row in _read("province_names.csv")
}


def find_province(text: str) -> Province | None:
    """
    Find the province that a text names.

    Args:
        text: A name, a usual short name, an English name, or a code.

    Returns:
        Province: or None when nothing fits exactly; nothing is guessed from a part of a name.

    >>> find_province("Prov. Jawa Barat").code
    '32'
    """
    return PROVINCES.get(text.strip()) or _BY_NAME.get(_plain(text))
