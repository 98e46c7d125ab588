"""The port `Marks` on PostgreSQL."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pbx_bridge.core.ids import AgentId, CallId
from pbx_bridge.ports.recording_marks import MAX_MARKS, CannotMark, Mark

from .audit import append
from .pool import connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection, Pool

SQL = statements("recording_marks")
_LONGEST_ID = 18
"""Digits that a bigint holds for certain."""


class MarkRows:
    """Every method raises `Unreachable` while PostgreSQL is away."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool

    async def of(self, call: CallId) -> list[Mark]:
        """See the port."""
        async with connected(self._pool) as connection:
            return [Mark(**row) for row in await connection.fetch(SQL["of"], call)]

    async def add(self, call: CallId, at: float, note: str, by: AgentId, origin: str) -> str:
        """See the port."""
        async with connected(self._pool) as connection, connection.transaction():
            await _hold(connection, call, at)
            if await connection.fetchval(SQL["count"], call) >= MAX_MARKS:
                raise CannotMark("too many")
            mark: str = await connection.fetchval(SQL["add"], call, at, note, by)
            await _note(connection, "recording.mark", call, at, by, origin)
        return mark

    async def change(
        self, call: CallId, mark: str, at: float | None, note: str | None, by: AgentId, origin: str
    ) -> bool:
        """See the port."""
        async with connected(self._pool) as connection, connection.transaction():
            if at is not None:
                await _hold(connection, call, at)
            stands = await connection.fetchval(SQL["change"], call, _number(mark), at, note)
            if stands is not None:
                await _note(connection, "recording.mark.change", call, stands, by, origin)
        return stands is not None

    async def remove(self, call: CallId, mark: str, by: AgentId, origin: str) -> bool:
        """See the port."""
        async with connected(self._pool) as connection, connection.transaction():
            stood = await connection.fetchval(SQL["remove"], call, _number(mark))
            if stood is not None:
                await _note(connection, "recording.mark.remove", call, stood, by, origin)
        return stood is not None


async def _hold(connection: "Connection", call: CallId, at: float) -> None:
    """Until the transaction ends nobody else marks the recording. Raises `CannotMark` where there is no sound."""
    seconds = await connection.fetchval(SQL["hold"], call)
    if seconds is None:
        raise CannotMark("no recording")
    if at > seconds:
        raise CannotMark("beyond the recording")


async def _note(connection: "Connection", act: str, call: CallId, at: float, by: AgentId, origin: str) -> None:
    now = datetime.now(UTC).timestamp()
    await append(connection, now, by, act, call, origin, {"at": f"{at:.3f}"})


def _number(mark: str) -> int:
    """Row ids begin at 1; what is no id finds nothing."""
    return int(mark) if mark.isascii() and mark.isdecimal() and len(mark) <= _LONGEST_ID else 0
