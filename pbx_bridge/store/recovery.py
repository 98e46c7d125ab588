"""What the database believed when the bridge went away."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pbx_bridge.core.ids import NodeId
from pbx_bridge.core.recovery import CenterTotals, Recovery

from . import agents, attempts, calls, jobs
from .claims import release_node
from .pool import connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection, Pool

SQL = statements("totals")


async def load_recovery(pool: "Pool", node: NodeId, zone: str = "Asia/Tokyo") -> Recovery:
    """Everything open, from one snapshot; «today» begins at midnight in `zone`. The node's claimed leads go back."""
    now = datetime.now(UTC)
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    async with connected(pool) as connection, connection.transaction(isolation="repeatable_read"):
        await release_node(connection, node)
        return Recovery(
            agents=await agents.signed_in(connection),
            calls=await calls.open_calls(connection, node),
            attempts=await attempts.open_attempts(connection, node),
            totals=await _totals(connection, midnight),
            jobs=await jobs.memories(connection, now.timestamp(), midnight),
        )


async def _totals(connection: "Connection", midnight: float) -> tuple[CenterTotals, ...]:
    return tuple(CenterTotals(**row) for row in await connection.fetch(SQL["today"], midnight))
