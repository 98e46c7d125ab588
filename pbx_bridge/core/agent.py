"""An agent's state as a sum, and its transitions as pure functions.

Two things decide what an agent is doing: what they chose (a status) and what their phone is doing. The chosen status
rests beneath a call and comes back after it; one chosen during a call waits for the hang-up.
"""

from typing import assert_never

from msgspec import Struct

from .directory import AVAILABLE, LOGGED_OFF, WRAP_UP
from .facts import Condition
from .ids import CallId


class LoggedOff(Struct, frozen=True):
    pass


class Available(Struct, frozen=True):
    pass


class Paused(Struct, frozen=True):
    """Break, away or a custom status."""

    status: str


class WrapUp(Struct, frozen=True):
    """After-call work; `call` None when chosen by hand, `until` None when only the agent ends it."""

    call: CallId | None
    until: float | None


Resting = LoggedOff | Available | Paused | WrapUp


class Ringing(Struct, frozen=True):
    call: CallId
    beneath: Resting


class Talking(Struct, frozen=True):
    """`outgoing`: the agent placed the call. `pending`: a status asked for meanwhile."""

    call: CallId
    beneath: Resting
    outgoing: bool
    pending: str = ""


AgentState = Resting | Ringing | Talking


class Idle(Struct, frozen=True):
    """The phone does nothing that counts: on hook, in a dial dialogue, or an open line that waits."""


class Alerting(Struct, frozen=True):
    call: CallId


class InCall(Struct, frozen=True):
    call: CallId
    outgoing: bool


PhoneUse = Idle | Alerting | InCall


def resting(status: str) -> Resting:
    """The state a chosen status means."""
    match status:
        case "logged_off":
            return LoggedOff()
        case "available":
            return Available()
        case "wrap_up":
            return WrapUp(None, None)
        case _:
            return Paused(status)


def chosen(state: AgentState, status: str) -> AgentState:
    """The agent (or somebody for them) asks for a status."""
    match state:
        case Talking(call, beneath, outgoing):
            return Talking(call, beneath, outgoing, pending=status)
        case Ringing(call):
            return Ringing(call, resting(status))
        case _:
            return resting(status)


def phone(state: AgentState, use: PhoneUse, wrap_up_until: float | None) -> AgentState:
    """The phone began or ended something. `wrap_up_until` is given when the call that just ended asks for wrap-up;
    who took it during a break is back on the break, as no call comes there anyway."""
    match use:
        case Idle():
            return _hung_up(state, wrap_up_until)
        case Alerting(call):
            return Ringing(
                call, beneath(_hung_up(state, wrap_up_until)) if isinstance(state, Talking) else beneath(state)
            )
        case InCall(call, outgoing):
            pending = state.pending if isinstance(state, Talking) else ""
            return Talking(call, beneath(state), outgoing, pending)
        case _:
            assert_never(use)


def _hung_up(state: AgentState, wrap_up_until: float | None) -> AgentState:
    match state:
        case Talking(call, below, _, pending):
            if pending:
                return resting(pending)
            working = below == Available() or (isinstance(below, WrapUp) and below.until is not None)
            if working and wrap_up_until is not None:
                return WrapUp(call, wrap_up_until)
            return Available() if working else below
        case Ringing(_, below):
            return below
        case _:
            return state


def expired(state: AgentState, now: float) -> AgentState:
    """A wrap-up whose time is over becomes available."""
    if isinstance(state, WrapUp) and state.until is not None and now >= state.until:
        return Available()
    return state


def beneath(state: AgentState) -> Resting:
    """The resting state a call returns to."""
    return state.beneath if isinstance(state, Ringing | Talking) else state


def takes_calls(state: AgentState) -> bool:
    """Whether a queue may ring this agent now or right after the call (app_queue itself knows «in use»)."""
    return isinstance(beneath(state), Available) and not (isinstance(state, Talking) and state.pending)


def status(state: AgentState) -> str:
    """The chosen status that holds beneath."""
    match beneath(state):
        case LoggedOff():
            return LOGGED_OFF
        case Available():
            return AVAILABLE
        case WrapUp():
            return WRAP_UP
        case Paused(name):
            return name
        case never:
            assert_never(never)


def condition(state: AgentState) -> Condition:
    """What the screen shows."""
    match state:
        case LoggedOff():
            return "logged_off"
        case Available():
            return "available"
        case Paused():
            return "paused"
        case WrapUp():
            return "wrap_up"
        case Ringing():
            return "ringing"
        case Talking(outgoing=outgoing):
            return "outgoing" if outgoing else "talking"
        case _:
            assert_never(state)


def call_of(state: AgentState) -> CallId | None:
    """The call of the moment, or the one a wrap-up belongs to."""
    return state.call if isinstance(state, Ringing | Talking | WrapUp) else None
