"""The audit trail: append-only by trigger, tamper-evident by a chain of hashes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from pbx_bridge.core.ids import AgentId

from .pool import connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection, Pool

SQL = statements("audit")
_GENESIS = bytes(32)


def _link(
    previous: bytes,
    id: int,
    at: datetime,
    actor: int | None,
    act: str,
    target: str,
    origin: str,
    detail: Mapping[str, str],
) -> bytes:
    said = [
        id,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        actor,
        act,
        target,
        origin,
        sorted(detail.items()),
    ]
    return sha256(previous + msgspec.json.encode(said, enc_hook=int)).digest()


async def append(
    connection: "Connection",
    at: float,
    actor: AgentId | None,
    act: str,
    target: str,
    origin: str,
    detail: Mapping[str, str],
) -> None:
    """The next link, inside the caller's transaction; `at` in epoch seconds."""
    await connection.execute(SQL["lock"])
    last = await connection.fetchrow(SQL["last"])
    id, previous = (last["id"] + 1, last["hash"]) if last else (1, _GENESIS)
    moment = datetime.fromtimestamp(at, UTC)
    hash = _link(previous, id, moment, actor, act, target, origin, detail)
    await connection.execute(SQL["append"], id, moment, actor, act, target, origin, dict(detail), previous, hash)


async def verify(pool: "Pool") -> int | None:
    """None when every link holds, else the id of the first row that was changed, or follows a removed one.

    A removed tail leaves no gap: compare the last id with one noted elsewhere.
    """
    previous, expected = _GENESIS, 1
    async with connected(pool) as connection, connection.transaction():
        async for row in connection.cursor(SQL["all"]):
            hash = _link(
                previous,
                row["id"],
                row["at"],
                row["actor"],
                row["act"],
                row["target"],
                row["origin"],
                row["detail"],
            )
            if row["id"] != expected or row["previous"] != previous or row["hash"] != hash:
                return expected
            previous, expected = hash, expected + 1
    return None


class AuditLog:
    """The port `AuditTrail`."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool

    async def note(self, actor: AgentId | None, act: str, target: str, detail: dict[str, str], origin: str) -> None:
        """One privileged act, now."""
        async with connected(self._pool) as connection, connection.transaction():
            now = datetime.now(UTC).timestamp()
            await append(connection, now, actor, act, target, origin, detail)
