"""Where finished recordings rest: one port, and a directory that fills it, encrypted if there is a master key.

Names are `naming.name_of`'s. Everything blocks on the disk: an event loop calls from a thread.
"""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from recordings import Unreadable
from recordings.durable import appearing, flush
from recordings.naming import checked
from recordings.sealed import CHUNK, MasterKeys, Sealed, seal


class Missing(LookupError):
    """The vault has nothing of this name."""


class Vault(Protocol):
    """Keeps whole files by name. Every method raises `naming.BadName` for a name that is not ours, and OSError."""

    def put(self, name: str, source: Path) -> None:
        """Copy a file in. It is there whole or not at all, and replaces what had the name."""

    def open(self, name: str) -> BinaryIO:
        """A seekable stream of the plain bytes; close it. Raises `Missing`, `Unreadable`."""

    def exists(self, name: str) -> bool:
        """Whether `open` would find it."""

    def delete(self, name: str) -> None:
        """Remove it, if it is there."""


class DirectoryVault:
    """A `Vault` below a local directory. With `keys` everything put is sealed, and only sealed files open."""

    def __init__(self, root: Path, keys: MasterKeys | None = None) -> None:
        self._root, self._keys = root, keys

    def put(self, name: str, source: Path) -> None:
        """See `Vault.put`."""
        with source.open("rb") as plain, appearing(self._path(name)) as part, part.open("wb") as out:
            if self._keys is None:
                shutil.copyfileobj(plain, out, CHUNK)
            else:
                seal(plain, out, self._keys, name)

    def open(self, name: str) -> BinaryIO:
        """See `Vault.open`."""
        try:
            file = self._path(name).open("rb")
        except FileNotFoundError as error:
            raise Missing(name) from error
        if self._keys is None:
            return file
        try:
            return io.BufferedReader(Sealed(file, self._keys, name), CHUNK)
        except Unreadable:
            file.close()
            raise

    def exists(self, name: str) -> bool:
        """See `Vault.exists`."""
        return self._path(name).is_file()

    def delete(self, name: str) -> None:
        """See `Vault.delete`."""
        path = self._path(name)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            flush(path.parent)  # what has expired does not come back after a power cut

    def _path(self, name: str) -> Path:
        return self._root / checked(name)


_PIECE: Final = 1 << 16


def size_of(file: BinaryIO) -> int:
    """Bytes of an open stream, which is rewound."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def read_range(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    """Bytes [first, last) in pieces of at most 64 KiB: the body of an HTTP range answer."""
    file.seek(first)
    left = last - first
    while left > 0 and (piece := file.read(min(_PIECE, left))):
        yield piece
        left -= len(piece)
