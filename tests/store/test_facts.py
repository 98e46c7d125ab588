"""Facts are written once, together or not at all, and come back as what was believed."""

import asyncio
import random
import time
from typing import TYPE_CHECKING, Literal

import asyncpg
import msgspec
import pytest

from pbx_bridge.core import facts as f
from pbx_bridge.core.errors import Unreachable
from pbx_bridge.core.ids import AgentId, AttemptId, BootId, CallId, ChannelId, attempt_id, call_id
from pbx_bridge.core.recovery import OpenAttempt, OpenCall, SignedInAgent
from pbx_bridge.ports.history import CallFilter
from pbx_bridge.store.attempts import AlreadyPlaced
from pbx_bridge.store.audit import verify
from pbx_bridge.store.claims import Claims
from pbx_bridge.store.facts import FactWriter
from pbx_bridge.store.history import HistoryRows
from pbx_bridge.store.migrate import migrate
from pbx_bridge.store.pool import open_pool
from pbx_bridge.store.recovery import load_recovery
from tests.postgres import How, Restartable, folder
from tests.store.rows import NODE, OTHER_NODE, add_agent, add_center, add_job, add_leads, terminal_of

if TYPE_CHECKING:
    from pbx_bridge.core.ids import JobId, LeadId
    from pbx_bridge.store.pool import Pool

BOOT = BootId("boot")
T0 = 1_790_000_000.25


def started(channel: str, at: float = T0) -> f.CallStarted:
    return f.CallStarted(
        call=call_id(NODE, BOOT, ChannelId(channel)),
        node=NODE,
        boot=BOOT,
        channel=ChannelId(channel),
        at=at,
        direction="inbound",
        from_number="+819011112222",
        to_number="0312345678",
    )


def call(channel: str) -> CallId:
    return call_id(NODE, BOOT, ChannelId(channel))


async def claimed_attempt(pool: "Pool", job: "JobId", at: float, lead: "LeadId | None" = None) -> f.AttemptPlaced:
    (claim,) = await Claims(pool).claim(job, 1, NODE, at)
    assert lead is None or claim.id == lead
    ordinal = claim.attempts + 1
    return f.AttemptPlaced(attempt_id(job, claim.id, ordinal), job, claim.id, claim.number, ordinal, at, 0.3)


