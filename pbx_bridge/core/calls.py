"""Channels and bridges become calls.

A call begins with its first channel and ends with its last; a channel made for another one (same linkedid) belongs to
that one's call. Later changes of linkedid do not move a channel: Asterisk lets the oldest linkedid win when two
calls are bridged, which on an open line would turn every customer into the agent's own call.
"""

from collections.abc import Callable, Iterable
from typing import Literal

from . import contexts, events
from .call import Call, Channel, Dial, endpoint_of, is_wire, unanswered_result, wire_of
from .channels import Channels
from .consultations import Consultations
from .facts import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallRecorded,
    CallResult,
    CallStarted,
    CallTransferred,
    Direction,
    EndedBy,
)
from .ids import (
    AgentId,
    AttemptId,
    BootId,
    BridgeId,
    CallId,
    ChannelId,
    JobId,
    NodeId,
    PlacedFor,
    attempt_of_channel,
    call_id,
    placed_for,
)
from .index import Index
from .outcome import Outcome

GAVE_UP_WITHIN = 0.5
"""Seconds from leaving a queue to the hang-up of somebody who gave up. Who overflows hears a message or waits on
(app_queue calls both of them abandoned)."""

UNALLOCATED = 1
"""Q.850 cause of a number that leads nowhere."""
_RANK: dict[Direction | None, int] = {"inbound": 0, "campaign": 0, "outbound": 1, "internal": 2, None: 3}


