"""The port `Icons` on PostgreSQL."""

from hashlib import sha256

from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.icons import Icon

from .pool import Pool, connected
from .statements import statements

SQL = statements("icons")


class IconRows:
    """The bytes in a table of their own, their digest with the account: a page that only names a picture reads none."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, account: AgentId) -> Icon | None:
        """None when the account has no picture. Raises `Unreachable`."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["find"], account)
        return Icon(row["media_type"], row["body"]) if row else None

    async def put(self, account: AgentId, icon: Icon) -> None:
        """Also in the place of an older one. Raises `Unreachable`."""
        async with connected(self._pool) as connection, connection.transaction():
            await connection.execute(SQL["put"], account, icon.media_type, icon.body)
            await connection.execute(SQL["name"], account, sha256(icon.body).hexdigest()[:16])

    async def remove(self, account: AgentId) -> None:
        """None at all is fine. Raises `Unreachable`."""
        async with connected(self._pool) as connection, connection.transaction():
            await connection.execute(SQL["remove"], account)
            await connection.execute(SQL["name"], account, "")
