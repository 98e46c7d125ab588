"""Rows of recordings: `pbx_bridge.ports.recordings.Spool`, and where a call's file lies."""

from typing import TYPE_CHECKING

from pbx_bridge.core.ids import CallId, NodeId
from pbx_bridge.ports.recordings import Kept, Spooled

from .pool import connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Pool

SQL = statements("recordings")


class RecordingRows:
    """One node's recordings."""

    def __init__(self, pool: "Pool", node: NodeId) -> None:
        self._pool, self._node = pool, node

    async def waiting(self, limit: int) -> list[Spooled]:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(SQL["waiting"], self._node, limit)
        return [Spooled(row["call"], row["spool_path"], row["started_at"], row["talked_seconds"]) for row in rows]

    async def kept(self, call: CallId, kept: Kept) -> None:
        """See the port. Raises `Unreachable`."""
        await self._execute("kept", call, kept.path, kept.seconds, kept.rate, kept.channels, kept.bytes, kept.flags)

    async def failed(self, call: CallId, reason: str) -> None:
        """See the port. Raises `Unreachable`."""
        await self._execute("failed", call, reason)

    async def find(self, call: CallId) -> str | None:
        """The name below the vault of a call's playable recording."""
        async with connected(self._pool) as connection:
            path = await connection.fetchval(SQL["find"], call)
        return str(path) if path is not None else None

    async def _execute(self, statement: str, *arguments: object) -> None:
        async with connected(self._pool) as connection:
            await connection.execute(SQL[statement], *arguments)
