"""The only AMI socket: one account's login, kept up for as long as `run` runs.

panoramisk's Manager opens the socket (TCP or TLS) and keeps it warm with Ping; everything it is known to get wrong
stays ours: framing, encoding, login, correlation, and above all what may be sent twice
(docs/adr/0002-ami-transport.md).
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from itertools import count
from ssl import SSLContext
from typing import Final, cast

import panoramisk
from msgspec import Struct

from pbx_bridge.core.actions import Action
from pbx_bridge.core.errors import BridgeError, Rejected, Unreachable

from .connection import Connection, Reply
from .encode import packet, wire
from .inbox import Batch, Delivery, Down, Inbox, Up
from .login import Account, login
from .message import Message
from .queries import Query
from .repeating import action_id, subject

_log = logging.getLogger(__name__)

_PING_EVERY_S: Final = 3
_SILENCE_S: Final = 9.0
"""Three unanswered Pings: noticed within the ten seconds that reliability.md allows."""
_LOGIN_S: Final = 5.0
_BOOT_S: Final = 120.0
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 10.0


class Address(Struct, frozen=True):
    """Where manager.conf listens. With `tls`, a verified TLS connection."""

    host: str = "127.0.0.1"
    port: int = 5038
    tls: SSLContext | None = None


class _Opener(panoramisk.Manager):
    """One socket for one generation. panoramisk would dial again two seconds after a loss and then resend every
    unanswered action, an Originate too (F1): both roads end here."""

    def connection_made(self, f: "asyncio.Future[tuple[asyncio.Transport, asyncio.BaseProtocol]]") -> None:
        if not f.cancelled() and f.exception() is None:
            super().connection_made(f)

    def connection_lost(self, exc: object) -> None:
        """Reconnecting is the link's business."""


