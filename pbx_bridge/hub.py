"""Bounded fan-out of live changes: one publisher, any number of readers, none of whom can hold up another."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from .core.board import Delta

MOST_WAITING = 2_000
"""Deltas a reader may lag behind before its stream ends and it must ask for a snapshot again."""


class Hub:
    """In-process. Publishing never waits."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._most_waiting = most_waiting
        self._readers: set[asyncio.Queue[Delta | None]] = set()

    @property
    def readers(self) -> int:
        return len(self._readers)

    def publish(self, deltas: list[Delta]) -> None:
        """Hand every reader every delta; who is too far behind is let go."""
        for queue in tuple(self._readers):
            if queue.qsize() + len(deltas) > self._most_waiting:
                self._readers.discard(queue)
                queue.put_nowait(None)
                continue
            for delta in deltas:
                queue.put_nowait(delta)

    @contextmanager
    def subscribe(self) -> Iterator[AsyncIterator[Delta]]:
        """Every delta published from now on; the iterator ends when the reader fell too far behind."""
        queue: asyncio.Queue[Delta | None] = asyncio.Queue()
        self._readers.add(queue)
        try:
            yield _read(queue)
        finally:
            self._readers.discard(queue)


async def _read(queue: "asyncio.Queue[Delta | None]") -> AsyncIterator[Delta]:
    while (delta := await queue.get()) is not None:
        yield delta
