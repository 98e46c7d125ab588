"""Two nodes never hold the same lead, and the list's own rules hold whoever asks."""

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core import facts as f
from pbx_bridge.core.commands import Lead
from pbx_bridge.core.directory import Rule
from pbx_bridge.core.ids import AttemptId, attempt_id
from pbx_bridge.store.attempts import AlreadyPlaced
from pbx_bridge.store.claims import LEASE_SECONDS, SQL, Claims
from pbx_bridge.store.facts import FactWriter
from pbx_bridge.store.recovery import load_recovery
from tests.store.rows import NODE, OTHER_NODE, add_job, add_leads

if TYPE_CHECKING:
    from pbx_bridge.core.ids import JobId
    from pbx_bridge.store.pool import Pool


async def dial(
    pool: "Pool", job: "JobId", lead: Lead, now: float, result: f.AttemptResult, retry: float | None
) -> None:
    id: AttemptId = attempt_id(job, lead.id, lead.attempts + 1)
    await FactWriter(pool, NODE).commit(
        [
            f.AttemptPlaced(id, job, lead.id, lead.number, lead.attempts + 1, now),
            f.AttemptEnded(id, job, lead.id, now + 5, result, 16, retry),
        ]
    )


async def test_two_claimers_never_get_the_same_lead(pool: "Pool") -> None:
    job, claims, now = await add_job(pool), Claims(pool), time.time()
    await add_leads(pool, job, 300)
    seen: list[int] = []
    for _ in range(100):
        both = await asyncio.gather(claims.claim(job, 2, NODE, now), claims.claim(job, 1, OTHER_NODE, now))
        seen += [lead.id for found in both for lead in found]
    assert len(set(seen)) == len(seen) == 300
    assert await claims.claim(job, 5, NODE, now) == []


async def test_leads_come_in_list_order(pool: "Pool") -> None:
    job, claims, now = await add_job(pool), Claims(pool), time.time()
    leads = await add_leads(pool, job, 10)
    first, second = await claims.claim(job, 4, NODE, now), await claims.claim(job, 4, NODE, now)
    assert [lead.id for lead in first + second] == leads[:8]
    assert {lead.zone for lead in first} == {"Asia/Tokyo"}


async def test_retries_come_when_they_are_due_and_before_fresh_ones(pool: "Pool") -> None:
    job, claims, now = await add_job(pool), Claims(pool), time.time()
    leads = await add_leads(pool, job, 3)
    (lead,) = await claims.claim(job, 1, NODE, now)
    await dial(pool, job, lead, now, "busy", now + 900)
    assert [lead.id for lead in await claims.claim(job, 1, NODE, now + 899)] == [leads[1]]
    (again,) = await claims.claim(job, 1, NODE, now + 901)
    assert (again.id, again.attempts) == (leads[0], 1)


async def test_a_lease_ends_and_the_lead_is_anybodys(pool: "Pool") -> None:
    job, claims, now = await add_job(pool), Claims(pool), time.time()
    (lead,) = await add_leads(pool, job, 1)
    assert len(await claims.claim(job, 1, NODE, now)) == 1
    assert await claims.claim(job, 1, OTHER_NODE, now + LEASE_SECONDS - 1) == []
    await claims.extend(NODE, now + LEASE_SECONDS - 1)
    assert await claims.claim(job, 1, OTHER_NODE, now + LEASE_SECONDS + 1) == []
    assert [found.id for found in await claims.claim(job, 1, OTHER_NODE, now + 3 * LEASE_SECONDS)] == [lead]


async def test_stopping_and_restarting_give_the_hopper_back(pool: "Pool") -> None:
    job, claims, now = await add_job(pool), Claims(pool), time.time()
    await add_leads(pool, job, 4)
    await claims.claim(job, 4, NODE, now)
    await FactWriter(pool, NODE).commit([f.JobStopped(job, now, None)])
    assert len(await claims.claim(job, 4, NODE, now)) == 4
    await load_recovery(pool, OTHER_NODE)
    assert await claims.claim(job, 4, NODE, now) == []
    await load_recovery(pool, NODE)
    assert len(await claims.claim(job, 4, OTHER_NODE, now)) == 4


