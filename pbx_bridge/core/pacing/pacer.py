"""The pacer: told what happened, shown the campaign, answers how many numbers to dial now."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import assert_never

import numpy as np

from pbx_bridge.core.pacing.answers import RingLaws
from pbx_bridge.core.pacing.calibration import Calibration
from pbx_bridge.core.pacing.checks import check_policy, finite
from pbx_bridge.core.pacing.control import Control
from pbx_bridge.core.pacing.frees import FreeLaws
from pbx_bridge.core.pacing.hazards import Floats
from pbx_bridge.core.pacing.ledger import DropLedger
from pbx_bridge.core.pacing.limits import CallRate, Wish, cut
from pbx_bridge.core.pacing.records import (
    Connected,
    Decision,
    DialResolved,
    DialView,
    Dropped,
    Event,
    Limit,
    Policy,
    Snapshot,
    TalkEnded,
    WrapUpEnded,
)
from pbx_bridge.core.pacing.risk import Claims
from pbx_bridge.core.pacing.saved import PacerState, pack, unpack

COLD_DIALS, COLD_ANSWERS, COLD_SECONDS = 30, 10, 5.0
"""Dials resolved, dials answered, and seconds beyond one ring time-out before anything is forecast."""
REFRESH = 10.0
"""Seconds between two workings-out of the tables of hazards."""
TRIM_ABOVE = 3.0
"""Old calls are hung up when the young ones alone are this many times the risk allowed."""
MOST_AT_ONCE = 200
"""Dials in one decision beyond the agents who are free: nobody needs more, and a fault must not dial a city."""

_RATE_MEMORY = 1800.0


class Pacer:
    """The dialing engine of one campaign: pure, deterministic, seconds of one monotonic clock.

    `observe` what happens, in order; `decide` as often as something changed. A time that goes back is read as no time
    having passed; a NaN or infinite one raises BadPacingInput and changes nothing.
    """

    def __init__(self, policy: Policy) -> None:
        check_policy(policy)
        self.policy = policy
        trim_after = policy.minimum_ring if policy.trim else None
        self._rings = RingLaws(policy.ring_timeout, policy.prior_answer_probability, trim_after)
        self._frees = FreeLaws()
        self._control = Control(policy.cap)
        self._ledger = DropLedger(policy.windows)
        self._answer_check = Calibration()
        self._free_check = Calibration()
        self._call_rate = CallRate()
        self._began: float | None = None
        self._refreshed_at = -math.inf
        self._now = -math.inf
        self._answers_weighed = 0.0
        self._answers_weighed_at = 0.0

    def observe(self, event: Event) -> None:
        """Learn from one thing that happened. Raises BadPacingInput for a time that is no number."""
        at = finite(event.at, "at")
        match event:
            case DialResolved():
                self._resolved(event, finite(event.placed_at, "placed_at"))
            case Connected():
                self._control.connected()
            case Dropped():
                self._control.dropped()
                self._ledger.dropped(at)
            case TalkEnded():
                self._frees.talk_ended(max(0.0, finite(event.seconds, "seconds")))
            case WrapUpEnded():
                seconds = max(0.0, finite(event.seconds, "seconds"))
                self._frees.wrap_ended(seconds)
                self._free_check.happened(at - seconds, at)
            case _:
                assert_never(event)

    def decide(self, snapshot: Snapshot, now: float) -> Decision:
        """How many numbers to dial at `now`, and which, and whom to hang up."""
        self._now = now = max(self._now, finite(now, "now"))
        if self._began is None:
            self._began = now
        match self.policy.mode:
            case "progressive":
                wish = self._progressive(snapshot)
            case "multiplier":
                wish = self._multiplied(snapshot)
            case "predictive":
                wish = self._predictive(snapshot, now)
            case _:
                assert_never(self.policy.mode)
        return cut(wish, snapshot, self._call_rate, now)

    def state(self) -> dict[str, object]:
        """Everything learned, as plain JSON-able values; times are of the pacer's clock, which must go on."""
        state = PacerState(
            rings=self._rings.state(),
            frees=self._frees.state(),
            control=self._control.state(),
            answer_check=self._answer_check.state(),
            free_check=self._free_check.state(),
            call_rate=self._call_rate.state(),
            ledger=self._ledger.state(),
            began=self._began,
            now=self._now if self._now > -math.inf else None,
            refreshed_at=self._refreshed_at if self._refreshed_at > -math.inf else None,
            answers_weighed=self._answers_weighed,
            answers_weighed_at=self._answers_weighed_at,
        )
        return pack(state)

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on as if never stopped. What another version did not save keeps its first value.

        Raises BadPacingInput, and changes nothing, for a state that is not one.
        """
        saved = unpack(state)
        self._rings.restore(saved.rings)
        self._frees.restore(saved.frees)
        self._control.restore(saved.control)
        self._answer_check.restore(saved.answer_check)
        self._free_check.restore(saved.free_check)
        self._call_rate.restore(saved.call_rate)
        self._ledger.restore(saved.ledger)
        self._began = saved.began
        self._now = -math.inf if saved.now is None else saved.now
        self._refreshed_at = -math.inf if saved.refreshed_at is None else saved.refreshed_at
        self._answers_weighed = saved.answers_weighed
        self._answers_weighed_at = saved.answers_weighed_at

    def _progressive(self, snapshot: Snapshot) -> Wish:
        available, ringing = _available(snapshot), len(snapshot.dials)
        return Wish(max(0, available - ringing), (), "agents", {"available_agents": available, "ringing": ringing})

    def _multiplied(self, snapshot: Snapshot) -> Wish:
        available, ringing = _available(snapshot), len(snapshot.dials)
        target = math.floor(max(0, available) * self.policy.multiplier + 1e-9)
        explain = {"available_agents": available, "ringing": ringing, "multiplier": self.policy.multiplier}
        return Wish(max(0, target - ringing), (), "multiplier" if available > 0 else "agents", explain)

    def _predictive(self, snapshot: Snapshot, now: float) -> Wish:
        ringing, own = _ringing(snapshot, now)
        talking, wrapping = _busy(snapshot, now)
        if now - self._refreshed_at >= REFRESH:
            self._refreshed_at = now
            if self._answer_check.failed:
                self._rings.doubt()
                self._answer_check.start_over()
            self._rings.refresh(ringing)
            self._frees.refresh(talking[1], wrapping[1], self._rings.moments + 0.5 * self.policy.grace)
        self._settle(snapshot, now)
        wish = self._progressive(snapshot)
        left = None if snapshot.shift_ends_at is None else snapshot.shift_ends_at - now
        if self._cold(now):
            return Wish(wish.dials, (), "cold_start", wish.explain)
        closing = left is not None and left < self.policy.ring_timeout
        theta = 0.0 if closing else self._control.theta
        likely, claimed = self._rings.in_flight(ringing, own)
        free = self._frees.free_within(talking[0], wrapping[0])
        self._write_down(likely, free, now)
        likely = np.minimum(likely * self._answer_check.factor, 1.0)
        claimed = np.minimum(claimed * self._answer_check.factor, 1.0)
        free = np.minimum(free * self._free_check.factor, 1.0)
        fresh = np.minimum(self._rings.fresh * self._answer_check.factor, 1.0)
        available, weights = _available(snapshot), self._rings.weights
        claims = Claims(np.concatenate((claimed, 1.0 - free)), available + len(free))
        if wish.dials:
            claims.add(fresh, wish.dials)
        risk = first_risk = claims.risk(weights)
        dials = wish.dials
        most = wish.dials + MOST_AT_ONCE
        while risk <= theta and dials < most:
            dials += 1
            claims.add(fresh)
            risk = claims.risk(weights)
        hang_up: tuple[Hashable, ...] = ()
        if self.policy.trim and dials == 0:
            hang_up = self._trim(snapshot.dials, ringing, likely, free, theta, available)
        explain = {
            **wish.explain,
            "risk": first_risk,
            "allowed_risk": theta,
            "guard": self._control.guard,
            "drops_in_hand": self._control.balance,
            "answer_probability": self._rings.probability,
            "answers_expected": float(likely[:, -1].sum()),
            "agents_free_expected": float(free[:, -1].sum()),
        }
        limit: Limit = "shift_end" if closing else "cap" if self._control.guard < 1.0 else "risk"
        if not snapshot.agents:
            limit = "agents"
        return Wish(dials, hang_up, limit, explain)

    def _trim(
        self,
        dials: Sequence[DialView],
        ringing: Floats,
        likely: Floats,
        free: Floats,
        theta: float,
        available: int,
    ) -> tuple[Hashable, ...]:
        """The calls that have rung for the minimum, all of them, when the younger ones alone are risk enough.

        All or none: whether a call is worth keeping depends on the others, and to each old one the others are the
        young (the exact optimum of the memoryless case with two ages is of this form; docs/pacing.md).
        """
        old = ringing >= self.policy.minimum_ring
        spared = max(0, max(0, available) - int((~old).sum()))  # one for each idle agent stays: never below progressive
        if int(old.sum()) <= spared:
            return ()
        claims = Claims(np.concatenate((likely[~old], 1.0 - free)), available + len(free))
        if claims.risk(self._rings.weights) <= TRIM_ABOVE * theta:
            return ()
        oldest_first = [int(i) for i in np.argsort(-ringing, kind="stable") if old[i]]
        return tuple(dials[i].id for i in oldest_first[: len(oldest_first) - spared])

    def _settle(self, snapshot: Snapshot, now: float) -> None:
        """Bring the control's account up to date, by the window that leaves least."""
        windows = snapshot.ledger or self._ledger.counts(now)
        answers, drops = min(windows, key=lambda counts: self.policy.cap * counts[0] - counts[1], default=(0, 0))
        span = max(now - (now if self._began is None else self._began), 60.0)
        weight = math.exp(-(now - self._answers_weighed_at) / _RATE_MEMORY)
        rate = self._answers_weighed * weight / (_RATE_MEMORY * (1.0 - math.exp(-span / _RATE_MEMORY)))
        left = None if snapshot.shift_ends_at is None else snapshot.shift_ends_at - now
        self._control.account(answers, drops, rate, left)

    def _write_down(self, likely: Floats, free: Floats, now: float) -> None:
        if self._answer_check.due(now):
            self._answer_check.expect(float(likely[:, 0].sum()), now, float(self._rings.moments[0]))
        if self._free_check.due(now):
            within = float(self._rings.moments[0]) + 0.5 * self.policy.grace
            self._free_check.expect(float(free[:, 0].sum()), now, within)

    def _resolved(self, event: DialResolved, placed_at: float) -> None:
        age = max(0.0, event.at - placed_at)
        answered = event.outcome == "answered"
        if event.outcome == "trimmed":
            self._rings.cut_short(age, None)
        else:
            self._rings.resolved(age, answered)
        if answered:
            self._answer_check.happened(placed_at, event.at)
            self._ledger.answered(event.at)
            ago = max(0.0, event.at - self._answers_weighed_at)
            self._answers_weighed = self._answers_weighed * math.exp(-ago / _RATE_MEMORY) + 1.0
            self._answers_weighed_at += ago

    def _cold(self, now: float) -> bool:
        began = now if self._began is None else self._began
        return (
            self._rings.resolved_seen < COLD_DIALS
            or self._rings.answers_seen < COLD_ANSWERS
            or now - began < self.policy.ring_timeout + COLD_SECONDS
        )


