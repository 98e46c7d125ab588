"""Between the socket's reader and the one consumer: the reader never waits, the consumer may (fact F12)."""

import asyncio
from collections import deque
from typing import Final

from msgspec import Struct

MOST_PACKETS: Final = 100_000
"""About 50 MB of events, six seconds of the heaviest burst measured (F12); beyond, reading on is pointless."""


class Up(Struct, frozen=True):
    """Logged in, Asterisk fully booted. Everything believed so far must be read again: AMI has no replay."""

    generation: int
    version: str


class Down(Struct, frozen=True):
    """The connection is gone, or the first attempt to get one failed."""

    reason: str


class Batch(Struct, frozen=True):
    """The event packets of one read, in order; `at` is epoch seconds when they arrived."""

    packets: list[bytes]
    at: float


Delivery = Up | Down | Batch


class Inbox:
    """Bounded by packets, not by deliveries."""

    def __init__(self, most_packets: int = MOST_PACKETS) -> None:
        self._most = most_packets
        self._deliveries: deque[Delivery] = deque()
        self._packets = 0
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    @property
    def packets(self) -> int:
        """Event packets waiting for the consumer."""
        return self._packets

    def put(self, delivery: Delivery) -> bool:
        """False when the consumer is too far behind: the delivery is not kept."""
        if isinstance(delivery, Batch):
            if self._packets + len(delivery.packets) > self._most:
                return False
            self._packets += len(delivery.packets)
        self._deliveries.append(delivery)
        self._filled.set()
        self._emptied.clear()
        return True

    async def take(self) -> Delivery:
        """The oldest delivery, when there is one."""
        while not self._deliveries:
            self._filled.clear()
            await self._filled.wait()
        delivery = self._deliveries.popleft()
        if isinstance(delivery, Batch):
            self._packets -= len(delivery.packets)
        if not self._deliveries:
            self._emptied.set()
        return delivery

    def forget_packets(self) -> None:
        """Drops every waiting batch: what a new login will read makes them worthless."""
        self._deliveries = deque(each for each in self._deliveries if not isinstance(each, Batch))
        self._packets = 0

    async def caught_up(self) -> None:
        """Returns when the consumer has taken everything."""
        if self._deliveries:
            await self._emptied.wait()