class Calls:
    """Every call of one node, and the channels it is made of. `agent_at` tells who works at an endpoint now."""

    def __init__(self, node: NodeId, index: Index, agent_at: Callable[[str], AgentId | None]) -> None:
        self.node = node
        self.index = index
        self.agent_at = agent_at
        self.boot = BootId("")
        self.channels = Channels()
        self.calls: dict[CallId, Call] = {}
        self.attempts: dict[AttemptId, tuple[JobId, str]] = {}
        """Placed attempts whose channel may appear: job and number."""
        self._dialing_by: dict[str, ChannelId] = {}
        """Wires (`is_wire`), and who dials through each."""
        self.consultations = Consultations(node, self.channels.get)
        self.placed: dict[ChannelId, Dial] = {}
        """Calls placed for agents, by the agent's own leg."""

    # -- asking ----------------------------------------------------------------------------------------------------

    def call_of(self, id: ChannelId) -> Call | None:
        channel = self.channels.get(id)
        return self.calls.get(channel.call) if channel else None

    def bridge_call(self, bridge: BridgeId | None) -> Call | None:
        """The call people in a bridge have with one another: a customer's before an internal one, the older first."""
        found = [self.calls[self.channels.by_id[member].call] for member in self.channels.members(bridge)]
        announced = [call for call in found if call.direction is not None]
        return min(announced, key=lambda call: (_RANK[call.direction], call.started_at), default=None)

    def of_endpoint(self, endpoint: str) -> list[Channel]:
        """A phone's channels, the oldest call's first."""
        channels = self.channels.at(endpoint)
        if len(channels) > 1:
            channels.sort(key=lambda channel: (self.calls[channel.call].started_at, channel.id))
        return channels

    def consulted(self) -> list[str]:
        """Names of the channels that talk through a wire."""
        return [channel.name for channel in self.channels.by_id.values() if channel.consulted]

    # -- channels --------------------------------------------------------------------------------------------------

    def new_channel(self, party: events.Party, now: float, out: Outcome) -> Channel:
        """A channel appears; seen twice it is only brought up to date."""
        known = self.channels.get(party.uniqueid)
        if known is not None:
            known.state, known.context = party.state, party.context
            return known
        channel = Channel(
            id=party.uniqueid,
            name=party.channel,
            context=party.context,
            number=party.caller_number,
            state=party.state,
            call=CallId(""),
            endpoint=endpoint_of(party.channel),
        )
        self.channels.add(channel)
        self._place(channel, party, now, out)
        return channel

    def _place(self, channel: Channel, party: events.Party, now: float, out: Outcome) -> None:
        first: Call | None = None
        if party.linkedid != party.uniqueid and not self._begins_a_call(channel.id):
            first = self.call_of(party.linkedid) or self.calls.get(call_id(self.node, self.boot, party.linkedid))
        call = first or self._first_channel_of(channel, party, now, out)
        channel.call = call.id
        call.channels.add(channel.id)

    def _begins_a_call(self, id: ChannelId) -> bool:
        """Whatever its linkedid says: after a restart a customer on an open line has the line's."""
        return attempt_of_channel(id) is not None or call_id(self.node, self.boot, id) in self.calls

    def _first_channel_of(self, channel: Channel, party: events.Party, now: float, out: Outcome) -> Call:
        id = call_id(self.node, self.boot, party.uniqueid)
        if id in self.calls:  # recovered from the database, seen again
            return self.calls[id]
        numbers = (party.caller_number, party.exten)
        if party.context == contexts.FROM_CARRIER:
            numbers = (self.index.home(party.caller_number), self.index.home(party.exten))
        call = Call(id, channel.id, self.boot, now, *numbers, party.context)
        self.calls[id] = call
        attempt = attempt_of_channel(channel.id)
        if attempt in self.attempts and attempt is not None:
            call.attempt, (call.job, call.to_number) = attempt, self.attempts[attempt]
            call.from_number = self.index.jobs[call.job].caller_number if call.job in self.index.jobs else ""
            self.announce(call, "campaign", out)
        elif (named := placed_for(channel.id)) is not None:
            self._placed_for_agent(call, named)
        elif party.context == contexts.FROM_CARRIER and call.to_number in self.index.directory.service_numbers:
            pass  # a dial operation from outside: a call for nobody, as a dial code is
        elif party.context == contexts.FROM_CARRIER and party.linkedid == party.uniqueid:
            center = self.index.center_by_number.get(call.to_number)
            call.center = center.id if center else None
            self.announce(call, "inbound", out)
        else:
            call.placed_by = self.agent_at(channel.endpoint)
        return call

    def _placed_for_agent(self, call: Call, named: PlacedFor) -> None:
        """A call for somebody once the customer is dialed: the agent's own leg alone is none. The bridge that placed it
        knows more than its name says."""
        call.placed_by, call.center = named.agent, named.center
        call.reason = "redial" if named.reason == "redial" else "callback"
        dial = self.placed.get(call.channel)
        if dial is not None:
            call.from_number, call.to_number = dial.shown, dial.number
        elif named.center in self.index.centers and named.center is not None:
            call.from_number = self.index.centers[named.center].number
        if dial is not None and dial.promise is not None:
            call.job, call.attempt = dial.promise.job, dial.promise.attempt

    def announce(self, call: Call, direction: Direction, out: Outcome) -> None:
        call.direction = direction
        out.facts.append(
            CallStarted(
                call=call.id,
                node=self.node,
                boot=call.boot,
                channel=call.channel,
                at=call.started_at,
                direction=direction,
                from_number=call.from_number,
                to_number=call.to_number,
                center=call.center,
                job=call.job,
                attempt=call.attempt,
                agent=call.placed_by,
                reason=call.reason,
            )
        )

    def new_state(self, party: events.Party, now: float, out: Outcome) -> None:
        self.new_channel(party, now, out).state = party.state

    def renamed(self, event: events.Renamed) -> None:
        channel = self.channels.get(event.uniqueid)
        if channel is not None:
            channel.name = event.new_name

    def wire_cut(self, half: str) -> None:
        """Its far half, whose own dial ends before, is the last."""
        if half.endswith(";2"):
            self._dialing_by.pop(wire_of(half), None)
            self.consultations.over(wire_of(half))

    def hung_up(self, event: events.Hangup, now: float, out: Outcome) -> None:
        channel = self.channels.get(event.party.uniqueid)
        if channel is None:
            return
        self.channels.remove(channel)
        call = self.calls[channel.call]
        call.channels.discard(channel.id)
        if not call.channels:
            self._end(call, event.cause, now, out)

    def _end(self, call: Call, cause: int, now: float, out: Outcome) -> None:
        del self.calls[call.id]
        result: CallResult | None = None
        if call.direction is None and (direction := self._rang_nowhere(call)) is not None:
            self.announce(call, direction, out)
            result = "failed"
        if call.direction is None:
            return
        out.facts.append(
            CallEnded(
                call=call.id,
                at=now,
                result=result or self._result(call, cause),
                cause=cause,
                ended_by=self._ended_by(call, now),
            )
        )

    def _rang_nowhere(self, call: Call) -> Direction | None:
        """Somebody called a phone of ours that is not there, or a number behind a trunk that is not, or one that may
        not be called: Asterisk makes no channel and tells of no dial."""
        if call.context != contexts.TERMINALS or call.reason:  # placed for an agent: only the agent's phone rang
            return None
        phones = self.index.terminals.values()
        if any(phone.extension == call.to_number and not phone.outside for phone in phones):
            return "internal"
        return "outbound" if self.index.directory.numbering.is_outside(call.to_number) else None

    def _ended_by(self, call: Call, now: float) -> EndedBy:
        if call.ended_by:
            return call.ended_by
        if call.answered and call.dial_status == "CANCEL":
            return "customer"  # handed over, and gone while it rang
        if not call.answered and call.left_queue_at is not None and now - call.left_queue_at < GAVE_UP_WITHIN:
            return "customer"
        gave_up = not call.answered and call.dial_status == "CANCEL" and call.placed_by is not None
        return "agent" if gave_up else "unknown"

    def _result(self, call: Call, cause: int) -> CallResult:
        if call.answered:
            return "answered"
        if call.direction == "inbound" and call.queued_at is None and cause == UNALLOCATED:
            return "failed"  # the dialplan knows no such number: nobody was there to be abandoned
        if call.promised:
            return "callback"
        if call.turned_away == "closed" and call.queued_at is None:
            return "closed"
        if call.direction == "inbound" or call.queued_at is not None or call.answered_at is not None:
            return "abandoned"
        return unanswered_result(call.dial_status, cause)

    def customer_answered(self, id: ChannelId, now: float) -> None:
        """A campaign's customer picked up: without an agent from here on it is an abandoned call."""
        call = self.call_of(id)
        if call is not None and call.answered_at is None:
            call.answered_at = now

    # -- dialing ---------------------------------------------------------------------------------------------------

    def dial_begun(self, event: events.DialBegin, now: float, out: Outcome) -> None:
        if event.caller is not None and not is_wire(event.caller.channel):
            self.new_channel(event.caller, now, out)
        caller = self._who_dials(event.caller)
        if is_wire(event.dest.channel):
            if caller is not None:
                self._dialing_by[wire_of(event.dest.channel)] = caller.id
            return
        dest = self.new_channel(event.dest, now, out)
        call = self.calls[caller.call] if caller is not None else self._consultation(event.caller)
        if event.caller is None or call is None:
            return
        self._move(dest, call, now, out)
        dest.dialed = True
        if caller is not None:
            caller.dialing = True
        if call.direction is None:
            outside = self.index.is_trunk(dest.endpoint)
            call.to_number = event.caller.exten or call.to_number
            self.announce(call, "outbound" if outside else "internal", out)
        agent = self.agent_at(dest.endpoint)
        if agent is not None:
            out.facts.append(CallEvent(call.id, now, "offered", call.center, agent))

    def _consultation(self, caller: events.Party | None) -> Call | None:
        """The call that a dial from the far end of a wire is, if an agent consults through it."""
        if caller is None or not is_wire(caller.channel):
            return None
        call = self.consultations.dialing(wire_of(caller.channel), self.boot)
        if call is not None and call.id not in self.calls and call.direction is None:
            by = self.channels.get(self.consultations.placed_by(call.id))
            call.placed_by = self.agent_at(by.endpoint) if by else None
            terminal = self.index.terminal_by_endpoint.get(by.endpoint) if by else None
            call.from_number = terminal.extension if terminal else call.from_number
            self.calls[call.id] = call
        return call

    def _who_dials(self, caller: events.Party | None) -> Channel | None:
        """The channel that waits for somebody, also at the near end of a wire; None for an Originate."""
        if caller is None:
            return None
        id = self._dialing_by.get(wire_of(caller.channel)) if is_wire(caller.channel) else caller.uniqueid
        return self.channels.get(id)

    def dial_ended(self, event: events.DialEnd, now: float, out: Outcome) -> None:
        call, caller = self.call_of(event.dest.uniqueid), self._who_dials(event.caller)
        if caller is not None and event.status != "ANSWER":
            caller.dialing = False  # answered, it is over when the two have met
        if call is None:
            return
        call.dial_status = event.status
        agent = self.agent_at(endpoint_of(event.dest.channel))
        dest = self.channels.get(event.dest.uniqueid)
        if dest is None or event.status == "ANSWER" or not dest.dialed or (agent is None and not call.answered):
            return
        dest.dialed = False  # app_queue tells the end of a leg twice
        out.facts.append(CallEvent(call.id, now, "not_taken", call.center, agent, event.status.lower()))

    def _move(self, channel: Channel, call: Call, now: float, out: Outcome) -> None:
        if channel.call == call.id:
            return
        old = self.calls[channel.call]
        old.channels.discard(channel.id)
        channel.call = call.id
        call.channels.add(channel.id)
        if not old.channels:
            self._end(old, 16, now, out)

    # -- bridges ---------------------------------------------------------------------------------------------------

    def entered(self, event: events.BridgeEnter, now: float, out: Outcome) -> None:
        """Two in a bridge hear one another; a holding bridge (BridgeWait) joins nobody."""
        channel = self.new_channel(event.party, now, out)
        if event.technology == "holding_bridge":
            return
        members = self.channels.join(channel, event.bridge)
        self.consultations.entered(channel, event.bridge, now)
        if len(members) < 2:
            self._consulted(channel, now, out)
            return
        for member in (self.channels.by_id[id] for id in members):
            member.dialing = member.dialed = member.consulted = False
        call = self.bridge_call(event.bridge)
        if call is not None:
            self.met(call, members, now, out)

    def _consulted(self, channel: Channel, now: float, out: Outcome) -> None:
        """Whom an agent consults through a wire has answered."""
        if channel.dialed and self.consultations.through(channel.call):
            channel.dialed, channel.consulted = False, True
            self.met(self.calls[channel.call], [channel.id], now, out)

    def met(self, call: Call, members: Iterable[ChannelId], now: float, out: Outcome) -> None:
        """People hear one another: the call is answered, or somebody else has it now."""
        partner = min((self.channels.by_id[member] for member in members), key=lambda one: self._rank(call, one))
        agent, terminal = self.agent_at(partner.endpoint), self.index.terminal_by_endpoint.get(partner.endpoint)
        number = terminal.extension if terminal else call.handed_to
        before = (call.agent, call.partner)
        call.ended_by, call.agent, call.partner = "", agent, number  # whoever left before only handed it over
        if call.answered:
            if agent != before[0] or (agent is None and number != before[1]):
                out.facts.append(CallEvent(call.id, now, "joined", call.center, agent, number))
            return
        since = call.queued_at if call.queued_at is not None else call.answered_at
        call.answered = True
        call.answered_at = call.answered_at if call.answered_at is not None else now
        out.facts.append(
            CallAnswered(
                call=call.id,
                at=now,
                agent=agent,
                terminal=terminal.id if terminal else None,
                waited=max(0.0, now - (since if since is not None else call.started_at)),
            )
        )

    def left(self, event: events.BridgeLeave) -> None:
        channel = self.channels.get(event.party.uniqueid)
        if channel is None or channel.bridge != event.bridge:
            return
        if channel.consulted:
            own = self.calls[channel.call]
            own.ended_by = "customer" if self._is_customer(own, channel) else "agent"
        call = self.bridge_call(event.bridge)
        first_of_two = len(self.channels.members(event.bridge)) == 2
        if call is not None and first_of_two and call.handed_over_by != channel.id:  # it ends what it did not hand over
            call.ended_by = "customer" if self._is_customer(call, channel) else "agent"
        self.channels.leave(channel)

    def _rank(self, call: Call, channel: Channel) -> tuple[bool, bool, bool, bool, str]:
        """Least for whom the other party talks with: not who was handed over; an agent before a phone of ours where
        nobody is signed in, before a stranger; who was called before who placed the call."""
        agent = self.agent_at(channel.endpoint)
        stranger = channel.endpoint not in self.index.terminal_by_endpoint
        placed = channel.id == call.channel or (agent is not None and agent == call.placed_by)
        return channel.id == call.handed_over, agent is None, stranger, placed, channel.endpoint

    def _is_customer(self, call: Call, channel: Channel) -> bool:
        if channel.endpoint in self.index.terminal_by_endpoint:
            return False
        return channel.id == call.channel or call.direction not in ("inbound", "campaign")

    # -- the story -------------------------------------------------------------------------------------------------

    def queued(self, event: events.QueueCallerJoin, now: float, out: Outcome) -> None:
        channel = self.new_channel(event.party, now, out)
        call, center = self.calls[channel.call], self.index.center_by_queue.get(event.queue)
        call.queued_at, call.left_queue_at = now, None
        call.center = center.id if center else None
        if call.direction is None:
            self.announce(call, "inbound" if self.index.is_trunk(channel.endpoint) else "internal", out)
        out.facts.append(CallEvent(call.id, now, "queued", call.center, detail=str(event.position)))

    def left_queue(self, party: events.Party, now: float, out: Outcome) -> None:
        call = self.call_of(party.uniqueid)
        if call is not None:
            call.left_queue_at = now
            out.facts.append(CallEvent(call.id, now, "left_queue", call.center))

    def turned_away(self, party: events.Party, why: str, then: str, now: float, out: Outcome) -> None:
        """A center does not take the caller; what follows is the dialplan's."""
        call = self._announced(party)
        if call is not None:
            call.turned_away = why
            out.facts.append(CallEvent(call.id, now, "turned_away", call.center, detail=why))
            if then == "callback":
                out.facts.append(CallEvent(call.id, now, "callback_offered", call.center))

    def asked_for_callback(self, party: events.Party, now: float, out: Outcome) -> None:
        if (call := self._announced(party)) is not None:
            call.promised = True
            out.facts.append(CallEvent(call.id, now, "callback_asked", call.center))

    def leaves_message(self, party: events.Party, now: float, out: Outcome) -> None:
        if (call := self._announced(party)) is not None:
            call.promised = True
            out.facts.append(CallEvent(call.id, now, "message_left", call.center))

    def _announced(self, party: events.Party) -> Call | None:
        call = self.call_of(party.uniqueid)
        return call if call is not None and call.direction is not None else None

    def held(self, party: events.Party, on: bool, now: float, out: Outcome) -> None:
        channel = self.channels.get(party.uniqueid)
        if channel is None or channel.held == on:
            return  # a transferring phone says «resumed» of what it never held
        channel.held = on
        call = self.bridge_call(channel.bridge) or self._announced(party)  # by code: on the way from bridge to bridge
        if call is not None:
            agent = self.agent_at(channel.endpoint)
            out.facts.append(CallEvent(call.id, now, "held" if on else "resumed", call.center, agent))

    def _held_no_more(self, call: Call, party: events.Party, now: float, out: Outcome) -> None:
        """Who held the other party has handed them over, and may be gone."""
        if party.uniqueid in self.channels.by_id:
            self.held(party, False, now, out)
        else:
            out.facts.append(CallEvent(call.id, now, "resumed", call.center, self.agent_at(endpoint_of(party.channel))))

    def recording(self, party: events.Party, now: float, out: Outcome) -> None:
        """MixMonitor began on a channel: our dialplan names the file by the channel's uniqueid."""
        call = self.call_of(party.uniqueid)
        if call is not None and call.direction is not None:
            call.recorder = party.uniqueid
            out.facts.append(CallRecorded(call.id, now, f"{party.uniqueid}.raw"))

    def blindly_transferred(self, event: events.BlindTransfer, now: float, out: Outcome) -> None:
        channel = self.channels.get(event.transferer.uniqueid)
        call = self.bridge_call(channel.bridge) if channel else None
        call = call or self.call_of(event.transferer.uniqueid)
        if call is not None and call.direction is not None and event.result == "Success":
            if call.handed_over_by == event.transferer.uniqueid:
                return
            call.handed_over_by, call.handed_to, call.dial_status = event.transferer.uniqueid, event.exten, ""
            call.handed_over = event.transferee.uniqueid if event.transferee else None
            agent = self.agent_at(endpoint_of(event.transferer.channel))
            out.facts.append(CallTransferred(call.id, now, "blind", event.exten, agent))

    def attendedly_transferred(self, event: events.AttendedTransfer, now: float, out: Outcome) -> None:
        """The consultation becomes part of the first call; as a call of its own it ends here.

        Onto a phone that still rings nobody was consulted, and until it is answered nobody has the customer: blind.
        """
        if event.result != "Success":
            return
        first, second = self.call_of(event.original.uniqueid), self.call_of(event.second.uniqueid)
        if by_code := event.original.uniqueid == event.second.uniqueid:
            second = self.consultations.of(event.original.uniqueid)
            if first is None and event.transferee is not None:  # on a busy machine the hang-up is told before
                first = self.call_of(event.transferee.uniqueid)
        if first is None or second is None or first is second or second.id not in self.calls:
            return
        if by_code:
            self._held_no_more(first, event.original, now, out)
        kind: Literal["attended", "blind"] = "attended" if second.answered else "blind"
        if _RANK[second.direction] < _RANK[first.direction]:
            first, second = second, first
        agent = self.agent_at(endpoint_of(event.original.channel))
        out.facts.append(CallTransferred(first.id, now, kind, second.to_number, agent))
        second.ended_by = second.ended_by or "agent"  # who consulted has left it
        talking = [id for id in second.channels if self.channels.by_id[id].consulted]
        for id in tuple(second.channels):
            self._move(self.channels.by_id[id], first, now, out)
        if talking:
            self.met(first, talking, now, out)
