"""The port `Sessions`: web sign-ins by the hash of their token."""

from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.accounts import Session

from .accounts import account_of
from .pool import Pool, connected
from .statements import statements

SQL = statements("sessions")


class SessionRows:
    """A session ends when nobody used it for `idle_seconds` (to within a minute)."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(self, account: AgentId, token_hash: bytes, csrf: str, address: str, idle_seconds: float) -> None:
        """Also clears away sessions that have ended."""
        async with connected(self._pool) as connection, connection.transaction():
            await connection.execute(SQL["sweep"])
            await connection.execute(SQL["open"], token_hash, account, csrf, address, idle_seconds)

    async def find(self, token_hash: bytes) -> Session | None:
        """A living one, its end pushed forward."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["find"], token_hash)
        return Session(account_of(row), row["csrf"], row["session_expires_at"]) if row else None

    async def close(self, token_hash: bytes) -> None:
        """Signing out; an unknown one is fine."""
        async with connected(self._pool) as connection:
            await connection.execute(SQL["close"], token_hash)

    async def close_others(self, account: AgentId, token_hash: bytes | None) -> list[bytes]:
        """See the port."""
        async with connected(self._pool) as connection:
            return [row["token_hash"] for row in await connection.fetch(SQL["close_others"], account, token_hash)]