async def test_do_not_call_wins_even_after_the_import(pool: "Pool") -> None:
    job, claims = await add_job(pool), Claims(pool)
    await add_leads(pool, job, 2)
    await pool.execute("INSERT INTO do_not_call (number) SELECT min(number) FROM lead")
    assert len(await claims.claim(job, 5, NODE, time.time())) == 1


async def test_do_not_call_wins_even_in_the_hopper(pool: "Pool") -> None:
    job, now = await add_job(pool), time.time()
    await add_leads(pool, job, 1)
    (lead,) = await Claims(pool).claim(job, 1, NODE, now)
    await pool.execute("INSERT INTO do_not_call (number) SELECT number FROM lead")
    with pytest.raises(AlreadyPlaced):
        await dial(pool, job, lead, now, "busy", None)


async def test_two_nodes_with_the_same_number_on_two_lists_dial_it_once_a_day(pool: "Pool") -> None:
    rule = Rule(max_per_number_per_day=1)
    job, other = await add_job(pool, rule=rule), await add_job(pool, name="Winter", rule=rule)
    now, placed = time.time(), []
    for which, node in ((job, NODE), (other, OTHER_NODE)):
        await add_leads(pool, which, 1)
        (lead,) = await Claims(pool).claim(which, 1, node, now)
        fact = f.AttemptPlaced(attempt_id(which, lead.id, 1), which, lead.id, lead.number, 1, now)
        placed.append(FactWriter(pool, node).commit([fact]))
    outcomes = await asyncio.gather(*placed, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyPlaced", "NoneType"]


async def test_a_number_has_its_dials_a_day_whatever_list_it_is_on(pool: "Pool") -> None:
    rule = Rule(max_per_number_per_day=1, max_attempts=9)
    job, other = await add_job(pool, rule=rule), await add_job(pool, name="Winter", rule=rule)
    claims, now = Claims(pool), time.time()
    await add_leads(pool, job, 1)
    await add_leads(pool, other, 1)
    (lead,) = await claims.claim(job, 1, NODE, now)
    await dial(pool, job, lead, now, "no_answer", now)
    assert await claims.claim(other, 1, NODE, now) == []
    (tomorrow,) = await claims.claim(other, 1, NODE, now + 86_400)
    assert tomorrow.today == 0


async def test_an_abandoned_number_is_left_in_peace_for_72_hours(pool: "Pool") -> None:
    job, claims, now = await add_job(pool), Claims(pool), time.time()
    await add_leads(pool, job, 1)
    (lead,) = await claims.claim(job, 1, NODE, now)
    await dial(pool, job, lead, now, "abandoned", now + 1)
    assert await claims.claim(job, 1, NODE, now + 71 * 3600) == []
    assert len(await claims.claim(job, 1, NODE, now + 73 * 3600)) == 1


async def test_used_up_leads_stay_in_the_list(pool: "Pool") -> None:
    job, claims, now = await add_job(pool, rule=Rule(max_attempts=1)), Claims(pool), time.time()
    await add_leads(pool, job, 1)
    (lead,) = await claims.claim(job, 1, NODE, now)
    await dial(pool, job, lead, now, "busy", now + 1)
    assert await claims.claim(job, 1, NODE, now + 86_400) == []


async def test_claiming_from_a_long_list_reads_indexes_only(pool: "Pool") -> None:
    job = await add_job(pool)
    await add_leads(pool, job, 50_000)
    await pool.execute("UPDATE lead SET state = 'done' WHERE id % 10 <> 0")
    await pool.execute("ANALYZE")
    campaign = await pool.fetchval("SELECT campaign FROM call_job")
    for mode in ("force_custom_plan", "force_generic_plan"):
        async with pool.acquire() as connection:
            await connection.execute(f"SET plan_cache_mode = {mode}")
            values = (job, campaign, 20, NODE, time.time(), 600.0, 3, 3)
            plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {SQL['claim']}", *values))
        assert "Seq Scan on lead" not in plan, plan
        assert "lead_queued" in plan
        assert "lead_retry" in plan
