"""One run at a time: two that share a folder, or check one ledger, would each undo the promise of the other."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from naungan.methods.release.errors import Refusal, ReleaseError

__all__ = ["alone"]


@contextmanager
def alone(path: Path | None) -> Iterator[None]:
    """
    Hold a path for one run; the lock is a file beside it, and goes with the process that holds it.

    Args:
        path: A file or a folder, there or not; None holds nothing.

    Returns:
        Context: the path is held until it ends. Nothing of it is to publish.

    Raises:
        Refusal: `run-under-way` where another run holds it.
        ReleaseError: `out-unwritable`.

    Source:
        flock(2): a lock goes with the process that holds it.
    """
    if path is None:
        yield
        return
    lock = path.with_name(f"{path.name}.lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise ReleaseError(
            "out-unwritable", "The folder that would hold the release cannot be written.", field="out",
            fix="Choose another place; nothing was charged.",
        ) from error  # fmt: skip
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not lock.exists() or lock.stat().st_ino != os.fstat(handle).st_ino:  # taken away by one that just ended
            raise BlockingIOError
    except BlockingIOError as error:
        os.close(handle)
        raise Refusal(
            "run-under-way", "Another run is making this release, or tables of these people, just now.", field="out",
            fix="Wait for it, or choose another folder; this run charged nothing.",
        ) from error  # fmt: skip
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)
