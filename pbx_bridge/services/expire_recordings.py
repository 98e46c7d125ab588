"""Delete what has been kept long enough: from the vault first, then in the books, with an audit row each.

Killed between the two, the next run deletes nothing and writes the row: a row that says «gone» is always true.
"""

import asyncio
import logging
from collections.abc import Callable

from pbx_bridge.ports.recordings import Retention

_log = logging.getLogger(__name__)

EXPIRE_EVERY = 86_400.0
"""Seconds between two runs; the first is at the start."""
EXPORT_DAYS = 7
"""Days that a finished export can be fetched."""
_AT_ONCE = 200


class ExpireRecordings:
    """`delete` takes a name below the vault, blocks, and does nothing when it is gone already.

    `keep_days` holds for calls of no center, and of centers without days of their own.
    """

    def __init__(self, retention: Retention, delete: Callable[[str], None], keep_days: int) -> None:
        self._retention, self._delete, self._keep_days = retention, delete, keep_days

    async def once(self) -> int:
        """Everything that is due now; how many recordings. Raises `Unreachable`; what cannot be deleted stays due."""
        gone = 0
        while due := await self._retention.due(self._keep_days, _AT_ONCE):
            before = gone
            for call in due:
                gone += await self._retention.expire(call, self._gone)
            if gone == before:
                break
        for name in await self._retention.exports_due(EXPORT_DAYS):
            if await self._gone(name):
                await self._retention.export_expired(name)
        return gone

    async def _gone(self, name: str) -> bool:
        try:
            await asyncio.to_thread(self._delete, name)
        except OSError as stuck:
            _log.error("%s cannot be deleted from the vault: %s", name, stuck)
            return False
        return True
