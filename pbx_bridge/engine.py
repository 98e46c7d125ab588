"""The engine: turns the pure switchboard by the clock, and carries out what it says.

Everything passes here one after the other: events from Asterisk, commands from people, time. What comes out takes two
roads. Facts go to the writer, which commits them, shows them, answers the commands they came from, and only then
lets Originates leave (an attempt is written down before it is dialed). Every other action leaves at once: an
answered customer does not wait for a disk.
"""

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

from msgspec import Struct

from .clock import Clock
from .core.actions import Action, CallAgent, CallLine, Join, Originate
from .core.board import Snapshot
from .core.commands import ClaimLeads, Command, JoinFailed, Lead, LeadsClaimed, LineFailed, OriginateFailed, Reconfigure
from .core.errors import Garbled, Refused, Rejected, Unreachable
from .core.events import Event, Seed
from .core.facts import AttemptPlaced, Fact
from .core.outcome import Outcome
from .core.projection import Board
from .core.switchboard import Switchboard
from .hub import Hub
from .ports.engine import Live

_log = logging.getLogger(__name__)

COMMAND_SECONDS = 5.0
"""A command that is not on disk by then is answered `Unreachable`; a caller on the phone waits no longer."""
MOST_WAITING = 50_000
"""Facts not yet on disk beyond which events are read no more: the link then cuts itself off and seeds again."""
TICK_SECONDS = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


class Ledger(Protocol):
    """Where facts are written down."""

    async def commit(self, facts: list[Fact]) -> None:
        """All of them or none. Raises `Unreachable` when the database is away (the same batch may be given again)."""


class Exchange(Protocol):
    """Where actions go."""

    async def send(self, action: Action) -> object:
        """Raises `Rejected`, `Garbled` or `Unreachable`."""


Claim = Callable[[ClaimLeads], Awaitable[list[Lead]]]


class _Written(Struct):
    """One step's outcome on its way to the disk, and who waits for it."""

    facts: list[Fact]
    after: list[Originate | CallAgent]
    done: "asyncio.Future[None] | None"


