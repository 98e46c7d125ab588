"""Simulated agents: people at desk phones who do everything by dialing, as real ones would."""

import asyncio
import logging
from pathlib import Path
from random import Random

from .phones import Call, Farm, Phone, PhoneFailed
from .world import Person

_log = logging.getLogger(__name__)

SIGN_IN, SIGN_OUT, JOIN_JOB = "0010", "0011", "0015"
BREAK, AVAILABLE = "0023", "0021"
_SECONDS_A_KEY = 0.2


class Agent:
    """One person with a phone on a farm. `errors` collects what should not have happened."""

    def __init__(self, person: Person, farm: Farm, voices: list[Path], seed: int, errors: list[str]) -> None:
        self.person = person
        self._farm = farm
        self._voices = voices
        self._random = Random(seed * 1000 + person.id)  # noqa: S311 - a simulation that repeats itself
        self._errors = errors
        self._phone: Phone | None = None

    @property
    def calls(self) -> list[Call]:
        """Every call the phone ever had."""
        return self._phone.calls if self._phone else []

    @property
    def answered(self) -> list[Call]:
        """Calls that reached this phone and stood."""
        return [call for call in self.calls if call.incoming and call.at("up") is not None]

    async def register(self, registrar: str) -> None:
        """Plug the phone in."""
        person = self.person
        self._phone = await self._farm.phone(person.extension, person.sip_password, registrar, person.name)

    async def sign_in(self) -> None:
        """Dial 0010, hear the prompts, key ID and password, and hang up once the answer is spoken."""
        assert self._phone is not None
        try:
            call = await self._phone.dial(SIGN_IN)
            await call.answered()
            await call.hears_something()
            await self._keys(call, f"{self.person.dial_id}#")
            await asyncio.sleep(0.3)  # the next prompt begins; keys cut it short
            await self._keys(call, f"{self.person.dial_password}#")
            await call.hears_something()
            await asyncio.sleep(1.0)
            await call.hang_up()
        except (PhoneFailed, TimeoutError) as error:
            _log.info("%s", error)

    async def _keys(self, call: Call, digits: str) -> None:
        await call.digits(digits)
        await asyncio.sleep(_SECONDS_A_KEY * len(digits))

    async def take_calls(self) -> None:
        """Until cancelled: answer, talk, hang up, now and then a break."""
        assert self._phone is not None
        while True:
            try:
                call = await self._phone.rings(within=3600.0)
                await self._talk(call)
                if self._random.random() < 0.08:
                    await self._rest()
            except (PhoneFailed, TimeoutError) as error:
                _log.info("%s", error)  # the customer was quicker

    async def _talk(self, call: Call) -> None:
        await asyncio.sleep(self._random.uniform(0.8, 2.5))
        await call.answer()
        await call.say(wav=str(self._random.choice(self._voices)))
        try:
            await call.ended(within=min(60.0, max(5.0, self._random.lognormvariate(2.8, 0.5))))
        except TimeoutError:
            await call.hang_up()

    async def _rest(self) -> None:
        await self.key(BREAK)
        await asyncio.sleep(self._random.uniform(8.0, 15.0))
        await self.key(AVAILABLE)

    async def key(self, code: str) -> None:
        """Dial a code that asks nothing, and listen to what it says."""
        assert self._phone is not None
        call = await self._phone.dial(code)
        await call.ended(within=20.0)

    async def work_line(self) -> None:
        """Until cancelled: an open line for the job's customers, dialed again whenever it ends."""
        assert self._phone is not None
        while True:
            try:
                line = await self._phone.dial(JOIN_JOB)
                await line.answered()
                await line.say(wav=str(self._random.choice(self._voices)))
                await line.ended(within=24 * 3600.0)
            except (PhoneFailed, TimeoutError) as error:
                _log.info("%s", error)
            await asyncio.sleep(self._random.uniform(2.0, 4.0))

    async def stop(self) -> None:
        """Let go of every call."""
        for call in [call for call in self.calls if call.progress != "ended"]:
            try:
                await call.hang_up()
            except (PhoneFailed, TimeoutError) as error:
                _log.info("%s", error)
