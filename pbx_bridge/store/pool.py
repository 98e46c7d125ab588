"""The connection pool and its codecs."""

import asyncio
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import asyncpg
import msgspec

from pbx_bridge.core.errors import Misconfigured

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

CONNECTION_LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError)
"""What asyncpg raises when the server goes away: mid-query, between queries, or while it shuts down or starts."""


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def prepare_connection(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """jsonb as Python values. Given to pools and to lone connections alike."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=msgspec.json.decode)


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
                dsn, min_size=1, max_size=size, init=prepare_connection, command_timeout=60.0, timeout=connect_seconds
            )
    except TimeoutError:
        raise Misconfigured(f"PostgreSQL at {_where(dsn)} did not answer within {connect_seconds:g} s") from None
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Misconfigured(f"cannot use PostgreSQL at {_where(dsn)}: {error}") from None
