"""The live socket's fan-out: one subscription to the engine, each change encoded once, one write a socket.

A socket first gets a snapshot and then every change after it. Nobody waits for a slow browser: when more than a bound
lies unsent in its transport at a heartbeat, it is cut off and comes back by itself for a new snapshot.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from aiohttp import web

from pbx_bridge.core.board import Delta
from pbx_bridge.ports.accounts import Account
from pbx_bridge.ports.alarms import Alarm

from . import views, wire
from .context import WebPorts, WebSettings
from .frames import text_frame

log = logging.getLogger("web.live")

HEARTBEAT_SECONDS = 1.0
SESSION_ENDED = 4401
"""Close code of a socket whose session is over: the page says so instead of trying again."""


@dataclass(slots=True, eq=False)
class Watcher:
    """One open socket. `seen` is the change its snapshot already held."""

    transport: asyncio.Transport
    write: Callable[[bytes], None]
    agent: str | None
    """Whose row alone is shown; None shows everything."""
    token_hash: bytes
    over: asyncio.Event
    seen: int = 0


Write = Callable[[bytes], None]


class Readers:
    """Whose writes a change goes to, kept as plain lists: they are walked for each change, and change seldom."""

    def __init__(self, watchers: Iterable[Watcher]) -> None:
        self.everything: list[Write] = []
        self.own: dict[str, list[Write]] = {}
        self.ahead = 0
        """The newest change that any snapshot already held."""
        for watcher in watchers:
            self.ahead = max(self.ahead, watcher.seen)
            if watcher.agent is None:
                self.everything.append(watcher.write)
            else:
                self.own.setdefault(watcher.agent, []).append(watcher.write)

    def of(self, delta: Delta) -> Iterable[Write]:
        """Besides those who see everything."""
        if delta.kind == "agent":
            return self.own.get(delta.row.id, ())
        return chain.from_iterable(self.own.values()) if delta.kind == "node" else ()


class LiveFeed:
    """Who is watching. `run` lives as long as the application."""

    def __init__(self, ports: WebPorts, settings: WebSettings) -> None:
        self._ports = ports
        self._bound = settings.socket_bytes
        self._watchers: set[Watcher] = set()
        self._readers: Readers | None = None
        self._told = False
        """Whether those who see everything heard of a change since the last heartbeat."""
        self._alarms: list[Alarm] = []
        """Those of the last heartbeat."""
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._watchers)

    async def run(self) -> None:
        beat = asyncio.create_task(self._beat(), name="live heartbeat")
        try:
            while True:
                async with self._ports.engine.subscribe() as live:
                    for watcher in self._watchers:
                        self._greet(watcher)
                    async for delta in live.deltas:
                        self._spread(delta)
                log.warning("the live feed fell behind the engine and starts again from a snapshot")
                await asyncio.sleep(0)
        finally:
            beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beat

    def join(self, transport: asyncio.Transport, account: Account, token_hash: bytes) -> Watcher:
        """Shows the snapshot and everything after it. An agent sees the own row only."""
        agent = str(account.id) if account.role == "agent" else None
        watcher = Watcher(transport, transport.write, agent, token_hash, asyncio.Event())
        self._watchers.add(watcher)
        self._greet(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)
        self._readers = None

    def end_session(self, token_hash: bytes) -> None:
        """The person signed out: their open pages learn it now."""
        for watcher in self._watchers:
            if watcher.token_hash == token_hash:
                watcher.over.set()

    def close(self) -> None:
        """The application ends: every socket goes."""
        for watcher in self._watchers:
            watcher.transport.close()

    def _greet(self, watcher: Watcher) -> None:
        snapshot = self._ports.engine.snapshot()
        whole = views.live(snapshot, self._ports.engine.data_age_ms())
        watcher.seen = snapshot.seq
        self._readers = None
        shown = whole if watcher.agent is None else views.only_own(whole, watcher.agent)
        watcher.write(text_frame(wire.encode(shown)))

    def _spread(self, delta: Delta) -> None:
        """Nothing but the write itself: this runs for each change times each socket."""
        if not self._watchers:
            return
        shown = views.DeltaView(delta.seq, delta.kind, views.view(delta.row), self._ports.engine.data_age_ms())
        frame = text_frame(wire.encode(shown))
        readers = self._readers = self._readers or Readers(self._watchers)
        if delta.seq <= readers.ahead:  # somebody's snapshot may hold it already
            readers = Readers(watcher for watcher in self._watchers if delta.seq > watcher.seen)
        else:
            self._told = True
        for write in readers.everything:
            write(frame)
        for write in readers.of(delta):
            write(frame)

    async def _beat(self) -> None:
        """Once a second: the age of the data to whoever may have heard nothing meanwhile, and who is too slow goes."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            self._drop_the_slow()
            at = datetime.fromtimestamp(time.time(), UTC)
            age, alarms = self._ports.engine.data_age_ms(), self._ports.alarms()
            beat = text_frame(wire.encode(views.HeartbeatView(at, age)))
            alarm = text_frame(wire.encode(views.HeartbeatView(at, age, alarms)))
            due = not self._told or alarms or alarms != self._alarms
            for watcher in self._watchers:
                if watcher.agent is not None:
                    watcher.write(beat)
                elif due:
                    watcher.write(alarm)
            self._told, self._alarms = False, alarms

    def _drop_the_slow(self) -> None:
        for watcher in list(self._watchers):
            if watcher.transport.is_closing():
                self.leave(watcher)
            elif watcher.transport.get_write_buffer_size() > self._bound:
                self.dropped += 1
                self.leave(watcher)
                watcher.transport.abort()


FEED = web.AppKey("feed", LiveFeed)
