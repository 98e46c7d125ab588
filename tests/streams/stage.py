"""The lab's words, with a recorder that can be switched on."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pbx_bridge.demo.center import CallCenter
from pbx_bridge.demo.phones import Call, Phone
from pbx_bridge.demo.world import Person
from tests.lab.lab import Lab
from tests.lab.web import Web

from .center import Cable

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

JOIN_JOB = "0015"


class Stage(Lab):
    """A lab on which a scenario is played."""

    recording: Callable[[], AbstractAsyncContextManager[None]]

    def __init__(self, center: CallCenter, pool: "Pool", cable: Cable) -> None:
        super().__init__(center, pool)
        self.cable = cable
        self._began = datetime.now(UTC)
        """When the scenario began."""

    def person(self, number: int) -> Person:
        """Agent 1, 2, 3 or 4."""
        return self.people[number - 1]

    async def agents(self, *numbers: int) -> list[Phone]:
        """Signed in, in this order."""
        return [await self._sign_in_patiently(self.person(number)) for number in numbers]

    async def _sign_in_patiently(self, person: Person) -> Phone:
        """On a busy machine keys may come before the question; a person would try again, too."""
        for _ in range(2):
            try:
                return await self.sign_in(person)
            except (AssertionError, TimeoutError):
                await self.desks.hang_up_all()
        return await self.sign_in(person)

    @asynccontextmanager
    async def recorded(self) -> AsyncIterator[None]:
        """The stream: from here until every channel is gone."""
        async with self.recording():
            yield
            for farm in (self.desks, self.outside):
                await farm.hang_up_all()
            await self.no_channel_left()

    async def settle(self, *numbers: int) -> None:
        """Until these agents are free again."""
        for number in numbers:
            await self.condition(self.person(number), "available")

    async def queued(self) -> None:
        """Until a customer of this scenario waits in a queue."""
        await self.row("SELECT 1 FROM call_event WHERE kind = 'queued' AND at > $1", self._began, within=20.0)

    async def pause(self, number: int) -> None:
        """The agent takes a break: queues leave them alone, colleagues do not."""
        status, body = await self.web.send("PUT", f"agents/{number}/status", {"status": "break"})
        assert status == 200, body
        await self.condition(self.person(number), "paused")

    # -- callbacks -------------------------------------------------------------------------------------------------

    async def owed(self, number: str) -> str:
        """A callback of center 1."""
        id = await self.pool.fetchval(
            """INSERT INTO callback (center, number, reason, since, last_at, changed_at)
               VALUES (1, $1, 'asked', now(), now(), now()) RETURNING id""",
            number,
        )
        return str(id)

    async def call_back(self, number: int, callback: str) -> None:
        """As the agent does from the list."""
        async with Web(self.center.plan.web, self.person(number)) as web:
            status, body = await web.send("POST", f"callbacks/{callback}/dial")
        assert status == 204, body

    # -- campaigns -------------------------------------------------------------------------------------------------

    async def leads(self, *numbers: str) -> None:
        await self.pool.executemany(
            "INSERT INTO lead (campaign, batch, number, name) VALUES (1, 1, $1, 'Somebody')",
            [(number,) for number in numbers],
        )

    async def open_line(self, phone: Phone, number: int) -> Call:
        """The agent dials 0015 and waits for customers."""
        line = await phone.dial(JOIN_JOB)
        await line.answered()
        await self.row(
            "SELECT 1 FROM status_interval WHERE agent = $1 AND until IS NULL AND job = 1", self.person(number).id
        )
        return line

    async def start_job(self) -> None:
        status, body = await self.web.send("POST", "call-jobs/1/start", {})
        assert status == 204, body

    async def stop_job(self) -> None:
        status, body = await self.web.send("POST", "call-jobs/1/stop", {})
        assert status == 204, body

    async def ended(self, count: int) -> None:
        """Until this many attempts of this scenario have a result."""
        await self.row(
            "SELECT count(*) FROM attempt WHERE ended_at IS NOT NULL AND placed_at > $1 HAVING count(*) >= $2",
            self._began,
            count,
            within=30.0,
        )
