"""A recorded stream with what a replay needs beside it: the directory, who was signed in, and what people wanted.

`NAME.ami` is the project's own recorder's file (`pbx_bridge.ami.recording`), `NAME.json` the rest, `NAME.story.txt`
what it should mean, read and judged by a person.
"""

from collections.abc import Iterable
from contextlib import suppress
from heapq import merge
from pathlib import Path

import msgspec
from msgspec import Struct

from pbx_bridge.ami.decode import LIVE, Decoder
from pbx_bridge.ami.recording import events, packets
from pbx_bridge.core.commands import Command
from pbx_bridge.core.directory import Directory
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.events import Event
from pbx_bridge.core.facts import Fact
from pbx_bridge.core.ids import NodeId, id_from
from pbx_bridge.core.outcome import Outcome
from pbx_bridge.core.projection import Board
from pbx_bridge.core.recovery import Recovery
from pbx_bridge.core.switchboard import Switchboard

FOLDER = Path(__file__).parent
AFTER = 20.0
"""Seconds of time that pass after the last event: wrap-ups end, attempts nobody speaks of are given up."""


class Asked(Struct, frozen=True):
    """A command and when; in a stream's file in seconds since the recording began."""

    at: float
    command: Command


class Start(Struct, frozen=True):
    """`began`: epoch seconds. `plot`: one sentence about what people did."""

    plot: str
    began: float
    directory: Directory
    recovery: Recovery
    asked: tuple[Asked, ...]


Step = tuple[float, Event | Asked]


class Stream:
    """One recording, read."""

    def __init__(self, name: str, heard: Iterable[str] = LIVE, folder: Path = FOLDER) -> None:
        """`heard`: names of the events that are decoded."""
        self.name, self._folder = name, folder
        self.raw = (folder / f"{name}.ami").read_bytes()
        self.start = msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=Start, dec_hook=id_from)
        self.decoder = Decoder(heard)
        self.events = list(events(packets(self.raw), self.decoder))

    @property
    def story(self) -> str:
        return (self._folder / f"{self.name}.story.txt").read_text("utf-8")

    def steps(self, heard: Iterable[tuple[float, Event]] | None = None) -> list[Step]:
        """Events (the recorded ones, unless given) and commands in the order of time."""
        told: list[Step] = [*(self.events if heard is None else heard)]
        asked: list[Step] = [(asked.at, asked) for asked in self.start.asked]
        return list(merge(told, asked, key=lambda step: step[0]))


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.ami"))


class Replay:
    """A switchboard and its live page that live through steps; time passes as it did. `facts` in order."""

    def __init__(self, stream: Stream, recovery: Recovery | None = None) -> None:
        """`recovery`: what the database believes, if it is not what it believed at the stream's start."""
        self.began = stream.start.began
        believed = recovery or stream.start.recovery
        self.board = Switchboard(NodeId("demo"), stream.start.directory, believed)
        self.page = Board(stream.start.directory, believed)
        self.facts: list[Fact] = []
        self.now = self.began

    def run(self, steps: Iterable[Step]) -> "Replay":
        for at, step in steps:
            self.wait_until(self.began + at)
            self.take(step)
        self.wait_until(self.now + AFTER)
        return self

    def take(self, step: Event | Asked) -> None:
        """One event or command, now. What is refused changes nothing."""
        if not isinstance(step, Asked):
            self._note(self.board.apply(step, self.now))
            return
        with suppress(Refused):
            self._note(self.board.decide(step.command, self.now))

    def wait_until(self, instant: float) -> None:
        """Ticks where the switchboard wants one, as the engine would."""
        while (deadline := self.board.deadline()) is not None and self.now < instant and deadline < instant:
            self.now = min(instant, max(self.now + 0.01, deadline))
            self._note(self.board.tick(self.now))
        self.now = max(self.now, instant)

    def _note(self, outcome: Outcome) -> None:
        self.facts += outcome.facts
        self.page.apply(outcome.facts)
