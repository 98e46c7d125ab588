"""What a scenario does, in the words of a call center."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Self, TypeVar

from pbx_bridge.core.contexts import outside_endpoint
from pbx_bridge.demo.center import CallCenter
from pbx_bridge.demo.phones import Call, Farm, Phone
from pbx_bridge.demo.world import Campaign, Person, Place

from .web import Web

if TYPE_CHECKING:
    import asyncpg

    from pbx_bridge.store.pool import Pool

P = ParamSpec("P")
T = TypeVar("T")
Row = Mapping[str, Any]

_turn = itertools.count()


class Lab:
    """A desk farm for agents, one outside that is the carrier, the database, the web's API."""

    def __init__(self, center: CallCenter, pool: "Pool") -> None:
        self.center = center
        self.pool = pool
        self._stack = AsyncExitStack()
        self.signed_in: list[Person] = []
        """Whoever is signed out at the end."""
        self._phones: dict[int, Phone] = {}

    async def __aenter__(self) -> Self:
        plan = self.center.plan
        self.desks = await self._stack.enter_async_context(Farm(plan.phones_address))
        self.outside = await self._stack.enter_async_context(Farm(plan.carrier_address, plan.carrier_port))
        administrator = next(person for person in self.people if person.role == "administrator")
        self.web = await self._stack.enter_async_context(Web(plan.web, administrator))
        self.carrier = await self.outside.peer("carrier", plan.sip)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            for farm in (self.desks, self.outside):
                await farm.hang_up_all()
            await self.no_channel_left()
            for person in self.signed_in:
                await self._sign_out(person)
        finally:
            await self._stack.aclose()

    # -- people ----------------------------------------------------------------------------------------------------

    @property
    def people(self) -> list[Person]:
        return self.center.kept.world.people

    def agent(self, first: int = 1, last: int = 12) -> Person:
        """Somebody of the inbound shift (ids `first` to `last`), each time another."""
        return self.people[first - 1 + next(_turn) % (last - first + 1)]

    def who(self, phone: Phone) -> Person:
        """Whose desk phone it is."""
        return next(person for person in self.people if person.extension == phone.name)

    def place(self, extension: str = "7001") -> Place:
        return next(place for place in self.center.kept.world.places if place.extension == extension)

    def campaign(self, mode: str) -> Campaign:
        return next(campaign for campaign in self.center.kept.world.campaigns if campaign.mode == mode)

    async def phone(self, person: Person) -> Phone:
        """The person's desk phone, registered."""
        if person.id in self._phones:
            return self._phones[person.id]
        phone = self._phones[person.id] = await self.desks.phone(
            person.extension, person.sip_password, self.center.plan.sip
        )
        await self.reachable(person)
        return phone

    def took(self, person: Person, phone: Phone) -> None:
        """The person works from a phone of another farm."""
        self._phones[person.id] = phone

    async def reachable(self, person: Person) -> None:
        """Until the bridge has heard of the registration."""
        await self.until(lambda: self.live_row("terminals", person.extension), lambda row: bool(row.get("reachable")))

    async def sign_in(self, person: Person) -> Phone:
        """By phone; returns once the bridge has written it down."""
        phone = await self.phone(person)
        call = await phone.dial("0010")
        await self.key_credentials(call, person.dial_id, person.dial_password)
        await self.row("SELECT * FROM sign_in WHERE agent = $1", person.id)
        await call.hang_up()
        self.signed_in.append(person)
        await self.condition(person, "available")
        return phone

    async def sign_in_from(self, mobile: str, person: Person, shown: str = "") -> None:
        """By a call from an outside number, which the carrier may write as `shown`; returns once app_queue has it."""
        self.signed_in.append(person)
        call = await self.carrier.dial(self.center.kept.world.sign_in_number, caller=shown or mobile)
        await self.key_credentials(call, person.dial_id, person.dial_password)
        await self.row(
            "SELECT 1 FROM sign_in s JOIN terminal t ON t.id = s.terminal WHERE agent = $1 AND extension = $2",
            person.id,
            mobile,
        )
        await call.hang_up()
        await self.becomes(outside_endpoint(mobile), "ready")

    @staticmethod
    async def take(ringing: Call) -> None:
        """Answer at an outside number, and key 1 when asked to."""
        await ringing.answer()
        await ringing.hears_something()
        await ringing.digits("1")

    async def key_credentials(self, call: Call, dial_id: str, password: str) -> None:
        """Answer the two questions of a dialogue, each as soon as it is asked."""
        await call.answered()
        await call.hears_something()
        await call.digits(f"{dial_id}#")
        await self.pause_for_keys(len(dial_id) + 1)
        await call.digits(f"{password}#")

    @staticmethod
    async def pause_for_keys(count: int) -> None:
        """Keys leave the phone one after the other; the next question comes after the last."""
        await asyncio.sleep(0.25 * count)

    @staticmethod
    async def in_thread(work: "Callable[P, T]", *arguments: "P.args", **named: "P.kwargs") -> T:
        """What may block."""
        return await asyncio.to_thread(work, *arguments, **named)

    async def console(self, command: str) -> str:
        """What Asterisk says on its console."""
        return await asyncio.to_thread(self.center.asterisk.console, command)

    async def member(self, extension: str, place: str = "7001") -> Literal["absent", "paused", "ready"]:
        """How app_queue has the terminal."""
        said = await self.console(f"queue show center-{place}")
        line = next((line for line in said.splitlines() if f"PJSIP/{extension}" in line), None)
        if line is None:
            return "absent"
        return "paused" if "(paused" in line else "ready"

    async def becomes(
        self, extension: str, state: Literal["absent", "paused", "ready"], place: str = "7001", within: float = 5.0
    ) -> None:
        """Until app_queue has followed."""
        await self.until(
            lambda: self.member(extension, place), lambda now: now == state, within, f"{extension} {state}"
        )

    async def condition(self, person: Person, condition: str, within: float = 10.0) -> "asyncpg.Record":
        """Until the agent's open interval says so."""
        return await self.row(
            "SELECT * FROM status_interval WHERE agent = $1 AND until IS NULL AND condition = $2",
            person.id,
            condition,
            within=within,
        )

    async def _sign_out(self, person: Person) -> None:
        status, body = await self.web.send("PUT", f"agents/{person.id}/status", {"status": "logged_off"})
        assert status == 200 or body["type"].endswith("not-signed-in"), body
        await self.none("SELECT 1 FROM sign_in WHERE agent = $1", person.id)

    # -- customers -------------------------------------------------------------------------------------------------

    async def customer(self, extension: str = "7001") -> Call:
        """Somebody outside calls a center."""
        number = f"0900{random.randrange(10**7):07}"
        return await self.carrier.dial(self.place(extension).number, caller=number)

    # -- what was written ------------------------------------------------------------------------------------------

    async def row(self, query: str, *arguments: object, within: float = 10.0) -> "asyncpg.Record":
        """The first row of a query, as soon as there is one."""

        async def ask() -> "asyncpg.Record | None":
            return await self.pool.fetchrow(query, *arguments)

        found = await self.until(ask, lambda row: row is not None, within, f"{query} {arguments}")
        assert found is not None
        return found

    async def none(self, query: str, *arguments: object, within: float = 10.0) -> None:
        """Until a query finds nothing."""

        async def ask() -> "asyncpg.Record | None":
            return await self.pool.fetchrow(query, *arguments)

        await self.until(ask, lambda row: row is None, within, f"nothing from {query} {arguments}")

    async def call_of(self, customer: Call, within: float = 10.0) -> "asyncpg.Record":
        """The finished call's row, found by the customer's number."""
        return await self.row(
            "SELECT * FROM call WHERE other_number = $1 AND ended_at IS NOT NULL", customer.caller, within=within
        )

    async def steps(self, call: object) -> list[str]:
        rows = await self.pool.fetch("SELECT kind FROM call_event WHERE call = $1 ORDER BY at, id", call)
        return [row["kind"] for row in rows]

    async def story(self, call: object) -> "list[asyncpg.Record]":
        """A call's steps, whole."""
        return await self.pool.fetch("SELECT * FROM call_event WHERE call = $1 ORDER BY at, id", call)

    # -- what is live ----------------------------------------------------------------------------------------------

    async def live_row(self, kind: str, extension: str) -> Row:
        """A row of the live board by its extension; empty when there is none."""
        snapshot = await self.web.snapshot()
        return next((row for row in snapshot[kind] if row.get("extension") == extension), {})

    async def live_agent(self, person: Person) -> Row:
        """A person's row of the live board, wherever they sit."""
        snapshot = await self.web.snapshot()
        return next(row for row in snapshot["agents"] if row["id"] == str(person.id))

    async def cut_manager_sessions(self) -> None:
        """Asterisk closes both AMI connections."""
        said = await self.console("manager show connected")
        for line in said.splitlines():
            fields = line.split()
            if len(fields) > 3 and fields[0].startswith("pbx-"):
                await self.console(f"manager kick session {fields[5]}")

    def channels(self) -> int:
        said = self.center.asterisk.console("core show channels count")
        return int(said.split(" active channel", maxsplit=1)[0].rsplit("\n", 1)[-1])

    async def no_channel_left(self, within: float = 10.0) -> None:
        async def count() -> int:
            return await asyncio.to_thread(self.channels)

        await self.until(count, lambda n: n == 0, within, "no channel left in Asterisk")

    async def until(
        self, ask: Callable[[], Awaitable[T]], enough: Callable[[T], bool], within: float = 10.0, what: str = ""
    ) -> T:
        """Ask again until it is enough; a deadline, not a sleep."""
        answer: T | None = None
        try:
            async with asyncio.timeout(within):
                while True:
                    answer = await ask()
                    if enough(answer):
                        return answer
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not within {within} s: {what}; last seen {answer}") from None
