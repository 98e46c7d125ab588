"""Calls and recordings as rows, for tests that begin after the call."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pbx_bridge.core.ids import CallId, CenterId
from pbx_bridge.ports.recordings import Kept, TalkShares
from tests.store.rows import NODE

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

TALK = TalkShares(0.5, 0.25, 0.375, 0.125)


async def add_call(
    pool: "Pool",
    id: str,
    *,
    age: timedelta = timedelta(minutes=5),
    talked: float | None = 10.0,
    result: str | None = "answered",
    center: CenterId | None = None,
    channel: str | None = None,
) -> CallId:
    """A call that ended `age` ago (or lives, when `result` is None)."""
    ended = datetime.now(UTC) - age
    began = ended - timedelta(seconds=(talked or 0) + 2)
    await pool.execute(
        """INSERT INTO call (id, node, boot, channel, direction, from_number, to_number, started_at, answered_at,
                             ended_at, result, talked_seconds, center)
           VALUES ($1, $2, 'boot', $3, 'inbound', '+819011112222', '7000', $4, $5, $6, $7, $8, $9)""",
        id,
        NODE,
        channel or f"1790000000.{id}",
        began,
        began + timedelta(seconds=2),
        ended if result else None,
        result,
        talked if result else None,
        center,
    )
    return CallId(id)


async def add_recording(pool: "Pool", call: CallId, state: str = "spooled", path: str | None = None) -> None:
    """A recorder's row of a call that is there."""
    await pool.execute(
        """INSERT INTO recording (call, node, spool_path, state, started_at)
           SELECT id, node, $2, $3, answered_at FROM call WHERE id = $1""",
        call,
        path or f"{call}.raw",
        state,
    )


def kept(call: CallId, seconds: float = 10.0, talked: float | None = 10.0, *flags: str) -> Kept:
    """What a keeper says of it."""
    return Kept(f"2026/11/22/{call}.flac", seconds, 8000, 2, 1234, list(flags), "ab" * 32, talked, TALK)
