"""Rows of recordings (`ports.recordings`), from the recorder to their last day, and where a call's file lies."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pbx_bridge.core.ids import AgentId, CallId, NodeId
from pbx_bridge.ports.recordings import SHORT_SECONDS, Gap, Kept, Spooled

from .audit import append
from .pool import connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Pool

SQL = statements("recordings")
EXPORT_SQL = statements("recording_exports")


class RecordingRows:
    """One node's recordings, from the recorder's spool to the vault."""

    def __init__(self, pool: "Pool", node: NodeId) -> None:
        self._pool, self._node = pool, node

    async def waiting(self, limit: int, besides: Collection[CallId] = ()) -> list[Spooled]:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(SQL["waiting"], self._node, limit, list(besides))
        return [
            Spooled(
                row["call"],
                row["spool_path"],
                row["started_at"],
                row["talked_seconds"],
                row["lost"],
                tuple(Gap(*gap) for gap in zip(row["at"], row["seconds"], strict=True)),
            )
            for row in rows
        ]

    async def kept(self, call: CallId, kept: Kept) -> None:
        """See the port. Raises `Unreachable`."""
        talk = kept.talk
        shares = (talk.agent, talk.other, talk.silence, talk.overtalk) if talk else (None,) * 4
        file = (kept.path, kept.seconds, kept.rate, kept.channels, kept.bytes, kept.flags, kept.sha256)
        await self._execute("kept", call, *file, kept.talked_seconds, *shares, kept.gap_seconds)

    async def failed(self, call: CallId, reason: str) -> None:
        """See the port. Raises `Unreachable`."""
        await self._execute("failed", call, reason)

    async def find(self, call: CallId) -> str | None:
        """The name below the vault of a call's playable recording."""
        async with connected(self._pool) as connection:
            path = await connection.fetchval(SQL["find"], call)
        return str(path) if path is not None else None

    async def find_spooled(self, call: CallId) -> tuple[str, datetime] | None:
        """The file in this node's spool of a call that is over and not in the vault yet, and when it began."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["find_spooled"], call, self._node)
        return (row["spool_path"], row["started_at"]) if row else None

    async def living(self, talked: float) -> dict[CallId, str]:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(SQL["living"], self._node, talked)
        return {row["call"]: row["spool_path"] for row in rows}

    async def close(self) -> int:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            return len(await connection.fetch(SQL["close"], self._node))

    async def compare(self) -> list[CallId]:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(SQL["compare"], self._node, SHORT_SECONDS)
        return [row["call"] for row in rows if row["short"]]

    async def claimed(self, files: Mapping[str, datetime]) -> dict[str, bool]:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(SQL["claimed"], self._node, list(files), list(files.values()))
        return {row["spool_path"]: row["safe"] for row in rows}

    async def adopt(self, file: str, written_at: datetime) -> CallId | None:
        """See the port. Raises `Unreachable`."""
        channel = file.removesuffix(".raw")
        async with connected(self._pool) as connection:
            call = await connection.fetchval(SQL["adopt"], self._node, file, channel, written_at)
        return CallId(call) if call is not None else None

    async def _execute(self, statement: str, *arguments: object) -> None:
        async with connected(self._pool) as connection:
            await connection.execute(SQL[statement], *arguments)


class RetentionRows:
    """What of one node's recordings has been kept long enough."""

    def __init__(self, pool: "Pool", node: NodeId) -> None:
        self._pool, self._node = pool, node

    async def due(self, keep_days: int, limit: int) -> list[CallId]:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(SQL["due"], self._node, keep_days, limit)
        return [row["call"] for row in rows]

    async def expire(self, call: CallId, delete: Callable[[str], Awaitable[bool]]) -> bool:
        """See the port: the row is locked while its file goes. Raises `Unreachable`."""
        async with connected(self._pool) as connection, connection.transaction():
            row = await connection.fetchrow(SQL["lock_unheld"], call)
            if row is None or not await delete(row["path"]):
                return False
            await connection.execute(SQL["expired"], call)
            said = {"seconds": f"{row['seconds']:.3f}", "sha256": row["sha256"]}
            await append(connection, _now(), None, "recording.expired", call, "", said)
        return True

    async def hold(self, call: CallId, held: bool, by: AgentId, reason: str, origin: str) -> bool:
        """See the port. Raises `Unreachable`."""
        act = "recording.hold" if held else "recording.release"
        async with connected(self._pool) as connection, connection.transaction():
            if not await connection.fetchval(SQL["hold"], call, held):
                return False
            await append(connection, _now(), by, act, call, origin, {"reason": reason})
        return True

    async def exports_due(self, days: int) -> list[str]:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(EXPORT_SQL["due"], self._node, days)
        return [row["path"] for row in rows]

    async def export_expired(self, name: str) -> None:
        """See the port. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            await connection.execute(EXPORT_SQL["expired"], name)


def _now() -> float:
    return datetime.now(UTC).timestamp()
