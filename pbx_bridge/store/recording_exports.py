"""Rows of exports: `ports.recording_exports.ExportRows`, and what people see of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pbx_bridge.core.ids import AgentId, CallId, NodeId
from pbx_bridge.ports.recording_exports import Export, Exportable, ExportTask, Packed

from .audit import append
from .pool import connected
from .records import record
from .statements import statements

if TYPE_CHECKING:
    from .pool import Pool

SQL = statements("recording_exports")


class ExportBook:
    """One node's exports: the vault that an archive lies in is the node's."""

    def __init__(self, pool: "Pool", node: NodeId) -> None:
        self._pool, self._node = pool, node

    async def ask(self, id: str, by: AgentId, calls: Sequence[CallId], origin: str) -> Export:
        """Write an export down, with its audit row. Raises `Unreachable`."""
        async with connected(self._pool) as connection, connection.transaction():
            asked_at = await connection.fetchval(SQL["ask"], id, self._node, by, list(calls))
            said = {"calls": " ".join(calls)}
            await append(connection, datetime.now(UTC).timestamp(), by, "recording.export", id, origin, said)
        return Export(id, by, asked_at, "waiting", len(calls), 0, None, None, "")

    async def find(self, id: str) -> Export | None:
        """See `Exports.find`. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["find"], id)
        return None if row is None else record({**row, "by": row["account"]}, Export)

    async def place(self, id: str) -> Packed | None:
        """Where a ready export lies in this node's vault. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["place"], id, self._node)
        return None if row is None else Packed(row["path"], row["bytes"], 0, row["seconds"])

    async def next(self) -> ExportTask | None:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["next"], self._node)
        return None if row is None else ExportTask(*row.values())

    async def exportable(self, calls: Sequence[CallId]) -> list[Exportable]:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(SQL["exportable"], self._node, list(calls))
        return [Exportable(*row.values()) for row in rows]

    async def progressed(self, id: str, done: int, part_bytes: int) -> None:
        """See the port. Raises `Unreachable`."""
        await self._execute("progressed", id, done, part_bytes)

    async def finished(self, id: str, packed: Packed) -> None:
        """See the port. Raises `Unreachable`."""
        await self._execute("finished", id, packed.path, packed.bytes, packed.recordings, packed.seconds)

    async def failed(self, id: str, reason: str) -> None:
        """See the port. Raises `Unreachable`."""
        await self._execute("failed", id, reason)

    async def _execute(self, statement: str, *arguments: object) -> None:
        async with connected(self._pool) as connection:
            await connection.execute(SQL[statement], *arguments)
