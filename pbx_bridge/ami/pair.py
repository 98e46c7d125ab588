"""Two accounts of least privilege: the observer hears and reads, the controller acts and hears nothing."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from pbx_bridge.core.actions import Action, SetVariable
from pbx_bridge.core.events import Seed
from pbx_bridge.core.ids import BootId

from .connection import Reply
from .inbox import Delivery
from .link import Link
from .queries import BRIDGES, CHANNELS, DEVICES, QUEUES, Query, variable
from .seed import seed_from

BOOT = "PBX_BOOT"
"""Global variable; the CDR and CEL lines carry it too."""


class LinkPair:
    """What the rest of the bridge sees of Asterisk's manager interface."""

    def __init__(self, observer: Link, controller: Link) -> None:
        self._observer = observer
        self._controller = controller

    @property
    def is_up(self) -> bool:
        """Whether news arrives and actions can be sent."""
        return self._observer.is_up and self._controller.is_up

    @property
    def observer_up(self) -> bool:
        """Whether news arrives and Asterisk can be read."""
        return self._observer.is_up

    @property
    def silence_s(self) -> float:
        """Seconds since the observer last heard anything; infinite while it is not connected."""
        return self._observer.silence_s

    @property
    def waiting_packets(self) -> int:
        """Events read and not yet taken by the consumer."""
        return self._observer.waiting_packets

    async def run(self, consume: Callable[[Delivery], Awaitable[None]]) -> None:
        """As `Link.run`, for both. `Up`, `Batch` and `Down` are the observer's; a lost controller shows in
        `is_up` and as `Unreachable` from `send`."""
        runs = [
            asyncio.create_task(self._observer.run(consume)),
            asyncio.create_task(self._controller.run(_ignore)),
        ]
        try:
            done, _ = await asyncio.wait(runs, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in runs:
                task.cancel()
            await asyncio.gather(*runs, return_exceptions=True)

    async def send(self, action: Action, *, within_s: float = 5.0) -> Reply:
        """`Link.send` through the controller."""
        return await self._controller.send(action, within_s=within_s)

    async def read(self, query: Query, *, within_s: float = 10.0) -> Reply:
        """`Link.read` through the observer: answers come in order with the events around them."""
        return await self._observer.read(query, within_s=within_s)

    async def seed(self, *, within_s: float = 10.0) -> Seed:
        """Everything that lives in Asterisk now. To be read after every `Up`. Raises `Unreachable`, `Garbled`."""
        boot, channels, bridges, queues, devices = await asyncio.gather(
            self._boot(within_s),
            self.read(CHANNELS, within_s=within_s),
            self.read(BRIDGES, within_s=within_s),
            self.read(QUEUES, within_s=within_s),
            self.read(DEVICES, within_s=within_s),
        )
        return seed_from(boot, channels.events, bridges.events, queues.events, devices.events)

    async def _boot(self, within_s: float) -> BootId:
        """The name of this life of Asterisk. A global variable dies with the process and with nothing else, while two
        boots at one clock instant look alike in every time Asterisk tells (F7)."""
        known = (await self.read(variable("", BOOT), within_s=within_s)).response.get("Value", "")
        if known:
            return BootId(known)
        fresh = secrets.token_hex(4)
        await self.send(SetVariable(BOOT, fresh), within_s=within_s)
        return BootId(fresh)


async def _ignore(delivery: Delivery) -> None:
    """The controller has `Events: off`; its ups and downs are logged where they happen."""
