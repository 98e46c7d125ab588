"""Make the archives people asked for, one after the other, each step written down so that a restart goes on."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from pbx_bridge.core.errors import Unreachable
from pbx_bridge.ports.recording_exports import Exportable, ExportRows, ExportTask, Packed

_log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks for an export."""
STEP = 20
"""Recordings between two progress rows: what a killed process has to do again."""
AGAIN_AFTER = 30.0
"""Seconds until an export that ran out of room is tried again."""
TRIES = 3


class Packing(Protocol):
    """Where archives are made (`recordings.archive.Packer`). Everything blocks and may raise OSError."""

    def resume(self, export: str) -> int: ...
    def add(self, export: str, entries: Sequence[Exportable], done: int) -> int: ...
    def finish(self, task: ExportTask, entries: Sequence[Exportable]) -> Packed: ...
    def drop(self, export: str) -> None: ...


class ExportRecordings:
    """The oldest export first."""

    def __init__(
        self, rows: ExportRows, packing: Packing, *, step: int = STEP, again_after: float = AGAIN_AFTER
    ) -> None:
        self._rows, self._packing, self._step, self._again_after = rows, packing, step, again_after

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                busy = await self.once()
            except Unreachable as error:
                _log.warning("exports wait: %s", error)
                busy = False
            if not busy:
                await asyncio.sleep(LOOK_EVERY)

    async def once(self) -> bool:
        """Make the oldest that waits; whether there was any. Raises `Unreachable`: it goes on from its last step."""
        task = await self._rows.next()
        if task is None:
            return False
        for left in reversed(range(TRIES)):
            try:
                await self._make(task)
            except OSError as full:
                _log.error("export %s: %s", task.id, full)
                if left:
                    await asyncio.sleep(self._again_after)
                    continue
                await self._rows.failed(task.id, full.strerror or str(full))
                await self._drop(task.id)
            return True
        return True

    async def _make(self, task: ExportTask) -> None:
        done = await asyncio.to_thread(self._packing.resume, task.id)
        entries = await self._rows.exportable(task.calls)
        while done < len(entries):
            step = entries[done : done + self._step]
            done += len(step)
            size = await asyncio.to_thread(self._packing.add, task.id, step, done)
            await self._rows.progressed(task.id, done, size)
        await self._rows.finished(task.id, await asyncio.to_thread(self._packing.finish, task, entries))
        await self._drop(task.id)

    async def _drop(self, export: str) -> None:
        try:
            await asyncio.to_thread(self._packing.drop, export)
        except OSError as stuck:
            _log.error("export %s: its part file stays: %s", export, stuck)
