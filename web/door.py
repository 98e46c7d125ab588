"""The listening socket, and what becomes of those who do not speak HTTP, or for ever.

aiohttp answers the first with what they sent and writes a traceback of it into the log: whoever reaches the port could
fill a disk. Here they get a status and nothing else, and the log has one line a minute that counts them. For the second
it waits without end, a descriptor each: here a request is whole in time, or its connection is closed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler
from msgspec import Struct

from .headers import NAME, SAFE

_log = logging.getLogger(__name__)
_no_access_log = logging.getLogger(f"{__name__}.access")
_no_access_log.disabled = True

_TOLD_EVERY_S: Final = 60.0


class Patience(Struct, frozen=True):
    """Seconds."""

    head_s: float = 75.0
    """For a request's head, since the connection or the last answer; nginx gives up an idle connection after 60."""
    body_s: float = 120.0
    """For its body, since the head."""


@asynccontextmanager
async def listening(
    app: web.Application, host: str, port: int, patience: Patience | None = None
) -> AsyncIterator[None]:
    """Serves `app` until the block ends; then open requests may finish. Raises `OSError` when the port is taken."""
    loop = asyncio.get_running_loop()
    app.middlewares.insert(0, _in_time)
    patience = patience if patience is not None else Patience()
    runner = web.AppRunner(app)
    await runner.setup()
    server, noise = runner.server, _Noise()
    assert server is not None
    try:
        socket = await loop.create_server(lambda: _Visitor(server, loop, noise, patience), host, port, backlog=128)
        try:
            yield
        finally:
            socket.close()
    finally:
        await runner.cleanup()


@web.middleware
async def _in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    visitor = request.protocol
    assert isinstance(visitor, _Visitor)
    visitor.expect_body_of(request)
    return await handler(request)


class _Noise:
    """Requests that are none, counted for the log."""

    def __init__(self) -> None:
        self._count = 0
        self._told_at = float("-inf")

    def hear(self, who: str | None, why: str, now: float) -> None:
        """`now` in seconds of the loop's clock."""
        self._count += 1
        if now - self._told_at >= _TOLD_EVERY_S:
            _log.warning("not HTTP: %d in the last minute or so, the last from %s (%s)", self._count, who, why)
            self._count, self._told_at = 0, now


class _Visitor(RequestHandler):
    """One connection."""

    __slots__ = ("_clock", "_noise", "_patience")

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop, noise: _Noise, patience: Patience) -> None:
        super().__init__(server, loop=loop, keepalive_timeout=patience.head_s, access_log=_no_access_log)
        self._clock, self._noise, self._patience = loop, noise, patience

    def expect_body_of(self, request: web.Request) -> None:
        """Cuts the connection if the rest of the request does not come in time."""
        deadline = self._clock.call_later(self._patience.body_s, self._cut)
        request.content.on_eof(deadline.cancel)

    def _cut(self) -> None:
        if self.transport is not None:
            self._noise.hear(self.transport.get_extra_info("peername")[0], "too slow", self._clock.time())
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What aiohttp could not read (400), and what our own middleware could not answer (500)."""
        if status >= 500:
            _log.error("%s %s failed", request.method, request.path, exc_info=exc)
        else:
            self._noise.hear(request.remote, type(exc).__name__, self._clock.time())
        if request.writer.output_size > 0:
            raise ConnectionError("part of the answer is sent already")
        answer = web.Response(status=status, headers={**SAFE, "Server": NAME, "Cache-Control": "no-store"})
        answer.force_close()
        return answer
