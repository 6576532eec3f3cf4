"""Words of the audit chain about a person, sealed under the person's key so that erasure takes them too."""

from __future__ import annotations

from naungan.vault import store
from naungan.vault.errors import Tampered
from naungan.vault.models import Subject

_NAME = "audit reason"


def sealed_reason(subject: Subject, words: str) -> bytes:
    """Encrypt a reason under the subject's key; raises SubjectErased."""
    return store.data_key(subject).seal(_NAME, words)


def open_reason(subject: Subject, sealed: bytes) -> str | None:
    """The reason in plain words, or None when the subject was erased or the words are not theirs."""
    if subject.wrapped_key is None:
        return None
    try:
        words = store.data_key(subject).open(_NAME, sealed)
    except Tampered:
        return None
    return words if isinstance(words, str) else None
