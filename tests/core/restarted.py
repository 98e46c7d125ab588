"""The bridge is killed in the middle of a stream and started again: what the database knew, what Asterisk still has."""

import msgspec

from pbx_bridge.core import events, facts
from pbx_bridge.core.events import BridgeMembers, Event, Party, QueueEntry, Seed
from pbx_bridge.core.facts import Fact
from pbx_bridge.core.ids import AgentId, AttemptId, BridgeId, CallId, ChannelId, JobId
from pbx_bridge.core.recovery import JobMemory, OpenAttempt, OpenCall, Recovery, SignedInAgent


class Living:
    """What CoreShowChannels, BridgeList and QueueStatus would say after some events."""

    def __init__(self) -> None:
        self.channels: dict[ChannelId, Party] = {}
        self.bridges: dict[BridgeId, list[ChannelId]] = {}
        self.entries: dict[ChannelId, QueueEntry] = {}

    def hear(self, event: Event) -> None:
        match event:
            case events.Seed():
                self._seed(event)
            case events.Hangup(party):
                self.channels.pop(party.uniqueid, None)
                self.entries.pop(party.uniqueid, None)
            case events.BridgeEnter(bridge, technology, party):
                self._is(party)
                if technology != "holding_bridge":
                    self.bridges.setdefault(bridge, []).append(party.uniqueid)
            case events.BridgeLeave(bridge, party):
                if party.uniqueid in self.bridges.get(bridge, ()):
                    self.bridges[bridge].remove(party.uniqueid)
            case events.QueueCallerJoin(party, queue, position):
                self.entries[party.uniqueid] = QueueEntry(queue, party.uniqueid, party.channel, position, 0)
            case events.QueueCallerLeave(party):
                self.entries.pop(party.uniqueid, None)
            case events.Renamed(uniqueid, name):
                if uniqueid in self.channels:
                    self.channels[uniqueid] = msgspec.structs.replace(self.channels[uniqueid], channel=name)
            case events.DialBegin(dest=dest):
                self._is(dest)
            case events.NewChannel(party) | events.NewState(party) | events.NewCallerId(party):
                self._is(party)
            case events.UserEvent(party=Party() as party):
                self._is(party)
            case _:
                pass

    def _is(self, party: Party) -> None:
        self.channels[party.uniqueid] = party

    def _seed(self, seed: Seed) -> None:
        self.channels = {party.uniqueid: party for party in seed.channels}
        self.bridges = {item.bridge: list(item.channels) for item in seed.bridges}
        self.entries = {entry.uniqueid: entry for entry in seed.entries}

    def seed(self, first: Seed) -> Seed:
        """As read now; what does not change within a stream is as in its `first` seed."""
        return Seed(
            boot=first.boot,
            channels=tuple(self.channels.values()),
            bridges=tuple(BridgeMembers(id, tuple(inside)) for id, inside in self.bridges.items() if inside),
            members=first.members,
            entries=tuple(self.entries.values()),
            contacts=first.contacts,
        )


class Written:
    """What the database would believe after some facts."""

    def __init__(self, start: Recovery) -> None:
        self.agents: dict[AgentId, SignedInAgent] = {row.agent: row for row in start.agents}
        self.calls: dict[CallId, OpenCall] = {}
        self.attempts: dict[AttemptId, OpenAttempt] = {}
        self.running: dict[JobId, bool] = {}

    def take(self, fact: Fact) -> None:
        replace = msgspec.structs.replace
        match fact:
            case facts.AgentChanged():
                if fact.terminal is not None:
                    self.agents[fact.agent] = SignedInAgent(
                        agent=fact.agent,
                        terminal=fact.terminal,
                        status=fact.status,
                        since=fact.at,
                        wrap_up_until=fact.until,
                        job=fact.job,
                        condition=fact.condition,
                        reason=fact.reason,
                        call=fact.call,
                        pending=fact.pending,
                    )
            case facts.CallStarted():
                self.calls[fact.call] = OpenCall(
                    call=fact.call,
                    boot=fact.boot,
                    channel=fact.channel,
                    direction=fact.direction,
                    started_at=fact.at,
                    answered=False,
                    center=fact.center,
                    job=fact.job,
                    attempt=fact.attempt,
                    agent=fact.agent,
                    from_number=fact.from_number,
                    to_number=fact.to_number,
                )
            case facts.CallEvent(call=call, kind="joined", agent=agent, detail=number) if call in self.calls:
                self.calls[call] = replace(self.calls[call], talks_with=agent, partner=number)
            case facts.CallEvent(call=call, kind="queued", at=at, center=center) if call in self.calls:
                self.calls[call] = replace(self.calls[call], center=center, state="waiting", state_since=at)
            case facts.CallEvent(call=call, kind="left_queue") if call in self.calls:
                self.calls[call] = replace(self.calls[call], state="ringing")
            case facts.CallEvent(call=call, kind="held" | "resumed" as kind) if call in self.calls:
                self.calls[call] = replace(self.calls[call], state="held" if kind == "held" else "talking")
            case facts.CallEvent(call=call, center=center) if call in self.calls and center is not None:
                self.calls[call] = replace(self.calls[call], center=center)
            case facts.CallAnswered(call=call, agent=agent, at=at):
                row = replace(self.calls[call], answered=True, agent=agent, talks_with=agent)
                self.calls[call] = replace(row, state="talking", state_since=at)
            case facts.CallEnded(call=call):
                self.calls.pop(call, None)
            case facts.AttemptPlaced():
                self.attempts[fact.attempt] = OpenAttempt(
                    fact.attempt, fact.job, fact.lead, fact.number, fact.ordinal, fact.at, None
                )
            case facts.AttemptAnswered(attempt, at):
                self.attempts[attempt] = replace(self.attempts[attempt], answered_at=at)
            case facts.AttemptConnected(attempt, at, agent):
                self.attempts[attempt] = replace(self.attempts[attempt], connected_at=at, agent=agent)
            case facts.AttemptEnded(attempt):
                self.attempts.pop(attempt, None)
            case facts.JobStarted(job) | facts.JobStopped(job):
                self.running[job] = isinstance(fact, facts.JobStarted)
            case _:
                pass

    def recovery(self) -> Recovery:
        return Recovery(
            agents=tuple(self.agents.values()),
            calls=tuple(self.calls.values()),
            attempts=tuple(self.attempts.values()),
            jobs=tuple(JobMemory(job, running, (), None) for job, running in self.running.items()),
        )
