"""Content as file objects."""

from __future__ import annotations

import io
import sys
from typing import IO, TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from gitlade._gitlade import BlobReader, Entry

    if sys.version_info >= (3, 12):
        from collections.abc import Buffer
    else:
        from typing_extensions import Buffer


PIECE = 64 << 10
"""Bytes that are read at once for who reads a few."""

LARGE_PIECE = 8 << 20
"""Bytes that are read at once for who reads all."""


def open_entry(entry: Entry, mode: str = "rb") -> IO[Any]:
    """A file over the content of an entry: bytes with "rb", decoded text with "r" or "rt"."""
    if mode == "rb":
        return open_reader(entry._reader(), entry.path)
    if mode in ("r", "rt"):
        return io.StringIO(entry.text(), newline=None)
    raise ValueError(f"mode is {mode!r}, and may be one of 'rb', 'r', 'rt'")


def open_reader(reader: BlobReader, name: str) -> BinaryIO:
    """A file over content."""
    return io.BufferedReader(BlobFile(reader, name), PIECE)


class BlobFile(io.RawIOBase):
    """Reads content, which is in memory, in a temporary file, or in a store."""

    def __init__(self, reader: BlobReader, name: str) -> None:
        self._reader: BlobReader | None = reader
        self._place = 0
        self.name = name
        self.mode = "rb"

    def _open(self) -> BlobReader:
        if self._reader is None:
            raise ValueError("I/O operation on closed file")
        return self._reader

    def readable(self) -> bool:
        self._open()
        return True

    def seekable(self) -> bool:
        self._open()
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        piece = self._open().read_at(self._place, len(view))
        view[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def readall(self) -> bytes:
        pieces: list[bytes] = []
        while piece := self._open().read_at(self._place, LARGE_PIECE):
            self._place += len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: len(self._open())}
        if whence not in start:
            raise ValueError(f"invalid whence {whence}")
        if start[whence] + offset < 0:
            raise ValueError("a file has no negative places")
        self._place = start[whence] + offset
        return self._place

    def tell(self) -> int:
        self._open()
        return self._place

    def close(self) -> None:
        self._reader = None
        super().close()
