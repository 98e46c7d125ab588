"""The listening socket, and what is said to those who do not speak HTTP.

aiohttp answers them with what they sent and writes a traceback of it into the log: whoever reaches the port could fill
a disk. Here they get a status and nothing else, and the log has one line a minute that counts them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from .headers import NAME, SAFE

_log = logging.getLogger(__name__)
_no_access_log = logging.getLogger(f"{__name__}.access")
_no_access_log.disabled = True

_TOLD_EVERY_S: Final = 60.0


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Serves `app` until the block ends; then open requests may finish. Raises `OSError` when the port is taken."""
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(app)
    await runner.setup()
    server, noise = runner.server, _Noise()
    assert server is not None
    try:
        socket = await loop.create_server(lambda: _Visitor(server, loop, noise), host, port, backlog=128)
        try:
            yield
        finally:
            socket.close()
    finally:
        await runner.cleanup()


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

    __slots__ = ("_clock", "_noise")

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop, noise: _Noise) -> None:
        super().__init__(server, loop=loop, access_log=_no_access_log)
        self._clock, self._noise = loop, noise

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
