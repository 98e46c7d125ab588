"""The directory as it changes, whoever changes it: the web, the command line, another bridge, a person with psql."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from pbx_bridge.core.directory import Directory
from pbx_bridge.core.errors import Unreachable

from .directory import read_directory
from .pool import Pool, connected

_CHANNEL = "pbx_directory"
"""See migration 0005."""
_AWAY_SECONDS = 1.0


async def directories(pool: Pool, most_seconds: float = 60.0) -> AsyncGenerator[Directory, None]:
    """First the directory as it is, then each new one, within a moment of the change; endless.

    Keeps one connection of the pool. While PostgreSQL is away it waits; afterwards, and every `most_seconds` in any
    case, it looks for itself. Close it (`aclosing`) to give the connection back.
    """
    known: Directory | None = None
    while True:
        try:
            async with aclosing(_while_connected(pool, most_seconds)) as looks:
                async for found in looks:
                    if found != known:
                        known = found
                        yield found
        except Unreachable:
            await asyncio.sleep(_AWAY_SECONDS)


async def _while_connected(pool: Pool, most_seconds: float) -> AsyncGenerator[Directory, None]:
    changed = asyncio.Event()

    def tell(*_: object) -> None:
        changed.set()

    async with connected(pool) as connection:
        await connection.add_listener(_CHANNEL, tell)
        connection.add_termination_listener(tell)
        try:
            while not connection.is_closed():
                changed.clear()  # before looking: what is told meanwhile makes us look again
                yield await read_directory(connection)
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), most_seconds)
        finally:
            if not connection.is_closed():
                connection.remove_termination_listener(tell)
                await connection.remove_listener(_CHANNEL, tell)
