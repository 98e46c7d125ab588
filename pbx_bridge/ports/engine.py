"""The one door to the switchboard."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from pbx_bridge.core.board import Delta, Snapshot
from pbx_bridge.core.commands import Command


class Live(Struct, frozen=True):
    """A subscription: the whole board at one moment, then every delta after it. Ends when the reader is too slow."""

    snapshot: Snapshot
    deltas: AsyncIterator[Delta]


class Engine(Protocol):
    """Commands go in, are decided, written down, and only then answered."""

    async def submit(self, command: Command) -> None:
        """Returns when the facts are committed. Raises `Refused` by our rules, `Unreachable` when the database
        or Asterisk did not answer within the command's deadline (5 s)."""

    def snapshot(self) -> Snapshot:
        """The board now."""

    def subscribe(self) -> AbstractAsyncContextManager[Live]:
        """Live changes; bounded: a slow reader's iterator ends and it asks again."""

    def data_age_ms(self) -> int | None:
        """Milliseconds since Asterisk last said anything (events or an answered ping); None: not once yet."""
