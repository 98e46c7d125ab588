"""Facts about agents become intervals of `status_interval`, `sign_in` and the login history."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pbx_bridge.core.facts import AgentChanged, HandRaised, SignedIn, SignedOut
from pbx_bridge.core.recovery import SignedInAgent

from .records import record
from .statements import statements

if TYPE_CHECKING:
    from asyncpg import Record

    from .pool import Connection

SQL = statements("agents")


async def change(connection: "Connection", facts: Sequence[AgentChanged]) -> None:
    """Each fact ends the agent's open interval and begins the next: no gap, no overlap."""
    first: dict[int, float] = {}
    follows: dict[int, float] = {}
    ends: list[float | None] = []
    for fact in reversed(facts):
        ends.append(follows.get(fact.agent))
        follows[fact.agent] = first[fact.agent] = fact.at
    ends.reverse()
    await connection.executemany(SQL["close_interval"], list(first.items()))
    await connection.executemany(
        SQL["open_interval"],
        [
            (
                fact.agent,
                fact.at,
                end,
                fact.condition,
                fact.status,
                fact.reason,
                fact.source,
                fact.terminal,
                fact.call,
                fact.job,
                fact.until,
                fact.pending,
            )
            for fact, end in zip(facts, ends, strict=True)
        ],
    )


async def sign(connection: "Connection", facts: Sequence[SignedIn | SignedOut]) -> None:
    """Who works from where, and the login history; in the order it happened."""
    for fact in facts:
        if isinstance(fact, SignedIn):
            await connection.execute(SQL["sign_in"], fact.agent, fact.terminal, fact.at)
            await _log_in(connection, fact, "signed_in", "")
        else:
            await connection.execute(SQL["sign_out"], fact.agent)
            await _log_in(connection, fact, "signed_out", fact.reason)


async def _log_in(connection: "Connection", fact: SignedIn | SignedOut, what: str, reason: str) -> None:
    said = (fact.at, what, fact.agent, fact.terminal, fact.source, reason or fact.source)
    await connection.execute(SQL["login"], *said)


async def raise_hands(connection: "Connection", facts: Sequence[HandRaised]) -> None:
    """A raised hand stays up until it is lowered, over restarts too."""
    for fact in facts:
        if fact.up:
            await connection.execute(SQL["raise_hand"], fact.agent, fact.at)
        else:
            await connection.execute(SQL["lower_hand"], fact.agent)


async def signed_in(connection: "Connection") -> tuple[SignedInAgent, ...]:
    """Everybody who works from a terminal now, with the condition and its beginning."""
    rows = await connection.fetch(SQL["signed_in"])
    return tuple(
        record({**row, "ended": None if row["ended_at"] is None else _ended(row)}, SignedInAgent) for row in rows
    )


def _ended(row: "Record") -> dict[str, object]:
    return {"at": row["ended_at"], "center": row["ended_center"], "job": row["ended_job"]}
