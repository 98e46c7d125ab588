"""Learning from what happens, and saying what will happen within the next ring."""

import math

import msgspec
import numpy as np

from pbx_bridge.core.pacing.answers import RingLaws, RingState
from pbx_bridge.core.pacing.calibration import Calibration, CalibrationState
from pbx_bridge.core.pacing.frees import FreeLaws, FreeState
from pbx_bridge.core.pacing.hazards import Floats
from pbx_bridge.core.pacing.records import Policy
from pbx_bridge.core.pacing.views import Scene

COLD_DIALS, COLD_ANSWERS = 30, 10
"""Dials resolved and dials answered before anything is forecast."""
REFRESH, REFRESH_AT_LATEST = 10.0, 30.0
"""Seconds between two workings-out of the tables of hazards: when there is news, and without."""
NEWS, YOUNG = 50, 300
"""Things seen that are news, and dials resolved up to which everything is."""


class Forecast(msgspec.Struct, frozen=True):
    """Chances at the moments of the ring-to-answer law, a row each.

    likely: of each dial in flight to answer; claimed: the same with answers that hang-up may prevent discounted;
    free: of each busy agent to be free; weights: of the moments.
    """

    likely: Floats
    claimed: Floats
    free: Floats
    weights: Floats


class ForecasterState(msgspec.Struct, frozen=True):
    """A forecaster at rest."""

    rings: RingState
    frees: FreeState
    answer_check: CalibrationState = CalibrationState()
    free_check: CalibrationState = CalibrationState()
    refreshed_at: float | None = None


class Forecaster:
    """Ring and talk laws of one campaign, held against what came true."""

    def __init__(self, policy: Policy) -> None:
        self._half_grace = 0.5 * policy.grace
        self.rings = RingLaws(
            policy.ring_timeout, policy.prior_answer_probability, policy.minimum_ring if policy.trim else None
        )
        self._frees = FreeLaws()
        self._answer_check = Calibration()
        self._free_check = Calibration()
        self._refreshed_at: float | None = None

    @property
    def cold(self) -> bool:
        """Has too little been seen to forecast?"""
        return self.rings.resolved_seen < COLD_DIALS or self.rings.answers_seen < COLD_ANSWERS

    def resolved(self, placed_at: float, at: float, answered: bool) -> None:
        """A dial ended by itself."""
        self.rings.resolved(max(0.0, at - placed_at), answered)
        if answered:
            self._answer_check.happened(placed_at, at)

    def cut_short(self, placed_at: float, at: float) -> None:
        """A dial was hung up by us."""
        self.rings.cut_short(max(0.0, at - placed_at), None)

    def talk_ended(self, seconds: float) -> None:
        """One conversation is over."""
        self._frees.talk_ended(seconds)

    def wrap_ended(self, seconds: float, at: float) -> None:
        """One agent is free."""
        self._frees.wrap_ended(seconds)
        self._free_check.happened(at - seconds, at)

    def look(self, scene: Scene, now: float) -> Forecast:
        """What may happen to those in the scene."""
        if self._refresh_due(now):
            self._refresh(scene, now)
        likely, claimed = self.rings.in_flight(scene.ringing, scene.own)
        free = self._frees.free_within(scene.talking, scene.wrapping)
        self._write_down(likely, free, now)
        answers = self._answer_check.factor
        return Forecast(
            np.minimum(likely * answers, 1.0),
            np.minimum(claimed * answers, 1.0),
            np.minimum(free * self._free_check.factor, 1.0),
            self.rings.weights,
        )

    def fresh(self, own: float | None) -> Floats:
        """P(answers within each moment) of a dial placed now."""
        chances: Floats = np.minimum(self.rings.fresh(own) * self._answer_check.factor, 1.0)
        return chances

    def state(self) -> ForecasterState:
        """Everything learned."""
        return ForecasterState(
            self.rings.state(),
            self._frees.state(),
            self._answer_check.state(),
            self._free_check.state(),
            self._refreshed_at,
        )

    def restore(self, state: ForecasterState) -> None:
        """Take up saved learning."""
        self.rings.restore(state.rings)
        self._frees.restore(state.frees)
        self._answer_check.restore(state.answer_check)
        self._free_check.restore(state.free_check)
        self._refreshed_at = state.refreshed_at

    def _refresh_due(self, now: float) -> bool:
        if self._refreshed_at is None:
            return True
        ago = now - self._refreshed_at
        news = self.rings.resolved_seen < YOUNG or self.rings.news + self._frees.news >= NEWS
        return ago >= (REFRESH if news else REFRESH_AT_LATEST)

    def _refresh(self, scene: Scene, now: float) -> None:
        self._refreshed_at = now
        if self._answer_check.failed:
            self.rings.doubt()
            self._answer_check.start_over()
        self.rings.refresh(scene.ringing, scene.own)
        within = self.rings.moments + self._half_grace
        self._frees.refresh(scene.all_talking, scene.all_wrapping, within)

    def _write_down(self, likely: Floats, free: Floats, now: float) -> None:
        within = float(self.rings.moments[0])
        if self._answer_check.due(now):
            self._answer_check.expect(float(likely[:, 0].sum()), now, within)
        if self._free_check.due(now):
            self._free_check.expect(float(free[:, 0].sum()), now, within + self._half_grace)


class AnswerRate:
    """Answers a second, over the last half hour."""

    MEMORY = 1800.0

    def __init__(self) -> None:
        self._weight = 0.0
        self._at = 0.0

    def answered(self, at: float) -> None:
        """A person answered."""
        ago = max(0.0, at - self._at)
        self._weight = self._weight * math.exp(-ago / self.MEMORY) + 1.0
        self._at += ago

    def rate(self, now: float, span: float) -> float:
        """Answers a second, having watched for `span` seconds."""
        ago = max(0.0, now - self._at)
        watched = self.MEMORY * (1.0 - math.exp(-max(span, 60.0) / self.MEMORY))
        return self._weight * math.exp(-ago / self.MEMORY) / watched

    def state(self) -> tuple[float, float]:
        """Weighted answers, and when they were weighed."""
        return self._weight, self._at

    def restore(self, state: tuple[float, float]) -> None:
        """Take up a saved rate."""
        self._weight, self._at = state