async def test_who_leaves_a_center_has_waited_in_its_queue_only(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    center = await add_center(pool, agent)
    writer = FactWriter(pool, NODE)

    def steps(channel: str, *kinds: tuple[float, Literal["queued", "left_queue"]]) -> list[f.Fact]:
        story = [f.CallEvent(call(channel), T0 + at, kind, center) for at, kind in kinds]
        arrived = msgspec.structs.replace(started(channel), center=center)
        return [arrived, *story, f.CallEnded(call(channel), T0 + 30, "abandoned")]

    await writer.commit(steps("1.1"))  # in the greeting
    await writer.commit(steps("1.2", (8, "queued")))
    await writer.commit(steps("1.3", (8, "queued"), (20, "left_queue")))  # overflowed, and heard a message
    await writer.commit([started("1.4"), f.CallEnded(call("1.4"), T0 + 30, "failed")])  # led nowhere
    rows = await pool.fetch("SELECT waited_seconds FROM call ORDER BY channel")
    assert [row["waited_seconds"] for row in rows] == [0, 22, 12, 30]


async def test_an_answered_call_is_one_row_with_its_story(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    center = await add_center(pool, agent)
    writer = FactWriter(pool, NODE)
    await writer.commit([started("1.1"), f.CallEvent(call("1.1"), T0 + 1, "queued", center)])
    await writer.commit(
        [
            f.CallEvent(call("1.1"), T0 + 2, "offered", center, agent),
            f.CallAnswered(call("1.1"), T0 + 5, agent, waited=4.0),
            f.CallRecorded(call("1.1"), T0 + 5, "x.raw"),
            f.CallTransferred(call("1.1"), T0 + 20, "blind", "1002", agent),
            f.CallEvent(call("1.1"), T0 + 24, "joined", center, None, "1002"),
            f.CallEnded(call("1.1"), T0 + 35, "answered", 16, "customer"),
        ]
    )
    row = await pool.fetchrow("SELECT *, extract(epoch FROM ended_at)::float8 AS ended FROM call")
    assert row is not None
    assert (row["center"], row["agent"], row["result"], row["ended_by"]) == (center, agent, "answered", "customer")
    assert (row["waited_seconds"], row["talked_seconds"], row["ended"]) == (4.0, 26.0, T0 + 35), "4 s rang at 1002"
    assert row["other_number"] == "+819011112222"
    kinds = [step["kind"] for step in await pool.fetch("SELECT kind FROM call_event ORDER BY at, id")]
    assert kinds == ["arrived", "queued", "offered", "answered", "blind_transfer", "joined", "ended"]
    assert await pool.fetchval("SELECT state FROM recording") == "spooled"


async def test_a_call_is_found_by_everybody_who_had_it(pool: "Pool") -> None:
    placed, answered, given, missed = [await add_agent(pool, number) for number in (1, 2, 3, 4)]
    outgoing = msgspec.structs.replace(started("1.1"), direction="outbound", agent=placed)
    await FactWriter(pool, NODE).commit(
        [
            outgoing,
            started("1.2", T0 + 1),
            f.CallEvent(call("1.2"), T0 + 2, "not_taken", None, missed),
            f.CallAnswered(call("1.2"), T0 + 5, answered, waited=4.0),
            f.CallTransferred(call("1.2"), T0 + 20, "blind", "1003", answered),
            f.CallEvent(call("1.2"), T0 + 24, "joined", None, given, "1003"),
        ]
    )

    async def found(agent: AgentId) -> list[CallId]:
        return [row.id for row in (await HistoryRows(pool).calls(CallFilter(agent=agent), None, 9)).rows]

    assert await found(placed) == [call("1.1")]
    assert await found(answered) == await found(given) == [call("1.2")]
    assert await found(missed) == []


async def test_the_same_batch_again_changes_nothing(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    batch: list[f.Fact] = [
        started("1.1"),
        f.CallEvent(call("1.1"), T0, "queued"),
        f.AgentChanged(agent, T0, "available", "available", "", "phone"),
    ]
    for _ in range(3):
        await FactWriter(pool, NODE).commit(batch)
    assert await pool.fetchval("SELECT count(*) FROM call_event") == 2
    assert await pool.fetchval("SELECT count(*) FROM status_interval") == 1


async def test_a_call_ends_once_and_lost_never_wins(pool: "Pool") -> None:
    writer = FactWriter(pool, NODE)
    await writer.commit([started("1.1"), f.CallEnded(call("1.1"), T0 + 9, "abandoned")])
    await writer.commit([f.CallEnded(call("1.1"), T0 + 99, "lost")])
    await writer.commit([f.CallEnded(call("1.1"), T0 + 99, "answered")])
    assert await pool.fetchval("SELECT result FROM call") == "abandoned"
    await writer.commit([started("1.2"), f.CallEnded(call("1.2"), T0 + 9, "lost")])
    await writer.commit([f.CallEnded(call("1.2"), T0 + 7, "busy")])
    assert await pool.fetchval("SELECT result FROM call WHERE id = $1", call("1.2")) == "busy"


async def test_intervals_follow_one_another_without_gap(pool: "Pool") -> None:
    agents = [await add_agent(pool, 1), await add_agent(pool, 2)]
    seed = random.randrange(2**32)
    print("seed", seed)
    dice, writer, now = random.Random(seed), FactWriter(pool, NODE), T0
    for _ in range(30):
        batch: list[f.Fact] = []
        for _ in range(dice.randint(1, 6)):
            now += dice.choice([0.0, 0.5, 3.0])
            status = dice.choice(["available", "break"])
            batch.append(f.AgentChanged(dice.choice(agents), now, "paused", status, "", "web"))
        await writer.commit(batch)
    for agent in agents:
        rows = await pool.fetch("SELECT since, until FROM status_interval WHERE agent = $1 ORDER BY id", agent)
        assert [row["until"] for row in rows[:-1]] == [row["since"] for row in rows[1:]]
        assert rows[-1]["until"] is None


async def test_what_was_believed_comes_back(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    center, job = await add_center(pool, agent), await add_job(pool, agent)
    await add_leads(pool, job, 2)
    terminal = await terminal_of(pool, agent)
    placed = await claimed_attempt(pool, job, T0)
    writer = FactWriter(pool, NODE)
    await writer.commit(
        [
            f.SignedIn(agent, terminal, T0, "phone"),
            f.AgentChanged(agent, T0, "available", "available", "", "phone", terminal),
            f.AgentChanged(agent, T0 + 60, "wrap_up", "wrap_up", "call", "system", terminal, until=T0 + 75),
            started("1.1"),
            f.CallEvent(call("1.1"), T0, "queued", center),
            f.JobStarted(job, T0, None),
            placed,
            f.AttemptAnswered(placed.attempt, T0 + 4),
            f.PacerKept(job, T0, b"{}"),
            f.PacerDecided(job, T0, 0, "agents", {"idle": 0.0}),
            f.HandRaised(agent, T0, True),
        ]
    )
    back = await load_recovery(pool, NODE)
    assert back.agents == (
        SignedInAgent(agent, terminal, "wrap_up", T0 + 60, T0 + 75, condition="wrap_up", reason="call"),
    )
    assert back.calls == (
        OpenCall(
            call=call("1.1"),
            boot=BOOT,
            channel=ChannelId("1.1"),
            direction="inbound",
            started_at=T0,
            answered=False,
            center=center,
            job=None,
            attempt=None,
            agent=None,
            from_number="+819011112222",
            to_number="0312345678",
            state="waiting",
            state_since=T0,
        ),
    )
    assert back.attempts == (OpenAttempt(placed.attempt, job, placed.lead, placed.number, 1, T0, T0 + 4),)
    (memory,) = back.jobs
    assert (memory.running, memory.state) == (True, b"{}")
    assert (await load_recovery(pool, OTHER_NODE)).calls == ()
    login = await pool.fetchrow("SELECT kind, what, origin, identity FROM login_event")
    assert login is not None
    assert tuple(login) == ("phone", "signed_in", "1001", "1001")


async def test_signing_out_forgets_the_terminal(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    terminal = await terminal_of(pool, agent)
    facts: list[f.Fact] = [f.SignedIn(agent, terminal, T0, "phone"), f.SignedOut(agent, terminal, T0 + 1, "phone")]
    await FactWriter(pool, NODE).commit(facts)
    assert (await load_recovery(pool, NODE)).agents == ()
    assert await pool.fetchval("SELECT count(*) FROM login_event") == 2


async def test_a_lead_with_an_open_attempt_is_not_dialed_again(pool: "Pool") -> None:
    job = await add_job(pool)
    (lead,) = await add_leads(pool, job, 1)
    placed = await claimed_attempt(pool, job, T0, lead)
    writer = FactWriter(pool, NODE)
    await writer.commit([placed])
    again = f.AttemptPlaced(AttemptId("second"), job, lead, placed.number, 2, T0 + 1)
    with pytest.raises(AlreadyPlaced) as refusal:
        await writer.commit([started("1.1"), again])
    assert refusal.value.attempt == "second"
    assert await pool.fetchval("SELECT count(*) FROM call") == 0, "all of the batch or nothing"
    with pytest.raises(AlreadyPlaced):
        await FactWriter(pool, OTHER_NODE).commit([again])
    await writer.commit([f.AttemptAnswered(placed.attempt, T0 + 2)])
    assert await pool.fetchval("SELECT count(*) FROM attempt") == 1


async def test_the_index_refuses_a_second_open_attempt_even_with_a_claim(pool: "Pool") -> None:
    job = await add_job(pool)
    (lead,) = await add_leads(pool, job, 1)
    placed = await claimed_attempt(pool, job, T0, lead)
    await FactWriter(pool, NODE).commit([placed])
    await pool.execute(
        "UPDATE lead SET state = 'claimed', claimed_by = 'two', claimed_job = $1, claimed_until = now()", job
    )
    with pytest.raises(AlreadyPlaced):
        await FactWriter(pool, OTHER_NODE).commit(
            [f.AttemptPlaced(AttemptId("second"), job, lead, placed.number, 2, T0 + 1)]
        )


@pytest.mark.parametrize(
    ("retry_at", "charged", "state", "attempts"),
    [(None, True, "done", 1), (T0 + 600, True, "retry", 1), (T0 + 600, False, "retry", 0)],
)
async def test_an_ended_attempt_moves_its_lead(
    pool: "Pool", retry_at: float | None, charged: bool, state: str, attempts: int
) -> None:
    job = await add_job(pool)
    await add_leads(pool, job, 1)
    placed = await claimed_attempt(pool, job, T0)
    writer = FactWriter(pool, NODE)
    ended = f.AttemptEnded(placed.attempt, job, placed.lead, T0 + 9, "busy", 17, retry_at, charged)
    await writer.commit((placed, ended))
    await writer.commit([ended])
    row = await pool.fetchrow("SELECT state, attempts, dials, last_result FROM lead")
    assert row is not None
    assert tuple(row) == (state, attempts, 1, "busy")
    due = await Claims(pool).claim(job, 5, NODE, T0 + 700)
    assert [lead.attempts for lead in due] == ([1] if retry_at else [])


@pytest.mark.parametrize(("later", "found"), [(0.0, 1), (600.0, 0)])
async def test_a_released_lead_goes_back_for_its_time(pool: "Pool", later: float, found: int) -> None:
    job = await add_job(pool)
    await add_leads(pool, job, 1)
    (lead,) = await Claims(pool).claim(job, 1, NODE, T0)
    released = f.LeadReleased(job, lead.id, T0 + 1, T0 + 1 + later)
    await FactWriter(pool, NODE).commit([released, f.JobStopped(job, T0 + 1, None)])
    assert len(await Claims(pool).claim(job, 1, NODE, T0 + 2)) == found
    assert len(await Claims(pool).claim(job, 1, NODE, T0 + 601.5)) == 1 - found


async def test_ended_and_placed_again_in_one_batch(pool: "Pool") -> None:
    job = await add_job(pool)
    await add_leads(pool, job, 1)
    first = await claimed_attempt(pool, job, T0)
    writer = FactWriter(pool, NODE)
    await writer.commit([first])
    await writer.commit([f.AttemptEnded(first.attempt, job, first.lead, T0 + 9, "busy", 17, T0 + 10)])
    second = await claimed_attempt(pool, job, T0 + 11)
    assert second.ordinal == 2
    await writer.commit([second, f.AttemptEnded(second.attempt, job, second.lead, T0 + 19, "no_answer", 0, None)])
    assert await pool.fetchval("SELECT count(*) FROM attempt WHERE ended_at IS NOT NULL") == 2


async def test_a_connected_attempt_waits_for_its_response_record(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    job = await add_job(pool, agent)
    await add_leads(pool, job, 1)
    placed = await claimed_attempt(pool, job, T0)
    connected = f.AttemptConnected(placed.attempt, T0 + 5, agent, 0.4)
    await FactWriter(pool, NODE).commit([placed, f.AttemptAnswered(placed.attempt, T0 + 4.6), connected])
    assert await pool.fetchval("SELECT agent FROM response_record WHERE NOT saved") == agent
    assert await pool.fetchval("SELECT waited_seconds FROM attempt") == 0.4


async def test_the_ledger_counts_people_only(pool: "Pool") -> None:
    job = await add_job(pool)
    await add_leads(pool, job, 4)
    writer = FactWriter(pool, NODE)
    now = time.time()
    results: tuple[f.AttemptResult, ...] = ("connected", "abandoned", "machine", "busy")
    for result in results:
        placed = await claimed_attempt(pool, job, now)
        picked_up = [f.AttemptAnswered(placed.attempt, now + 1)] if result != "busy" else []
        ended = f.AttemptEnded(placed.attempt, job, placed.lead, now + 2, result, 16, None)
        await writer.commit([placed, *picked_up, ended])
    (memory,) = (await load_recovery(pool, NODE)).jobs
    assert memory.ledger == ((int((now + 1) // 300), 2, 1),)
    assert sum(memory.results.values()) == 4


async def test_corrections_are_audited(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    await FactWriter(pool, NODE).commit(
        [f.AgentCorrected(agent, T0, "talking", "available"), f.AsteriskSeen(NODE, T0, True, BOOT)]
    )
    assert [row["act"] for row in await pool.fetch("SELECT act FROM audit ORDER BY id")] == [
        "agent_corrected",
        "asterisk_seen",
    ]
    assert await verify(pool) is None


async def test_a_batch_sent_again_after_the_server_went_away_is_written_once() -> None:
    """The engine sends the very same batch until it is told that it is written, whatever became of the first one."""
    with folder() as root:
        server = await asyncio.to_thread(Restartable, root)
        pool = await open_pool(server.dsn, size=2)
        try:
            await migrate(pool)
            writer, total = FactWriter(pool, NODE), 120
            stopping = asyncio.create_task(restart(server, 3))
            for number in range(total):
                batch: list[f.Fact] = [started(f"{number}.1"), f.CallEvent(call(f"{number}.1"), T0, "queued")]
                async with asyncio.timeout(30):
                    while not await written(writer, batch):
                        await asyncio.sleep(0.02)
                await asyncio.sleep(0.01)
            await stopping
            assert await pool.fetchval("SELECT count(*) FROM call") == total
            assert await pool.fetchval("SELECT count(*) FROM call_event") == 2 * total
        finally:
            await pool.close()
            await asyncio.to_thread(server.stop)


async def written(writer: FactWriter, batch: list[f.Fact]) -> bool:
    try:
        await writer.commit(batch)
    except Unreachable:
        return False
    return True


async def restart(server: Restartable, times: int) -> None:
    hows: tuple[How, ...] = ("fast", "immediate", "kill")
    for how in hows[:times]:
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.stop, how)
        await asyncio.to_thread(server.start)


async def test_what_can_never_be_written_is_not_the_servers_absence(pool: "Pool") -> None:
    writer = FactWriter(pool, NODE)
    for detail in ("a\0b", "\ud800"):
        with pytest.raises((asyncpg.DataError, UnicodeEncodeError)):
            await writer.commit([f.CallEvent(call("1.1"), T0, "queued", detail=detail)])
    await writer.commit([started("1.1")])


async def test_a_paused_recording_is_still_paused_after_a_restart(pool: "Pool") -> None:
    writer = FactWriter(pool, NODE)
    begun = f.CallStarted(call("9.1"), NODE, BOOT, ChannelId("9.1"), T0, "inbound", "1", "2")
    await writer.commit([begun, f.CallRecorded(call("9.1"), T0, "9.1.raw")])
    await writer.commit([f.CallEvent(call("9.1"), T0 + 5, "recording_paused")])
    (open_call,) = (await load_recovery(pool, NODE)).calls
    assert (open_call.recorder, open_call.paused_at) == ("9.1", T0 + 5)
    await writer.commit([f.CallEvent(call("9.1"), T0 + 9, "recording_resumed")])
    (open_call,) = (await load_recovery(pool, NODE)).calls
    assert open_call.paused_at is None
