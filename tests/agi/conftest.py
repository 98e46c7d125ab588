"""One small center for all dialogue tests; each test finds it with everybody signed out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
import pytest_asyncio

from pbx_bridge.core.commands import Lead, SignOut, StartJob, StopJob
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId, JobId, LeadId
from pbx_bridge.demo.phones import Call, Farm, Phone
from tests import exchange

from .desk import AGENTS, REGISTRAR, Desk, open_desk


class Floor:
    """The desk, phones 1001 to 1003 (1004 is never plugged in), and the carrier's side."""

    def __init__(self, desk: Desk, phones: dict[str, Phone], carrier: Phone) -> None:
        self.desk, self.phones, self.carrier = desk, phones, carrier

    async def clear(self) -> None:
        """Nobody in a call, nobody signed in, nobody locked, no jobs."""
        for phone in (*self.phones.values(), self.carrier):
            for call in phone.calls:
                if call.progress != "ended":
                    await call.hang_up()
        async with asyncio.timeout(10.0):
            while self.desk.engine.snapshot().calls:
                await asyncio.sleep(0.02)
        for agent in range(1, AGENTS + 1):
            with suppress(Refused):
                await self.desk.engine.submit(SignOut(AgentId(agent), "system"))
            await self.desk.becomes(agent, "logged_off", self.desk.agent(agent).extension)
        self.desk.lockouts.tries.clear()
        self.desk.campaigns.rows.clear()
        self.desk.heard.clear()

    async def campaign_call(self, job: JobId, number: str) -> Call:
        """A job with one lead is started: the customer's phone, ringing. The job is stopped again by then."""
        self.desk.leads.append(Lead(LeadId(1), f"+81{number[1:]}", "Asia/Tokyo"))
        await self.desk.engine.submit(StartJob(job))
        try:
            return await self.carrier.rings(within=15.0)
        finally:
            await self.desk.engine.submit(StopJob(job))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with AsyncExitStack() as stack:
        desk, farm = await stack.enter_async_context(open_desk(tmp_path_factory.mktemp("floor")))
        outside = await stack.enter_async_context(Farm(exchange.CARRIER, exchange.PORT))
        phones = {e: await farm.phone(e, f"secret-{e}", REGISTRAR) for e in ("1001", "1002", "1003")}
        await desk.sees_phones(*phones)
        yield Floor(desk, phones, await outside.peer("carrier", REGISTRAR))


@pytest_asyncio.fixture(loop_scope="module")
async def floor(whole_floor: Floor) -> Floor:
    await whole_floor.clear()
    return whole_floor
