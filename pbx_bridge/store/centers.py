"""The port `Centers` on PostgreSQL, and how the table follows the provision."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dialplan.provision import CenterPlan, InboundNumber
from pbx_bridge.core.ids import AgentId, CenterId
from pbx_bridge.core.treatment import Treatment
from pbx_bridge.ports.centers import CenterAgent, CenterRecord

from .pool import connected
from .records import record
from .statements import statements

if TYPE_CHECKING:
    from asyncpg import Record

    from .pool import Connection, Pool

SQL = statements("centers")


async def follow(connection: "Connection", plans: Iterable[CenterPlan], numbers: Iterable[InboundNumber]) -> None:
    """Make the tables say what the provision says, inside the caller's transaction. Members stay as they are."""
    await connection.execute(SQL["retire"])
    await connection.executemany(SQL["put"], [_values(plan) for plan in plans])
    await connection.execute(SQL["forget_numbers"])
    rows = [(number.number, number.center) for number in numbers if number.function == "center"]
    await connection.executemany(SQL["put_number"], rows)


def treatment_of(plan: CenterPlan) -> Treatment:
    """How the center treats callers, without the center."""
    return Treatment(**{name: getattr(plan, name) for name in Treatment.__struct_fields__})


def _values(plan: CenterPlan) -> tuple[object, ...]:
    center = plan.center
    treatment = msgspec.to_builtins(treatment_of(plan))
    return (
        center.id,
        center.name,
        center.extension,
        center.number,
        center.wrap_up_seconds,
        center.service_level_seconds,
        center.priority,
        center.recording,
        center.strategy,
        treatment,
        center.keep_days,
    )


class CenterRows:
    """Active centers only."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool

    async def centers(self) -> list[CenterRecord]:
        """All of them, by extension."""
        return await self._read(None)

    async def center(self, id: CenterId) -> CenterRecord | None:
        """One of them."""
        found = await self._read(id)
        return found[0] if found else None

    async def put_agent(self, center: CenterId, agent: AgentId, skill: int) -> bool:
        """The switchboard hears of it within a moment, and app_queue through it."""
        async with connected(self._pool) as connection:
            return await connection.fetchval(SQL["put_agent"], center, agent, skill) is not None

    async def remove_agent(self, center: CenterId, agent: AgentId) -> bool:
        """False: did not work there."""
        async with connected(self._pool) as connection:
            return await connection.fetchval(SQL["remove_agent"], center, agent) is not None

    async def _read(self, id: CenterId | None) -> list[CenterRecord]:
        async with (
            connected(self._pool) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            agents: dict[int, list[CenterAgent]] = {}
            for row in await connection.fetch(SQL["agents"], id):
                agent = record(row, CenterAgent)
                agents.setdefault(row["center"], []).append(agent)
            return [_record(row, agents.get(row["id"], [])) for row in await connection.fetch(SQL["centers"], id)]


def _record(row: "Record", agents: list[CenterAgent]) -> CenterRecord:
    own = [row["number"]] if row["number"] and row["number"] not in row["numbers"] else []
    return replace(record({**row, "numbers": own + row["numbers"], "agents": []}, CenterRecord), agents=agents)
