"""The port `Redials` on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pbx_bridge.core.commands import Lead
from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.redials import NewRedial, Promised, Redial, RedialChange

from .pool import connected
from .records import record
from .statements import statements

if TYPE_CHECKING:
    from .pool import Pool

SQL = statements("redials")


class RedialRows:
    """«Today» ends at midnight in `zone`."""

    def __init__(self, pool: "Pool", zone: str = "Asia/Tokyo") -> None:
        self._pool, self._zone = pool, ZoneInfo(zone)

    async def due(self, agent: AgentId) -> list[Redial]:
        """See the port."""
        today = datetime.now(UTC).astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return await self._read("NOT r.done AND r.due_at < $2", agent, today + timedelta(days=1))

    async def open(self, agent: AgentId | None) -> list[Redial]:
        """See the port."""
        return await self._read("NOT r.done AND ($2::bigint IS NULL OR r.agent = $2)", None, agent)

    async def find(self, id: str, agent: AgentId | None = None) -> Redial | None:
        """See the port."""
        found = await self._read("r.id = $2", agent, _number(id))
        return found[0] if found else None

    async def promise(self, new: NewRedial, by: AgentId) -> str | None:
        """See the port."""
        values = (_number(new.record), by, new.agent, new.due_at, new.memo)
        async with connected(self._pool) as connection:
            id: str | None = await connection.fetchval(SQL["promise"], *values)
        return id

    async def change(self, seen: Redial, to: RedialChange) -> bool:
        """See the port."""
        now = (to.due_at, to.agent, to.memo, to.state == "done")
        was = (seen.due_at, seen.agent, seen.state == "done")
        async with connected(self._pool) as connection:
            return await connection.fetchval(SQL["change"], _number(seen.id), *now, *was) is not None

    async def promised(self, id: str, agent: AgentId) -> Promised | None:
        """See the port."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["promised"], _number(id), agent)
        return None if row is None else record({**row, "lead": record(row, Lead)}, Promised)

    async def _read(self, where: str, *values: object) -> list[Redial]:
        async with connected(self._pool) as connection:
            rows = await connection.fetch(SQL["redials"].format(where=where), *values)
        return [record(row, Redial) for row in rows]


def _number(id: str) -> int:
    return int(id) if id.isascii() and id.isdecimal() and len(id) < 19 else 0
