"""How a center treats its callers: what they hear, how long they wait, and what becomes of those it does not take."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from .calendar import Calendar
from .directory import Language

Why = Literal["closed", "full", "nobody", "late"]
"""Why a center does not take a caller: outside its hours; no place free; nobody signed in; waited too long."""
Then = Literal["guidance", "busy", "transfer", "voicemail", "callback"]

WHYS: tuple[Why, ...] = ("closed", "full", "nobody", "late")


class Way(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a caller whom the center does not take.

    guidance: a sentence, then the end. busy: the busy signal, unanswered where that is still possible. transfer: to
    another terminal or center. voicemail: a message is recorded. callback: asks whether we shall call back; the caller
    is on the callback list either way.
    """

    then: Then = "guidance"
    to: str = ""
    """For transfer: the extension of a terminal or a center."""
    say: str = ""
    """Words in the center's language in place of the ready sentence of guidance, voicemail and callback."""


class Treatment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds; 0 leaves a feature out."""

    language: Language = "ja"
    greeting: bool = True
    calendar: Calendar | None = None
    """Left out: open day and night."""
    closed: Way = Way()
    max_calls: int = 0
    """Calls the center has at once, waiting or talking."""
    max_waiting: int = 0
    full: Way = Way("busy")
    nobody: Way | None = None
    """Left out: while nobody is signed in, callers wait for somebody."""
    overflow_seconds: int = 300
    overflow: Way = Way()
    ring_seconds: int = 20
    position_every: int = 30
    """A waiting caller's position is spoken so often."""
    agent_guidance: bool = False
    """Name the center to the agent before the caller is put through (prompt `center-<extension>`)."""
    music: str = ""
    """A folder of 8 kHz audio for those who wait; empty: the provision's own."""


def ways(treatment: Treatment) -> Iterator[tuple[Why, Way]]:
    """Every way there is out of the center."""
    if treatment.calendar is not None:
        yield "closed", treatment.closed
    if treatment.max_calls or treatment.max_waiting:
        yield "full", treatment.full
    if treatment.nobody is not None:
        yield "nobody", treatment.nobody
    yield "late", treatment.overflow


def sentence(why: Why, way: Way) -> str:
    """The prompt a way begins with, by the name of its file; of `say` it is one of the center's own."""
    match way.then:
        case "voicemail":
            return "leave-message"
        case "callback":
            return "callback-offer"
        case _:
            return {"closed": "closed", "nobody": "nobody-here"}.get(why, "all-busy")
