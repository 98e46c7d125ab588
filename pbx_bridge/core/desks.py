"""Agents at work: who sits where, in which state since when, and what app_queue must be told about it.

The bridge owns status and its clock; app_queue follows (reliability fact F11). What it should hold is a pure
function of the desks, so after any silence the difference to what it does hold is all there is to send.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from . import actions, events
from .agent import (
    AgentState,
    Available,
    Idle,
    LoggedOff,
    PhoneUse,
    Ringing,
    Talking,
    WrapUp,
    call_of,
    chosen,
    condition,
    expired,
    phone,
    resting,
    status,
    takes_calls,
)
from .contexts import agent_lamp, status_lamp
from .directory import AVAILABLE, LOGGED_OFF, Terminal
from .errors import Refused
from .facts import AgentChanged, AgentCorrected, HandRaised, SignedIn, SignedOut, Source
from .ids import AgentId, JobId, TerminalId
from .index import Index
from .outcome import Outcome
from .recovery import SignedInAgent


class Desk(Struct):
    """One agent's place: `since` and `reason` belong to the state of the moment; `job` is the open line's."""

    agent: AgentId
    state: AgentState
    since: float
    terminal: TerminalId | None = None
    job: JobId | None = None
    hand: bool = False


Memberships = dict[str, actions.QueueAdd]
"""Of one interface: queue → what app_queue holds, or should hold."""


class Desks:
    """Every agent of the directory, signed in or not."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.desks: dict[AgentId, Desk] = {}
        self.held: dict[str, Memberships] = {}
        """By interface: what app_queue holds, as far as we told it or it told us."""
        self._known = False
        self._sitting: dict[TerminalId, AgentId] = {}
        self._wrapping: set[AgentId] = set()
        self._changes: list[tuple[JobId, float | None]] = []
        self._lit: set[TerminalId] = set()
        """Terminals whose lamps were ever set: Asterisk keeps them over its restarts."""

    # -- asking ----------------------------------------------------------------------------------------------------

    def desk(self, agent: AgentId) -> Desk:
        """The desk of a known agent. Raises `Refused("unknown-agent")`."""
        self.index.agent(agent)
        return self.desks.setdefault(agent, Desk(agent, LoggedOff(), 0.0))

    def at(self, endpoint: str) -> AgentId | None:
        """Whose sign-in terminal an endpoint is now."""
        terminal = self.index.terminal_by_endpoint.get(endpoint)
        return self._sitting.get(terminal.id) if terminal else None

    def place(self, desk: Desk) -> Terminal | None:
        """The desk's sign-in terminal, None while signed out (or when the directory lost it)."""
        return self.index.terminals.get(desk.terminal) if desk.terminal is not None else None

    def signed_in(self) -> Iterator[Desk]:
        return (self.desks[agent] for agent in self._sitting.values())

    def deadline(self) -> float | None:
        """When the next wrap-up ends."""
        states = (self.desks[agent].state for agent in self._wrapping)
        return min((s.until for s in states if isinstance(s, WrapUp) and s.until is not None), default=None)

    def take_changes(self) -> list[tuple[JobId, float | None]]:
        """Jobs whose agents changed since last asked, each with the seconds of a wrap-up that ended, if one did."""
        changes, self._changes = self._changes, []
        return changes

    # -- what people want ------------------------------------------------------------------------------------------

    def sign_in(self, agent: AgentId, terminal: TerminalId, source: Source, now: float, out: Outcome) -> None:
        """The new terminal wins and the old one is released, unless a call is up on it. Where one sits already it is
        a change to available."""
        desk, place = self.desk(agent), self.index.terminal(terminal)
        if desk.terminal == terminal:
            self._choose(desk, AVAILABLE, source, now, out)
            return
        holder = self._sitting.get(terminal)
        if holder is not None:
            raise Refused("terminal-in-use", place.extension)
        if isinstance(desk.state, Talking):
            raise Refused("call-in-progress", place.extension)
        if desk.terminal is not None:
            self._leave_terminal(desk, source, "moved", now, out)
        desk.terminal = terminal
        self._sitting[terminal] = agent
        out.facts.append(SignedIn(agent, terminal, now, source))
        if isinstance(desk.state, Available):  # moved in mid-shift: the state is the same, the place is not
            self._tell(desk, source, "moved", now, out)
            self._lamps(place, AVAILABLE, out)
            self._mirror(desk, out)
        self._become(desk, Available(), source, "sign-in", now, out)

    def sign_out(self, agent: AgentId, source: Source, now: float, out: Outcome) -> None:
        """During a call it takes effect at hang-up."""
        self._choose(self._present(agent), LOGGED_OFF, source, now, out)

    def dismiss(self, desk: Desk, now: float, out: Outcome) -> None:
        """The account or the terminal is no more: out at once, even from a call."""
        self._become(desk, LoggedOff(), "system", "removed", now, out)

    def change_status(self, agent: AgentId, name: str, source: Source, now: float, out: Outcome) -> None:
        if name not in self.index.statuses:
            raise Refused("unknown-status", name)
        self._choose(self._present(agent), name, source, now, out)

    def raise_hand(self, agent: AgentId, up: bool | None, now: float, out: Outcome) -> None:
        desk = self._present(agent)
        desk.hand = not desk.hand if up is None else up
        out.facts.append(HandRaised(agent, now, desk.hand))

    def _present(self, agent: AgentId) -> Desk:
        desk = self.desk(agent)
        if desk.terminal is None:
            raise Refused("not-signed-in", self.index.agents[agent].login)
        return desk

    def _choose(self, desk: Desk, name: str, source: Source, now: float, out: Outcome) -> None:
        state = chosen(desk.state, name)
        if isinstance(state, Talking) and isinstance(desk.state, Talking) and status(desk.state) == name:
            state = Talking(state.call, state.beneath, state.outgoing)  # back to what it was: nothing pending
        self._become(desk, state, source, "", now, out)

    # -- what the phone does ---------------------------------------------------------------------------------------

    def phone(self, agent: AgentId, use: PhoneUse, wrap_up_seconds: float, now: float, out: Outcome) -> None:
        """The sign-in terminal's use, computed anew; `wrap_up_seconds` is what the call just ended asks for."""
        desk = self.desks[agent]
        until = now + wrap_up_seconds if wrap_up_seconds > 0 else None
        self._become(desk, phone(desk.state, use, until), "system", "call", now, out)

    def missed_end(self, agent: AgentId, at: float, wrap_up_seconds: float, now: float, out: Outcome) -> None:
        """The agent's call ended at `at` and nobody heard it: wrap-up began there, and may be over. Then the agent is
        available since it ended, as they would be had it been heard; a queue could ring them all the while."""
        desk = self.desks[agent]
        if not isinstance(desk.state, Ringing | Talking):
            return
        self.phone(agent, Idle(), wrap_up_seconds, max(at, desk.since), out)
        state = desk.state
        if isinstance(state, WrapUp) and state.until is not None and state.until <= now:
            self._become(desk, expired(state, now), "system", "wrap-up over", state.until, out)

    def tick(self, now: float, out: Outcome) -> None:
        for agent in tuple(self._wrapping):
            desk = self.desks[agent]
            self._become(desk, expired(desk.state, now), "system", "wrap-up over", now, out)

    def line(self, agent: AgentId, job: JobId | None, now: float, out: Outcome) -> None:
        """The agent's open line opened for a job, or closed."""
        desk = self.desks[agent]
        if desk.job != job:
            desk.job = job
            self._tell(desk, "system", "line", now, out)
            self._mirror(desk, out)

    # -- one way to change -----------------------------------------------------------------------------------------

    def _become(self, desk: Desk, state: AgentState, source: Source, reason: str, now: float, out: Outcome) -> None:
        if state == desk.state:
            return
        before, desk.state = desk.state, state
        if desk.job is not None:
            self._changes.append((desk.job, now - desk.since if isinstance(before, WrapUp) else None))
        if _face(before) != _face(state):
            desk.since = now
        (self._wrapping.add if isinstance(state, WrapUp) else self._wrapping.discard)(desk.agent)
        self._tell(desk, source, reason, now, out)
        self._light(desk, before, out)
        if isinstance(state, LoggedOff):
            self._leave_terminal(desk, source, reason, now, out)
        self._mirror(desk, out)

    def _tell(self, desk: Desk, source: Source, reason: str, now: float, out: Outcome) -> None:
        state = desk.state
        out.facts.append(
            AgentChanged(
                agent=desk.agent,
                at=now,
                condition=condition(state),
                status=status(state),
                reason=reason,
                source=source,
                terminal=desk.terminal,
                call=call_of(state),
                job=desk.job,
                until=state.until if isinstance(state, WrapUp) else None,
                pending=state.pending if isinstance(state, Talking) else "",
            )
        )

    def _leave_terminal(self, desk: Desk, source: Source, reason: str, now: float, out: Outcome) -> None:
        place = self.place(desk)
        if desk.terminal is None or place is None:
            return
        out.facts.append(SignedOut(desk.agent, desk.terminal, now, source, reason))
        if desk.hand:
            desk.hand = False
            out.facts.append(HandRaised(desk.agent, now, False))
        self._lamps(place, "", out)
        del self._sitting[desk.terminal]
        desk.terminal = None
        self._hold(place.interface, {}, out)

    # -- lamps -----------------------------------------------------------------------------------------------------

    def _light(self, desk: Desk, before: AgentState, out: Outcome) -> None:
        place = self.place(desk)
        if place is not None and status(before) != status(desk.state):
            self._lamps(place, status(desk.state), out)

    def _lamps(self, terminal: Terminal, lit: str, out: Outcome) -> None:
        if terminal.outside:
            return  # no keys there, and nobody's keys watch it
        for item in self.index.directory.statuses:
            device = status_lamp(terminal.extension, item.digit)
            out.actions.append(actions.SetDeviceState(device, "INUSE" if item.key == lit else "NOT_INUSE"))
        free = lit in ("", AVAILABLE, LOGGED_OFF)
        out.actions.append(actions.SetDeviceState(agent_lamp(terminal.extension), "NOT_INUSE" if free else "ONHOLD"))
        self._lit.add(terminal.id)

    # -- app_queue -------------------------------------------------------------------------------------------------

    def wanted(self, desk: Desk) -> Memberships:
        """What app_queue should hold for a desk at this moment. On an open line, centers do not ring."""
        place = self.place(desk)
        if place is None:
            return {}
        free = takes_calls(desk.state)
        reason = status(desk.state) if not free else "campaign" if desk.job is not None else ""
        login, device = self.index.agents[desk.agent].login, place.device if place.outside else ""
        return {
            center.queue: actions.QueueAdd(center.queue, place.interface, login, penalty, bool(reason), reason, device)
            for center, penalty in self.index.memberships(desk.agent)
        }

    def mirror(self, out: Outcome) -> None:
        """Everybody's memberships, after the centers changed."""
        for desk in tuple(self.signed_in()):
            self._mirror(desk, out)

    def _mirror(self, desk: Desk, out: Outcome) -> None:
        place = self.place(desk)
        if place is not None:
            self._hold(place.interface, self.wanted(desk), out)

    def _hold(self, interface: str, wanted: Memberships, out: Outcome) -> None:
        """Send app_queue the difference between what it should hold for an interface and what it holds."""
        if not self._known:
            return
        held = self.held.get(interface, {})
        for queue in held.keys() - wanted.keys():
            out.actions.append(actions.QueueRemove(queue, interface))
        for queue, add in wanted.items():
            self._adjust(held.get(queue), add, out)
        self.held[interface] = wanted

    def _adjust(self, held: actions.QueueAdd | None, add: actions.QueueAdd, out: Outcome) -> None:
        if held == add:
            return
        if held is not None and (held.penalty, held.member_name) == (add.penalty, add.member_name):
            out.actions.append(actions.QueuePause(add.interface, add.paused, add.reason, add.queue))
            return
        if held is not None:
            out.actions.append(actions.QueueRemove(add.queue, add.interface))
        out.actions.append(add)

    # -- after a silence -------------------------------------------------------------------------------------------

    def recover(self, rows: Iterable[SignedInAgent]) -> None:
        for row in rows:
            if row.agent in self.index.agents and row.terminal in self.index.terminals:
                desk = Desk(row.agent, _recovered(row), row.since, row.terminal, row.job)
                self.desks[row.agent], self._sitting[row.terminal] = desk, row.agent
                if isinstance(desk.state, WrapUp):
                    self._wrapping.add(row.agent)

    def seed(self, members: Iterable[events.QueueMember], now: float, out: Outcome) -> None:
        """app_queue says what it holds; what differs is corrected and noted."""
        self.held, self._known = {}, True
        for member in members:
            if member.queue in self.index.center_by_queue:
                self.held.setdefault(member.interface, {})[member.queue] = actions.QueueAdd(
                    member.queue,
                    member.interface,
                    member.member_name,
                    member.penalty,
                    member.paused,
                    member.paused_reason,
                    member.device,
                )
        occupied: set[str] = set()
        for desk in tuple(self.signed_in()):
            place = self.place(desk)
            if place is None:
                continue
            occupied.add(place.interface)
            self._note_difference(desk, place, now, out)
            self._mirror(desk, out)
            self._lamps(place, status(desk.state), out)
        for interface in self.held.keys() - occupied:
            self._hold(interface, {}, out)
        for left in sorted(self._lit - self._sitting.keys()):  # left while nobody could be told
            if left in self.index.terminals:
                self._lamps(self.index.terminals[left], "", out)

    def _note_difference(self, desk: Desk, place: Terminal, now: float, out: Outcome) -> None:
        believed, found = self.wanted(desk), self.held.get(place.interface, {})
        if believed != found:
            out.facts.append(AgentCorrected(desk.agent, now, _words(believed), _words(found)))


def _face(state: AgentState) -> tuple[object, ...]:
    """What makes a new interval: a status asked for during a call does not."""
    return condition(state), status(state), call_of(state)


def _recovered(row: SignedInAgent) -> AgentState:
    below = resting(row.status)
    if row.call is not None and row.condition in ("talking", "outgoing"):
        return Talking(row.call, below, row.condition == "outgoing", row.pending)
    if row.call is not None and row.condition == "ringing":
        return Ringing(row.call, below)
    return WrapUp(row.call, row.wrap_up_until) if isinstance(below, WrapUp) else below


def _words(memberships: Memberships) -> str:
    return ", ".join(f"{queue} {'paused' if add.paused else 'open'}" for queue, add in sorted(memberships.items()))
