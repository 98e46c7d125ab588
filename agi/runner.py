"""Runs dialogues: in an asyncio.Task, except that a reply of Asterisk's steps them at once.

A future for each command would cost its making, a handle in the loop's queue and another turn of the loop, for each
command of each call. A reply comes in a callback, where no task is running, so the dialogue can be stepped right there
in its own task's name: `_enter_task`, documented for those who extend asyncio, keeps `current_task` and with it
`asyncio.timeout` true. For whatever else the dialogue waits, its task waits as ever.

The task is kept for the next call: making one and seeing it off costs as much as several commands.
"""

import asyncio
from asyncio.tasks import _enter_task, _leave_task
from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from types import coroutine
from typing import Any, Final

from .protocol import Reply


class _Awaited:
    """What a dialogue yields while it waits for a reply: only a Runner knows what to do with it."""

    def __repr__(self) -> str:
        return "an AGI reply, for which only the dialogue's own coroutine can wait (asyncio.timeout, not wait_for)"


REPLY: Final = _Awaited()

Dialogue = Coroutine[Any, Any, None]
Over = Callable[[BaseException | None], None]
"""Told what a dialogue ended with; None: it returned."""


class Runner:
    """One dialogue at a time, each in a context of its own."""

    __slots__ = ("_loop", "_over", "_parked", "_run", "_send", "_throw", "owed", "task")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._run: Callable[..., object]
        self._send: Callable[[Reply | None], object]
        self._throw: Callable[[BaseException], object]
        self._over: Over | None = None
        """Of the dialogue of the moment; None while there is none."""
        self._parked: asyncio.Future[object] = loop.create_future()
        """What the task waits for while replies carry the dialogue on, and between two dialogues. Its result: what the
        dialogue awaits besides."""
        self.owed = 0
        """Replies due, counted up by whoever sends a command. More than one when a command was given up: its late reply
        is not the next one's."""
        self.task: asyncio.Task[None] = loop.create_task(self._work())

    def begin(self, dialogue: Dialogue, over: Over) -> None:
        """Runs a dialogue as far as its first wait. Not to be called from a task, nor before the last one is over."""
        self._run, self._send, self._throw, self._over = copy_context().run, dialogue.send, dialogue.throw, over
        self.owed = 1
        self.resume(None)

    def resume(self, reply: Reply | None) -> None:
        """Carries the dialogue on, if this is the reply it waits for. Not to be called from a task."""
        if self.owed != 1 or self._parked.done():
            self.owed = max(0, self.owed - 1)
            return
        self.owed = 0
        loop, task = self._loop, self.task
        _enter_task(loop, task)
        try:
            awaited = self._run(self._send, reply)
        except (Exception, asyncio.CancelledError) as error:
            awaited = self._end(error)
        finally:
            _leave_task(loop, task)
        if awaited is not REPLY:
            self._parked.set_result(awaited)

    def fail(self, error: BaseException) -> None:
        """No reply will come, and why. The dialogue goes on in the loop's next turn."""
        if not self._parked.done():
            self._parked.set_exception(error)

    def cancel(self) -> None:
        """Cancels the dialogue, whatever it waits for; without one, ends the task."""
        if self._over is None or self._parked.done():
            self.task.cancel()
        else:
            self._parked.cancel()

    def _step(self, step: Callable[[Any], object], value: object) -> object:
        """What the dialogue waits for next: `REPLY` too when it is over."""
        try:
            return self._run(step, value)
        except (Exception, asyncio.CancelledError) as error:
            return self._end(error)

    def _end(self, error: BaseException) -> _Awaited:
        """The dialogue returned (`StopIteration`) or failed."""
        self.owed = 0
        over, self._over = self._over, None
        del self._run, self._send, self._throw  # and with them all that the dialogue knew
        assert over is not None
        over(None if isinstance(error, StopIteration) else error)
        return REPLY

    async def _work(self) -> None:
        while not self.task.cancelling():
            await self._wait()

    @coroutine
    def _wait(self) -> Generator[object, None, None]:
        try:
            awaited = yield from self._parked
        except BaseException as error:
            if self._over is None:
                raise
            awaited = self._step(self._throw, error)
        while awaited is not REPLY:
            try:
                yield awaited
            except BaseException as error:
                awaited = self._step(self._throw, error)
            else:
                awaited = self._step(self._send, None)
        self._parked = self._loop.create_future()
