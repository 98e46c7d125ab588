"""The predictive mode: dial while the risk of one more is bearable, hang up what has become too many."""

from collections.abc import Hashable

import msgspec
import numpy as np

from pbx_bridge.core.pacing.choosing import Chooser
from pbx_bridge.core.pacing.control import Control
from pbx_bridge.core.pacing.forecast import Forecast, Forecaster
from pbx_bridge.core.pacing.hazards import Floats
from pbx_bridge.core.pacing.limits import Wish
from pbx_bridge.core.pacing.records import LeadView, Limit, Policy, Snapshot
from pbx_bridge.core.pacing.risk import Claims
from pbx_bridge.core.pacing.views import Scene

COLD_SECONDS = 5.0
"""Seconds beyond one ring time-out before anything is forecast."""
TRIM_ABOVE = 3.0
"""Old calls are hung up when the young ones alone are this many times the risk allowed."""
ROUNDING = 1e-3
"""Seconds by which clocks may differ: nobody asks a moment too early."""
MOST_AT_ONCE = 200
"""Dials in one decision beyond the agents who are free: nobody needs more, and a fault must not dial a city."""


class _Plan(msgspec.Struct):
    """A decision in the making."""

    dials: int
    leads: list[Hashable]
    first_risk: float
    risk: float


class Predictive:
    """Risk, control and choice put together, over a shared forecaster and control."""

    def __init__(self, policy: Policy, forecaster: Forecaster, control: Control, chooser: Chooser) -> None:
        self._policy = policy
        self._forecaster = forecaster
        self._control = control
        self._chooser = chooser

    def wish(self, snapshot: Snapshot, scene: Scene, now: float, watched: float) -> Wish:
        """What to dial and whom to hang up; `watched`: seconds since the first decision of all."""
        forecast = self._forecaster.look(scene, now)
        floor = max(0, scene.available - len(scene.ringing))
        if self._forecaster.cold or watched < self._policy.ring_timeout + COLD_SECONDS:
            return Wish(floor, (), "cold_start", self._explain(scene, forecast, 0.0, 0.0))
        left = None if snapshot.shift_ends_at is None else snapshot.shift_ends_at - now
        closing = left is not None and left < self._policy.ring_timeout
        theta = 0.0 if closing else self._control.theta
        plan = self._plan(snapshot, scene, forecast, theta, floor, left)
        hang_up: tuple[Hashable, ...] = ()
        if self._policy.trim and plan.dials == 0:
            hang_up = self._trim(snapshot, scene, forecast, theta)
        limit: Limit = "shift_end" if closing else "cap" if self._control.guard < 1.0 else "risk"
        if not len(scene.talking) + len(scene.wrapping) + max(0, scene.available + scene.waiting):
            limit = "agents"
        explain = self._explain(scene, forecast, plan.first_risk, theta)
        return Wish(plan.dials, hang_up, limit, explain, tuple(plan.leads), self._ripe_at(scene, plan.dials, now))

    def _ripe_at(self, scene: Scene, dials: int, now: float) -> float | None:
        """When the next call will have rung long enough to be hung up; `dials` are being placed now."""
        if not self._policy.trim:
            return None
        young = scene.ringing[scene.ringing < self._policy.minimum_ring]
        if not len(young) and not dials:
            return None
        return now + self._policy.minimum_ring - float(young.max(initial=0.0)) + ROUNDING

    def _plan(
        self, snapshot: Snapshot, scene: Scene, forecast: Forecast, theta: float, floor: int, left: float | None
    ) -> _Plan:
        claims = Claims(_claimants(forecast.claimed, forecast.free), scene.available + len(forecast.free))
        choosing = theta > 0.0 and any(lead.answer_probability is not None for lead in snapshot.hopper)
        if choosing:
            return self._choose(snapshot, forecast, claims, theta, floor, left)
        leads = [lead.answer_probability for lead in snapshot.hopper]
        risk = first_risk = claims.risk(forecast.weights)
        dials = 0
        while dials < floor or (risk <= theta and dials < floor + MOST_AT_ONCE):
            own = leads[dials] if dials < len(leads) else None
            claims.add(self._forecaster.fresh(own))
            dials += 1
            if dials >= floor:
                risk = claims.risk(forecast.weights)
        return _Plan(dials, [lead.id for lead in snapshot.hopper[:dials]], first_risk, risk)

    def _choose(
        self,
        snapshot: Snapshot,
        forecast: Forecast,
        claims: Claims,
        theta: float,
        floor: int,
        left: float | None,
    ) -> _Plan:
        at_hand: list[LeadView] = self._chooser.open(snapshot.hopper, left)
        later = list(snapshot.hopper[len(at_hand) :])
        plan = _Plan(0, [], claims.risk(forecast.weights), 0.0)
        plan.risk = plan.first_risk
        while at_hand and (plan.dials < floor or (plan.risk <= theta and plan.dials < floor + MOST_AT_ONCE)):
            spare = claims.one_spare(forecast.weights)
            lead = self._chooser.choose(at_hand, self._forecaster.rings.probability, spare, plan.risk / theta)
            at_hand.extend(later[:1])
            del later[:1]
            plan.leads.append(lead.id)
            plan.dials += 1
            claims.add(self._forecaster.fresh(lead.answer_probability))
            plan.risk = claims.risk(forecast.weights)
        if not at_hand and plan.risk <= theta:
            plan.dials += 1  # wished for, not to be had: the limit is the list
        return plan

    def _trim(self, snapshot: Snapshot, scene: Scene, forecast: Forecast, theta: float) -> tuple[Hashable, ...]:
        """The calls that have rung for the minimum, all of them, when the younger ones alone are risk enough.

        All or none: whether a call is worth keeping depends on the others, and to each old one the others are the
        young (the exact optimum of the memoryless case with two ages is of this form; docs/pacing.md).
        """
        ringing = scene.ringing
        old = ringing >= self._policy.minimum_ring
        young = ~old
        spared = max(0, scene.available - int(young.sum()))  # one for each idle agent stays: never below progressive
        if int(old.sum()) <= spared:
            return ()
        room = scene.available + len(forecast.free)
        claims = Claims(_claimants(forecast.likely[young], forecast.free), room)
        if claims.risk(forecast.weights) <= TRIM_ABOVE * theta:
            return ()
        oldest_first = [int(i) for i in np.argsort(-ringing, kind="stable") if old[i]]
        return tuple(snapshot.dials[i].id for i in oldest_first[: len(oldest_first) - spared])

    def _explain(self, scene: Scene, forecast: Forecast, risk: float, theta: float) -> dict[str, float]:
        return {
            "available_agents": scene.available,
            "ringing": len(scene.ringing),
            "risk": risk,
            "allowed_risk": theta,
            "guard": self._control.guard,
            "drops_in_hand": self._control.balance,
            "answer_probability": self._forecaster.rings.probability,
            "answers_expected": float(forecast.likely[:, -1].sum()),
            "agents_free_expected": float(forecast.free[:, -1].sum()),
        }


def _claimants(answering: Floats, free: Floats) -> Floats:
    return np.concatenate((answering, 1.0 - free))
