"""Watch the recorders of living calls: one that can no longer write says nothing itself (reliability.md F10).

Asterisk tells nobody but its own log that a write failed; the call goes on. But a recorder that works writes every
second, also while its recording is paused. So a file that stops growing under a call that talks is found here.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from time import time

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.accounts import AuditTrail
from pbx_bridge.ports.recordings import Recorders

_log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
"""Seconds between two looks."""
STALLED = 15.0
"""Seconds without a byte. Two phones that both send nothing stop the file as well."""


class WatchRecorders:
    """`directory` is the recorder's spool."""

    def __init__(
        self, recorders: Recorders, audit: AuditTrail, directory: Path, *, now: Callable[[], float] = time
    ) -> None:
        self._recorders, self._audit, self._directory, self._now = recorders, audit, directory, now
        self._stalled: set[CallId] = set()

    @property
    def stalled(self) -> frozenset[CallId]:
        """Living calls of which nothing is being written, at the last look."""
        return frozenset(self._stalled)

    async def once(self) -> None:
        """One look. Raises `Unreachable`: what could not be written down is said at the next one."""
        files = await self._recorders.living(STALLED)
        quiet = await asyncio.to_thread(self._quiet, files)
        self._stalled &= quiet
        for call in sorted(quiet - self._stalled):
            why = "no sound arrives from either side, or there is no room left in"
            _log.error("nothing is recorded of call %s any more: %s %s", call, why, self._directory)
            await self._audit.note(None, "recording.stalled", call, {"file": files[call]}, "")
            self._stalled.add(call)

    def _quiet(self, files: dict[CallId, str]) -> set[CallId]:
        return {call for call, name in files.items() if not self._written_within(self._directory / Path(name).name)}

    def _written_within(self, file: Path) -> bool:
        try:
            return self._now() - file.stat().st_mtime < STALLED
        except OSError:
            return False
