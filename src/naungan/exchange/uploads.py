"""Keeps an uploaded file in memory while it arrives, so that no plain copy ever lies on the disk."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

CHUNK = 1 << 20


@contextmanager
def unnamed_file() -> Iterator[IO[bytes]]:
    """A file that lies in memory only (Linux), or is deleted before anything is written to it."""
    with _open() as file:
        yield file


def path_of(file: IO[bytes]) -> Path:
    """An address under which this process and its children can open the file again."""
    return Path(f"/proc/{os.getpid()}/fd/{file.fileno()}") if _has_memory_files() else Path(str(file.name))


def _has_memory_files() -> bool:
    return hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir()


def _open() -> IO[bytes]:
    if _has_memory_files():
        return os.fdopen(os.memfd_create("naungan"), "w+b")
    folder = settings.HOME / "passing"
    folder.mkdir(mode=0o700, exist_ok=True)
    return tempfile.NamedTemporaryFile("w+b", dir=folder)


class InMemoryOnly(FileUploadHandler):
    """Takes one file up to the limit of the settings; Django's own would write a plain copy to the disk."""

    chunk_size = CHUNK

    def new_file(self, *args: object, **kwargs: object) -> None:
        super().new_file(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, handed on
        self.file = io.BytesIO()  # Django closes what a handler calls `file` when a request breaks off
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._size > settings.UPLOAD_MOST_BYTES:
            self.file.close()
            raise StopUpload(connection_reset=False)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        self.file.seek(0)
        return UploadedFile(
            file=self.file, name=self.file_name, content_type=self.content_type, size=file_size, charset=self.charset
        )
