"""The awaitable behind every AGI command: whoever waits for it goes on within the call that brings the answer.

An asyncio.Future wakes its task through the loop's queue: another turn of the loop, with another poll of every
socket, for each command of each call. A reply arrives in a protocol callback, where no task is running, so the
waiting task can be stepped right there. That is worth a fifth of a command's whole cost. To asyncio this is
a Future-like object (asyncio.isfuture: `_asyncio_future_blocking`), so cancelling, timeouts and debuggers work.
"""

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context

from .protocol import Reply

Waker = Callable[["Answer"], object]


class Answer:
    """Awaited by one task, answered once."""

    __slots__ = ("_asyncio_future_blocking", "_error", "_loop", "_value", "_wake", "done")

    _value: Reply

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = False
        self._loop = loop
        self._error: BaseException | None = None
        self._wake: Waker | None = None
        self.done = False

    def give(self, value: Reply) -> None:
        """The answer. Not to be called from a task: the waiting one runs inside this call."""
        self._value = value
        self._finish()

    def fail(self, error: BaseException) -> None:
        """No answer, and why. The waiting task goes on in the loop's next turn."""
        self._error = error
        self._loop.call_soon(self._finish)

    def _finish(self) -> None:
        if self.done:
            return
        self.done = True
        wake, self._wake = self._wake, None
        if wake is not None:
            wake(self)

    def __await__(self) -> Generator["Answer", None, Reply]:
        if not self.done:
            self._asyncio_future_blocking = True
            yield self
        return self.result()

    # What asyncio's Task asks of anything it waits for:

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(self, wake: Waker, *, context: Context | None = None) -> None:
        """A Task's own wake-up, which enters its context by itself."""
        self._wake = wake

    def result(self) -> Reply:
        if self._error is not None:
            raise self._error
        return self._value

    def cancel(self, msg: object = None) -> bool:
        """False when the answer was there first."""
        if self.done or self._error is not None:
            return False
        self.fail(asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg))
        return True
