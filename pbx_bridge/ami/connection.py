"""One TCP connection to Asterisk's manager interface, from greeting to loss.

Cuts the bytes into packets, gives responses and list events to whoever asked, everything else to `deliver`. It is
never reused: a new connection is a new generation with nothing pending.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, cast

from msgspec import Struct

from pbx_bridge.core.errors import Rejected, Unreachable

from .encode import packet
from .framing import Framer
from .message import Message, name_of

_MOST_UNSENT: Final = 1024 * 1024
"""Bytes of actions waiting because Asterisk does not read; beyond, the connection is as good as gone."""


class Reply(Struct, frozen=True):
    """Asterisk's response, and for a list action its events up to and without the closing one.

    `superseded`: a newer setting of the same thing was sent instead; `response` is then empty."""

    response: Message
    events: tuple[Message, ...] = ()
    superseded: bool = False


class _Asked:
    """A request on its way; `ends` names the event that closes its list, empty for a plain response."""

    __slots__ = ("ends", "events", "future", "response")

    def __init__(self, ends: bytes, future: asyncio.Future[Reply]) -> None:
        self.ends = ends
        self.future = future
        self.response: Message | None = None
        self.events: list[Message] = []


class Connection(asyncio.Protocol):
    """`deliver` takes the event packets of each read, in order; `tap` the raw bytes before anything is cut.

    Both are called from the event loop's reader and must not block or raise."""

    def __init__(self, deliver: Callable[[list[bytes]], None], tap: Callable[[bytes], None] | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[str] = loop.create_future()
        """Done when the connection is gone; its result says why."""
        self.booted: asyncio.Future[str] = loop.create_future()
        """Done when Asterisk said FullyBooted: before that its lists are incomplete."""
        self.heard_at = loop.time()
        """Loop time of the last byte from Asterisk."""
        self._loop = loop
        self._deliver = deliver
        self._tap = tap
        self._framer = Framer()
        self._asked: dict[str, _Asked] = {}
        self._transport: asyncio.Transport | None = None

    @property
    def version(self) -> str:
        """AMI protocol version of the greeting, such as `11.0.0`; empty before it came."""
        return self._framer.version

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in everything but the class.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        if self._tap is not None:
            self._tap(data)
        packets = self._framer.feed(data)
        if packets:
            if self._asked:
                events = [each for each in packets if not self._given(each)]
            else:
                events = [each for each in packets if each[:10] != b"Response: "]
            if not self.booted.done() and any(name_of(each) == b"FullyBooted" for each in events):
                self.booted.set_result("FullyBooted")
            if events:
                self._deliver(events)
        if self._framer.fault is not None:
            self.cut(str(self._framer.fault))

    def connection_lost(self, exc: Exception | None) -> None:
        self.cut(str(exc) if exc is not None else "Asterisk closed the connection")

    def cut(self, reason: str) -> None:
        """Ends the connection now. Whoever waits for a reply gets `Unreachable(unknown=True)`."""
        if self.lost.done():
            return
        self.lost.set_result(reason)
        if self._transport is not None:
            self._transport.abort()
        asked, self._asked = self._asked, {}
        for each in asked.values():
            if not each.future.done():
                each.future.set_exception(Unreachable(f"AMI: {reason}", unknown=True))

    def close(self) -> None:
        """What panoramisk calls the end."""
        self.cut("closed")

    def send(self, action: Mapping[str, str]) -> None:
        """panoramisk's keepalive: any answer counts as life, so nobody waits for this one."""
        if not self.lost.done():
            self._write(packet(action["Action"], "keepalive", []))

    async def request(self, action_id: str, data: bytes, ends: str = "") -> Reply:
        """Writes `data` and waits for its response, or for the whole list when `ends` names its closing event.

        Raises `Rejected` for `Response: Error`, `Unreachable` when the connection is or gets lost (`unknown` says
        whether the bytes had left). Deadlines are the caller's: cancelling forgets the request."""
        if self.lost.done():
            raise Unreachable(f"AMI: {self.lost.result()}")
        if action_id in self._asked:
            raise Unreachable(f"AMI action {action_id} is already on its way")
        asked = _Asked(ends.encode(), self._loop.create_future())
        self._asked[action_id] = asked
        try:
            self._write(data)
            return await asked.future
        finally:
            if self._asked.get(action_id) is asked:
                del self._asked[action_id]

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > _MOST_UNSENT:
            self.cut("Asterisk does not read what we send")

    def _given(self, raw: bytes) -> bool:
        """True when `raw` was a response, or an event of a list somebody asked for."""
        response = raw[:10] == b"Response: "
        if not response and b"\r\nActionID: " not in raw:
            return False
        message = Message(raw)
        asked = self._asked.get(message.get("ActionID"))
        if asked is None or asked.future.done():
            return response
        if response:
            _answer(asked, message)
            return True
        return _collect(asked, message)


def _answer(asked: _Asked, message: Message) -> None:
    if message["Response"] == "Error":
        asked.future.set_exception(Rejected(message.get("Message", "Asterisk gave no reason")))
    elif asked.ends:
        asked.response = message
    else:
        asked.future.set_result(Reply(message))


def _collect(asked: _Asked, message: Message) -> bool:
    """List events carry their request's ActionID; so does OriginateResponse, which is news for everybody."""
    if asked.response is None:
        return False
    if name_of(message.raw) == asked.ends:
        asked.future.set_result(Reply(asked.response, tuple(asked.events)))
    else:
        asked.events.append(message)
    return True
