"""Ours and what others do, all behind the pacer's face.

The competitors are written from published behaviour: WombatDialer's boost factor (also under OMniLeads), VICIdial's
adaptive dial level, and expected-free dialing after the expired US5640445.
"""

import math
from collections.abc import Callable
from typing import Literal

import numpy as np

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.pacing import (
    Connected,
    Decision,
    DialResolved,
    Dropped,
    Event,
    Limit,
    Pacer,
    Policy,
    Snapshot,
    TalkEnded,
    WrapUpEnded,
)
from pbx_bridge.core.pacing.frees import FreeLaws
from pbx_bridge.simulation.engine import Dialer
from pbx_bridge.simulation.world import World

DEFAULT = ("predictive", "predictive-no-trim", "progressive", "vicidial", "expected-free")

MEANINGS = {
    "predictive": "ours: the pacer as campaigns run it",
    "predictive-no-trim": "ours, never hanging up a ringing call",
    "progressive": "one dial an idle agent",
    "static:F": "F dials an idle agent, for instance static:1.5 (WombatDialer's boost, OMniLeads)",
    "vicidial": "VICIdial's adaptive level at its defaults; vicidial:M never above level M",
    "expected-free": "dials for the agents expected free within a horizon that drops steer (US5640445, expired)",
}


def make_dialer(name: str, world: World) -> Dialer:
    """The policy of this name for a world. Raises Misconfigured for an unknown one."""
    kind, _, parameter = name.partition(":")
    makers: dict[str, Callable[[World, float | None], Dialer]] = {
        "predictive": lambda world, _: Pacer(_policy(world, "predictive", trim=True)),
        "predictive-no-trim": lambda world, _: Pacer(_policy(world, "predictive", trim=False)),
        "progressive": lambda world, _: Pacer(_policy(world, "progressive")),
        "static": lambda world, factor: Pacer(_policy(world, "multiplier", multiplier=factor or 1.5)),
        "vicidial": lambda world, most: Vicidial(world.cap, most or 3.0),
        "expected-free": lambda world, _: ExpectedFree(world.cap, world.prior_answer_probability),
    }
    if kind not in makers:
        raise Misconfigured(f"unknown policy {name!r}; known: {', '.join(MEANINGS)}")
    return makers[kind](world, _number(name, parameter))


def _number(name: str, parameter: str) -> float | None:
    if not parameter:
        return None
    try:
        value = float(parameter)
    except ValueError:
        value = math.nan
    if not 1.0 <= value <= 20.0:
        raise Misconfigured(f"policy {name!r}: the number after the colon must be 1 to 20")
    return value


def _policy(
    world: World,
    mode: Literal["progressive", "predictive", "multiplier"],
    *,
    trim: bool = True,
    multiplier: float = 1.0,
) -> Policy:
    return Policy(
        mode=mode,
        cap=world.cap,
        grace=world.grace,
        ring_timeout=world.ring_timeout,
        trim=trim,
        multiplier=multiplier,
        prior_answer_probability=world.prior_answer_probability,
    )


class Vicidial:
    """ADAPT_AVERAGE as documented: every 15 s the dial level grows by the share of agents who are ready, within 1 and
    a maximum, and returns to 1 while the drops since midnight are over the limit. Lines = level × all agents."""

    PERIOD = 15.0

    def __init__(self, cap: float, most: float) -> None:
        self._cap, self._most = cap, most
        self._level = 1.0
        self._next = self.PERIOD

    def observe(self, event: Event) -> None:
        """Nothing is learned: the drops come from the ledger."""

    def decide(self, snapshot: Snapshot, now: float) -> Decision:
        """Lines up to the level."""
        agents = len(snapshot.agents)
        ready = sum(agent.state == "idle" for agent in snapshot.agents)
        if now >= self._next and agents:
            self._next = now + self.PERIOD
            answers, drops = snapshot.ledger[0] if snapshot.ledger else (0, 0)
            self._level = min(self._most, self._level * (1.0 + ready / agents))
            if drops > self._cap * answers:
                self._level = 1.0
        talking = sum(agent.state == "talking" for agent in snapshot.agents)
        busy = talking + len(snapshot.dials) + len(snapshot.waiting)
        return _number_of(math.floor(self._level * agents + 1e-9) - busy, {"level": self._level})


class ExpectedFree:
    """Dials = (idle + Σ P(free within w | time on call)) ÷ answer probability - ringing; w follows the drops."""

    PERIOD = 60.0
    LEVELS = 8

    def __init__(self, cap: float, prior: float) -> None:
        self._cap = cap
        self._answered, self._resolved = 10.0 * prior, 10.0
        self._frees = FreeLaws()
        self._horizons = np.linspace(1.0, 25.0, self.LEVELS)
        self._horizon = 0
        self._next = self.PERIOD

    def observe(self, event: Event) -> None:
        """Answer probability, talk and wrap-up."""
        match event:
            case DialResolved():
                self._answered += event.outcome == "answered"
                self._resolved += 1.0
            case TalkEnded():
                self._frees.talk_ended(event.seconds)
            case WrapUpEnded():
                self._frees.wrap_ended(event.seconds)
            case Connected() | Dropped():
                pass

    def decide(self, snapshot: Snapshot, now: float) -> Decision:
        """Dials for those who will be free."""
        idle = sum(agent.state == "idle" and not agent.leaving for agent in snapshot.agents)
        talking = self._ages(snapshot, now, "talking")
        wrapping = self._ages(snapshot, now, "wrap_up")
        if now >= self._next:
            self._next = now + self.PERIOD
            self._frees.refresh(talking, wrapping, self._horizons)
            answers, drops = snapshot.ledger[0] if snapshot.ledger else (0, 0)
            step = 1 if drops <= self._cap * answers - 1.0 else -1
            self._horizon = min(self.LEVELS - 1, max(0, self._horizon + step))
        free = float(self._frees.free_within(talking, wrapping)[:, self._horizon].sum())
        if not self._horizon:
            free = 0.0
        wanted = (idle + free - len(snapshot.waiting)) * self._resolved / self._answered
        if not self._horizon:
            wanted = idle - len(snapshot.waiting)
        explain = {"horizon": float(self._horizons[self._horizon])}
        return _number_of(math.floor(wanted) - len(snapshot.dials), explain)

    def _ages(self, snapshot: Snapshot, now: float, state: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        since = [agent.since for agent in snapshot.agents if agent.state == state and not agent.leaving]
        return np.maximum(now - np.array(since, dtype=np.float64), 0.0)


def _number_of(dials: int, explain: dict[str, float]) -> Decision:
    limit: Limit = "agents"
    return Decision(max(0, dials), (), (), limit, explain)
