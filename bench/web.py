"""The web's two bars: the live fan-out beside aiohttp's `send_json` to each socket, and a page of 50 rows beside
aiohttp's `json_response`.

Fan-out: 500 sockets, 20 changes a second. The server is a process of its own (`python -m bench.web NAME LOOP`) that
says how much CPU the changes cost it; this process is the 500 browsers and takes the time from change to arrival: of
each change the p99 of its 500 arrivals, and of these the median over all changes and rounds. A p99 over everything is,
on a shared machine, the time the neighbours took: between two runs of one server it differed fivefold. Server and
browsers have a core each, where there are two: otherwise the figure is who of them was given the processor.

What it measured of ways not taken (uvloop): one `os.write` a socket instead of the transport's costs the same 2.4 µs of
CPU, nearly all of it the kernel's; several changes in one frame save a write only where they come within one turn of
the loop, which 20 a second do not.
"""

import asyncio
import contextlib
import json
import os
import re
import select
import socket
import subprocess
import sys
import time
import timeit
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from statistics import median, quantiles
from types import SimpleNamespace
from typing import cast

import msgspec
import uvloop
from aiohttp import web

from bench.rounds import Row, medians, row
from pbx_bridge.core.board import AgentRow, Delta, Snapshot
from pbx_bridge.core.ids import AgentId, CallId, id_to_text
from pbx_bridge.ports.accounts import Account
from pbx_bridge.ports.engine import Live
from pbx_bridge.ports.history import CallRecord, Page
from web import answers, views
from web.context import WebPorts, WebSettings
from web.live import LiveFeed

SOCKETS = 500
EVERY_SECONDS = 0.05
CHANGES = 80
ROUNDS = 5
PORT = int(os.environ.get("BENCH_WEB_PORT", "15580"))
SENT = re.compile(rb'"reason": ?"([\d.]+)"')


def run() -> list[Row]:
    """Of interleaved rounds: µs of server CPU a delivery (median), ms until it arrived (p99 of the median change)."""
    rows: list[Row] = []
    for loop, bars in (("uvloop", (2.4, 2.0)), ("asyncio", (None, None))):
        cpu: dict[str, list[float]] = {"ours": [], "aiohttp": []}
        late: dict[str, list[float]] = {"ours": [], "aiohttp": []}
        for _ in range(ROUNDS):
            for name in cpu:
                used, slow = _fan_out(name, loop)
                cpu[name].append(used)
                late[name] += slow
        used_by = {name: median(values) for name, values in cpu.items()}
        p99_of = {name: median(values) for name, values in late.items()}
        rows += [
            row("web", f"send_json to each of 500, a delivery, {loop}", used_by["aiohttp"], "µs CPU"),
            row("web", f"ours, {loop}", used_by["ours"], "µs CPU", used_by["aiohttp"] / used_by["ours"], bars[0]),
            row("web", f"send_json, change to arrival, p99, {loop}", p99_of["aiohttp"], "ms"),
            row("web", f"ours, {loop}", p99_of["ours"], "ms", p99_of["aiohttp"] / p99_of["ours"], bars[1]),
        ]
    return [*rows, *pages()]


# -- a page of 50 rows -------------------------------------------------------------------------------------------------


def pages() -> list[Row]:
    at = datetime(2026, 11, 22, 11, 43, 44, 372436, UTC)
    call = CallRecord(
        CallId("5c37wskk8nx1"), "inbound", "09012345678", "0312345678", at, at, at, "answered", 2.1, 84.25,
        "総合窓口", None, "佐藤 美咲", AgentId(7), "折り返し希望", True,
    )  # fmt: skip
    page = Page([call] * 50, "older", None)
    plain = msgspec.to_builtins(page, enc_hook=id_to_text)  # so that the peer need not even turn times into text
    seconds = medians(
        {
            "aiohttp": lambda: min(timeit.repeat(lambda: web.json_response(plain), number=200, repeat=3)) / 200,
            "ours": lambda: min(timeit.repeat(lambda: answers.json(page), number=200, repeat=3)) / 200,
        },
        5,
    )
    return [
        row("web", "aiohttp json_response, 50 rows", seconds["aiohttp"] * 1e6, "µs"),
        row("web", "ours, 50 rows", seconds["ours"] * 1e6, "µs", seconds["aiohttp"] / seconds["ours"], 2.2),
    ]


# -- the browsers ------------------------------------------------------------------------------------------------------


HANDSHAKE = "\r\n".join(
    (
        "GET / HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "",
        "",
    )
).encode()


