"""The demo's call center made small, its bridge noting commands, and an AMI line that can be cut."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import msgspec

from pbx_bridge.core.treatment import Treatment
from pbx_bridge.demo.center import CallCenter
from pbx_bridge.demo.world import World, invent
from pbx_bridge.parts.child import spawn

FILE = "commands.jsonl"
"""Where, in the data folder, the bridge notes what people wanted."""
_ROOT = Path(__file__).parents[2]


def small_world() -> World:
    """Four agents, three centers (7003 overflows after three seconds), one progressive campaign without leads."""
    world = invent(seed=7)
    impatient = {"7003": 3}
    people = [person for person in world.people if person.id <= 4 or person.role != "agent"]
    replace = msgspec.structs.replace
    return replace(
        world,
        people=people,
        places=[
            replace(
                place,
                members=[1, 2, 3],
                treatment=Treatment(overflow_seconds=impatient.get(place.extension, 60)),
                wrap_up_seconds=2.0,
            )
            for place in world.places
        ],
        campaigns=[replace(world.campaigns[0], members=[1, 2], leads=[], ring_seconds=6.0)],
    )


class NotedCenter(CallCenter):
    """`cut_port` is where the recorder finds AMI."""

    cut_port = 15705

    async def start_bridge(self) -> None:
        first = self._bridge is None
        (self.plan.data / FILE).touch()
        command = [sys.executable, "-m", "tests.streams.noting", "up", "--config", str(self.plan.settings)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PBX_")}
        environment["PYTHONPATH"] = str(_ROOT)
        self._bridge = spawn(command, log=self.plan.data / "bridge.log", cwd=self.plan.data, environment=environment)
        if first:
            self._stack.push_async_callback(self.stop_bridge)
        await self.bridge_ready()


class Cable:
    """The recorder's own way to AMI, which can be cut."""

    def __init__(self, center: NotedCenter) -> None:
        self._center = center
        self._ends: list[asyncio.StreamWriter] = []
        self._away = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._center.cut_port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()

    def cut(self) -> None:
        """As if somebody pulled it; it can be plugged in again at once."""
        while self._ends:
            self._ends.pop().transport.abort()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Cut, and dead until the end of the block."""
        self._away = True
        self.cut()
        try:
            yield
        finally:
            self._away = False

    async def plugged_in(self) -> None:
        """Until the recorder is connected again."""
        async with asyncio.timeout(15.0):
            while not self._ends:
                await asyncio.sleep(0.05)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._away:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._center.plan.ami_port)
        self._ends += (writer, far_writer)
        await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while block := await reader.read(65536):
            writer.write(block)
    writer.close()
