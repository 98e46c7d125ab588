"""The demo's life: agents on farms of phones, customers through the carrier, campaigns running, until told to stop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Self

from pbx_bridge.parts.errors import PartUnavailable

from .agents import Agent
from .carrier import Carrier
from .carrier_config import CarrierPlace
from .center import CallCenter, Say
from .customers import call_in
from .phones import Farm
from .report import Seen
from .together import together

INBOUND = range(1, 9)
PROGRESSIVE = range(13, 16)
PREDICTIVE = range(19, 24)
"""Ids of the people on duty; the others' phones are free for whoever wants to join."""
_CALLS_PER_SECOND = 0.22
_PHONES_A_FARM = 4
_TRIES = 3
_QUIET_SECONDS = 25


class Traffic:
    """`async with Traffic(center, say) as traffic:` — signed in and calling inside."""

    def __init__(self, center: CallCenter, say: Say) -> None:
        self._center = center
        self._say = say
        self._stack = AsyncExitStack()
        self._work: list[asyncio.Task[None]] = []
        self._since = time.time()
        self.errors: list[str] = []
        self.agents: list[Agent] = []
        self.signed_in = 0

    async def __aenter__(self) -> Self:
        try:
            await self._enter()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._cancel()
        await self._stack.aclose()

    async def _enter(self) -> None:
        center, plan = self._center, self._center.plan
        place = CarrierPlace(
            plan.carrier_address,
            plan.carrier_port,
            plan.sip_address,
            plan.sip_port,
            center.voices / "customers",
            seed=plan.seed,
        )
        self.carrier = await Carrier.start(center.install, place, plan.data / "carrier")
        self._stack.push_async_callback(self.carrier.stop)
        self._say(f"the carrier on {plan.carrier_address}:{plan.carrier_port}")
        voices = sorted((center.voices / "agents").glob("*.wav"))
        people = {person.id: person for person in center.kept.world.people}
        for ids in _by(_PHONES_A_FARM, [*INBOUND, *PROGRESSIVE, *PREDICTIVE]):
            farm = await self._stack.enter_async_context(Farm(plan.phones_address))
            self.agents += [Agent(people[id], farm, voices, plan.seed, self.errors) for id in ids]
        await self._sign_in()
        self._set_to_work()

    async def _sign_in(self) -> None:
        """A shift start: everybody at once; who did not get through tries again."""
        await together(*(agent.register(self._center.plan.sip) for agent in self.agents))
        waiting = self.agents
        for _ in range(_TRIES):
            await together(*(agent.sign_in() for agent in waiting))
            signed_in = await self._center.signed_in()
            waiting = [agent for agent in self.agents if agent.person.id not in signed_in]
            if not waiting:
                break
        self.signed_in = len(self.agents) - len(waiting)
        self.errors += [f"{agent.person.login}: could not sign in" for agent in waiting]
        self._say(f"{self.signed_in} of {len(self.agents)} agents signed in by phone")
        if not self.signed_in:
            raise PartUnavailable(f"no agent could sign in by phone (log: {self._center.plan.data / 'bridge.log'})")

    def _set_to_work(self) -> None:
        places = self._center.kept.world.places
        jobs = [
            call_in(self.carrier, places, _CALLS_PER_SECOND, self._center.plan.seed),
            *(agent.take_calls() if agent.person.id in INBOUND else agent.work_line() for agent in self.agents),
        ]
        self._work = [asyncio.create_task(self._watched(job)) for job in jobs]

    async def _watched(self, job: Coroutine[object, object, None]) -> None:
        try:
            await job
        except Exception as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    async def quiet(self) -> None:
        """Customers stop calling, lines are left, calls under way end by themselves or are ended."""
        self._say(f"ending the traffic: calls may end by themselves for {_QUIET_SECONDS} s, then are ended")
        callers, *workers = self._work
        callers.cancel()
        for task, agent in zip(workers, self.agents, strict=False):
            if agent.person.id not in INBOUND:
                task.cancel()
                await agent.stop()
        await self._settled(self._no_call_up)
        await self._cancel()
        for agent in self.agents:
            await agent.stop()
        await asyncio.to_thread(self.carrier.hang_up_all)
        await self._settled(self._no_call_up)
        await self._settled(self._center.all_written)

    async def _no_call_up(self) -> bool:
        return not await asyncio.to_thread(self.carrier.calls_up)

    async def _settled(self, quiet: Callable[[], Awaitable[bool]]) -> None:
        """Until it is so, or long enough waited."""
        for _ in range(_QUIET_SECONDS * 2):
            if await quiet():
                return
            await asyncio.sleep(0.5)

    async def _cancel(self) -> None:
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        self._work = []

    def seen(self, ready_s: float) -> Seen:
        """For the report."""
        return Seen(
            ready_s=ready_s,
            since=self._since,
            signed_in=self.signed_in,
            carrier=self.carrier.book(),
            taken=[call.caller for agent in self.agents for call in agent.answered if agent.person.id in INBOUND],
            errors=self.errors,
        )


def _by(size: int, items: list[int]) -> Iterator[list[int]]:
    return (items[n : n + size] for n in range(0, len(items), size))
