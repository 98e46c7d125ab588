"""Facts about calls become rows of `call`, `call_event` and `recording`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pbx_bridge.core.facts import CallAnswered, CallEnded, CallEvent, CallRecorded, CallStarted, CallTransferred
from pbx_bridge.core.ids import AgentId, CallId, NodeId
from pbx_bridge.core.recovery import OpenCall

from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection

SQL = statements("calls")
_Step = tuple[str, float, str, int | None, int | None, str]
"""call, at, kind, center, agent, detail."""


async def start(connection: "Connection", facts: Sequence[CallStarted]) -> None:
    """A call seen again (a seed, a batch sent twice) is the same row."""
    await connection.executemany(
        SQL["start"],
        [
            (
                fact.call,
                fact.node,
                fact.boot,
                fact.channel,
                fact.at,
                fact.direction,
                fact.from_number,
                fact.to_number,
                fact.center,
                fact.job,
                fact.attempt,
                fact.agent,
                fact.reason,
            )
            for fact in facts
        ],
    )
    await _had(connection, [(fact.call, fact.agent) for fact in facts])
    await _tell(connection, [(fact.call, fact.at, "arrived", fact.center, fact.agent, fact.reason) for fact in facts])


async def answer(connection: "Connection", facts: Sequence[CallAnswered]) -> None:
    """Who talks, since when, and how long the customer had waited."""
    rows = [(fact.call, fact.at, fact.agent, fact.terminal, fact.waited) for fact in facts]
    await connection.executemany(SQL["answer"], rows)
    await _had(connection, [(fact.call, fact.agent) for fact in facts])
    await _tell(connection, [(fact.call, fact.at, "answered", None, fact.agent, "") for fact in facts])


async def transfer(connection: "Connection", facts: Sequence[CallTransferred]) -> None:
    """A transfer is a step of the story: where to, and which kind."""
    rows = [(fact.call, fact.at, f"{fact.kind}_transfer", None, fact.agent, fact.to) for fact in facts]
    await _tell(connection, rows)


async def tell(connection: "Connection", facts: Sequence[CallEvent]) -> None:
    """Steps of a call; the first that names a center puts the call there."""
    await _tell(connection, [(fact.call, fact.at, fact.kind, fact.center, fact.agent, fact.detail) for fact in facts])
    await _had(connection, [(fact.call, fact.agent) for fact in facts if fact.kind == "joined"])
    reached = [(fact.call, fact.center) for fact in facts if fact.kind == "queued" and fact.center is not None]
    if reached:
        await connection.executemany(SQL["reach_center"], reached)


async def record(connection: "Connection", node: NodeId, facts: Sequence[CallRecorded]) -> None:
    """A recorder writes below this node's spool directory."""
    await connection.executemany(SQL["record"], [(fact.call, node, fact.path, fact.at) for fact in facts])


async def end(connection: "Connection", facts: Sequence[CallEnded]) -> None:
    """The last word, once: `lost` never overwrites a true end; a true end does replace `lost`."""
    rows = [(fact.call, fact.at, fact.result, fact.cause, fact.ended_by) for fact in facts]
    await connection.executemany(SQL["end"], rows)
    await connection.executemany(SQL["tell_end"], [(fact.call, fact.at, fact.result) for fact in facts])
    await connection.executemany(SQL["end_recording"], [(fact.call,) for fact in facts])


async def open_calls(connection: "Connection", node: NodeId) -> tuple[OpenCall, ...]:
    """The node's calls without an end, oldest first."""
    rows = await connection.fetch(SQL["open"], node)
    return tuple(
        OpenCall(
            call=row["id"],
            boot=row["boot"],
            channel=row["channel"],
            direction=row["direction"],
            started_at=row["started_at"],
            answered=row["answered"],
            center=row["center"],
            job=row["job"],
            attempt=row["attempt"],
            agent=row["agent"],
            talks_with=row["talks_with"],
            partner=row["partner"],
            from_number=row["from_number"],
            to_number=row["to_number"],
            promised=row["promised"],
            recorder=row["recorder"],
            paused_at=row["paused_at"],
            state=row["state"],
            state_since=row["state_since"],
            position=row["position"],
        )
        for row in rows
    )


async def _had(connection: "Connection", had: Sequence[tuple[CallId, AgentId | None]]) -> None:
    """Agents whose calls these are from now on, beside whoever had them before."""
    rows = [(call, agent) for call, agent in had if agent is not None]
    if rows:
        await connection.executemany(SQL["had"], rows)


async def _tell(connection: "Connection", steps: Sequence[_Step]) -> None:
    await connection.executemany(SQL["step"], steps)
