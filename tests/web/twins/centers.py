"""Centers and their callback list."""

from msgspec.structs import replace

from pbx_bridge.core.ids import AgentId, CenterId
from pbx_bridge.ports.callbacks import Callback, CallbackChange, CallbackFilter
from pbx_bridge.ports.centers import CenterAgent, CenterRecord
from pbx_bridge.ports.history import (
    BadCursor,
    Page,
)

from .people import AccountsTwin


class CentersTwin:
    def __init__(self, centers: list[CenterRecord], accounts: AccountsTwin) -> None:
        self.rows = {center.id: center for center in centers}
        self._accounts = accounts

    async def centers(self) -> list[CenterRecord]:
        return sorted(self.rows.values(), key=lambda center: center.extension)

    async def center(self, id: CenterId) -> CenterRecord | None:
        return self.rows.get(id)

    async def put_agent(self, center: CenterId, agent: AgentId, skill: int) -> bool:
        account = await self._accounts.by_id(agent)
        if center not in self.rows or account is None or not account.is_agent:
            return False
        others = [other for other in self.rows[center].agents if other.agent != agent]
        agents = sorted([*others, CenterAgent(agent, account.name, account.login, skill)], key=lambda one: one.skill)
        self.rows[center] = replace(self.rows[center], agents=agents)
        return True

    async def remove_agent(self, center: CenterId, agent: AgentId) -> bool:
        row = self.rows.get(center)
        if row is None or agent not in {other.agent for other in row.agents}:
            return False
        self.rows[center] = replace(row, agents=[other for other in row.agents if other.agent != agent])
        return True


class CallbacksTwin:
    """`own`: the centers of every agent."""

    def __init__(self, rows: list[Callback], own: list[CenterId]) -> None:
        self.rows = {row.id: row for row in rows}
        self._own = own

    async def page(self, where: CallbackFilter, cursor: str | None, limit: int) -> Page[Callback]:
        if cursor is not None:
            raise BadCursor("no cursor of ours")
        found = [
            row
            for row in self.rows.values()
            if (where.states is None or row.state in where.states)
            and (where.centers is None or row.center in where.centers)
        ]
        return Page(sorted(found, key=lambda row: row.since, reverse=True)[:limit], None, None)

    async def find(self, id: str) -> Callback | None:
        return self.rows.get(id)

    async def change(self, seen: Callback, to: CallbackChange) -> bool:
        row = self.rows[seen.id]
        if (row.state, row.agent) != (seen.state, seen.agent):
            return False
        memo = row.memo if to.memo is None else to.memo
        name = None if to.agent is None else f"#{to.agent}"
        self.rows[seen.id] = replace(row, state=to.state, agent=to.agent, agent_name=name, memo=memo)
        return True

    async def centers_of(self, agent: AgentId) -> list[CenterId]:
        return self._own
