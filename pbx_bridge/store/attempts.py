"""Facts about dials become rows of `attempt`; the lead follows in the same transaction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import asyncpg

from pbx_bridge.core.errors import BridgeError
from pbx_bridge.core.facts import AttemptAnswered, AttemptConnected, AttemptEnded, AttemptPlaced, LeadReleased
from pbx_bridge.core.ids import AttemptId, LeadId, NodeId
from pbx_bridge.core.recovery import OpenAttempt

from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection

SQL = statements("attempts")


class AlreadyPlaced(BridgeError):
    """This lead may not be dialed now by this node: it has an open attempt, the claim is not (any more) ours, or its
    number has since come under a rule (do-not-call, dials a day). Nothing of the batch was written."""

    def __init__(self, attempt: AttemptId, lead: LeadId) -> None:
        super().__init__(f"attempt {attempt}: lead {lead} is not this node's to dial now")
        self.attempt = attempt
        self.lead = lead


async def place(connection: "Connection", node: NodeId, facts: Sequence[AttemptPlaced]) -> None:
    """Before any Originate. Raises `AlreadyPlaced` for the first fact the database refuses."""
    for fact in sorted(facts, key=lambda fact: fact.number):  # one order everywhere: no deadlock over numbers
        await connection.execute(SQL["hold_number"], fact.number)
        campaign = await _take(connection, node, fact)
        if campaign is None:
            raise AlreadyPlaced(fact.attempt, fact.lead)
        try:
            await connection.execute(
                SQL["place"],
                fact.attempt,
                node,
                fact.job,
                fact.lead,
                campaign,
                fact.number,
                fact.ordinal,
                fact.at,
                fact.answer_probability,
                fact.by_hand,
            )
        except asyncpg.UniqueViolationError:
            raise AlreadyPlaced(fact.attempt, fact.lead) from None


async def _take(connection: "Connection", node: NodeId, fact: AttemptPlaced) -> int | None:
    """The lead's campaign; None when it may not be dialed."""
    if fact.by_hand:
        args = (fact.lead, fact.job, fact.ordinal, fact.at)
        campaign: int | None = await connection.fetchval(SQL["take_promised"], *args)
    else:
        campaign = await connection.fetchval(SQL["take_lead"], fact.lead, node, fact.job, fact.ordinal, fact.at)
    return campaign


async def answer(connection: "Connection", facts: Sequence[AttemptAnswered]) -> None:
    """Somebody (or a machine) picked up."""
    await connection.executemany(SQL["answer"], [(fact.attempt, fact.at) for fact in facts])


async def connect(connection: "Connection", facts: Sequence[AttemptConnected]) -> None:
    """With an agent: the conversation gets its response record, not written yet, and a promise to call is kept."""
    await connection.executemany(SQL["connect"], [(fact.attempt, fact.at, fact.agent, fact.waited) for fact in facts])
    await connection.executemany(SQL["begin_record"], [(fact.attempt, fact.agent, fact.at) for fact in facts])
    await connection.executemany(SQL["keep_promise"], [(fact.attempt,) for fact in facts])


async def end(connection: "Connection", facts: Sequence[AttemptEnded]) -> None:
    """The result, once; the lead is done, or waits for its next time."""
    await connection.executemany(
        SQL["end"],
        [(fact.attempt, fact.at, fact.result, fact.cause, fact.charged, fact.retry_at) for fact in facts],
    )


async def release(connection: "Connection", node: NodeId, facts: Sequence[LeadReleased]) -> None:
    """Claims given back before their lease ends; a claim that is not ours any more is left alone."""
    rows = [(fact.lead, node, fact.job, fact.retry_at, fact.at) for fact in facts]
    await connection.executemany(SQL["release"], rows)


async def open_attempts(connection: "Connection", node: NodeId) -> tuple[OpenAttempt, ...]:
    """The node's dials without an end: each may or may not have reached Asterisk."""
    rows = await connection.fetch(SQL["open"], node)
    return tuple(
        OpenAttempt(
            attempt=row["id"],
            job=row["job"],
            lead=row["lead"],
            number=row["number"],
            ordinal=row["ordinal"],
            placed_at=row["placed_at"],
            answered_at=row["answered_at"],
            connected_at=row["connected_at"],
            agent=row["agent"],
        )
        for row in rows
    )
