"""The port `Histories` on PostgreSQL."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from pbx_bridge.core.ids import AgentId, CallId
from pbx_bridge.ports.history import (
    ActivityRecord,
    AuditRecord,
    CallFilter,
    CallRecord,
    CallStep,
    CallStory,
    CdrRecord,
    LoginRecord,
    Page,
    RecordingRecord,
    Talk,
)

from .keyset import Where, page
from .pool import connected
from .records import record
from .statements import statements

if TYPE_CHECKING:
    from asyncpg import Record

    from .pool import Pool

SQL = statements("history")
T = TypeVar("T", bound=Struct)
_RECORDED = "EXISTS (SELECT FROM recording r WHERE r.call = call.id AND r.state = 'ready' AND r.{})"


class HistoryRows:
    """Every page raises `BadCursor` for a foreign cursor and `Unreachable` while PostgreSQL is away."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool

    async def calls(self, where: CallFilter, cursor: str | None, limit: int) -> Page[CallRecord]:
        """Newest first, by the moment a call began."""
        calls, key, conditions = call_range(where)
        sql = SQL["calls"].replace("{calls}", calls)
        async with connected(self._pool) as connection:
            return await page(connection, sql, conditions, key, cursor, limit, _call, str)

    async def call(self, id: CallId) -> CallStory | None:
        """One call with its steps in order and its recording."""
        async with (
            connected(self._pool) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            row = await connection.fetchrow(SQL["calls"].format(calls="call", where="id = $1", order=""), id)
            if row is None:
                return None
            steps = [CallStep(**step) for step in await connection.fetch(SQL["steps"], id)]
            talks = [record(talk, Talk) for talk in await connection.fetch(SQL["talks"], id)]
            recording = await connection.fetchrow(SQL["recording"], id)
        return CallStory(_call(row), steps, RecordingRecord(**recording) if recording else None, talks)

    async def set_memo(self, id: CallId, memo: str) -> bool:
        """False when there is no such call."""
        async with connected(self._pool) as connection:
            return await connection.fetchval(SQL["set_memo"], id, memo) is not None

    async def cdr(
        self, since: datetime | None, until: datetime | None, number: str, cursor: str | None, limit: int
    ) -> Page[CdrRecord]:
        """Asterisk's own records; `number` is a prefix of source, destination, or what a campaign dialed."""
        where = Where()
        where.period("started_at", since, until)
        if number:
            where.prefix(("src", "dst", "dialed"), number)
        key = ("started_at", "id")
        async with connected(self._pool) as connection:
            return await page(connection, SQL["cdr"], where, key, cursor, limit, _as(CdrRecord))

    async def activity(
        self, agent: AgentId | None, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[ActivityRecord]:
        """Status intervals that began in the period."""
        where = _somebodys("agent", agent)
        where.period("since", since, until)
        key = ("since", "id")
        async with connected(self._pool) as connection:
            return await page(connection, SQL["activity"], where, key, cursor, limit, _as(ActivityRecord))

    async def logins(
        self, account: AgentId | None, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[LoginRecord]:
        """Web logins and phone sign-ins, failed ones too."""
        where = _somebodys("account", account)
        where.period("at", since, until)
        key = ("at", "id")
        async with connected(self._pool) as connection:
            return await page(connection, SQL["logins"], where, key, cursor, limit, _as(LoginRecord))

    async def audit(
        self, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[AuditRecord]:
        """Privileged acts."""
        where = Where()
        where.period("at", since, until)
        key = ("at", "id")
        async with connected(self._pool) as connection:
            return await page(connection, SQL["audit"], where, key, cursor, limit, _as(AuditRecord))


def call_range(where: CallFilter) -> tuple[str, tuple[str, str], Where]:
    """Where calls of a filter are found so that a page is one range of one index: tables, the key in them, conditions.

    An agent's calls are those they had, whoever has them now.
    """
    calls, key = "call", ("started_at", "id")
    found = Where()
    if where.agent is not None:
        calls, key = "call_agent JOIN call ON call.id = call_agent.call", ("began", "call_agent.call")
        found.add("call_agent.agent = {}", where.agent)
    found.period(key[0], where.since, where.until)
    equal = {"center": where.center, "direction": where.direction, "result": where.result}
    for column, value in equal.items():
        if value is not None:
            found.add(f"{column} = {{}}", value)
    if where.number:
        found.prefix(("other_number",), where.number)
    if where.min_seconds is not None:
        found.add("talked_seconds >= {}", where.min_seconds)
    if where.min_talk_share is not None:
        found.add(_RECORDED.format("agent_share >= {}"), where.min_talk_share)
    if where.max_silence_share is not None:
        found.add(_RECORDED.format("silence_share <= {}"), where.max_silence_share)
    return calls, key, found


def _somebodys(column: str, account: AgentId | None) -> Where:
    where = Where()
    if account is not None:
        where.add(f"{column} = {{}}", account)
    return where


def _as(type_: type[T]) -> "Callable[[Record], T]":
    """Without the page's own key columns."""
    return lambda row: record(row, type_)


def _call(row: "Record") -> CallRecord:
    names = {"center": row["center_name"], "campaign": row["campaign_name"], "agent": row["agent_name"]}
    return record({**row, **names, "agent_id": row["agent"]}, CallRecord)
