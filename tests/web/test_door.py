"""Whoever does not speak HTTP gets a status with our headers, nothing of what they sent, and one line in the log."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import closing
from socket import create_server

import pytest

from tests.web.sample import ports
from web.app import build
from web.context import WebSettings
from web.door import listening
from web.headers import SAFE


@pytest.fixture
async def port() -> AsyncIterator[int]:
    with closing(create_server(("127.0.0.1", 0))) as probe:
        free = int(probe.getsockname()[1])
    async with listening(build(ports(), WebSettings()), "127.0.0.1", free):
        yield free


async def answer(port: int, sent: bytes) -> bytes:
    """All that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(10):
        said = await reader.read()
    writer.close()
    return said


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
