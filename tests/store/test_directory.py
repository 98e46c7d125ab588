"""The directory says what the administrator set up, no more."""

from typing import TYPE_CHECKING

from pbx_bridge.core.directory import BUILT_IN, Membership, Rule, Status, Window
from pbx_bridge.store.directory import load_directory
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
