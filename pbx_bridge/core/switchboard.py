"""The switchboard: what Asterisk said and what people want go in, facts and actions come out.

One writer: events, commands and ticks are applied one after the other, each with the time as an argument (epoch
seconds that never go back). Nothing here waits, and nothing here fails half-way: a command is checked before it
changes anything.
"""

from typing import assert_never

from . import actions, commands, contexts, events
from .agent import Alerting, Idle, InCall, LoggedOff, PhoneUse, Talking
from .call import endpoint_of, is_wire
from .calls import Calls
from .campaign import Campaigns
from .commands import Command
from .desks import Desks
from .dials import Dials
from .directory import Directory
from .errors import Refused
from .events import Event
from .facts import AsteriskSeen, CallbacksOwed, TerminalReachable
from .ids import AgentId, CallId, CenterId, ChannelId, JobId, NodeId, TerminalId
from .index import Index
from .outcome import Outcome
from .pauses import Pauses
from .recorders import Recorders
from .recovery import Recovery
from .silence import Silence

GONE = frozenset({"Removed", "Unreachable"})
"""ContactStatus of a contact where no phone is."""
SOMEWHERE = ""
"""The contact of a phone known to be registered, not where: a seed reads device states."""


class Switchboard:
    """State of one node. Before the first `Seed` it believes `recovery` and sends nothing."""

    def __init__(self, node: NodeId, directory: Directory, recovery: Recovery | None = None) -> None:
        self.node = node
        self.index = Index(directory)
        self.desks = Desks(self.index)
        self.calls = Calls(node, self.index, self.desks.at)
        self.silence, self.pauses, self.recorders = Silence(self.calls), Pauses(self.calls), Recorders(self.calls)
        self.campaigns = Campaigns(self.index, self.calls, self.desks)
        self.dials = Dials(self.index, self.calls, self.desks, self.campaigns.lines)
        self.linked = False
        self.reachable: dict[TerminalId, bool] = {}
        self._contacts: dict[TerminalId, set[str]] = {}
        self._wrap_ups: dict[CallId, float] = {}
        self._missed: dict[AgentId, float] = {}
        """When the call ended that each of these agents had, which nobody heard."""
        if recovery is not None:
            self.desks.recover(recovery.agents)
            self.silence.recover(recovery.calls)
            self.pauses.recover()
            self.campaigns.recover(recovery.jobs, recovery.attempts)
            self._recover_wrap_ups(recovery)

    # -- three ways in ---------------------------------------------------------------------------------------------

    def apply(self, event: Event, now: float) -> Outcome:
        """Asterisk said something."""
        out = Outcome()
        self._hear(event, now, out)
        self.campaigns.settle(now, self.linked, out)
        return out

    def decide(self, command: Command, now: float) -> Outcome:
        """Somebody wants something. Raises `Refused`; then nothing has changed."""
        out = Outcome()
        self._obey(command, now, out)
        self.campaigns.settle(now, self.linked, out)
        return out

    def tick(self, now: float) -> Outcome:
        """Time passed."""
        out = Outcome()
        self.desks.tick(now, out)
        self.pauses.tick(now, out)
        self.recorders.tick(now, out)
        self.campaigns.settle(now, self.linked, out)
        return out

    def deadline(self) -> float | None:
        """The instant at which `tick` has something to do, if any."""
        clocks = (self.desks, self.pauses, self.recorders, self.campaigns)
        return min((at for at in (clock.deadline() for clock in clocks) if at is not None), default=None)

    # -- events ----------------------------------------------------------------------------------------------------

    def _hear(self, event: Event, now: float, out: Outcome) -> None:
        calls = self.calls
        match event:
            case events.BridgeEnter(party=party) if is_wire(party.channel):
                calls.consultations.wire_entered(event)
            case events.BridgeLeave(party=party) if is_wire(party.channel):
                calls.consultations.wire_left(event)
            case (
                events.NewChannel(party)
                | events.NewExten(party)
                | events.NewCallerId(party)
                | events.NewState(party)
                | events.Hold(party)
                | events.Unhold(party)
            ) if is_wire(party.channel):
                pass  # it goes out of the way by itself as soon as both ends are talking
            case events.Hangup(party) if is_wire(party.channel):
                calls.wire_cut(party.channel)
            case events.NewChannel(party) | events.NewExten(party) | events.NewCallerId(party):
                calls.new_channel(party, now, out)
            case events.NewState(party):
                calls.new_state(party, now, out)
                if party.state == "Up":
                    self.campaigns.attempts.answered(party.uniqueid, now, out)
                self._phone(party.channel, now, out)
            case events.Renamed():
                calls.renamed(event)
            case events.DialBegin():
                calls.dial_begun(event, now, out)
                self._phones(event.caller, event.dest, now, out)
            case events.DialEnd():
                calls.dial_ended(event, now, out)
                self._phones(event.caller, event.dest, now, out)
            case events.Hangup(party, cause):
                self._hung_up(event, party, cause, now, out)
            case events.BridgeEnter(bridge=bridge, party=party):
                calls.entered(event, now, out)
                members = calls.channels.members(bridge)
                if len(members) > 1:
                    self.campaigns.attempts.met(members, now, out)
                    self.dials.met(members, now, out)
                    self.recorders.met(calls.bridge_call(bridge), now, out)
                for member in sorted(members):
                    self._phone(calls.channels.name(member), now, out)
            case events.BridgeLeave(bridge=bridge, party=party):
                calls.left(event)
                self._phone(party.channel, now, out)
                for member in sorted(calls.channels.members(bridge)):
                    self._phone(calls.channels.name(member), now, out)
            case events.BridgeDestroy(bridge):
                calls.channels.bridges.pop(bridge, None)
            case events.Hold(party):
                calls.held(party, True, now, out)
            case events.Unhold(party):
                calls.held(party, False, now, out)
            case events.BlindTransfer():
                calls.blindly_transferred(event, now, out)
            case events.AttendedTransfer():
                calls.attendedly_transferred(event, now, out)
                for name in (event.original.channel, *calls.consulted()):
                    self._phone(name, now, out)
                self.recorders.handed_over(event, now, out)
            case events.QueueCallerJoin():
                calls.queued(event, now, out)
            case events.QueueCallerLeave(party):
                calls.left_queue(party, now, out)
            case events.RecordingStarted(party):
                calls.recording(party, now, out)
                self.pauses.recorder_began(party, out)
                self.recorders.began(party)
            case events.ContactStatus():
                self._contact(event, now, out)
            case events.OriginateResponse():
                self.campaigns.attempts.originate_answered(event, now, out)
                if not event.succeeded:
                    self._originate_failed(ChannelId(event.action_id), now, out)
            case events.UserEvent():
                self._user_event(event, now, out)
            case events.LinkDown(reason):
                self.linked = False
                out.facts.append(AsteriskSeen(self.node, now, False, reason=reason))
            case events.ShutDown():
                self.linked = False
                out.facts.append(AsteriskSeen(self.node, now, False, reason="Asterisk shuts down"))
            case events.Seed():
                self._seed(event, now, out)
            case (
                events.QueueCallerAbandon()
                | events.AgentCalled()
                | events.AgentConnect()
                | events.AgentComplete()
                | events.QueueMember()
                | events.QueueMemberRemoved()
                | events.QueueEntry()
                | events.DeviceState()
                | events.RecordingStopped()
                | events.RecordingMuted()
                | events.SpyStarted()
                | events.SpyStopped()
            ):
                pass  # told twice: channels, bridges and our own memberships already say it
            case _:
                assert_never(event)

    def _hung_up(self, event: events.Hangup, party: events.Party, cause: int, now: float, out: Outcome) -> None:
        call = self.calls.call_of(party.uniqueid)
        status = call.dial_status if call else ""
        mates = self._mates(party)
        self.calls.hung_up(event, now, out)
        self.campaigns.attempts.hung_up(party.uniqueid, cause, status, now, out)
        self.dials.hung_up(party.uniqueid, cause, status if call and call.direction else "", now, out)
        for name in [party.channel, *mates]:
            self._phone(name, now, out)

    def _originate_failed(self, channel: ChannelId, now: float, out: Outcome) -> None:
        """An agent's terminal: for the open line, or for a call placed for them."""
        self.campaigns.line_failed(channel, now, out)
        self.dials.failed(channel, now, out)

    def _mates(self, party: events.Party) -> list[str]:
        channel = self.calls.channels.get(party.uniqueid)
        return [self.calls.channels.name(id) for id in self.calls.channels.mates(channel)] if channel else []

    def _user_event(self, event: events.UserEvent, now: float, out: Outcome) -> None:
        if event.party is None:
            return
        if event.name == contexts.ATTEMPT_ANSWERED:
            self.campaigns.attempts.ready(event.party.uniqueid, now, out)
        elif event.name == contexts.LINE_WAITING:
            self.calls.new_channel(event.party, now, out)
            self.campaigns.lines.waits(event.party.uniqueid, now, out)
        elif event.name == contexts.PAUSE_RECORDING:
            self._toggle_recording(event.party, now, out)
        elif event.name == contexts.TURNED_AWAY:
            why, then = event.fields.get("Why", ""), event.fields.get("Then", "")
            self.calls.turned_away(event.party, why, then, now, out)
        elif event.name == contexts.CALLBACK_ASKED:
            self.calls.asked_for_callback(event.party, now, out)
        elif event.name == contexts.MESSAGE:
            self.calls.leaves_message(event.party, now, out)

    def _toggle_recording(self, party: events.Party, now: float, out: Outcome) -> None:
        channel = self.calls.channels.get(party.uniqueid)
        call = self.calls.bridge_call(channel.bridge) if channel else None
        if channel is None or call is None or call.recorder is None:
            return  # nothing is recorded: nothing to pause
        agent = self.desks.at(channel.endpoint)
        self.pauses.ask(commands.PauseRecording(call.id, "phone", agent), now, out)

    def _contact(self, event: events.ContactStatus, now: float, out: Outcome) -> None:
        """A phone that comes back from another port has two contacts for a while: the old one's end is not its own."""
        terminal = self.index.terminal_by_endpoint.get(event.aor)
        if terminal is None:
            return
        contacts = self._contacts.setdefault(terminal.id, set())
        contacts.discard(SOMEWHERE)
        (contacts.discard if event.status in GONE else contacts.add)(event.uri)
        self._reach(terminal.id, bool(contacts), now, out)

    def _reach(self, terminal: TerminalId, reachable: bool, now: float, out: Outcome) -> None:
        if self.reachable.get(terminal) != reachable:
            self.reachable[terminal] = reachable
            out.facts.append(TerminalReachable(terminal, now, reachable))

    # -- what a terminal does --------------------------------------------------------------------------------------

    def _phones(self, caller: events.Party | None, dest: events.Party, now: float, out: Outcome) -> None:
        if caller is not None:
            self._phone(caller.channel, now, out)
        self._phone(dest.channel, now, out)

    def _phone(self, channel: str, now: float, out: Outcome) -> None:
        """A channel changed: if it is an agent's, so may be what the agent is doing."""
        agent = self.desks.at(endpoint_of(channel))
        if agent is None:
            return
        use = self._use(endpoint_of(channel), agent)
        state = self.desks.desk(agent).state
        if isinstance(use, InCall):
            self._wrap_ups[use.call] = self._wrap_up_seconds(use.call)
        seconds = 0.0
        if isinstance(use, Idle) and isinstance(state, Talking):
            seconds = self._wrap_ups.pop(state.call, 0.0)
        self.desks.phone(agent, use, seconds, now, out)

    def _use(self, endpoint: str, agent: AgentId) -> PhoneUse:
        """The strongest of what the endpoint's channels do: in a call, placing one, ringing, nothing. Of two calls
        (one on hold during a consultation) the older one."""
        calls, alerting = self.calls, None
        outside = self.index.terminal_by_endpoint[endpoint].outside
        for channel in calls.of_endpoint(endpoint):
            call = calls.bridge_call(channel.bridge) if calls.channels.mates(channel) else None
            if call is not None:
                return InCall(call.id, outgoing=call.placed_by == agent)
            own = calls.calls[channel.call]
            if channel.consulted or (channel.held and own.answered):  # through a wire; or on the way to one
                return InCall(own.id, outgoing=own.placed_by == agent)
            if channel.dialing and own.direction is not None:
                return InCall(own.id, outgoing=True)
            # Up: picked up, but nobody is put through yet. Outside: a carrier may send sound (183) where a phone rings.
            called = channel.dialed and (channel.state == "Up" or outside)
            if (channel.state == "Ringing" or called) and own.direction is not None:
                alerting = own.id
        return Idle() if alerting is None else Alerting(alerting)

    def _wrap_up_seconds(self, id: CallId) -> float:
        call = self.calls.calls.get(id)
        if call is None:
            return 0.0
        return self._wrap_up_of(call.center, call.job)

    def _wrap_up_of(self, center: CenterId | None, job: JobId | None) -> float:
        if job in self.index.jobs and job is not None:
            return self.index.jobs[job].wrap_up_seconds
        return self.index.centers[center].wrap_up_seconds if center in self.index.centers and center is not None else 0

    # -- after a silence -------------------------------------------------------------------------------------------

    def _recover_wrap_ups(self, recovery: Recovery) -> None:
        for row in recovery.agents:
            if row.call is not None and row.agent in self.desks.desks:
                self._wrap_ups[row.call] = self._wrap_up_seconds(row.call)
                if row.ended is not None:
                    self._wrap_ups[row.call] = self._wrap_up_of(row.ended.center, row.ended.job)
                    self._missed[row.agent] = row.ended.at

    def _hear_missed_ends(self, now: float, out: Outcome) -> None:
        for agent, at in self._missed.items():
            state = self.desks.desk(agent).state
            seconds = self._wrap_ups.pop(state.call, 0.0) if isinstance(state, Talking) else 0.0
            self.desks.missed_end(agent, at, seconds, now, out)
        self._missed.clear()

    def _seed(self, seed: events.Seed, now: float, out: Outcome) -> None:
        self.linked = True
        out.facts.append(AsteriskSeen(self.node, now, True, seed.boot))
        self.silence.reconcile(seed, now, out)
        self._hear_missed_ends(now, out)
        for desk in tuple(self.desks.signed_in()):
            place = self.desks.place(desk)
            if place is not None:
                self._phone(f"{place.device}-0", now, out)
        self.campaigns.seed(now, out)
        self.dials.seed(now, out)
        self.desks.seed(seed.members, now, out)
        there: dict[str, set[str]] = {}
        for contact in seed.contacts:
            if contact.status not in GONE:
                there.setdefault(contact.aor, set()).add(contact.uri)
        for terminal in self.index.terminals.values():
            self._contacts[terminal.id] = there.get(terminal.endpoint, set())
            self._reach(terminal.id, bool(self._contacts[terminal.id]), now, out)

    # -- commands --------------------------------------------------------------------------------------------------

    def _obey(self, command: Command, now: float, out: Outcome) -> None:
        match command:
            case commands.SignIn(agent, terminal, source):
                before = self.desks.desk(agent).terminal
                self.desks.sign_in(agent, terminal, source, now, out)
                if before not in (None, terminal):
                    self._let_go(agent, out)  # the open line was the old phone's
                self._phone(f"{self.index.terminals[terminal].device}-0", now, out)  # it may ring or talk already
            case commands.SignOut(agent, source):
                self._let_go(agent, out)
                self.desks.sign_out(agent, source, now, out)
            case commands.ChangeStatus(agent, status, source):
                self.desks.change_status(agent, status, source, now, out)
                if isinstance(self.desks.desk(agent).state, LoggedOff):
                    self._let_go(agent, out)
            case commands.RaiseHand(agent, up):
                self.desks.raise_hand(agent, up, now, out)
            case commands.StartJob(job, by):
                self.campaigns.start(job, by, now, out)
            case commands.StopJob(job, by):
                self.campaigns.stop(job, by, now, out)
            case commands.JoinJob(agent, job, channel):
                self.campaigns.join(agent, job, channel, now, out)
            case commands.LeaveJob(agent):
                self.campaigns.lines.leave(agent, out)
            case commands.PlaceCall():
                self.dials.place(command, self.reachable, now, out)
            case commands.LeadsClaimed(job, leads):
                self.campaigns.claimed(job, leads, now, out)
            case commands.JoinFailed(attempt):
                self.campaigns.attempts.join_failed(attempt, now)
            case commands.OriginateFailed(attempt, _, unknown):
                self.campaigns.attempts.originate_failed(attempt, unknown, now, out)
            case commands.LineFailed(channel):
                self._originate_failed(channel, now, out)
            case commands.PauseRecording():
                self.pauses.ask(command, now, out)
            case commands.HangUpChannel(channel):
                name = self.calls.channels.name(channel)
                if not name:
                    raise Refused("unknown-call", channel)
                out.actions.append(actions.HangUp(name))
            case commands.CountCallbacks(owed):
                out.facts += [CallbacksOwed(center, count) for center, count in owed]
            case commands.Reconfigure(directory):
                self._reconfigure(Index(directory), now, out)
            case _:
                assert_never(command)

    def _let_go(self, agent: AgentId, out: Outcome) -> None:
        """Who signs out leaves the open line too."""
        if agent in self.campaigns.lines.by_agent:
            self.campaigns.lines.leave(agent, out)

    def _reconfigure(self, index: Index, now: float, out: Outcome) -> None:
        for desk in tuple(self.desks.signed_in()):
            if desk.agent not in index.agents or desk.terminal not in index.terminals:
                self._let_go(desk.agent, out)
                self.desks.dismiss(desk, now, out)
        self.index = self.desks.index = self.calls.index = self.dials.index = index
        self.campaigns.reconfigure(self.index)
        self.desks.mirror(out)
