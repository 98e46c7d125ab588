"""Promises to call again: whose they are, what may change, and what the rules say before one is dialed."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import asdict

from pbx_bridge.core import facts as f
from pbx_bridge.core.ids import AgentId, JobId, LeadId, attempt_id
from pbx_bridge.ports.redials import NewRedial, Redial, RedialChange
from pbx_bridge.store.attempts import AlreadyPlaced
from pbx_bridge.store.campaigns import CampaignRows
from pbx_bridge.store.facts import FactWriter
from pbx_bridge.store.jobs import memories
from pbx_bridge.store.redials import RedialRows
from tests.store.rows import NODE, add_agent, add_job, add_leads

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool


async def promise(pool: "Pool", lead: LeadId, agent: AgentId | None, days: int = 0) -> str:
    id = await pool.fetchval(
        "INSERT INTO redial (lead, agent, due_at) VALUES ($1, $2, now() + $3 * interval '1 day') RETURNING id",
        lead,
        agent,
        days,
    )
    return str(id)


def changed(redial: Redial, **what: object) -> RedialChange:
    return RedialChange(**{key: {**asdict(redial), **what}[key] for key in ("due_at", "agent", "memo", "state")})


async def test_mine_or_anybodys_of_my_campaign(pool: "Pool") -> None:
    agent, other = await add_agent(pool, 1), await add_agent(pool, 2)
    job = await add_job(pool, agent)
    leads = await add_leads(pool, job, 4)
    mine, anybodys = await promise(pool, leads[0], agent), await promise(pool, leads[1], None)
    others, later = await promise(pool, leads[2], other), await promise(pool, leads[3], agent, 3)
    redials = RedialRows(pool)
    assert [redial.id for redial in await redials.due(agent)] == [mine, anybodys]
    assert [redial.id for redial in await redials.due(other)] == [others]
    assert [redial.id for redial in await redials.open(None)] == [mine, anybodys, others, later]
    assert [redial.id for redial in await redials.open(agent)] == [mine, later]
    assert await redials.find(later, agent) is not None
    assert [await redials.find(id, other) for id in (mine, anybodys, "x", "0", "9" * 30)] == [None] * 5


async def test_of_two_who_change_it_at_once_one_does(pool: "Pool") -> None:
    agent, other = await add_agent(pool, 1), await add_agent(pool, 2)
    (lead,) = await add_leads(pool, await add_job(pool, agent), 1)
    redials, id = RedialRows(pool), await promise(pool, lead, agent)
    seen = await redials.find(id)
    assert seen is not None
    assert (seen.agent, seen.agent_name, seen.state) == (agent, "Agent 1", "open")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert await redials.change(seen, changed(seen, agent=other, due_at=tomorrow, memo="朝"))
    assert not await redials.change(seen, changed(seen, state="done"))
    now = await redials.find(id)
    assert now is not None
    assert (now.agent, now.due_at, now.memo) == (other, tomorrow, "朝")
    assert await redials.change(now, changed(now, state="done"))
    assert await redials.open(None) == []


async def test_what_the_rules_are_told(pool: "Pool") -> None:
    agent, other = await add_agent(pool, 1), await add_agent(pool, 2)
    job = await add_job(pool, agent)
    (lead,) = await add_leads(pool, job, 1)
    redials, id = RedialRows(pool), await promise(pool, lead, other)
    fresh = await redials.promised(id, other)
    assert fresh is not None
    assert (fresh.job, fresh.lead.id, fresh.lead.attempts, fresh.lead.today) == (job, lead, 0, 0)
    assert (fresh.forbidden, fresh.resting, fresh.dialing) == (False, False, False)
    await CampaignRows(pool).forbid([fresh.lead.number], "asked")
    now = await redials.promised(id, other)
    assert now is not None
    assert now.forbidden
    assert await redials.promised("999", other) is None


async def placed(pool: "Pool", job: JobId, lead: LeadId, ordinal: int, at: float) -> f.AttemptPlaced:
    number = await pool.fetchval("SELECT number FROM lead WHERE id = $1", lead)
    return f.AttemptPlaced(attempt_id(job, lead, ordinal), job, lead, number, ordinal, at, by_hand=True)


async def test_a_dial_by_hand_is_an_attempt_that_no_drop_rate_counts(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    job = await add_job(pool, agent)
    (lead,) = await add_leads(pool, job, 1)
    await pool.execute("UPDATE lead SET state = 'done', dials = 1")
    id, writer, at = await promise(pool, lead, agent), FactWriter(pool, NODE), datetime.now(UTC).timestamp()
    first = await placed(pool, job, lead, 2, at)
    await writer.commit([first])
    with pytest.raises(AlreadyPlaced):
        await writer.commit([await placed(pool, job, lead, 3, at)])
    await writer.commit([f.AttemptAnswered(first.attempt, at), f.AttemptConnected(first.attempt, at, agent, 0.0)])
    await writer.commit([f.AttemptEnded(first.attempt, job, lead, at + 5, "connected", 16)])
    row = await pool.fetchrow("SELECT * FROM attempt")
    assert row is not None
    assert (row["by_hand"], row["charged"], row["result"], row["ordinal"]) == (True, True, "connected", 2)
    redial = await RedialRows(pool).find(id)
    assert redial is not None
    assert redial.state == "done", "the promise is kept"
    (record,) = await CampaignRows(pool).response_records(agent, False)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    again = await RedialRows(pool).promise(NewRedial(record.id, tomorrow, None, "夜"), agent)
    (open_one,) = await RedialRows(pool).open(None)
    assert (open_one.id, open_one.due_at, open_one.agent, open_one.memo) == (again, tomorrow, None, "夜")
    other = await add_agent(pool, 2)
    assert await RedialRows(pool).promise(NewRedial(record.id, tomorrow, other, ""), other) is None
    progress = await CampaignRows(pool).job(job)
    assert progress is not None
    assert (progress.answers_30d, progress.results) == (0, {"connected": 1})
    async with pool.acquire() as connection:
        (memory,) = await memories(connection, at + 10, at - 10)
    assert memory.ledger == ()


async def test_whom_a_rule_protects_is_not_dialed_by_hand_either(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    job = await add_job(pool, agent)
    (lead,) = await add_leads(pool, job, 1)
    fact = await placed(pool, job, lead, 1, datetime.now(UTC).timestamp())
    await CampaignRows(pool).forbid([fact.number], "asked")
    with pytest.raises(AlreadyPlaced):
        await FactWriter(pool, NODE).commit([fact])
    assert await pool.fetchval("SELECT count(*) FROM attempt") == 0
