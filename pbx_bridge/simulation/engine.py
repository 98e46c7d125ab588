"""The discrete-event simulation: dials, answers, agents, one heap of what happens next."""

import heapq
import struct
import time
from hashlib import sha256
from typing import Protocol

import msgspec

from pbx_bridge.core.pacing import (
    AgentView,
    Connected,
    Decision,
    DialOutcome,
    DialResolved,
    DialView,
    Dropped,
    Event,
    LeadView,
    Snapshot,
    TalkEnded,
    WaitingView,
    WrapUpEnded,
)
from pbx_bridge.simulation.callees import Callees
from pbx_bridge.simulation.chance import draw, log_normal, normals, uniforms
from pbx_bridge.simulation.leads import LeadCallees
from pbx_bridge.simulation.world import World

EVENT_DRIVEN_BELOW = 40
"""Agents below which every freed agent and every resolved dial asks the pacer, and it says itself when to ask again
should nothing happen; from here on a clock asks."""
TICK = 1.0

_RESOLVE, _DROP, _TALK, _WRAP, _LEAVE, _TICK, _CHANGE, _AGAIN = range(8)
_RECORD = struct.Struct("<Bdq")


class Dialer(Protocol):
    """What the simulation drives: the pacer itself, or a competitor behind the same face."""

    def observe(self, event: Event) -> None: ...

    def decide(self, snapshot: Snapshot, now: float) -> Decision: ...


class Outcome(msgspec.Struct, frozen=True):
    """What one shift came to. log_hash: the same seed, world and policy give the same."""

    talk_seconds: float
    staffed_seconds: float
    answers: int
    drops: int
    dials: int
    trimmed: int
    decisions: int
    decide_seconds: float
    slowest_decide: float
    log_hash: str
    mean_dialed_probability: float
    mean_list_probability: float
    wait_weak: float
    wait_strong: float

    @property
    def occupancy(self) -> float:
        """Talk ÷ staffed."""
        return self.talk_seconds / self.staffed_seconds if self.staffed_seconds else 0.0

    @property
    def drop_share(self) -> float:
        """Drops ÷ answered."""
        return self.drops / self.answers if self.answers else 0.0