def _available(snapshot: Snapshot) -> int:
    """Agents who could take an answer this instant, less the answers that wait already."""
    idle = sum(agent.state == "idle" and not agent.leaving for agent in snapshot.agents)
    return idle - len(snapshot.waiting)


def _ringing(snapshot: Snapshot, now: float) -> tuple[Floats, Floats | None]:
    ages = now - np.array([dial.placed_at for dial in snapshot.dials], dtype=np.float64)
    own = [dial.answer_probability for dial in snapshot.dials]
    known = any(p is not None for p in own)
    probabilities = np.array([math.nan if p is None else p for p in own], dtype=np.float64) if known else None
    return np.maximum(ages, 0.0), probabilities


def _busy(snapshot: Snapshot, now: float) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Ages of talks and of wrap-ups: each of the agents who will take further calls, and of all."""
    talking = [agent.since for agent in snapshot.agents if agent.state == "talking"]
    wrapping = [agent.since for agent in snapshot.agents if agent.state == "wrap_up"]
    all_talking = np.maximum(now - np.array(talking, dtype=np.float64), 0.0)
    all_wrapping = np.maximum(now - np.array(wrapping, dtype=np.float64), 0.0)
    if not any(agent.leaving for agent in snapshot.agents):
        return (all_talking, all_talking), (all_wrapping, all_wrapping)
    staying = [agent.since for agent in snapshot.agents if agent.state == "talking" and not agent.leaving]
    resting = [agent.since for agent in snapshot.agents if agent.state == "wrap_up" and not agent.leaving]
    return (
        (np.maximum(now - np.array(staying, dtype=np.float64), 0.0), all_talking),
        (np.maximum(now - np.array(resting, dtype=np.float64), 0.0), all_wrapping),
    )
