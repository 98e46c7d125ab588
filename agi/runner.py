"""Runs one call's dialogue: in an asyncio.Task, except that a reply of Asterisk's steps it at once.

A future for each command would cost its making, a handle in the loop's queue and another turn of the loop, for each
command of each call. A reply comes in a protocol callback, where no task is running, so the dialogue can be stepped
right there in its own task's name: `_enter_task`, documented for those who extend asyncio, keeps `current_task` and
with it `asyncio.timeout` true. For whatever else the dialogue waits, its task waits as ever.
"""

import asyncio
from asyncio.tasks import _enter_task, _leave_task
from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from functools import partial
from types import coroutine
from typing import Final, NoReturn

from .protocol import Reply


class _Awaited:
    """What a dialogue yields while it waits for a reply: only a Runner knows what to do with it."""

    def __repr__(self) -> str:
        return "an AGI reply, for which only the dialogue's own coroutine can wait (asyncio.timeout, not wait_for)"


REPLY: Final = _Awaited()

Dialogue = Callable[[], Coroutine[object, Reply | None, None]]
Step = Callable[[], object]
"""Carries the dialogue on and returns what it waits for next; raises what it ends with (StopIteration: its return)."""


class Runner:
    """`task` ends with the dialogue, which it begins in the loop's next turn; cancelling it cancels the dialogue."""

    __slots__ = ("_context", "_ending", "_loop", "_parked", "_send", "owed", "task")

    def __init__(self, dialogue: Dialogue, loop: asyncio.AbstractEventLoop) -> None:
        self._send: Callable[[Reply | None], object]
        self._loop = loop
        self._context = copy_context()
        self._ending: Step | None = None
        self._parked: asyncio.Future[Step] | None = None
        """What the task waits for while replies carry the dialogue on: the step that is the task's to make."""
        self.owed = 0
        """Replies due, counted up by whoever sends a command. More than one when a command was given up: its late reply
        is not the next one's."""
        self.task = loop.create_task(self._run(dialogue), context=self._context)

    def resume(self, reply: Reply) -> None:
        """Carries the dialogue on, if this is the reply it waits for. Not to be called from a task."""
        parked = self._parked
        if self.owed != 1 or parked is None or parked.done():
            self.owed = max(0, self.owed - 1)
            return
        self.owed = 0
        _enter_task(self._loop, self.task)
        try:
            awaited = self._context.run(self._send, reply)
        except StopIteration:
            self._ending = _return
            parked.set_result(_return)
        except BaseException as error:
            self._ending = partial(_raise, error)
            parked.set_result(self._ending)
        else:
            if awaited is not REPLY:
                parked.set_result(lambda: awaited)
        finally:
            _leave_task(self._loop, self.task)

    def fail(self, error: Exception) -> None:
        """No reply will come, and why. The dialogue goes on in the loop's next turn."""
        if self._parked is not None and not self._parked.done():
            self._parked.set_exception(error)

    async def _run(self, begin: Dialogue) -> None:
        await self._steps(begin())

    @coroutine
    def _steps(self, dialogue: Coroutine[object, Reply | None, None]) -> Generator[object, None, None]:
        self._send = dialogue.send
        go_on: Step = partial(dialogue.send, None)
        step = go_on
        while True:
            try:
                awaited = step()
            except StopIteration:
                return
            try:
                if awaited is REPLY:
                    self._parked = self._loop.create_future()
                    step = yield from self._parked
                else:
                    yield awaited
                    step = go_on
            except BaseException as error:
                # Cancelled in the very turn in which a reply ended the dialogue: then there is nothing to cancel.
                step = self._ending or partial(dialogue.throw, error)


def _return() -> NoReturn:
    raise StopIteration


def _raise(error: BaseException) -> NoReturn:
    raise error
