"""Watch the room that recordings have left (reliability.md F10: a full disk ends a recording silently).

The policy is small on purpose. When room gets tight everybody is told: an error in the log, an audit row, `low` for
whoever shows the service's health. Calls go on and recording is not switched off: each second that still fits is worth
having, and a call without sound is flagged short. Nothing is deleted before its day, so a full disk is
never a way to lose evidence.
"""

import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from pbx_bridge.ports.accounts import AuditTrail

_log = logging.getLogger(__name__)

LOOK_EVERY = 30.0
"""Seconds between two looks."""
TIGHT = 5_000_000_000
"""Bytes. A call of one hour takes 0.12 GB while it is spooled: at 50 calls this is most of an hour's warning."""
EASED = TIGHT * 6 // 5
"""Bytes from which all is well again: one warning for each time it gets tight."""


def free_bytes(place: Path) -> int:
    """Room left for us on the disk of `place`. Raises OSError."""
    return shutil.disk_usage(place).free


class WatchRecordingSpace:
    """`places` by what they are called in the warning."""

    def __init__(self, places: Mapping[str, Path], audit: AuditTrail, free: Callable[[Path], int] = free_bytes) -> None:
        self._places, self._audit, self._free = places, audit, free
        self._low: dict[str, int] = {}

    @property
    def low(self) -> Mapping[str, int]:
        """Places with little room, and their bytes at the last look; a place that cannot be seen has none."""
        return MappingProxyType(self._low)

    async def once(self) -> None:
        """One look. Raises `Unreachable` when the warning cannot be written down: the next look says it again."""
        for name, place in self._places.items():
            left = self._left(place)
            if name in self._low and left >= EASED:
                _log.info("room for recordings again: %s", name)
                await self._say("recording.space.eased", name, left)
                del self._low[name]
            elif name not in self._low and left < TIGHT:
                _log.error("little room for recordings: %s (%s) has %.1f GB left", name, place, left / 1e9)
                await self._say("recording.space.tight", name, left)
                self._low[name] = left
            elif name in self._low:
                self._low[name] = left

    def _left(self, place: Path) -> int:
        try:
            return self._free(place)
        except OSError as error:
            _log.error("%s cannot be looked at: %s", place, error)
            return 0

    async def _say(self, act: str, name: str, left: int) -> None:
        await self._audit.note(None, act, name, {"free_bytes": str(left)}, "")
