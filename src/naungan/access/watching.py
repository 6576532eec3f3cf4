"""Tells the data protection officer when one person looks at many identities in an hour; nobody is stopped."""

from __future__ import annotations

import time

from django.core.cache import cache

from naungan.access.actor import Actor
from naungan.access.notices import tell_protection_officers

# More than a full day of case work asks for within one hour; a raid of forty people stays below.
MOST_AN_HOUR = {"search": 120, "reveal": 60}
_HOUR = 3600


def note_look(by: Actor, kind: str) -> None:
    """
    Count one search or one revealed identity of a person; the first that is too many in an hour becomes a notice.

    Counts lie in the memory of the server's one process, and are forgotten when it starts anew.
    """
    key = f"looks:{kind}:{by.user_id}:{int(time.time()) // _HOUR}"
    cache.add(key, 0, _HOUR)
    if cache.incr(key) == MOST_AN_HOUR[kind] + 1:
        target = f"/audit/?person={by.user_ref}"
        tell_protection_officers(by.organisation_id, kind="many_looks", target=target)
