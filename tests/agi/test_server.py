"""The server against scripted callers: every session ends, whatever the far end does."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from time import time
from typing import Any

import pytest

from agi.server import Dialogue, Limits, Server
from agi.session import HungUp, Session
from agi.token import Gate, keys, sign
from pbx_bridge.core.errors import Rejected, Unreachable

KEYS = keys(b"secret")


async def greet(session: Session) -> None:
    await session.answer()
    await session.stream_file("hello")


@asynccontextmanager
async def serving(
    routes: Mapping[str, Dialogue], gate: Gate | None = None, limits: Limits | None = None
) -> AsyncIterator[Server]:
    server = Server(routes, gate, limits)
    await server.start(port=0)
    try:
        yield server
    finally:
        await server.close()


class Caller:
    """Asterisk's side of one call."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def hears(self) -> str:
        """The next command; empty when the server has closed."""
        async with asyncio.timeout(5):
            return (await self.reader.readline()).decode().rstrip("\n")

    def says(self, text: str) -> None:
        self.writer.write(text.encode())


@asynccontextmanager
async def calling(server: Server, script: str = "greet", request: str = "") -> AsyncIterator[Caller]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    caller = Caller(reader, writer)
    caller.says(request or f"agi_network: yes\nagi_network_script: {script}\nagi_uniqueid: 1.1\n\n")
    try:
        yield caller
    finally:
        writer.close()


async def counted(server: Server, what: str, times: int = 1) -> None:
    async with asyncio.timeout(5):
        while server.counts[what] < times:
            await asyncio.sleep(0.01)


async def test_a_dialogue_from_end_to_end() -> None:
    async with serving({"greet": greet}) as server, calling(server) as caller:
        assert await caller.hears() == "ANSWER"
        caller.says("200 result=0\n")
        assert await caller.hears() == 'STREAM FILE "hello" "0123456789*#"'
        caller.says("200 result=35 endpos=800\n")
        assert await caller.hears() == 'SET VARIABLE "DIALOGUE_OUTCOME" "done"'
        assert await caller.hears() == ""
        assert server.counts == {"done": 1}


async def test_typed_answers() -> None:
    got: list[object] = []

    async def ask(session: Session) -> None:
        got.append(await session.get_data("id", silence_s=1.5, most=8))
        got.append(await session.get_data("id"))
        got.append(await session.get_variable("A"))
        got.append(await session.get_variable("B"))
        got.append(await session.wait_for_digit(2))

    replies = ["200 result=1234 (timeout)", "200 result=", "200 result=1 (x (y))", "200 result=0", "200 result=35"]
    async with serving({"greet": ask}) as server, calling(server) as caller:
        commands = []
        for reply in replies:
            commands.append(await caller.hears())
            caller.says(reply + "\n")
        await counted(server, "done")
    assert commands[0] == 'GET DATA "id" "1500" "8"'
    assert str(got) == ("[Keyed(digits='1234', timed_out=True), Keyed(digits='', timed_out=False), 'x (y)', None, '#']")


@pytest.mark.parametrize("ending", ["200 result=-1\nHANGUP\n", "HANGUP\n200 result=-1\n", "511 dead channel\n", ""])
async def test_a_caller_who_hangs_up(ending: str) -> None:
    async with serving({"greet": greet}) as server:
        async with calling(server) as caller:
            assert await caller.hears() == "ANSWER"
            caller.says(ending)
            if ending:
                assert await caller.hears() == ""
        await counted(server, "hung_up")


async def test_a_missing_sound_is_told_from_a_hang_up() -> None:
    seen: list[Exception] = []

    async def play(session: Session) -> None:
        try:
            await session.stream_file("nowhere")
        except (Rejected, HungUp) as error:
            seen.append(error)

    async with serving({"greet": play}) as server, calling(server) as caller:
        await caller.hears()
        caller.says("200 result=-1 endpos=0\n")
        await counted(server, "done")
    assert isinstance(seen[0], Rejected)


