"""The cache outside the repository: parts are fetched once per machine and user, and appear whole or not at all."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_home() -> Path:
    """The folder all fetched parts live in: `$XDG_CACHE_HOME/pbx-bridge`, else `~/.cache/pbx-bridge`. Created."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG base directory specification: a relative value is invalid and must be ignored.
    base = Path(configured) if os.path.isabs(configured) else Path.home() / ".cache"
    home = base / "pbx-bridge"
    home.mkdir(parents=True, exist_ok=True)
    return home


@contextmanager
def cache_lock(name: str) -> Iterator[None]:
    """Hold the cache's lock `name`, so that two demos started at once fetch a part once. Blocks until it is free."""
    with (cache_home() / f".{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def appearing_whole(final: Path) -> Iterator[Path]:
    """Give a scratch folder that becomes `final` when the block ends well and vanishes when it does not."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
    scratch.chmod(0o755)
    try:
        yield scratch
        if final.exists():  # incomplete leftovers of another layout: the new one takes the name
            shutil.rmtree(final)
        scratch.rename(final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