def _fan_out(name: str, loop: str) -> tuple[float, list[float]]:
    """µs of server CPU a delivery, and of each change the p99 of ms until its arrivals."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.web", name, loop], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdout.readline()
        with contextlib.ExitStack() as stack:
            stack.enter_context(_own_core(1))
            browsers = [stack.enter_context(socket.create_connection(("127.0.0.1", PORT), 20)) for _ in range(SOCKETS)]
            for browser in browsers:
                browser.sendall(HANDSHAKE)
                assert browser.recv(4096).startswith(b"HTTP/1.1 101")
            child.stdin.write("go\n")
            child.stdin.flush()
            arrived = _listen(browsers)
            used = float(child.stdout.readline())
    finally:
        child.stdin.close()
        child.terminate()
        child.wait(10)
        child.stdout.close()
    ages: dict[bytes, list[float]] = {}
    for at, data in arrived:
        for sent in SENT.findall(data):
            ages.setdefault(sent, []).append(at - float(sent))
    counted = [len(times) for times in ages.values()]
    assert counted == [SOCKETS] * CHANGES, f"{name}: {sum(counted)} of {SOCKETS * CHANGES} arrived"
    return used / sum(counted) * 1e6, [quantiles(times, n=100)[98] * 1e3 for times in ages.values()]


@contextlib.contextmanager
def _own_core(which: int) -> Iterator[None]:
    """This process alone on one of its processors, when it has two."""
    before = os.sched_getaffinity(0)
    if len(before) > 1:
        os.sched_setaffinity(0, {sorted(before)[which]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _listen(browsers: list[socket.socket]) -> list[tuple[float, bytes]]:
    """Everything that arrives with the time it was seen; read as bare as Python can, for the figure is the server's."""
    ready = select.epoll()
    by_number = {browser.fileno(): browser for browser in browsers}
    for number in by_number:
        ready.register(number, select.EPOLLIN)
    arrived: list[tuple[float, bytes]] = []
    until = time.monotonic() + CHANGES * EVERY_SECONDS + 20
    heard = 0
    while heard < SOCKETS * CHANGES and time.monotonic() < until:
        for number, _ in ready.poll(1.0):
            data = by_number[number].recv(65_536)
            arrived.append((time.monotonic(), data))
            heard += data.count(b'"reason"')
    ready.close()
    return arrived


# -- the servers -------------------------------------------------------------------------------------------------------


def _agent(number: int) -> AgentRow:
    moment = time.time()
    return AgentRow(
        str(number), "佐藤 美咲", "agent@example.jp", "talking", "available", moment, repr(time.monotonic()), "1001",
        True, "5c37wskk8nx1", "09012345678", "1",
    )  # fmt: skip


class _Engine:
    """As much of the engine as the feed sees."""

    def __init__(self) -> None:
        self.changes: asyncio.Queue[Delta] = asyncio.Queue()

    def snapshot(self) -> Snapshot:
        return Snapshot(0, time.time(), [], [], [], [], [], [])

    def data_age_ms(self) -> int:
        return 1

    def subscribe(self) -> AbstractAsyncContextManager[Live]:
        return self._subscribe()

    @asynccontextmanager
    async def _subscribe(self) -> AsyncIterator[Live]:
        async def deltas() -> AsyncIterator[Delta]:
            while True:
                yield await self.changes.get()

        yield Live(self.snapshot(), deltas())


async def _serve(name: str) -> None:
    engine = _Engine()
    feed = LiveFeed(cast("WebPorts", SimpleNamespace(engine=engine)), WebSettings())
    sockets: list[web.WebSocketResponse] = []
    nobody = Account(AgentId(0), "", "", "supervisor", "ja", "", False, "", "", datetime.now(UTC))

    async def open_socket(request: web.Request) -> web.WebSocketResponse:
        opened = web.WebSocketResponse(compress=False)
        await opened.prepare(request)
        if name == "ours":
            transport = request.transport
            assert transport is not None
            feed.join(transport, nobody, b"")
        sockets.append(opened)
        with contextlib.suppress(ConnectionResetError):
            async for _ in opened:
                pass
        return opened

    app = web.Application()
    app.router.add_get("/", open_socket)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT, backlog=SOCKETS).start()
    running = asyncio.create_task(feed.run())
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began = time.process_time()
    for number in range(CHANGES):
        await asyncio.sleep(EVERY_SECONDS)
        delta = Delta(number + 1, "agent", _agent(number))
        if name == "ours":
            engine.changes.put_nowait(delta)
        else:
            shown = msgspec.to_builtins(views.DeltaView(delta.seq, delta.kind, views.view(delta.row), 1.0))
            for opened in sockets:
                await opened.send_json(shown, dumps=json.dumps)
    await asyncio.sleep(0.2)
    print(time.process_time() - began, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    running.cancel()


if __name__ == "__main__":
    with _own_core(0):
        (uvloop if sys.argv[2] == "uvloop" else asyncio).run(_serve(sys.argv[1]))