class Engine:
    """One per process. Used on one event loop only."""

    def __init__(
        self,
        switchboard: Switchboard,
        board: Board,
        ledger: Ledger,
        exchange: Exchange,
        claim: Claim,
        silence: Callable[[], float],
        clock: Clock | None = None,
    ) -> None:
        """`silence`: seconds since Asterisk last said anything."""
        self._switchboard, self._board = switchboard, board
        self._ledger, self._exchange, self._claim = ledger, exchange, claim
        self._silence, self._clock = silence, clock or Clock()
        self._hub = Hub()
        self._queue: deque[_Written] = deque()
        self._waiting = 0
        self._filled, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._seeded = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.facts_written = 0
        self.steps = 0

    # -- the ways in -----------------------------------------------------------------------------------------------

    async def hear(self, events: Iterable[Event]) -> None:
        """Events in order. Waits while too much is still unwritten."""
        for event in events:
            self._take(self._switchboard.apply(event, self._clock.now()))
            if isinstance(event, Seed):
                self._seeded.set()
        await self._room.wait()

    async def submit(self, command: Command) -> None:
        """See `ports.engine.Engine.submit`."""
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                await self._seeded.wait()
                outcome = self._switchboard.decide(command, self._clock.now())
                if isinstance(command, Reconfigure):
                    self._hub.publish(self._board.reconfigure(command.directory))
                done = asyncio.get_running_loop().create_future()
                self._take(outcome, done)
                await done
        except TimeoutError:
            raise Unreachable(f"not written down within {COMMAND_SECONDS:.0f} s", unknown=True) from None

    async def run(self) -> None:
        """Until cancelled: writes, and lets time pass."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write())
            group.create_task(self._tick())

    # -- looking ---------------------------------------------------------------------------------------------------

    @property
    def linked(self) -> bool:
        """Whether Asterisk is connected and seeded."""
        return self._switchboard.linked

    @property
    def unwritten(self) -> int:
        """Facts waiting for the database."""
        return self._waiting

    def snapshot(self) -> Snapshot:
        return self._board.snapshot(self._clock.now())

    def data_age_ms(self) -> int | None:
        silence = self._silence()
        return int(silence * 1000.0) if math.isfinite(silence) else None

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Live]:
        with self._hub.subscribe() as deltas:
            yield Live(self.snapshot(), deltas)

    # -- carrying out ----------------------------------------------------------------------------------------------

    def _take(self, outcome: Outcome, done: "asyncio.Future[None] | None" = None) -> None:
        self.steps += 1
        after: list[Originate | CallAgent] = []
        for action in outcome.actions:
            if isinstance(action, Originate | CallAgent):
                after.append(action)
            else:
                self._spawn(self._send(action))
        for claim in outcome.claims:
            self._spawn(self._fetch(claim))
        if outcome.facts or after or done is not None:
            self._queue.append(_Written(outcome.facts, after, done))
            self._waiting += len(outcome.facts)
            if self._waiting > MOST_WAITING:
                self._room.clear()
            self._filled.set()

    def _spawn(self, work: "Awaitable[None]") -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, action: Action) -> None:
        try:
            await self._exchange.send(action)
        except (Garbled, Rejected, Unreachable) as error:
            self._not_carried_out(action, error)

    def _not_carried_out(self, action: Action, error: Garbled | Rejected | Unreachable) -> None:
        match action:
            case Originate(attempt=attempt):
                unknown = isinstance(error, Unreachable) and error.unknown
                self._take(self._decide(OriginateFailed(attempt, str(error), unknown)))
            case CallAgent() if isinstance(error, Unreachable) and error.unknown:
                pass  # it may ring: its channel, or the next seed, tells
            case CallLine(channel_id=channel) | CallAgent(channel_id=channel):
                self._take(self._decide(LineFailed(channel, str(error))))
            case Join(attempt=attempt):
                self._take(self._decide(JoinFailed(attempt, str(error))))
            case _:
                # Of settings the next seed tells the truth again; a channel to hang up or redirect is mostly gone.
                _log.info("%s was not carried out: %s", type(action).__name__, error)

    def _decide(self, command: Command) -> Outcome:
        return self._switchboard.decide(command, self._clock.now())

    async def _fetch(self, claim: ClaimLeads) -> None:
        try:
            leads = tuple(await self._claim(claim))
        except Unreachable as error:
            _log.warning("no leads for job %s: %s", claim.job, error)
            leads = ()
        self._take(self._decide(LeadsClaimed(claim.job, leads)))

    async def _tick(self) -> None:
        while True:
            deadline = self._switchboard.deadline()
            left = TICK_SECONDS if deadline is None else deadline - self._clock.now()
            await asyncio.sleep(min(TICK_SECONDS, max(0.001, left)))
            outcome = self._switchboard.tick(self._clock.now())
            if outcome:
                self._take(outcome)

    # -- writing down ----------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        while True:
            await self._filled.wait()
            batch = list(self._queue)
            self._queue.clear()
            self._filled.clear()
            facts = [fact for written in batch for fact in written.facts]
            refused = await self._commit(facts) if facts else set()
            self._waiting -= len(facts)
            if self._waiting <= MOST_WAITING // 2:
                self._room.set()
            self._publish([fact for fact in facts if id(fact) not in refused])
            for written in batch:
                self._release(written, refused)

    async def _commit(self, facts: list[Fact]) -> set[int]:
        """Returns the identities of facts that can never be written."""
        if await self._committed(facts):
            return set()
        # One of them is at fault: find it, keep the others.
        return {id(fact) for fact in facts if not await self._committed([fact])}

    async def _committed(self, facts: list[Fact]) -> bool:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._ledger.commit(facts)
            except Unreachable as error:
                if pause == _FIRST_PAUSE:
                    _log.warning("the database is away, %d facts wait: %s", self._waiting, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except Exception as error:
                if len(facts) == 1:
                    _log.error("cannot be written: %r: %s", facts[0], error)
                return False
            else:
                self.facts_written += len(facts)
                return True

    def _publish(self, facts: list[Fact]) -> None:
        deltas = self._board.apply(facts)
        if deltas:
            self._hub.publish(deltas)

    def _release(self, written: _Written, refused: set[int]) -> None:
        unwritten = {fact.attempt for fact in written.facts if isinstance(fact, AttemptPlaced) and id(fact) in refused}
        for action in written.after:
            if action.attempt in unwritten:
                self._not_carried_out(action, Rejected("not written down"))
            else:
                self._spawn(self._send(action))
        if written.done is not None and not written.done.done():
            if any(id(fact) in refused for fact in written.facts):
                written.done.set_exception(Unreachable("the database refused it"))
            else:
                written.done.set_result(None)


__all__ = ["Claim", "Engine", "Exchange", "Ledger", "Refused"]