class Simulation:
    """One shift of one world under one dialer."""

    def __init__(self, world: World, dialer: Dialer, seed: int) -> None:
        self._world = world
        self._dialer = dialer
        self._heap: list[tuple[float, int, int, int]] = []
        self._sequence = 0
        self._callees = Callees(world, seed) if world.leads is None else LeadCallees(world, world.leads, seed)
        self._talk_normals, self._talk_uniforms = normals(seed, 11), uniforms(seed, 12)
        self._wrap_normals = normals(seed, 13)
        self._agents: dict[int, AgentView] = {}
        self._idle: dict[int, None] = {}  # longest idle first
        self._leaving: set[int] = set()
        self._signed_in: dict[int, float] = {}
        self._dials: dict[int, DialView] = {}
        self._fate: dict[int, DialOutcome] = {}
        self._waiting: dict[int, WaitingView] = {}
        self._hash = sha256()
        self.now = 0.0
        self.talk_seconds = self.staffed_seconds = 0.0
        self.answers = self.drops = self.dialed = self.trimmed = self.decisions = 0
        self.decide_seconds = self.slowest = 0.0

    def hopper(self) -> list[LeadView]:
        """The leads that are next, as the dialer is shown them."""
        return self._callees.hopper(self.now)

    def run(self) -> Outcome:
        """Play the whole shift."""
        world = self._world
        for agent in range(world.agents):
            self._agents[agent] = AgentView("idle", 0.0)
            self._idle[agent] = None
            self._signed_in[agent] = 0.0
        for index, leave in enumerate(world.leaves):
            self._schedule(leave.at, _LEAVE, index)
        for change in world.changes:
            self._schedule(change.at, _CHANGE, 0)
        self._event_driven = world.agents < EVENT_DRIVEN_BELOW
        self._ask()
        if not self._event_driven:
            self._schedule(TICK, _TICK, 0)
        end = world.seconds
        heap = self._heap
        while heap and heap[0][0] < end:
            self.now, _, kind, subject = heapq.heappop(heap)
            self._happen(kind, subject)
        return self._close(end)

    def _happen(self, kind: int, subject: int) -> None:
        if kind == _RESOLVE:
            if subject in self._dials:
                self._resolve(subject, self._fate[subject])
                if self._event_driven:
                    self._ask()
        elif kind == _TALK:
            self._talk_over(subject)
        elif kind == _WRAP:
            self._wrap_over(subject)
        elif kind == _DROP:
            if self._waiting.pop(subject, None) is not None:
                self.drops += 1
                self._tell(4, subject, Dropped(subject, self.now))
        elif kind == _TICK:
            self._ask()
            self._schedule(self.now + TICK, _TICK, 0)
        elif kind == _LEAVE:
            self._leave(subject)
        elif kind == _CHANGE:
            self._callees.change(self.now)
        elif kind == _AGAIN and subject == self.decisions:
            self._ask()

    def _schedule(self, at: float, kind: int, subject: int) -> None:
        self._sequence += 1
        heapq.heappush(self._heap, (at, self._sequence, kind, subject))

    def _tell(self, code: int, subject: int, event: Event) -> None:
        self._hash.update(_RECORD.pack(code, self.now, subject))
        self._dialer.observe(event)

    def _ask(self) -> None:
        now = self.now
        counts = (self.answers, self.drops)
        snapshot = Snapshot(
            agents=list(self._agents.values()),
            dials=list(self._dials.values()),
            waiting=list(self._waiting.values()),
            ledger=(counts, counts),
            hopper=self._callees.hopper(now),
            shift_ends_at=self._shift_ends_at(),
        )
        began = time.perf_counter()
        decision = self._dialer.decide(snapshot, now)
        took = time.perf_counter() - began
        self.decisions += 1
        self.decide_seconds += took
        self.slowest = max(self.slowest, took)
        for dial in decision.hang_up:
            if isinstance(dial, int) and dial in self._dials:
                self.trimmed += 1
                self._resolve(dial, "trimmed")
        for place in range(decision.dials):
            self._dial(decision.leads[place] if place < len(decision.leads) else None)
        if self._event_driven and decision.ask_again_at is not None:
            self._schedule(max(now, decision.ask_again_at), _AGAIN, self.decisions)

    def _dial(self, lead: object) -> None:
        dial = self.dialed
        self.dialed += 1
        believed, outcome, after = self._callees.dial(dial, lead, self.now)
        self._dials[dial] = DialView(dial, self.now, believed)
        self._fate[dial] = outcome
        self._hash.update(_RECORD.pack(1, self.now, dial))
        self._schedule(self.now + after, _RESOLVE, dial)

    def _resolve(self, dial: int, outcome: DialOutcome) -> None:
        view = self._dials.pop(dial)
        del self._fate[dial]
        self._callees.resolved(dial, outcome, self.now)
        self._tell(2, dial, DialResolved(dial, outcome, view.placed_at, self.now))
        if outcome != "answered":
            return
        self.answers += 1
        if self._idle:
            self._connect(next(iter(self._idle)), dial, self.now)
        else:
            self._waiting[dial] = WaitingView(dial, self.now)
            self._schedule(self.now + self._world.grace, _DROP, dial)

    def _connect(self, agent: int, dial: int, answered_at: float) -> None:
        self._idle.pop(agent, None)
        talk = draw(self._world.talk_at(self.now), self._talk_normals, self._talk_uniforms)
        self._agents[agent] = AgentView("talking", self.now, agent in self._leaving)
        self._tell(3, dial, Connected(dial, answered_at, self.now))
        self._schedule(self.now + talk, _TALK, agent)

    def _talk_over(self, agent: int) -> None:
        seconds = self.now - self._agents[agent].since
        self.talk_seconds += seconds
        wrap_up = log_normal(self._world.wrap_up.mean, self._world.wrap_up.cv, next(self._wrap_normals))
        self._agents[agent] = AgentView("wrap_up", self.now, agent in self._leaving)
        self._tell(5, agent, TalkEnded(seconds, self.now))
        self._schedule(self.now + wrap_up, _WRAP, agent)

    def _wrap_over(self, agent: int) -> None:
        seconds = self.now - self._agents[agent].since
        self._tell(6, agent, WrapUpEnded(seconds, self.now))
        if agent in self._leaving:
            self._gone(agent)
        elif self._waiting:
            dial, view = next(iter(self._waiting.items()))
            del self._waiting[dial]
            self._connect(agent, dial, view.answered_at)
        else:
            self._agents[agent] = AgentView("idle", self.now)
            self._idle[agent] = None
        if self._event_driven:
            self._ask()

    def _leave(self, index: int) -> None:
        staying = [agent for agent in self._agents if agent not in self._leaving]
        count = min(len(staying), round(self._world.leaves[index].share * self._world.agents))
        for agent in staying[:count]:
            self._leaving.add(agent)
            view = self._agents[agent]
            if view.state == "idle":
                self._idle.pop(agent)
                self._gone(agent)
            else:
                self._agents[agent] = AgentView(view.state, view.since, True)
        if self._event_driven:
            self._ask()

    def _gone(self, agent: int) -> None:
        del self._agents[agent]
        self.staffed_seconds += self.now - self._signed_in.pop(agent)

    def _shift_ends_at(self) -> float:
        announced = [leave.at for leave in self._world.leaves if leave.announced and leave.at > self.now]
        return min(announced, default=self._world.seconds)

    def _close(self, end: float) -> Outcome:
        for view in self._agents.values():
            if view.state == "talking":
                self.talk_seconds += end - view.since
        self.staffed_seconds += sum(end - since for since in self._signed_in.values())
        return Outcome(
            talk_seconds=self.talk_seconds,
            staffed_seconds=self.staffed_seconds,
            answers=self.answers,
            drops=self.drops + len(self._waiting),
            dials=self.dialed,
            trimmed=self.trimmed,
            decisions=self.decisions,
            decide_seconds=self.decide_seconds,
            slowest_decide=self.slowest,
            log_hash=self._hash.hexdigest(),
            **self._callees.figures(),
        )
