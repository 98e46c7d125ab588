"""Files that are either whole or not there: write beside, flush to the disk, rename."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART_SUFFIX = ".part"
"""Ends the name of a file that is still being written. After a crash it is overwritten or can be deleted."""


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes `target` when the block ends well, and vanishes when it does not.

    Whoever sees `target` sees all of it, also after a power cut. One writer a target.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + PART_SUFFIX)
    try:
        yield part
        flush(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    flush(target.parent)


def flush(path: Path) -> None:
    """Return when the disk has the file, or the directory's list of names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
