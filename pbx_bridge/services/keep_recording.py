"""Take each finished call's sound from the spool into the vault."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from pbx_bridge.core.errors import Unreachable
from pbx_bridge.ports.recordings import Kept, Spool, Spooled

_log = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks: the rows are the queue, so nothing is forgotten by a restart."""
AT_ONCE = 8


class KeepRecordings:
    """`keep` does the work for one recording and blocks; it raises ValueError when there is no sound to keep."""

    def __init__(self, spool: Spool, directory: Path, keep: Callable[[Path, Spooled], Kept]) -> None:
        self._spool, self._directory, self._keep = spool, directory, keep

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                busy = await self.once()
            except Unreachable as error:
                _log.warning("recordings wait: %s", error)
                busy = False
            if not busy:
                await asyncio.sleep(LOOK_EVERY)

    async def once(self) -> bool:
        """Keep what is waiting now; whether there was anything."""
        waiting = await self._spool.waiting(AT_ONCE)
        for spooled in waiting:
            await self._one(spooled)
        return bool(waiting)

    async def _one(self, spooled: Spooled) -> None:
        source = self._directory / Path(spooled.path).name
        try:
            kept = await asyncio.to_thread(self._keep, source, spooled)
        except ValueError as nothing:
            await self._spool.failed(spooled.call, str(nothing))
        except OSError as full:
            # The source stays; a disk that is full now may not be later.
            _log.error("recording of call %s: %s", spooled.call, full)
            await asyncio.sleep(LOOK_EVERY)
        else:
            await self._spool.kept(spooled.call, kept)
            await asyncio.to_thread(source.unlink, missing_ok=True)
