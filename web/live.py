"""The live socket's fan-out: one subscription to the engine, each change encoded once, one write a socket.

A socket first gets a snapshot and then every change after it. Nobody waits for a slow browser: once more than a bound
lies unsent in its transport it is cut off and comes back by itself for a new snapshot.
"""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from pbx_bridge.core.board import Delta
from pbx_bridge.ports.accounts import Account

from . import views
from .context import WebPorts, WebSettings
from .frames import text_frame

log = logging.getLogger("web.live")

HEARTBEAT_SECONDS = 1.0
SESSION_ENDED = 4401
"""Close code of a socket whose session is over: the page says so instead of trying again."""


@dataclass(slots=True, eq=False)
class Watcher:
    """One open socket. `own` narrows it to one agent's row; `seq` is the last change it has been shown."""

    transport: asyncio.Transport
    own: str | None
    token_hash: bytes
    over: asyncio.Event
    seq: int = 0


class LiveFeed:
    """Who is watching. `run` lives as long as the application."""

    def __init__(self, ports: WebPorts, settings: WebSettings) -> None:
        self._ports = ports
        self._bound = settings.socket_bytes
        self._watchers: set[Watcher] = set()
        self._encoder = msgspec.json.Encoder()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._watchers)

    async def run(self) -> None:
        beat = asyncio.create_task(self._beat(), name="live heartbeat")
        try:
            while True:
                async with self._ports.engine.subscribe() as live:
                    for watcher in list(self._watchers):
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
        own = str(account.id) if account.role == "agent" else None
        watcher = Watcher(transport, own, token_hash, asyncio.Event())
        self._watchers.add(watcher)
        self._greet(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)

    def end_session(self, token_hash: bytes) -> None:
        """The person signed out: their open pages learn it now."""
        for watcher in self._watchers:
            if watcher.token_hash == token_hash:
                watcher.over.set()

    def close(self) -> None:
        """The application ends: every socket's guard closes it."""
        for watcher in self._watchers:
            watcher.transport.close()

    def _greet(self, watcher: Watcher) -> None:
        snapshot = self._ports.engine.snapshot()
        whole = views.live(snapshot, self._ports.engine.data_age_ms())
        watcher.seq = snapshot.seq
        shown = whole if watcher.own is None else views.only_own(whole, watcher.own)
        self._write(watcher, text_frame(self._encoder.encode(shown)))

    def _spread(self, delta: Delta) -> None:
        if not self._watchers:
            return
        age = self._ports.engine.data_age_ms()
        shown = views.DeltaView(delta.seq, delta.kind, views.view(delta.row), age)
        frame = text_frame(self._encoder.encode(shown))
        row = f"{delta.kind}:{delta.row.id}"
        for watcher in list(self._watchers):
            if delta.seq > watcher.seq:
                watcher.seq = delta.seq
                if watcher.own is None or delta.kind == "node" or row == f"agent:{watcher.own}":
                    self._write(watcher, frame)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if self._watchers:
                at = datetime.fromtimestamp(time.time(), UTC)
                beat = views.HeartbeatView(at, self._ports.engine.data_age_ms())
                frame = text_frame(self._encoder.encode(beat))
                for watcher in list(self._watchers):
                    self._write(watcher, frame)

    def _write(self, watcher: Watcher, frame: bytes) -> None:
        transport = watcher.transport
        if transport.is_closing():
            self._watchers.discard(watcher)
            return
        if transport.get_write_buffer_size() > self._bound:
            self.dropped += 1
            self._watchers.discard(watcher)
            transport.abort()
            return
        transport.write(frame)


FEED = web.AppKey("feed", LiveFeed)
