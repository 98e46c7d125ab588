"""Somebody who watches a plain Asterisk through both accounts and remembers everything."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from pbx_bridge.ami.decode import Decoder
from pbx_bridge.ami.inbox import Batch, Delivery, Down, Up
from pbx_bridge.ami.pair import LinkPair
from pbx_bridge.ami.recording import Recorder
from pbx_bridge.ami.scrub import Scrubber
from pbx_bridge.core import events
from pbx_bridge.core.actions import Originate
from pbx_bridge.core.ids import AttemptId, ChannelId

from .plain import Plain


def originate(attempt: str, exten: str = "wait", **variables: str) -> Originate:
    """Two legs that talk to nobody; the attempt's channel is the `;1` leg."""
    return Originate(
        AttemptId(attempt),
        ChannelId(f"attempt-{attempt}"),
        "Local/wait@plain/n",
        "plain",
        exten,
        "+815012345678",
        'Ta"ro, \\ 太郎',
        5000,
        tuple(variables.items()),
    )


class Observer:
    """Everything heard, decoded, with a wait for what is to come."""

    def __init__(self, plain: Plain) -> None:
        self.link = plain.observer()
        self.pair = LinkPair(self.link, plain.controller())
        self.decoder = Decoder()
        self.ups = 0
        self.downs: list[str] = []
        self.events: list[events.Event] = []
        self.recorder = Recorder(Scrubber(b"salt"))
        self.recording = b""
        self._changed = asyncio.Event()

    async def consume(self, delivery: Delivery) -> None:
        match delivery:
            case Up():
                self.ups += 1
            case Down(reason):
                self.downs.append(reason)
            case Batch(packets_, _):
                self.recording += self.recorder.batch(packets_, 1.0)
                self.events += self.decoder.decode(packets_)
        self._changed.set()

    async def until(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 0.2)

    def user_events(self) -> list[str]:
        return [each.fields["Number"] for each in self.events if isinstance(each, events.UserEvent)]


@asynccontextmanager
async def observing(plain: Plain) -> AsyncIterator[Observer]:
    observer = Observer(plain)
    task = asyncio.create_task(observer.pair.run(observer.consume))
    try:
        await observer.until(lambda: observer.pair.is_up)
        yield observer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
