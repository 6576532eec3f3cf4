"""Encrypted files: attachments, photographs, raw files of an import. Only ciphertext reaches the storage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.core.files.base import File
from django.core.files.storage import default_storage

from naungan.vault import store
from naungan.vault.errors import FileMissing
from naungan.vault.models import Subject

CHUNK_BYTES = 256 * 1024


def write(subject: Subject, ref: str, content: bytes | Iterable[bytes]) -> None:
    """
    Encrypt a file under the subject's key and keep it; an earlier one of the same reference is replaced.

    Raises:
        SubjectErased: the key was destroyed.
    """
    chunks = [content] if isinstance(content, bytes) else content
    remove(ref)
    default_storage.save(_path(ref), _Encrypted(store.data_key(subject).encrypt_stream(ref, chunks)))


def read(subject: Subject, ref: str) -> bytes:
    """
    The whole file in the clear, proven genuine to its end.

    Raises:
        SubjectErased: the key was destroyed.
        FileMissing: the storage does not hold it.
        Tampered: it was changed, cut, or is another subject's.
    """
    return b"".join(stream(subject, ref))


def stream(subject: Subject, ref: str) -> Iterator[bytes]:
    """The file in pieces; a cut is noticed at the end only, so a receiver must drop all on Tampered."""
    key = store.data_key(subject)
    try:
        file = default_storage.open(_path(ref), "rb")
    except FileNotFoundError as error:
        raise FileMissing("the file is not in the storage; restore it from a backup") from error
    with file:
        yield from key.decrypt_stream(ref, iter(lambda: file.read(CHUNK_BYTES), b""))


def remove(ref: str) -> None:
    """Delete a file; one that is not there is no error."""
    default_storage.delete(_path(ref))


def _path(ref: str) -> str:
    return f"sealed/{ref[:2]}/{ref}"


class _Encrypted(File):  # type: ignore[type-arg]  # Django's File is generic in the stubs only
    """Ciphertext on its way to the storage, in pieces, so that memory stays flat."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__(None, "sealed")
        self._pieces = pieces

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        return self._pieces
