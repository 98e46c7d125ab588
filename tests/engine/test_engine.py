"""The engine's order of things. Disk and exchange are stand-ins here: what is tried is who waits for whom."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from pbx_bridge.clock import Clock
from pbx_bridge.core import contexts, events
from pbx_bridge.core.actions import Action, Join, Originate, QueueAdd
from pbx_bridge.core.commands import ChangeStatus, ClaimLeads, JoinJob, Lead, SignIn, StartJob
from pbx_bridge.core.errors import Refused, Rejected, Unreachable
from pbx_bridge.core.events import Seed
from pbx_bridge.core.facts import AttemptEnded, AttemptPlaced, Fact, SignedIn
from pbx_bridge.core.ids import AgentId, BootId, LeadId, NodeId, TerminalId
from pbx_bridge.core.projection import Board
from pbx_bridge.core.recovery import Recovery
from pbx_bridge.core.switchboard import Switchboard
from pbx_bridge.engine import Engine
from tests.core.scene import JOB, Scene, directory, in_state

ONE = AgentId(1)
SEED = Seed(BootId("boot"), (), (), (), (), ())


class Disk:
    """A ledger whose door can be shut, and which refuses a kind of fact."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.open = asyncio.Event()
        self.open.set()
        self.away = False
        self.refuses: type[Fact] | None = None

    async def commit(self, facts: list[Fact]) -> None:
        if self.away:
            raise Unreachable("PostgreSQL: gone")
        await self.open.wait()
        if self.refuses is not None and any(isinstance(fact, self.refuses) for fact in facts):
            raise ValueError("refused")
        self.facts += facts


class Wire:
    """An exchange that notes what it was asked, and rejects a kind of action."""

    def __init__(self) -> None:
        self.sent: list[Action] = []
        self.rejects: type[Action] | None = None

    async def send(self, action: Action) -> object:
        self.sent.append(action)
        if self.rejects is not None and isinstance(action, self.rejects):
            raise Rejected("No such channel")
        return None


class Stage:
    def __init__(self) -> None:
        self.disk, self.wire = Disk(), Wire()
        people = directory(2)
        self.scene = Scene(people, seeded=False)
        self.engine = Engine(
            Switchboard(NodeId("main"), people),
            Board(people, Recovery()),
            self.disk,
            self.wire,
            self._claim,
            lambda: 0.0,
            Clock(),
        )

    async def _claim(self, claim: ClaimLeads) -> list[Lead]:
        return [Lead(LeadId(number), f"+8150000000{number:02}", "Asia/Tokyo") for number in range(1, 4)]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not true():
                await asyncio.sleep(0.005)

    def sent(self, kind: type[Action]) -> list[Action]:
        return [action for action in self.wire.sent if isinstance(action, kind)]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    it = Stage()
    running = asyncio.create_task(it.engine.run())
    try:
        yield it
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def dialing(it: Stage) -> events.Party:
    """Agent 1 on the open line, the job started; returns the line."""
    await it.engine.hear([SEED])
    await it.engine.submit(SignIn(ONE, TerminalId(1), "phone"))
    line = in_state(it.scene.party("1001", contexts.LINE), "Up")
    await it.engine.hear([events.NewChannel(line)])
    await it.engine.submit(JoinJob(ONE, JOB, line.uniqueid))
    await it.engine.hear([events.UserEvent(contexts.LINE_WAITING, line, {})])
    return line


async def test_a_command_is_answered_when_it_is_on_disk_and_the_board_shows_it() -> None:
    async with stage() as it:
        await it.engine.hear([SEED])
        it.disk.open.clear()
        answered = asyncio.create_task(it.engine.submit(SignIn(ONE, TerminalId(1), "phone")))
        await it.until(lambda: bool(it.sent(QueueAdd)))
        assert not answered.done()
        assert it.engine.snapshot().agents[0].condition == "logged_off"
        it.disk.open.set()
        await answered
        assert it.engine.snapshot().agents[0].condition == "available"


async def test_a_refusal_changes_nothing() -> None:
    async with stage() as it:
        await it.engine.hear([SEED])
        with pytest.raises(Refused, match="not-signed-in"):
            await it.engine.submit(ChangeStatus(ONE, "break", "web"))


async def test_an_attempt_is_on_disk_before_the_originate_leaves() -> None:
    async with stage() as it:
        await dialing(it)
        it.disk.open.clear()
        starting = asyncio.create_task(it.engine.submit(StartJob(JOB)))
        await it.until(lambda: it.engine.unwritten > 0)
        await asyncio.sleep(0.3)
        assert it.sent(Originate) == []
        it.disk.open.set()
        await starting
        await it.until(lambda: bool(it.sent(Originate)))
        assert any(isinstance(fact, AttemptPlaced) for fact in it.disk.facts)


async def test_an_attempt_that_cannot_be_written_is_never_dialed() -> None:
    async with stage() as it:
        await dialing(it)
        it.disk.refuses = AttemptPlaced
        await it.engine.submit(StartJob(JOB))
        await it.until(lambda: any(isinstance(fact, AttemptEnded) for fact in it.disk.facts))
        assert it.sent(Originate) == []


async def test_a_database_away_keeps_facts_in_order_and_writes_them_later() -> None:
    async with stage() as it:
        await it.engine.hear([SEED])
        it.disk.away = True
        signing_in = asyncio.create_task(it.engine.submit(SignIn(ONE, TerminalId(1), "phone")))
        await asyncio.sleep(0.2)
        assert not signing_in.done()
        it.disk.away = False
        await signing_in
        assert any(isinstance(fact, SignedIn) for fact in it.disk.facts)


async def test_a_rejected_join_is_tried_again_with_the_customer_still_there() -> None:
    async with stage() as it:
        line = await dialing(it)
        it.wire.rejects = Join
        await it.engine.submit(StartJob(JOB))
        await it.until(lambda: bool(it.sent(Originate)))
        originate = it.sent(Originate)[0]
        assert isinstance(originate, Originate)
        customer = in_state(it.scene.party("carrier", contexts.ATTEMPT, id=originate.channel_id), "Up")
        await it.engine.hear([events.NewChannel(customer), events.UserEvent(contexts.ATTEMPT_ANSWERED, customer, {})])
        await it.until(lambda: len(it.sent(Join)) > 1)
        assert {(action.line, action.customer) for action in it.sent(Join) if isinstance(action, Join)} == {
            (line.channel, customer.channel)
        }


async def test_a_subscriber_gets_the_whole_and_then_what_changes() -> None:
    async with stage() as it:
        await it.engine.hear([SEED])
        async with it.engine.subscribe() as live:
            await it.engine.submit(SignIn(ONE, TerminalId(1), "phone"))
            seen = live.snapshot.seq
            async with asyncio.timeout(5):
                async for delta in live.deltas:
                    assert delta.seq == seen + 1
                    seen = delta.seq
                    if delta.kind == "agent":
                        break


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_clock_step_moves_no_timer_by_more_than_a_twentieth(step: float) -> None:
    wall, mono = [1_000_000.0], [500.0]
    clock = Clock(lambda: wall[0], lambda: mono[0])
    before = clock.now()
    wall[0] += step
    for _ in range(100):
        wall[0] += 0.1
        mono[0] += 0.1
        after = clock.now()
        assert after >= before
    assert after - 1_000_000.0 == pytest.approx(10.0, abs=0.51)
