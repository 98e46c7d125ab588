"""Debian packages unpacked into a folder: no root, no maintainer scripts, nothing installed."""

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pbx_bridge.parts.errors import PartUnavailable


def unpack(archives: Sequence[Path], root: Path) -> None:
    """Unpack the files of `archives` (.deb) into `root`. PartUnavailable: a damaged archive or a full disk."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as workers:
        for failure in workers.map(lambda archive: _unpack_one(archive, root), archives):
            if failure:
                raise PartUnavailable(f"cannot unpack into {root}: {failure}")


def _unpack_one(archive: Path, root: Path) -> str:
    done = subprocess.run(
        ["dpkg-deb", "-x", str(archive), str(root)], capture_output=True, text=True, check=False, timeout=300
    )
    return (done.stderr.strip().splitlines() or ["dpkg-deb failed"])[-1] if done.returncode else ""
