"""Keeps the words of a search for a few minutes, sealed, so that Back shows the hits again: a name is among them."""

from __future__ import annotations

import base64
from datetime import timedelta

from django.contrib.sessions.backends.base import SessionBase

from naungan.access import clock
from naungan.access.references import new_ref
from naungan.vault import keys
from naungan.vault.crypto import DataKey
from naungan.vault.errors import VaultError

KEPT_FOR = timedelta(minutes=10)
KEPT_MOST = 8
_PLACE = "searches"


def keep(session: SessionBase, user_ref: str, words: str) -> str:
    """
    Keep the words of a search in the session, encrypted for this person alone.

    Returns:
        str: a random reference under which they are recalled; it may stand in an address.
    """
    ring, ref = keys.ring(), new_ref(10)
    sealed = base64.b64encode(_key(user_ref, ring.current).seal(ref, words)).decode()
    kept = {**_fresh(session), ref: {"sealed": sealed, "version": ring.current, "at": clock.now().timestamp()}}
    session[_PLACE] = dict(list(kept.items())[-KEPT_MOST:])
    return ref


def recall(session: SessionBase, user_ref: str, ref: str) -> str | None:
    """The words that were kept under a reference; None when they were forgotten or are another person's."""
    one = _fresh(session).get(ref)
    if one is None:
        return None
    try:
        return str(_key(user_ref, int(one["version"])).open(ref, base64.b64decode(one["sealed"])))
    except VaultError:
        return None


def _fresh(session: SessionBase) -> dict[str, dict[str, str]]:
    since = (clock.now() - KEPT_FOR).timestamp()
    return {ref: one for ref, one in session.get(_PLACE, {}).items() if float(one["at"]) > since}


def _key(user_ref: str, version: int) -> DataKey:
    return DataKey(keys.ring_with(version).subkey("search", version=version), ref=user_ref, version=version)
