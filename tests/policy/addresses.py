"""Every address of the site, and what is sent to it when the table of access is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True, slots=True)
class Address:
    """One address by name, with the method that is tried."""

    name: str
    method: str


def all_names() -> set[str]:
    """The names of all addresses that the site answers, those of libraries among them."""
    return {name for name in _names(get_resolver().url_patterns) if name}


def _names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner)
        elif pattern.name:
            yield space + pattern.name


def answer(browser: Client, address: Address, things: Mapping[str, Mapping[str, object]]) -> int:
    """The status of one request; POSTs are sent empty, so that nothing is changed and only the gate answers."""
    path = reverse(address.name, kwargs=dict(things.get(address.name, {})))
    response = browser.post(path) if address.method == "POST" else browser.get(path)
    return response.status_code
