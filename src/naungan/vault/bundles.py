"""Which items of a subject are kept in one row; see docs/adr/0002-vault-layout.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from naungan.vault.crypto import DataKey, check_name, pack, unpack

PERSON, CASE = "prs", "case"

# What the search index is made of. All of it lies in the person's row, so that one row rebuilds the index.
NAME_ITEMS = ("prs_FirstName", "prs_MiddleName", "prs_SecondName")
ALIAS_ITEMS = ("prs_Alias", "x:alias", "x:aliases")
NUMBER_ITEMS = ("prs_IdentityNumber", "x:passport", "x:nik")
PHONE_ITEMS = ("prs_HomePhone", "prs_MobilePhone")
EMAIL_ITEMS = ("prs_Email",)
BIRTH_ITEM = "prs_Birthdate"
INDEXED = frozenset((*NAME_ITEMS, *ALIAS_ITEMS, *NUMBER_ITEMS, *PHONE_ITEMS, *EMAIL_ITEMS, BIRTH_ITEM))
_WITH_CASE = frozenset(("raw", "x"))
MOST_BUNDLE_LETTERS = 60


def bundle_of(name: str) -> str:
    """The row that an item lies in: the person's, the case's, or that of its note, file or part."""
    if name in INDEXED:
        return PERSON
    head, colon, rest = name.partition(":")
    if not colon:
        return PERSON if name.startswith("prs_") else CASE
    if head in _WITH_CASE:
        return CASE
    return f"{head}:{rest.partition(':')[0]}"[:MOST_BUNDLE_LETTERS]


def by_bundle(items: Mapping[str, str | bytes | None]) -> dict[str, dict[str, str | bytes | None]]:
    """Sort items into their rows; raises BadName."""
    sorted_items: dict[str, dict[str, str | bytes | None]] = {}
    for name, value in items.items():
        bundle = bundle_of(check_name(name)) if ":" in name else _plain_bundle(name)
        sorted_items.setdefault(bundle, {})[name] = value
    return sorted_items


# Names without a reference are few, and come with every person.
@lru_cache(maxsize=1024)
def _plain_bundle(name: str) -> str:
    return bundle_of(check_name(name))


def merged(key: DataKey, before: bytes | None, changes: Mapping[str, str | bytes | None]) -> bytes | None:
    """The row after some of its items were sealed anew or taken out (None); None when nothing is left."""
    sealed = unpack(before) if before else {}
    for name, value in changes.items():
        if value is None:
            sealed.pop(name, None)
        else:
            sealed[name] = key.seal(name, value)
    return pack(sealed) if sealed else None


def opened(key: DataKey, row: bytes, names: Iterable[str] | None = None) -> dict[str, str | bytes]:
    """The items of a row in the clear, or those of them that are asked for."""
    sealed = unpack(row)
    wanted = sealed if names is None else [name for name in names if name in sealed]
    return {name: key.open(name, sealed[name]) for name in wanted}
