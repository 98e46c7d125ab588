"""A dialogue is stepped by replies and by its task alike, and cannot tell; its task serves the next one."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any
from weakref import ref

import pytest

from agi.protocol import Reply, Request
from agi.runner import Runner
from agi.session import HungUp, Session

REPLY = Reply(200, "0", "", "")
Talk = Callable[[Session], Coroutine[Any, Any, None]]


class Stage:
    """A runner, and how its dialogues ended."""

    def __init__(self) -> None:
        self.runner = Runner(asyncio.get_running_loop())
        self.sent: list[bytes] = []
        self.ends: list[BaseException | None] = []

    async def begin(self, talk: Talk) -> Session:
        session = Session(Request(b"agi_network: yes"), self.sent.append, self.runner)
        await outside(lambda: self.runner.begin(talk(session), self.ends.append))
        return session

    async def reply(self, reply: Reply = REPLY) -> None:
        await outside(lambda: self.runner.resume(reply))

    async def over(self, times: int = 1) -> BaseException | None:
        async with asyncio.timeout(5):
            while len(self.ends) < times:
                await asyncio.sleep(0)
        return self.ends[times - 1]


async def outside(work: Callable[[], object]) -> None:
    """As a protocol callback does, outside every task."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def callback() -> None:
        try:
            done.set_result(work())
        except Exception as error:
            done.set_exception(error)

    loop.call_soon(callback)
    await done


async def greet(session: Session) -> None:
    await session.answer()


async def broken(session: Session) -> None:
    await session.answer()
    raise ZeroDivisionError


async def test_one_task_and_one_context_throughout() -> None:
    where: ContextVar[int] = ContextVar("where", default=0)
    seen: list[tuple[object, int]] = []

    async def talk(session: Session) -> None:
        for step in range(3):
            where.set(where.get() + 1)
            await session.answer()
            seen.append((asyncio.current_task(), where.get()))
            await asyncio.sleep(0.001 * step)

    stage = Stage()
    for times in (1, 2):  # the second dialogue knows nothing of the first
        await stage.begin(talk)
        for step in range(3):
            await asyncio.sleep(0.01)
            await stage.reply()
            assert len(seen) == step + 1  # within the callback, not a turn later
        assert await stage.over(times) is None
        assert seen == [(stage.runner.task, 1), (stage.runner.task, 2), (stage.runner.task, 3)]
        seen.clear()
    assert where.get() == 0


async def test_nothing_of_a_dialogue_stays() -> None:
    class Canary:
        pass

    async def talk(session: Session) -> None:
        secret = Canary()
        birds.append(ref(secret))
        await session.answer()

    birds: list[ref[Canary]] = []
    stage = Stage()
    gc.disable()
    try:
        await stage.begin(talk)
        await stage.reply()
        assert await stage.over() is None
        assert birds[0]() is None
    finally:
        gc.enable()


async def test_a_late_reply_is_not_the_next_commands() -> None:
    got: list[str | None] = []

    async def talk(session: Session) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await session.get_variable("A")
        got.append(await session.get_variable("B"))

    stage = Stage()
    await stage.begin(talk)
    async with asyncio.timeout(5):
        while len(stage.sent) < 2:
            await asyncio.sleep(0.005)
    await stage.reply(Reply(200, "1", "of A", ""))
    await stage.reply(Reply(200, "1", "of B", ""))
    assert await stage.over() is None
    assert got == ["of B"]


async def test_cancelled_and_replied_in_one_turn() -> None:
    stage = Stage()
    await stage.begin(greet)
    stage.runner.cancel()
    await stage.reply()
    assert isinstance(await stage.over(), asyncio.CancelledError)

    await stage.begin(greet)
    await stage.reply()
    assert await stage.over(2) is None


async def test_cancelled_at_once() -> None:
    """Before its task has had a turn, and while something else than Asterisk is awaited."""

    async def sleep(session: Session) -> None:
        await asyncio.sleep(60)

    for talk in (greet, sleep):
        stage = Stage()
        session = Session(Request(b"agi_network: yes"), stage.sent.append, stage.runner)
        work = talk(session)

        def begin_and_cancel(stage: Stage = stage, work: Coroutine[Any, Any, None] = work) -> None:
            stage.runner.begin(work, stage.ends.append)
            stage.runner.cancel()

        await outside(begin_and_cancel)
        assert isinstance(await stage.over(), asyncio.CancelledError)


async def test_a_cancelled_wait_ends_what_was_waited_for() -> None:
    waited: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def talk(session: Session) -> None:
        await session.answer()
        await waited

    stage = Stage()
    await stage.begin(talk)
    await stage.reply()
    await asyncio.sleep(0.01)
    stage.runner.cancel()
    assert isinstance(await stage.over(), asyncio.CancelledError)
    assert waited.cancelled()


async def test_errors_arrive() -> None:
    stage = Stage()
    await stage.begin(broken)
    await stage.reply()
    assert isinstance(await stage.over(), ZeroDivisionError)

    session = await stage.begin(broken)
    session.lose()
    await stage.reply()  # too late
    assert isinstance(await stage.over(2), HungUp)


async def test_another_task_cannot_wait_for_a_reply() -> None:
    async def talk(session: Session) -> None:
        with pytest.raises(RuntimeError, match="only the dialogue's own coroutine"):
            await asyncio.ensure_future(session.answer())

    stage = Stage()
    await stage.begin(talk)
    assert await stage.over() is None
