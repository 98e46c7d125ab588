"""A dialogue is stepped by replies and by its task alike, and cannot tell."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

import pytest

from agi.protocol import Reply, Request
from agi.runner import Runner
from agi.session import HungUp, Session

REPLY = Reply(200, "0", "", "")
Talk = Callable[[Session], Awaitable[None]]


def begun(talk: Talk) -> tuple[Session, Runner, list[bytes]]:
    sent: list[bytes] = []
    session = Session(Request(b"agi_network: yes"), sent.append, asyncio.get_running_loop())

    async def dialogue() -> None:
        await talk(session)

    return session, session.run(dialogue), sent


async def replied(runner: Runner, reply: Reply = REPLY) -> None:
    """As a protocol callback does, outside every task."""
    done = asyncio.Event()

    def callback() -> None:
        runner.resume(reply)
        done.set()

    asyncio.get_running_loop().call_soon(callback)
    await done.wait()


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_one_task_and_one_context_throughout() -> None:
    where: ContextVar[int] = ContextVar("where", default=0)
    seen: list[tuple[object, int]] = []

    async def talk(session: Session) -> None:
        for step in range(3):
            where.set(where.get() + 1)
            await session.answer()
            seen.append((asyncio.current_task(), where.get()))
            await asyncio.sleep(0.001 * step)

    _, runner, _ = begun(talk)
    for step in range(3):
        await asyncio.sleep(0.01)
        await replied(runner)
        assert len(seen) == step + 1  # within the callback, not a turn later
    await runner.task
    assert seen == [(runner.task, 1), (runner.task, 2), (runner.task, 3)]
    assert where.get() == 0


async def test_a_late_reply_is_not_the_next_commands() -> None:
    got: list[str | None] = []

    async def talk(session: Session) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await session.get_variable("A")
        got.append(await session.get_variable("B"))

    _, runner, sent = begun(talk)
    async with asyncio.timeout(5):
        while len(sent) < 2:
            await asyncio.sleep(0.005)
    await replied(runner, Reply(200, "1", "of A", ""))
    await replied(runner, Reply(200, "1", "of B", ""))
    await runner.task
    assert got == ["of B"]


async def test_cancelled_and_replied_in_one_turn() -> None:
    async def talk(session: Session) -> None:
        await session.answer()

    _, runner, _ = begun(talk)
    await turns()
    await replied(runner)
    runner.task.cancel()
    await asyncio.wait([runner.task])
    assert not runner.task.cancelled()  # it had ended before

    _, runner, _ = begun(talk)
    await turns()
    runner.task.cancel()
    await replied(runner)
    with pytest.raises(asyncio.CancelledError):
        await runner.task


async def test_cancelled_before_it_began() -> None:
    async def talk(session: Session) -> None:
        await session.answer()

    _, runner, sent = begun(talk)
    runner.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await runner.task
    assert not sent


async def test_errors_arrive() -> None:
    async def broken(session: Session) -> None:
        await session.answer()
        raise ZeroDivisionError

    _, runner, _ = begun(broken)
    await turns()
    await replied(runner)
    with pytest.raises(ZeroDivisionError):
        await runner.task

    session, runner, _ = begun(broken)
    await turns()
    session.lose()
    await replied(runner)  # too late
    with pytest.raises(HungUp):
        await runner.task


async def test_another_task_cannot_wait_for_a_reply() -> None:
    async def talk(session: Session) -> None:
        with pytest.raises(RuntimeError, match="only the dialogue's own coroutine"):
            await asyncio.create_task(session.answer())

    _, runner, _ = begun(talk)
    await runner.task
