"""Callbacks follow calls: made when a call ends that met nobody, closed when the customer is spoken with. The rows come
of calls alone, in the same transaction, so what the journal repairs is listed like what was seen live."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, get_args

from pbx_bridge.core.ids import AgentId, CallId, CenterId
from pbx_bridge.ports.callbacks import Callback, CallbackChange, CallbackFilter, CallbackReason
from pbx_bridge.ports.history import Page

from .keyset import Where, page
from .pool import connected
from .records import record
from .statements import statements

if TYPE_CHECKING:
    from asyncpg import Record

    from .pool import Connection, Pool

SQL = statements("callbacks")
_STRENGTH = list(get_args(CallbackReason))


async def need(connection: "Connection", ended: Iterable[CallId]) -> None:
    """Calls have ended: who met nobody is owed one."""
    await connection.execute(SQL["need"], list(ended), _STRENGTH)


async def more_known(connection: "Connection", calls: Iterable[CallId]) -> None:
    """Of ended calls it has only now become known what their callers asked for."""
    ended = list(calls)
    await need(connection, ended)
    await connection.execute(SQL["strengthen"], ended, _STRENGTH)


async def close(connection: "Connection", answered: Iterable[CallId]) -> None:
    """Calls were answered: what their customers were owed is done."""
    await connection.execute(SQL["close"], list(answered))


async def owed(pool: "Pool") -> tuple[tuple[CenterId, int], ...]:
    """How many callers each center owes a call, none too. Raises `Unreachable`."""
    async with connected(pool) as connection:
        return tuple((CenterId(row["center"]), row["count"]) for row in await connection.fetch(SQL["owed"]))


class CallbackRows:
    """The port `Callbacks`."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool

    async def page(self, where: CallbackFilter, cursor: str | None, limit: int) -> Page[Callback]:
        """Newest first, by the first missed call."""
        conditions = Where()
        if where.states is not None:
            conditions.add("state = ANY ({})", list(where.states))
        if where.centers is not None:
            conditions.add("center = ANY ({})", list(where.centers))
        async with connected(self._pool) as connection:
            return await page(connection, SQL["page"], conditions, ("since", "id"), cursor, limit, _callback)

    async def find(self, id: str) -> Callback | None:
        """One of them."""
        number = _number(id)
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["page"].format(where="id = $1", order=""), number)
        return _callback(row) if row else None

    async def change(self, seen: Callback, to: CallbackChange) -> bool:
        """False: it is no longer as it was seen."""
        async with connected(self._pool) as connection:
            changed = await connection.fetchval(
                SQL["change"], _number(seen.id), seen.state, to.state, to.agent, to.memo, seen.agent
            )
        return changed is not None

    async def centers_of(self, agent: AgentId) -> list[CenterId]:
        """Where the agent works."""
        async with connected(self._pool) as connection:
            return [CenterId(row["center"]) for row in await connection.fetch(SQL["centers_of"], agent)]


def _number(id: str) -> int:
    return int(id) if id.isascii() and id.isdecimal() and len(id) < 19 else 0


def _callback(row: "Record") -> Callback:
    return record({**row, "center_name": row["center_name"] or ""}, Callback)
