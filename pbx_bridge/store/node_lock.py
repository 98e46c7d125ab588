"""One bridge a node: a second one of the same name would give back the first one's leads and answer for its calls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.ids import NodeId

_SPACE = 0x70627862
"""«pbxb»: our corner of PostgreSQL's advisory locks."""
_PATIENCE = 5.0
"""Seconds to wait for a lock whose holder was killed a moment ago."""
_LOOK_EVERY = 1.0


@asynccontextmanager
async def node_lock(dsn: str, node: NodeId) -> AsyncIterator["NodeLock"]:
    """Held while the context lasts. Raises `Misconfigured` when another bridge runs under this name."""
    lock = NodeLock(dsn, node)
    await lock.take()
    try:
        yield lock
    finally:
        await lock.give_back()


class NodeLock:
    """A session-level advisory lock (PostgreSQL 13.3.5): it ends with the connection, so no crash leaves it behind."""

    def __init__(self, dsn: str, node: NodeId) -> None:
        self._dsn, self._node = dsn, node
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def take(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=_PATIENCE)
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1, hashtext($2))", _SPACE, self._node):
            if asyncio.get_running_loop().time() > deadline:
                await connection.close()
                raise Misconfigured(
                    f"another bridge runs as node {self._node!r}: stop it, or give this one its own node.name"
                )
            await asyncio.sleep(0.1)
        self._connection = connection

    async def keep(self) -> None:
        """Until cancelled: takes the lock again after PostgreSQL was away. Raises `Misconfigured` as `take`."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            if self._connection is None or self._connection.is_closed():
                try:
                    await self.take()
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    self._connection = None

    async def give_back(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
