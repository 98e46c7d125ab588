"""Asterisk's journal files on disk: which there are, which is which, what is new in them. Blocking; call in a thread.

A file is known by the digest of its first line, not by its name: renamed or copied by logrotate it is the same file,
truncated and begun anew it is another one.
"""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct

BLOCK_BYTES = 1 << 20
_LONGEST_LINE = 1 << 24
_PACKED = {".gz", ".bz2", ".xz", ".zst"}


class JournalFile(Struct, frozen=True):
    """A file as it is now; `fingerprint` names it for ever."""

    path: Path
    fingerprint: bytes
    size: int


def files(current: Path) -> Iterator[JournalFile]:
    """`current` and what logrotate made of its predecessors (`name.1`, `name-20261122`), oldest first.

    A file without a whole first line is none yet. Compressed ones are passed over: keep `delaycompress` in logrotate.
    """
    candidates = [path for path in current.parent.glob(f"{current.name}*") if path.suffix not in _PACKED]
    found = []
    for path in candidates:
        try:
            status = path.stat()
            with path.open("rb") as file:
                first = file.readline(_LONGEST_LINE)
        except (FileNotFoundError, IsADirectoryError):
            continue  # renamed between listing and opening: seen under its new name the next time
        if first.endswith(b"\n"):
            digest = blake2b(first, digest_size=16).digest()
            found.append((path == current, status.st_mtime_ns, JournalFile(path, digest, status.st_size)))
    yield from (file for _, _, file in sorted(found, key=lambda entry: entry[:2]))


def read_block(file: JournalFile, offset: int) -> bytes:
    """What follows `offset`: at least one whole line if there is one, at most about `BLOCK_BYTES`.

    Empty when `file` is not any more what it was: somebody rotated it since.
    """
    try:
        with file.path.open("rb") as opened:
            first = opened.readline(_LONGEST_LINE)
            if blake2b(first, digest_size=16).digest() != file.fingerprint:
                return b""
            opened.seek(offset)
            block = opened.read(BLOCK_BYTES)
            while len(block) % BLOCK_BYTES == 0 and block and b"\n" not in block and len(block) < _LONGEST_LINE:
                block += opened.read(BLOCK_BYTES)
    except FileNotFoundError:
        return b""
    return block
