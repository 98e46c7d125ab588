"""Whoever does not speak HTTP gets a status with our headers, nothing of what they sent, and one line in the log;
whoever never comes to the end of a request is shown out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import ClientSession, web

from tests.addresses import free_port
from tests.web.sample import ports
from web.app import build
from web.context import WebSettings
from web.door import Patience, listening
from web.headers import SAFE

PATIENCE = Patience(head_s=3.0, body_s=3.0)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with listening(build(ports(), WebSettings()), "127.0.0.1", free := free_port(), PATIENCE):
        yield free


async def answer(port: int, sent: bytes) -> bytes:
    """All that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    said = bytearray()
    with suppress(ConnectionResetError):
        async with asyncio.timeout(20):
            while piece := await reader.read(65536):
                said += piece
    writer.close()
    return bytes(said)


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01" + bytes(range(256)) * 1200,
        b"A" * 300_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 300_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 300_000 + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ],
    ids=["tls", "letters", "path", "header", "version", "length"],
)
async def test_noise_is_not_echoed(port: int, noise: bytes) -> None:
    said = (await answer(port, noise)).decode("latin-1")
    head, _, body = said.partition("\r\n\r\n")
    assert head.split(" ")[1] == "400"
    assert body == ""
    assert len(said) < 1000
    for name, value in SAFE.items():
        assert f"{name}: {value}" in head


async def test_a_thousand_of_them_are_one_line(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for _ in range(1000):
            await answer(port, b"GET / HTTP/9.9\r\n\r\n")
    lines = [record for record in caplog.records if record.levelno >= logging.INFO]
    told = "not HTTP: 1 in the last minute or so, the last from 127.0.0.1 (BadStatusLine)"
    assert [record.getMessage() for record in lines] == [told]
    assert all(record.exc_info is None for record in lines)


async def test_who_speaks_http_is_served(port: int) -> None:
    said = await answer(port, b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 OK")


GOOD = b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", GOOD + b"GET / HT", b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"],
    ids=["nothing", "head", "second head", "body"],
)
async def test_who_never_ends_a_request_is_shown_out(port: int, begun: bytes) -> None:
    await answer(port, begun)  # comes back


async def test_a_conversation_outlasts_the_patience() -> None:
    """As a live socket does."""
    said = bytearray()

    async def talk(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            said.extend(message.data)
            await socket.send_bytes(message.data)
        return socket

    app = web.Application()
    app.router.add_get("/", talk)
    async with (
        listening(app, "127.0.0.1", free := free_port(), PATIENCE),
        ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{free}/") as socket,
    ):
        for _ in range(5):
            await asyncio.sleep(PATIENCE.head_s / 4)
            await socket.send_bytes(b"x")
            assert await socket.receive_bytes(timeout=5) == b"x"
    assert said == b"xxxxx"
