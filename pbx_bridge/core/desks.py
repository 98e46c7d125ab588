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
    LoggedOff,
    PhoneUse,
    Resting,
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
from .contexts import status_lamp
from .directory import LOGGED_OFF, Terminal
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


Wanted = dict[tuple[str, str], actions.QueueAdd]
"""(queue, interface) → the membership app_queue should hold."""


class Desks:
    """Every agent of the directory, signed in or not."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.desks: dict[AgentId, Desk] = {}
        self.held: Wanted = {}
        """What app_queue holds, as far as we told it or it told us."""
        self._known = False

    # -- asking ----------------------------------------------------------------------------------------------------

    def desk(self, agent: AgentId) -> Desk:
        """The desk of a known agent. Raises `Refused("unknown-agent")`."""
        self.index.agent(agent)
        return self.desks.setdefault(agent, Desk(agent, LoggedOff(), 0.0))

    def at(self, endpoint: str) -> AgentId | None:
        """Whose sign-in terminal an endpoint is now."""
        terminal = self.index.terminal_by_endpoint.get(endpoint)
        return self._holder(terminal.id) if terminal else None

    def _holder(self, terminal: TerminalId) -> AgentId | None:
        return next((desk.agent for desk in self.desks.values() if desk.terminal == terminal), None)

    def endpoint(self, desk: Desk) -> str:
        return self.index.terminals[desk.terminal].endpoint if desk.terminal in self.index.terminals else ""

    def signed_in(self) -> Iterator[Desk]:
        return (desk for desk in self.desks.values() if desk.terminal is not None)

    def deadline(self) -> float | None:
        """When the next wrap-up ends."""
        return min(
            (d.state.until for d in self.desks.values() if isinstance(d.state, WrapUp) and d.state.until is not None),
            default=None,
        )

    # -- what people want ------------------------------------------------------------------------------------------

    def sign_in(self, agent: AgentId, terminal: TerminalId, source: Source, now: float, out: Outcome) -> None:
        """The new terminal wins and the old one is released, unless a call is up on it."""
        desk, place = self.desk(agent), self.index.terminal(terminal)
        holder = self._holder(terminal)
        if holder is not None and holder != agent:
            raise Refused("terminal-in-use", place.extension)
        if isinstance(desk.state, Talking):
            raise Refused("call-in-progress", place.extension)
        if desk.terminal is not None and desk.terminal != terminal:
            self._leave_terminal(desk, source, "moved", now, out)
        if desk.terminal is None:
            desk.terminal = terminal
            out.facts.append(SignedIn(agent, terminal, now, source))
        self._become(desk, Available(), source, "sign-in", now, out)

    def sign_out(self, agent: AgentId, source: Source, now: float, out: Outcome) -> None:
        """During a call it takes effect at hang-up."""
        self._choose(self._present(agent), LOGGED_OFF, source, now, out)

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

    def tick(self, now: float, out: Outcome) -> None:
        for desk in self.desks.values():
            self._become(desk, expired(desk.state, now), "system", "wrap-up over", now, out)

    def line(self, agent: AgentId, job: JobId | None, now: float, out: Outcome) -> None:
        """The agent's open line opened for a job, or closed."""
        desk = self.desks[agent]
        if desk.job != job:
            desk.job = job
            self._tell(desk, "system", "line", now, out)

    # -- one way to change -----------------------------------------------------------------------------------------

    def _become(self, desk: Desk, state: AgentState, source: Source, reason: str, now: float, out: Outcome) -> None:
        if state == desk.state:
            return
        before, desk.state = desk.state, state
        if condition(before) != condition(state) or call_of(before) != call_of(state) or status(before) != status(state):
            desk.since = now
        self._tell(desk, source, reason, now, out)
        self._light(desk, before, out)
        if isinstance(state, LoggedOff):
            self._leave_terminal(desk, source, reason, now, out)
        self.mirror(out)

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
        if desk.terminal is None:
            return
        out.facts.append(SignedOut(desk.agent, desk.terminal, now, source, reason))
        if desk.hand:
            desk.hand = False
            out.facts.append(HandRaised(desk.agent, now, False))
        self._lamps(self.index.terminals[desk.terminal], "", out)
        desk.terminal = None
        self.mirror(out)

    # -- lamps -----------------------------------------------------------------------------------------------------

    def _light(self, desk: Desk, before: AgentState, out: Outcome) -> None:
        if desk.terminal in self.index.terminals and status(before) != status(desk.state):
            self._lamps(self.index.terminals[desk.terminal], status(desk.state), out)

    def _lamps(self, terminal: Terminal, lit: str, out: Outcome) -> None:
        for item in self.index.directory.statuses:
            device = status_lamp(terminal.extension, item.digit)
            out.actions.append(actions.SetDeviceState(device, "INUSE" if item.key == lit else "NOT_INUSE"))

    # -- app_queue -------------------------------------------------------------------------------------------------

    def wanted(self) -> Wanted:
        """What app_queue should hold for the desks of this moment."""
        found: Wanted = {}
        for desk in self.signed_in():
            interface = self.index.terminals[desk.terminal].interface if desk.terminal is not None else ""
            login = self.index.agents[desk.agent].login
            paused = not takes_calls(desk.state) or desk.job is not None
            reason = status(desk.state) if not takes_calls(desk.state) else "campaign" if paused else ""
            for center, penalty in self.index.memberships(desk.agent):
                found[center.queue, interface] = actions.QueueAdd(
                    center.queue, interface, login, penalty, paused, reason
                )
        return found

    def mirror(self, out: Outcome) -> None:
        """Send app_queue the difference between what it should hold and what it holds."""
        if not self._known:
            return
        wanted = self.wanted()
        for key in self.held.keys() - wanted.keys():
            out.actions.append(actions.QueueRemove(*key))
        for key, add in wanted.items():
            self._adjust(self.held.get(key), add, out)
        self.held = wanted

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
                self.desks[row.agent] = Desk(row.agent, _recovered(row), row.since, row.terminal, row.job)

    def seed(self, members: Iterable[events.QueueMember], now: float, out: Outcome) -> None:
        """app_queue says what it holds; what differs is corrected and noted."""
        ours = {center.queue for center in self.index.centers.values()}
        self.held = {
            (m.queue, m.interface): actions.QueueAdd(
                m.queue, m.interface, m.member_name, m.penalty, m.paused, m.paused_reason
            )
            for m in members
            if m.queue in ours
        }
        self._known = True
        self._note_differences(now, out)
        self.mirror(out)
        for desk in self.signed_in():
            self._lamps(self.index.terminals[desk.terminal], status(desk.state), out)  # type: ignore[index]

    def _note_differences(self, now: float, out: Outcome) -> None:
        wanted = self.wanted()
        for desk in self.signed_in():
            interface = f"PJSIP/{self.endpoint(desk)}"
            believed = {key[0]: add.paused for key, add in wanted.items() if key[1] == interface}
            found = {key[0]: add.paused for key, add in self.held.items() if key[1] == interface}
            if believed != found:
                out.facts.append(AgentCorrected(desk.agent, now, _words(believed), _words(found)))


def _recovered(row: SignedInAgent) -> Resting:
    state = resting(row.status)
    return WrapUp(None, row.wrap_up_until) if isinstance(state, WrapUp) else state


def _words(memberships: dict[str, bool]) -> str:
    return ", ".join(f"{queue} {'paused' if paused else 'open'}" for queue, paused in sorted(memberships.items()))
