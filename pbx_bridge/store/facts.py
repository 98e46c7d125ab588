"""Facts before fame: a batch of facts is one transaction, and a batch sent twice is written once."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, assert_never

import msgspec
from msgspec import Struct, field

from pbx_bridge.core import facts as f
from pbx_bridge.core.ids import NodeId

from . import agents, attempts, audit, callbacks, calls, jobs
from .pool import connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection, Pool

SQL = statements("facts")


class _Sorted(Struct):
    """A batch by kind of fact, each in the order it happened."""

    started: list[f.CallStarted] = field(default_factory=list)
    answered: list[f.CallAnswered] = field(default_factory=list)
    transferred: list[f.CallTransferred] = field(default_factory=list)
    told: list[f.CallEvent] = field(default_factory=list)
    recorded: list[f.CallRecorded] = field(default_factory=list)
    ended: list[f.CallEnded] = field(default_factory=list)
    signed: list[f.SignedIn | f.SignedOut] = field(default_factory=list)
    changed: list[f.AgentChanged] = field(default_factory=list)
    corrected: list[f.AgentCorrected] = field(default_factory=list)
    hands: list[f.HandRaised] = field(default_factory=list)
    run: list[f.JobStarted | f.JobStopped] = field(default_factory=list)
    placed: list[f.AttemptPlaced] = field(default_factory=list)
    picked_up: list[f.AttemptAnswered] = field(default_factory=list)
    connected: list[f.AttemptConnected] = field(default_factory=list)
    finished: list[f.AttemptEnded] = field(default_factory=list)
    released: list[f.LeadReleased] = field(default_factory=list)
    decided: list[f.PacerDecided] = field(default_factory=list)
    kept: list[f.PacerKept] = field(default_factory=list)
    seen: list[f.AsteriskSeen] = field(default_factory=list)

    def add(self, fact: f.Fact) -> None:
        match fact:
            case f.CallStarted():
                self.started.append(fact)
            case f.CallAnswered():
                self.answered.append(fact)
            case f.CallTransferred():
                self.transferred.append(fact)
            case f.CallEvent():
                self.told.append(fact)
            case f.CallRecorded():
                self.recorded.append(fact)
            case f.CallEnded():
                self.ended.append(fact)
            case f.SignedIn() | f.SignedOut():
                self.signed.append(fact)
            case f.AgentChanged():
                self.changed.append(fact)
            case f.AgentCorrected():
                self.corrected.append(fact)
            case f.HandRaised():
                self.hands.append(fact)
            case f.JobStarted() | f.JobStopped():
                self.run.append(fact)
            case f.AttemptPlaced():
                self.placed.append(fact)
            case f.AttemptAnswered():
                self.picked_up.append(fact)
            case f.AttemptConnected():
                self.connected.append(fact)
            case f.AttemptEnded():
                self.finished.append(fact)
            case f.LeadReleased():
                self.released.append(fact)
            case f.PacerDecided():
                self.decided.append(fact)
            case f.PacerKept():
                self.kept.append(fact)
            case f.AsteriskSeen():
                self.seen.append(fact)
            case f.TerminalReachable() | f.CallbacksOwed() | f.LineOpened() | f.LineClosed():
                pass  # only the live board shows these; agents' intervals tell the rest
            case _:
                assert_never(fact)

    async def write(self, connection: "Connection", node: NodeId) -> None:
        """Kinds go in the order one needs another."""
        if self.started:
            await calls.start(connection, self.started)
        if self.answered:
            await calls.answer(connection, self.answered)
        if self.transferred:
            await calls.transfer(connection, self.transferred)
        if self.told:
            await calls.tell(connection, self.told)
        if self.recorded:
            await calls.record(connection, node, self.recorded)
        if self.ended:
            await calls.end(connection, self.ended)
        if self.ended:
            await callbacks.need(connection, [fact.call for fact in self.ended])
        if self.answered:
            await callbacks.close(connection, [fact.call for fact in self.answered])
        await self._write_agents(connection, node)
        await self._write_dialing(connection, node)

    async def _write_agents(self, connection: "Connection", node: NodeId) -> None:
        if self.signed:
            await agents.sign(connection, self.signed)
        if self.changed:
            await agents.change(connection, self.changed)
        if self.hands:
            await agents.raise_hands(connection, self.hands)
        for corrected in self.corrected:
            detail = {"believed": corrected.believed, "found": corrected.found}
            await audit.append(
                connection, corrected.at, None, "agent_corrected", f"agent:{corrected.agent}", node, detail
            )
        for seen in self.seen:
            detail = {"up": str(seen.up).lower(), "boot": seen.boot or "", "reason": seen.reason}
            await audit.append(connection, seen.at, None, "asterisk_seen", f"node:{seen.node}", node, detail)

    async def _write_dialing(self, connection: "Connection", node: NodeId) -> None:
        if self.placed:
            await attempts.place(connection, node, self.placed)
        if self.picked_up:
            await attempts.answer(connection, self.picked_up)
        if self.connected:
            await attempts.connect(connection, self.connected)
        if self.finished:
            await attempts.end(connection, self.finished)
        if self.released:
            await attempts.release(connection, node, self.released)
        if self.run:
            await jobs.run(connection, self.run)
        if self.decided:
            await jobs.decide(connection, self.decided)
        if self.kept:
            await jobs.keep(connection, self.kept)


def _sorted(facts: Sequence[f.Fact]) -> list[_Sorted]:
    """The batch in parts: kinds are written together, so a new part begins where a lead that ended is placed again."""
    parts = [_Sorted()]
    ended: set[int] = set()
    for fact in facts:
        if isinstance(fact, f.AttemptEnded):
            ended.add(fact.lead)
        elif isinstance(fact, f.AttemptPlaced) and fact.lead in ended:
            parts.append(_Sorted())
            ended.clear()
        parts[-1].add(fact)
    return parts


class FactWriter:
    """Writes one node's facts. One batch at a time: the engine waits for each before it shows anything."""

    def __init__(self, pool: "Pool", node: NodeId) -> None:
        self._pool = pool
        self._node = node

    async def commit(self, facts: Sequence[f.Fact]) -> None:
        """All of them or none, in one transaction; facts already committed by the same batch are not written again.

        Raises `AlreadyPlaced` (a lead may not be dialed: take that fact out and send the rest again) and `Unreachable`
        (PostgreSQL did not answer: send the very same batch again; if it had been written it is recognised).
        """
        if not facts:
            return
        digest = blake2b(msgspec.msgpack.encode(facts, enc_hook=int), digest_size=16).digest()
        parts = _sorted(facts)
        async with connected(self._pool) as connection, connection.transaction():
            if await connection.fetchval(SQL["begin"], self._node, digest) is None:
                return
            for part in parts:
                await part.write(connection, self._node)
