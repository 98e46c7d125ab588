"""Compare the spool with the rows: sound whose call was written down later is kept, nothing is deleted unheard.

A bridge that was dead while a call was recorded knows nothing of its file. The journal's repair makes the call's row
afterwards; the sweep then finds the file by the uniqueid in its name.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.accounts import AuditTrail
from pbx_bridge.ports.recordings import SpoolBooks

_log = logging.getLogger(__name__)

SWEEP_EVERY = 60.0
"""Seconds between two sweeps."""
RESTING = timedelta(seconds=60)
"""A file that was written to more recently may belong to a call that is still being written down."""
FORGOTTEN = timedelta(days=7)
"""The journal's repair looks back as far: a call that has no row by then never gets one."""


class Swept(Struct, frozen=True):
    """What one sweep did, as file names and calls."""

    adopted: list[CallId]
    removed: list[str]
    """Their sound is in the vault: the process had died before deleting them."""
    strays: list[str]
    """Old, and of no call. Left where they are."""


class SweepRecordings:
    """`directory` is the recorder's spool."""

    def __init__(
        self,
        books: SpoolBooks,
        audit: AuditTrail,
        directory: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._books, self._audit, self._directory, self._now = books, audit, directory, now
        self._reported: set[str] = set()

    async def once(self) -> Swept:
        """One sweep; repeating it changes nothing. Raises `Unreachable`, OSError."""
        await self._books.close()
        for call in await self._books.compare():
            _log.warning("recording of call %s is short", call)
        files = await asyncio.to_thread(self._resting)
        claimed = await self._books.claimed(files)
        removed = [name for name, safe in claimed.items() if safe]
        for name in removed:
            await asyncio.to_thread((self._directory / name).unlink, missing_ok=True)
        adopted, strays = await self._adopt({name: at for name, at in files.items() if name not in claimed})
        return Swept(adopted, removed, strays)

    async def _adopt(self, files: dict[str, datetime]) -> tuple[list[CallId], list[str]]:
        adopted, strays = [], []
        for name, written_at in files.items():
            call = await self._books.adopt(name, written_at)
            if call is not None:
                adopted.append(call)
                await self._audit.note(None, "recording.adopted", call, {"file": name}, "")
            elif written_at <= self._now() - FORGOTTEN:
                strays.append(name)
                await self._report(name, written_at)
        return adopted, strays

    async def _report(self, name: str, written_at: datetime) -> None:
        if name in self._reported:
            return
        _log.warning("%s in the spool belongs to no call and is left there", name)
        await self._audit.note(None, "recording.stray", name, {"written_at": written_at.isoformat()}, "")
        self._reported.add(name)

    def _resting(self) -> dict[str, datetime]:
        before = self._now() - RESTING
        written: dict[str, datetime] = {}
        for path in sorted(self._directory.glob("*.raw")):
            with suppress(FileNotFoundError):  # it was kept this very moment
                written[path.name] = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return {name: at for name, at in written.items() if at <= before}
