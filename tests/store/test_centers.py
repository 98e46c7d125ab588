"""The table follows the provision, and who works where is the page's business."""

from typing import TYPE_CHECKING

from msgspec import structs

from dialplan.provision import CenterPlan, InboundNumber
from pbx_bridge.core.directory import Center
from pbx_bridge.core.ids import AgentId, CenterId
from pbx_bridge.core.treatment import Treatment, Way
from pbx_bridge.store.centers import CenterRows, follow
from pbx_bridge.store.directory import load_directory
from tests.store.rows import add_agent

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

ORDERS = CenterPlan(Center(CenterId(1), "Orders", "7000", "0312340001"), overflow=Way("callback"), max_calls=9)
SUPPORT = CenterPlan(Center(CenterId(2), "Support", "7001", "", priority=5, keep_days=30))
NUMBERS = (
    InboundNumber("0312340001", "center", "7000"),
    InboundNumber("0312340003", "center", "7000"),
    InboundNumber("0312340008", "sign-in"),
)


async def provisioned(pool: "Pool", *plans: CenterPlan, numbers: tuple[InboundNumber, ...] = ()) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await follow(connection, plans, numbers)


async def test_centers_are_what_the_provision_says(pool: "Pool") -> None:
    await provisioned(pool, ORDERS, SUPPORT, numbers=NUMBERS)
    orders, support = await CenterRows(pool).centers()
    assert (orders.name, orders.numbers, orders.treatment.max_calls) == ("Orders", ["0312340001", "0312340003"], 9)
    assert (orders.treatment.overflow, support.treatment, support.priority) == (Way("callback"), Treatment(), 5)
    assert (orders.keep_days, support.keep_days) == (None, 30)
    directory = await load_directory(pool)
    assert [center.numbers for center in directory.centers] == [("0312340001", "0312340003"), ()]


async def test_centers_may_swap_extensions_and_go_while_histories_still_name_them(pool: "Pool") -> None:
    await provisioned(pool, ORDERS, SUPPORT, numbers=NUMBERS)
    center = structs.replace
    swapped = [
        structs.replace(ORDERS, center=center(ORDERS.center, extension="7001")),
        structs.replace(SUPPORT, center=center(SUPPORT.center, extension="7000")),
    ]
    await provisioned(pool, *swapped)
    assert [row.id for row in await CenterRows(pool).centers()] == [2, 1]
    await provisioned(pool, SUPPORT)
    assert [row.name for row in await CenterRows(pool).centers()] == ["Support"]
    assert await CenterRows(pool).center(CenterId(1)) is None
    assert [row["name"] for row in await pool.fetch("SELECT name FROM center ORDER BY id")] == ["Orders", "Support"]


async def test_who_works_there_outlives_a_new_provision(pool: "Pool") -> None:
    await provisioned(pool, ORDERS)
    rows, agent = CenterRows(pool), await add_agent(pool, 1)
    assert await rows.put_agent(CenterId(1), agent, 3)
    assert await rows.put_agent(CenterId(1), agent, 2)
    assert not await rows.put_agent(CenterId(7), agent, 0)
    assert not await rows.put_agent(CenterId(1), AgentId(10**9), 0)
    await provisioned(pool, ORDERS, SUPPORT)
    (member,) = (await rows.centers())[0].agents
    assert (member.agent, member.skill) == (agent, 2)
    assert (await load_directory(pool)).centers[0].members[0].penalty == 2
    assert await rows.remove_agent(CenterId(1), agent)
    assert not await rows.remove_agent(CenterId(1), agent)
