"""The directory says what the administrator set up, no more."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import asyncpg

from pbx_bridge.core.directory import BUILT_IN, Membership, Rule, Status, Window
from pbx_bridge.store.directory import load_directory
from pbx_bridge.store.directory_watch import directories
from pbx_bridge.store.pool import open_pool
from tests.store.rows import add_agent, add_center, add_job

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool


async def test_an_empty_database_has_only_the_built_in_statuses(pool: "Pool") -> None:
    directory = await load_directory(pool)
    assert directory.statuses == BUILT_IN
    assert (directory.agents, directory.centers, directory.jobs, directory.terminals) == ((), (), (), ())


async def test_everything_comes_back_as_it_was_set_up(pool: "Pool") -> None:
    first, second = await add_agent(pool, 1), await add_agent(pool, 2)
    await add_center(pool, first, second)
    rule = Rule(window=Window(weekdays=frozenset({1, 2}), holidays=True), drop_cap=0.01)
    job = await add_job(pool, second, rule=rule)
    await pool.execute("INSERT INTO status_definition (key, digit, ja, en) VALUES ('training', 5, '研修', 'Training')")
    directory = await load_directory(pool)
    assert [agent.id for agent in directory.agents] == [first, second]
    assert directory.centers[0].members == (Membership(first), Membership(second))
    assert directory.jobs[0].id == job
    assert directory.jobs[0].rule == rule
    assert directory.jobs[0].members == (second,)
    assert directory.statuses[-1] == Status("training", 5, "研修", "Training")
    assert directory.terminals[0].interface == "PJSIP/1001"


async def test_an_account_switched_off_is_nobodys_agent(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    await add_center(pool, agent)
    await pool.execute("UPDATE account SET active = false")
    directory = await load_directory(pool)
    assert directory.agents == ()
    assert directory.centers[0].members == ()


async def test_a_change_is_told_at_once_and_a_start_is_not_one(pool: "Pool") -> None:
    changes = directories(pool)
    async with asyncio.timeout(5), aclosing(changes):
        assert (await anext(changes)).agents == ()
        agent = await add_agent(pool, 1)
        while not (seen := await anext(changes)).agents:
            pass
        assert seen.agents[0].id == agent
        job = await add_job(pool, agent)
        while not (seen := await anext(changes)).jobs or not seen.jobs[0].members:
            pass
        await pool.execute("UPDATE call_job SET running = true WHERE id = $1", job)
        waiting = asyncio.ensure_future(anext(changes))
        await pool.execute("UPDATE account SET name = 'New Name' WHERE id = $1", agent)
        assert (await waiting).agents[0].name == "New Name"


async def test_watching_survives_the_server(dsn: str) -> None:
    pool = await open_pool(dsn)
    changes = directories(pool)
    async with asyncio.timeout(20), aclosing(changes):
        await anext(changes)
        waiting = asyncio.ensure_future(anext(changes))
        other = await asyncpg.connect(dsn)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
        await other.execute(
            "INSERT INTO status_definition (key, digit, ja, en) VALUES ('training', 5, '研修', 'Training')"
        )
        await other.close()
        assert (await waiting).statuses[-1].key == "training"
    await pool.close()
