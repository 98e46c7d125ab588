"""The FastAGI servers under test, each in a process of its own: `python -m bench.agi_servers NAME PORT COMMANDS`."""

import asyncio
import logging
import sys
from asyncio import AbstractEventLoop

import uvloop

from agi.server import Server
from agi.session import Session


async def _ours(port: int, commands: int) -> None:
    async def dialogue(session: Session) -> None:
        for _ in range(commands - 1):  # the server's own closing command makes the tenth
            await session.stream_file("prompt")

    server = Server({"bench": dialogue})
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


def _loop(name: str) -> AbstractEventLoop:
    return uvloop.new_event_loop() if name.endswith("-uvloop") else asyncio.new_event_loop()


def main(name: str, port: int, commands: int) -> None:
    logging.disable(logging.CRITICAL)
    serve = _panoramisk if name.startswith("panoramisk") else _ours
    _loop(name).run_until_complete(serve(port, commands))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
