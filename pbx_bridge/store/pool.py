"""The connection pool and its codecs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import asyncpg
import msgspec

from pbx_bridge.core.errors import Misconfigured, Unreachable

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # «cannot switch to state …»: the connection was lost in the middle of a COPY
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What a server says, or asyncpg in its name, that goes away, starts, is full, or fails over: later it may work."""


@asynccontextmanager
async def connected(pool: "Pool") -> "AsyncIterator[Connection]":
    """A connection of the pool. What is the server's being away becomes `Unreachable`, whose outcome is unknown."""
    try:
        async with pool.acquire() as connection:
            try:
                yield connection
            except _AWAY:
                connection.terminate()  # in whatever state it is, nobody shall be given it again
                raise
    except _AWAY as error:
        if isinstance(error, ValueError):  # asyncpg's DataError: our own argument, wrong for ever
            raise
        if (task := asyncio.current_task()) is not None and task.cancelling():
            # The server went away while asyncpg was cancelling our query, and it tells the former: whoever tries
            # again after `Unreachable` would never end.
            raise asyncio.CancelledError from error
        raise Unreachable(f"PostgreSQL: {error or type(error).__name__}", unknown=True) from error


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def prepare_connection(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """jsonb as Python values. Given to pools and to lone connections alike."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=msgspec.json.decode)


async def _leave_as_it_is(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Instead of asyncpg's reset query, a round trip each time a connection is given back: nothing here leaves session
    state behind (locks end with their transaction, migrate's own is released), and open transactions are asyncpg's."""


def _where(dsn: str) -> str:
    """The DSN as it may be shown: without its password."""
    try:
        parts = urlsplit(dsn)
        return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or 5432}{parts.path}"
    except ValueError:
        return "the DSN"


async def open_pool(dsn: str, *, size: int = 10, connect_seconds: float = 10.0) -> "Pool":
    """A pool of up to `size` connections. Raises `Misconfigured`, in one line, when the DSN cannot work."""
    try:
        async with asyncio.timeout(connect_seconds):
            return await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=size,
                init=prepare_connection,
                reset=_leave_as_it_is,
                command_timeout=60.0,
                timeout=connect_seconds,
            )
    except TimeoutError:
        raise Misconfigured(f"PostgreSQL at {_where(dsn)} did not answer within {connect_seconds:g} s") from None
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Misconfigured(f"cannot use PostgreSQL at {_where(dsn)}: {error}") from None
