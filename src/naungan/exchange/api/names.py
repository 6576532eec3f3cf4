"""Which names an error may send back: ours and what looks like them; any other may hold a value."""

from __future__ import annotations

import re
from functools import lru_cache

from ninja import Schema

from naungan.standards import htcds

_LIKE_A_FIELD = re.compile(r"(?:x:)?[a-z]{1,4}[a-z0-9]*_[A-Za-z0-9_]{1,40}\Z")
HEADERS = frozenset({"Idempotency-Key", "If-Match", "file", "form", "per", "hte", "spl", "cco", "code", "ref"})


def safe(name: str, otherwise: str = "*") -> str:
    """The name, or what stands for it."""
    is_ours = name.isdecimal() or name in HEADERS or name in _of_schemas() or name in htcds.FIELDS
    return name if is_ours or _LIKE_A_FIELD.match(name) else otherwise


@lru_cache(maxsize=1)
def _of_schemas() -> frozenset[str]:
    from naungan.exchange.api.schemas import cases, files  # noqa: PLC0415 - after the schemas have been made

    found = [one for module in (cases, files) for one in vars(module).values()]
    schemas = [one for one in found if isinstance(one, type) and issubclass(one, Schema)]
    return frozenset(name for schema in schemas for name in schema.model_fields)
