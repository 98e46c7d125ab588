"""Take each finished call's sound from the spool into the vault."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from time import monotonic, time

from pbx_bridge.core.errors import Unreachable
from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.recordings import Kept, Spool, Spooled

_log = logging.getLogger(__name__)
_ONE_SAMPLE = 4
"""Bytes of one stereo sample."""

LOOK_EVERY = 0.5
"""Seconds between two looks: the rows are the queue, so nothing is forgotten by a restart."""
WORKERS = 2
"""Compressing keeps a processor busy, and the disk's confirmations are waited for: two at a time fill both."""
AGAIN_AFTER = 10.0
"""Seconds until a recording that could not be kept (a full disk) is tried again; the others go on meanwhile."""
QUIET = 30.0
"""Seconds a file must not have grown when nobody saw its call end: MixMonitor writes every second."""

LOOK_AGAIN = 1.0
"""Seconds until such a file is looked at again: the journal may have told the call's end meanwhile."""


class KeepRecordings:
    """`keep` does the work for one recording and blocks; it raises ValueError when there is no sound to keep."""

    def __init__(
        self,
        spool: Spool,
        directory: Path,
        keep: Callable[[Path, Spooled], Kept],
        *,
        workers: int = WORKERS,
        quiet: float = QUIET,
    ) -> None:
        self._spool, self._directory, self._keep = spool, directory, keep
        self._workers, self._quiet = workers, quiet
        self._choosing = asyncio.Lock()
        self._busy: set[CallId] = set()
        self._later: dict[CallId, float] = {}

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            try:
                busy = await self.once()
            except Unreachable as error:
                _log.warning("recordings wait: %s", error)
                busy = False
            if not busy:
                await asyncio.sleep(LOOK_EVERY)

    async def once(self) -> bool:
        """Deal with the one whose turn it is; whether there was any."""
        spooled = await self._choose()
        if spooled is None:
            return False
        try:
            await self._one(spooled)
        finally:
            self._busy.discard(spooled.call)
        return True

    async def _choose(self) -> Spooled | None:
        async with self._choosing:
            now = monotonic()
            self._later = {call: at for call, at in self._later.items() if at > now}
            for spooled in await self._spool.waiting(1, {*self._busy, *self._later}):
                self._busy.add(spooled.call)
                return spooled
            return None

    async def _one(self, spooled: Spooled) -> None:
        source = self._directory / Path(spooled.path).name
        if spooled.lost and await asyncio.to_thread(_grew_within, source, self._quiet):
            self._later[spooled.call] = monotonic() + min(self._quiet, LOOK_AGAIN)
            return
        try:
            kept = await asyncio.to_thread(self._keep, source, spooled)
        except ValueError as nothing:
            await self._spool.failed(spooled.call, str(nothing))
            await asyncio.to_thread(_drop_if_empty, source)
        except OSError as full:
            # The source stays; a disk that is full now may not be later.
            _log.error("recording of call %s: %s", spooled.call, full)
            self._later[spooled.call] = monotonic() + AGAIN_AFTER
        except Exception:
            # A fault of ours in one recording must not end the calls; its sound stays where it is.
            _log.exception("recording of call %s", spooled.call)
            self._later[spooled.call] = monotonic() + AGAIN_AFTER
        else:
            if kept.flags:
                _log.warning("recording of call %s is %s", spooled.call, ", ".join(kept.flags))
            await self._spool.kept(spooled.call, kept)
            await asyncio.to_thread(source.unlink, missing_ok=True)


def _drop_if_empty(source: Path) -> None:
    """The recorder of a call that met nobody leaves a file of a sample at most."""
    try:
        if source.stat().st_size <= _ONE_SAMPLE:
            source.unlink()
    except FileNotFoundError:
        pass


def _grew_within(source: Path, seconds: float) -> bool:
    try:
        return time() - source.stat().st_mtime < seconds
    except FileNotFoundError:
        return False
