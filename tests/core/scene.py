"""A switchboard on a stage: events written by hand, for the rules alone. Recorded streams have tests of their own."""

from itertools import count
from typing import TypeVar

from pbx_bridge.core import contexts, events
from pbx_bridge.core.actions import Action, Join, Originate
from pbx_bridge.core.commands import Command, Lead, LeadsClaimed
from pbx_bridge.core.directory import Agent, Center, Directory, Job, Membership, Mode, Rule, Terminal, Window
from pbx_bridge.core.events import Event, Party
from pbx_bridge.core.facts import Fact
from pbx_bridge.core.ids import (
    AgentId,
    BootId,
    BridgeId,
    CampaignId,
    CenterId,
    ChannelId,
    JobId,
    LeadId,
    NodeId,
    TerminalId,
)
from pbx_bridge.core.outcome import Outcome
from pbx_bridge.core.recovery import Recovery
from pbx_bridge.core.switchboard import Switchboard

T = TypeVar("T")

ALWAYS = Window(holidays=True, opens=Window().opens.replace(hour=0), closes=Window().closes.replace(hour=23, minute=59))
JOB, CENTER = JobId(1), CenterId(1)


def directory(agents: int = 2, mode: Mode = "progressive", rule: Rule | None = None) -> Directory:
    """Agents 1…n at terminals 1001…, all in center 7001 and in job 1."""
    ids = [AgentId(number) for number in range(1, agents + 1)]
    return Directory(
        terminals=tuple(Terminal(TerminalId(id), f"{1000 + id}", f"{1000 + id}") for id in ids),
        agents=tuple(Agent(id, f"agent{id}@example.test", f"Agent {id}") for id in ids),
        centers=(Center(CENTER, "Support", "7001", "0311110000", tuple(Membership(id) for id in ids)),),
        jobs=(Job(JOB, CampaignId(1), "Autumn", mode, rule or Rule(window=ALWAYS), tuple(ids), "0355550000", "Shop"),),
    )


class Scene:
    """Keeps the time, the facts and the actions of a switchboard."""

    def __init__(self, directory: Directory, recovery: Recovery | None = None, *, seeded: bool = True) -> None:
        self.board = Switchboard(NodeId("main"), directory, recovery)
        self.now = 1_800_000_000.0
        self.facts: list[Fact] = []
        self.actions: list[Action] = []
        self.claims = 0
        self._numbers = count(1)
        if seeded:
            self.hear(events.Seed(BootId("boot"), (), (), (), (), ()))

    def _note(self, out: Outcome) -> Outcome:
        self.facts += out.facts
        self.actions += out.actions
        self.claims += len(out.claims)
        return out

    def hear(self, *heard: Event) -> None:
        for event in heard:
            self._note(self.board.apply(event, self.now))

    def want(self, command: Command) -> Outcome:
        return self._note(self.board.decide(command, self.now))

    def wait(self, seconds: float) -> None:
        """Time passes, tick by tick."""
        for _ in range(round(seconds / 0.1)):
            self.now += 0.1
            self._note(self.board.tick(self.now))

    def told(self, kind: type[T]) -> list[T]:
        """All facts of a kind so far."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def asked(self, kind: type[T]) -> list[T]:
        """All actions of a kind so far."""
        return [action for action in self.actions if isinstance(action, kind)]

    # -- who is on the line ----------------------------------------------------------------------------------------

    def party(
        self, endpoint: str, context: str, exten: str = "s", *, of: Party | None = None, number: str = "", id: str = ""
    ) -> Party:
        """A new channel's description; `of` is the channel it was made for."""
        uniqueid = ChannelId(id or f"{1_800_000_000}.{next(self._numbers)}")
        return Party(
            uniqueid=uniqueid,
            channel=f"PJSIP/{endpoint}-{next(self._numbers):08x}",
            linkedid=of.linkedid if of else uniqueid,
            state="Down",
            caller_number=number,
            caller_name="",
            connected_number="",
            context=context,
            exten=exten,
        )

    def bridge(self, name: str, *parties: Party, technology: str = "simple_bridge") -> None:
        for party in parties:
            self.hear(events.BridgeEnter(BridgeId(name), technology, party))

    def hang_up(self, party: Party, bridge: str = "", cause: int = 16) -> None:
        if bridge:
            self.hear(events.BridgeLeave(BridgeId(bridge), party))
        self.hear(events.Hangup(party, cause))

    def rings(self, caller: Party, endpoint: str) -> Party:
        """The caller's call rings at an endpoint."""
        dest = self.party(endpoint, contexts.TERMINALS, of=caller)
        self.hear(events.NewChannel(dest), events.DialBegin(caller, dest, endpoint))
        self.hear(events.NewState(in_state(dest, "Ringing")))
        return in_state(dest, "Ringing")

    def give_leads(self, count: int) -> None:
        leads = tuple(Lead(LeadId(i), f"+8150000000{i:02}", "Asia/Tokyo") for i in range(1, count + 1))
        self.want(LeadsClaimed(JOB, leads))

    # -- campaigns -------------------------------------------------------------------------------------------------

    def customer(self, originate: Originate) -> Party:
        """The channel of an Originate appears."""
        party = self.party(originate.channel.partition("@")[2], contexts.ATTEMPT, id=originate.channel_id)
        self.hear(events.NewChannel(party))
        return party

    def answers(self, customer: Party) -> Party:
        up = in_state(customer, "Up")
        self.hear(events.NewState(up), events.UserEvent(contexts.ATTEMPT_ANSWERED, up, {}))
        return up

    def joined(self, line: Party, customer: Party, bridge: str = "b") -> Join:
        """Asterisk does what the last Join asked."""
        join = self.asked(Join)[-1]
        assert (join.line, join.customer) == (line.channel, customer.channel)
        self.bridge(bridge, line, customer)
        return join


def in_state(party: Party, state: str) -> Party:
    return Party(
        party.uniqueid,
        party.channel,
        party.linkedid,
        state,
        party.caller_number,
        party.caller_name,
        party.connected_number,
        party.context,
        party.exten,
    )