async def test_an_unanswered_command_fails_at_its_deadline() -> None:
    seen: list[Exception] = []

    async def wait(session: Session) -> None:
        try:
            await session.wait_for_digit(-4.9)
        except Unreachable as error:
            seen.append(error)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await session.answer()

    async with serving({"greet": wait}) as server, calling(server):
        await counted(server, "done")
    assert seen


async def test_a_peer_that_closes_mid_header_does_not_stop_the_others() -> None:
    """panoramisk's server loops for ever on the empty read."""
    async with serving({"greet": greet}) as server:
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"agi_network: yes\nagi_")
            writer.close()
        async with calling(server) as caller:
            assert await caller.hears() == "ANSWER"


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ("agi_network: yes\nagi_network_script: nowhere\n\n", "no_route"),
        ("GET / HTTP/1.1\nHost: x\n\n", "garbled"),
        ("agi_x: " + "y" * 20_000, "garbled"),
        ("agi_network: yes\n", "silent"),
    ],
)
async def test_refused(request_: str, why: str) -> None:
    async with (
        serving({"greet": greet}, limits=Limits(request_s=0.3)) as server,
        calling(server, request=request_) as caller,
    ):
        with suppress(ConnectionResetError):
            assert await caller.hears() == ""
        await counted(server, why)


async def test_the_gate() -> None:
    token = sign(KEYS, "greet", "1.1", int(time()) + 30)
    async with serving({"greet": greet}, Gate(KEYS)) as server:
        async with calling(server, f"greet?token={token}") as caller:
            assert await caller.hears() == "ANSWER"
        for script, why in (("greet", "missing"), (f"greet?token={token}", "replayed"), ("greet?token=1-2", "foreign")):
            async with calling(server, script) as caller:
                assert await caller.hears() == ""
                assert server.counts[why] == 1


async def test_too_many_and_too_long() -> None:
    limits = Limits(sessions=2, session_s=0.5)
    async with (
        serving({"greet": greet}, limits=limits) as server,
        calling(server) as first,
        calling(server) as second,
    ):
        await first.hears()
        await second.hears()
        async with calling(server) as third:
            with pytest.raises((ConnectionResetError, AssertionError)):
                assert await third.hears() != ""
        await counted(server, "crowded")
        await counted(server, "too_long", 2)
        async with asyncio.timeout(5):
            while server.sessions:
                await asyncio.sleep(0.01)


async def test_closing_ends_every_session() -> None:
    async with serving({"greet": greet}) as server, calling(server) as caller:
        await caller.hears()
        await server.close()
        with pytest.raises((ConnectionResetError, AssertionError)):
            assert await caller.hears() != ""


async def test_a_task_serves_one_call_after_another_and_none_stays() -> None:
    seen: list[object] = []

    async def note(session: Session) -> None:
        seen.append(asyncio.current_task())
        await session.answer()

    before = asyncio.all_tasks()
    async with serving({"greet": note}) as server:
        for times in (1, 2):
            async with calling(server) as caller:
                assert await caller.hears() == "ANSWER"
                caller.says("200 result=0\n")
                await counted(server, "done", times)
        async with calling(server) as caller:
            assert await caller.hears() == "ANSWER"
            await server.close()
    assert seen[0] is seen[1]
    assert asyncio.all_tasks() == before


async def test_a_call_that_cannot_begin_takes_no_other_with_it() -> None:
    def unable(session: Session) -> Coroutine[Any, Any, None]:
        raise ZeroDivisionError

    async with serving({"greet": greet, "unable": unable}) as server:
        async with calling(server, "unable") as one, calling(server) as other:
            with suppress(ConnectionResetError):
                assert await one.hears() == ""
            assert await other.hears() == "ANSWER"
        await counted(server, "failed")


async def test_a_broken_dialogue_is_counted_and_not_done() -> None:
    async def broken(session: Session) -> None:
        await session.answer()
        raise ZeroDivisionError

    async with serving({"greet": broken}) as server, calling(server) as caller:
        await caller.hears()
        caller.says("200 result=0\n")
        assert await caller.hears() == ""
        assert server.counts == {"failed": 1}