class Link:
    """`run` keeps the connection; `send` and `read` use it. One event loop, any number of callers."""

    def __init__(
        self,
        address: Address,
        account: Account,
        *,
        tap: Callable[[bytes], None] | None = None,
        inbox: Inbox | None = None,
        silence_s: float = _SILENCE_S,
    ) -> None:
        self._address = address
        self._account = account
        self._tap = tap
        self._inbox = inbox if inbox is not None else Inbox()
        self._silence_s = silence_s
        self._connection: Connection | None = None
        self._up = asyncio.Event()
        self._generation = 0
        self._ids = count(1)
        self._newest: dict[tuple[str, ...], int] = {}
        # Reconnecting bridges must not march in step; nothing secret hangs on it.
        self._jitter = random.Random()  # noqa: S311

    @property
    def is_up(self) -> bool:
        return self._connection is not None

    @property
    def silence_s(self) -> float:
        """Seconds since Asterisk last said anything (an answered Ping counts); infinite while not connected."""
        connection = self._connection
        return asyncio.get_running_loop().time() - connection.heard_at if connection is not None else float("inf")

    @property
    def waiting_packets(self) -> int:
        """Events read and not yet taken by the consumer."""
        return self._inbox.packets

    async def run(self, consume: Callable[[Delivery], Awaitable[None]]) -> None:
        """Connects, logs in, reconnects with growing pauses; hands `Up`, `Batch` and `Down` to `consume`, one at a
        time, while reading goes on. Returns never; raises `Rejected` when the very first login is refused, and
        whatever `consume` raises."""
        tasks = [asyncio.create_task(self._stay_connected()), asyncio.create_task(self._pump(consume))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def send(self, action: Action, *, within_s: float = 5.0) -> Reply:
        """Asks Asterisk to act. A *set* waits for a connection and is repeated after a loss, unless a newer setting
        of the same thing has overtaken it; a *once* is written at most once.

        Raises `Rejected` (Asterisk said no), `Garbled` (never written), `Unreachable`: with `unknown` when the
        action may nevertheless have been carried out."""
        name, headers = wire(action)
        own_id = action_id(action, next(self._ids))
        data = packet(name, own_id, headers)
        if action.repeat == "once":
            return await self._ask_once(own_id, data, within_s)
        key = subject(action)
        mine = self._newest[key] = next(self._ids)
        try:
            return await self._ask_again(own_id, data, within_s, overtaken=lambda: self._newest[key] != mine)
        finally:
            if self._newest.get(key) == mine:
                del self._newest[key]

    async def read(self, query: Query, *, within_s: float = 10.0) -> Reply:
        """Asks what is so, again after a loss. Raises as `send`, never with `unknown`."""
        own_id = f"read-{next(self._ids)}"
        data = packet(query.name, own_id, query.headers)
        try:
            return await self._ask_again(own_id, data, within_s, query.ends)
        except Unreachable as gone:
            raise Unreachable(str(gone)) from gone

    async def _ask_once(self, own_id: str, data: bytes, within_s: float) -> Reply:
        connection = self._connection
        if connection is None:
            raise Unreachable("AMI is not connected; the action was not sent")
        try:
            async with asyncio.timeout(within_s):
                return await connection.request(own_id, data)
        except TimeoutError:
            raise Unreachable(f"AMI: no response within {within_s} s", unknown=True) from None

    async def _ask_again(
        self,
        own_id: str,
        data: bytes,
        within_s: float,
        ends: str = "",
        overtaken: Callable[[], bool] = lambda: False,
    ) -> Reply:
        sent = False
        try:
            async with asyncio.timeout(within_s):
                while not overtaken():
                    await self._up.wait()
                    connection = self._connection
                    if connection is None or overtaken():
                        continue
                    sent = True
                    try:
                        return await connection.request(own_id, data, ends)
                    except Unreachable:
                        # Lost on the way; the next generation answers, unless time runs out first.
                        await asyncio.sleep(0)
        except TimeoutError:
            raise Unreachable(f"AMI: no response within {within_s} s", unknown=sent) from None
        return Reply(Message(b""), superseded=True)

    async def _pump(self, consume: Callable[[Delivery], Awaitable[None]]) -> None:
        while True:
            await consume(await self._inbox.take())

    async def _stay_connected(self) -> None:
        pause, told = _FIRST_PAUSE_S, False
        while True:
            await self._inbox.caught_up()
            before = self._generation
            try:
                reason = await self._one_generation()
            except Rejected as refused:
                if self._generation == 0:
                    raise
                reason = str(refused)
            except (BridgeError, OSError, TimeoutError) as error:
                reason = str(error) or "no answer from Asterisk"
            if self._generation > before:
                pause, told = _FIRST_PAUSE_S, False
            if not told:
                _log.warning("AMI %s: %s", self._account.username, reason)
                self._inbox.put(Down(reason))
                told = True
            await asyncio.sleep(pause * self._jitter.uniform(0.5, 1.0))
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _one_generation(self) -> str:
        """From connect to loss; why it was lost."""
        opener = _Opener(
            host=self._address.host,
            port=self._address.port,
            ssl=self._address.tls or False,
            ping_delay=_PING_EVERY_S,
            ping_interval=_PING_EVERY_S,
            protocol_factory=lambda: Connection(self._receive, self._tap),
        )
        connection: Connection | None = None
        try:
            async with asyncio.timeout(_LOGIN_S):
                _, protocol = await opener.connect()
                connection = cast(Connection, protocol)
                await self._log_in(connection)
            await self._wait_for_boot(connection)
            self._open(connection)
            return await self._watch(connection)
        finally:
            self._connection = None
            self._up.clear()
            opener.close()
            if connection is not None:
                connection.close()

    async def _log_in(self, connection: Connection) -> None:
        steps = login(self._account)
        name, headers = next(steps)
        while True:
            own_id = f"login-{next(self._ids)}"
            try:
                reply = await connection.request(own_id, packet(name, own_id, headers))
            except Rejected as refused:
                raise Rejected(f"Asterisk refused the AMI login of {self._account.username}: {refused}") from None
            try:
                name, headers = steps.send(reply.response)
            except StopIteration:
                return

    async def _wait_for_boot(self, connection: Connection) -> None:
        # Asterisk tells only accounts that receive events and read class `system`.
        if self._account.events == "off":
            return
        await asyncio.wait({connection.booted, connection.lost}, timeout=_BOOT_S, return_when=asyncio.FIRST_COMPLETED)
        if connection.lost.done():
            raise Unreachable(connection.lost.result())
        if not connection.booted.done():
            raise Unreachable(
                f"logged in as {self._account.username}, but no FullyBooted within {_BOOT_S:.0f} s:"
                " Asterisk is still loading, or the account lacks read=system in manager.conf"
            )

    def _open(self, connection: Connection) -> None:
        self._generation += 1
        self._connection = connection
        self._inbox.put(Up(self._generation, connection.version))
        self._up.set()

    def _receive(self, packets: list[bytes]) -> None:
        connection = self._connection
        if connection is None:
            return  # Not up yet: what happens now is part of what the consumer will read after `Up`.
        if not self._inbox.put(Batch(packets, time.time())):
            behind = self._inbox.packets
            self._inbox.forget_packets()
            connection.cut(f"the consumer is {behind} events behind; starting afresh")

    async def _watch(self, connection: Connection) -> str:
        loop = asyncio.get_running_loop()
        while not connection.lost.done():
            left = connection.heard_at + self._silence_s - loop.time()
            if left <= 0:
                connection.cut(f"Asterisk has been silent for {self._silence_s:.0f} s")
                break
            await asyncio.wait({connection.lost}, timeout=left)
        return connection.lost.result()
