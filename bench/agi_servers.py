"""The FastAGI servers under test, each in a process of its own: `python -m bench.agi_servers NAME PORT COMMANDS`."""

import asyncio
import logging
import sys
from asyncio import AbstractEventLoop
from typing import cast

import uvloop

from agi.server import Server
from agi.session import Session
from agi.token import Gate
from bench.agi_requests import KEYS


async def _ours(port: int, commands: int, gate: Gate | None = None) -> None:
    async def dialogue(session: Session) -> None:
        for _ in range(commands - 1):  # the server's own closing command makes the tenth
            await session.stream_file("prompt")

    server = Server({"bench": dialogue}, gate)
    await server.start(port=port)
    await asyncio.Event().wait()


async def _panoramisk(port: int, commands: int) -> None:
    from panoramisk.fast_agi import Application, Request

    async def dialogue(request: Request) -> None:
        for _ in range(commands):
            await request.send_command('STREAM FILE "prompt" "0123456789*#"')

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("bench", dialogue)
    server = await asyncio.start_server(application.handler, "127.0.0.1", port)
    await server.serve_forever()


class _Thoughtless(asyncio.Protocol):
    """What the event loop alone costs: one fixed command for every read, no session, no task."""

    commands = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._left = self.commands

    def data_received(self, data: bytes) -> None:
        if self._left == 0:
            self._transport.close()
            return
        self._left -= 1
        self._transport.write(b'STREAM FILE "prompt" "0123456789*#"\n')


async def _floor(port: int, commands: int) -> None:
    _Thoughtless.commands = commands
    await asyncio.get_running_loop().create_server(_Thoughtless, "127.0.0.1", port)
    await asyncio.Event().wait()


async def _guarded(port: int, commands: int) -> None:
    await _ours(port, commands, Gate(KEYS))


_SERVERS = {"ours": _guarded, "open": _ours, "panoramisk": _panoramisk, "floor": _floor}


def _loop(name: str) -> AbstractEventLoop:
    return uvloop.new_event_loop() if name.endswith("-uvloop") else asyncio.new_event_loop()


def main(name: str, port: int, commands: int) -> None:
    logging.disable(logging.CRITICAL)
    serve = _SERVERS[name.removesuffix("-uvloop")]
    _loop(name).run_until_complete(serve(port, commands))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
