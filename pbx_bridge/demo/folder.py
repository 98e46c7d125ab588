"""The demo's data directory: one demo at a time, and what a killed one left is cleared away by the next."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pbx_bridge.core.errors import Misconfigured

_PREFIX = "pbx-demo-"
_HELD = ".running"
"""Locked as long as its demo lives: flock(2) ends with the process, however that dies."""


@contextmanager
def data_folder(wished: Path | None) -> Iterator[Path]:
    """The wished folder, which stays, or a fresh one that goes. Raises `Misconfigured` while another demo has it."""
    if wished is not None:
        if wished.exists() and not wished.is_dir():
            raise Misconfigured(f"--data {wished} is a file: name a folder")
        wished.mkdir(parents=True, exist_ok=True)
        with _held(wished):
            yield wished
        return
    _clear_left_behind()
    fresh = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with _held(fresh):
            yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    with (folder / _HELD).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(f"another demo runs in {folder}: end it, or name another --data folder") from None
        yield


def _clear_left_behind() -> None:
    """Folders of this user's demos that were killed. A folder without the file is just being made."""
    for held in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_HELD}"):
        with suppress(OSError, Misconfigured):
            if held.stat().st_uid == os.geteuid():
                with _held(held.parent):
                    shutil.rmtree(held.parent, ignore_errors=True)
