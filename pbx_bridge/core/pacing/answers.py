"""Will a ringing number be answered, and when: a mixture cure model (Boag 1949; Farewell 1982).

A dial is, unknown to us, one that a person will answer (probability p) or one that will fail. Having rung for `a`
seconds it answers with probability  p·Sa(a) / (p·Sa(a) + (1 - p)·Sf(a)),  Sa and Sf being the chances to ring longer
than `a` of the two kinds. answered ÷ resolved alone is biased low at first: busy comes back before anyone picks up.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from pbx_bridge.core.pacing.change import Recent, RecentState
from pbx_bridge.core.pacing.hazards import Floats, Hazard, HazardState

STEP = 0.25
"""Seconds between the ages of the tables."""
QUANTILES = 8
"""Points of the ring-to-answer law at which risk is weighed."""

RING_MEMORY = 1500.0
"""Dials after which one counts 1/e, while the forecasts hold."""
DOUBT = 0.3
"""What the past counts once the forecasts have failed."""
LATE = 0.5
"""What an answer counts that would come when the call may be hung up: it comes only if we let it."""

_PRIOR_DIALS = 6.0
_FINE = 0.5


class RingState(msgspec.Struct, frozen=True):
    """Ring laws at rest. in_flight: (age, probability of an answer) at the last refresh; pending: seen since."""

    answer: HazardState
    failure: HazardState
    answered: float = 0.0
    resolved: float = 0.0
    answers_seen: int = 0
    resolved_seen: int = 0
    in_flight: list[tuple[float, float]] = []
    pending: list[tuple[float, float, bool]] = []
    recent: RecentState = []


class RingLaws:
    """Ring-to-answer, ring-to-failure and the answer probability of one campaign."""

    def __init__(self, ring_timeout: float, prior_probability: float, hang_up_after: float | None = None) -> None:
        memory = RING_MEMORY
        self._timeout = ring_timeout
        self._hang_up_after = ring_timeout if hang_up_after is None else min(hang_up_after, ring_timeout)
        edges = np.arange(0.0, ring_timeout + 2.0 * _FINE, _FINE)
        self._answer = Hazard(edges, 0.5 * ring_timeout, memory)
        self._failure = Hazard(edges, ring_timeout, memory, shrink=0.02)
        self._decay = 1.0 - 1.0 / memory
        self._prior = prior_probability
        self._answered = 0.0
        self._resolved = 0.0
        self._recent = Recent()
        self.answers_seen = 0
        self.resolved_seen = 0
        self.probability = prior_probability
        self._ages = np.arange(0.0, ring_timeout + 2.0, STEP)
        self._pending: list[tuple[float, float, bool]] = []  # age, probability of an answer, hung up by us
        self._rebuild(np.empty(0), np.empty(0))

    @property
    def news(self) -> int:
        """Dials that ended since the tables were worked out."""
        return len(self._pending)

    def resolved(self, age: float, answered: bool) -> None:
        """A dial ended by itself after `age` seconds."""
        self._pending.append((age, 1.0 if answered else 0.0, False))
        self.resolved_seen += 1
        self.answers_seen += answered

    def cut_short(self, age: float, p: float | None) -> None:
        """We hung up after `age` seconds: both laws get their share of the ringing, the outcome its posterior."""
        self._pending.append((age, self.posterior(age, p), True))

    def doubt(self) -> None:
        """The forecasts have failed beyond chance: what was learned of the answer probability counts less from now."""
        self._answered *= DOUBT
        self._resolved *= DOUBT

    def posterior(self, age: float, p: float | None) -> float:
        """Probability that a call ringing for `age` seconds will still be answered."""
        row = self._row(age)
        prior = self.probability if p is None else p
        alive = prior * float(self._alive[row])
        return alive / (alive + (1.0 - prior) * float(self._failing[row]))

    def refresh(self, ringing: Floats, own: Floats | None) -> None:
        """Work out the tables anew, with the ages of the dials in flight as censored exposure."""
        self._absorb()
        rows = np.minimum(ringing / STEP, len(self._ages) - 1).astype(np.intp)
        prior = self.probability if own is None else np.where(np.isnan(own), self.probability, own)
        weights = self._posteriors(rows, prior) if len(ringing) else np.empty(0)
        self._rebuild(ringing, weights)

    def _rebuild(self, ringing: Floats, weights: Floats) -> None:
        self._in_flight = ringing, weights
        prior_answers = _PRIOR_DIALS * self._prior
        self.probability = (prior_answers + self._answered + float(weights.sum())) / (
            _PRIOR_DIALS + self._resolved + len(ringing)
        )
        grid = np.arange(0.0, 2.0 * self._timeout + 4.0, STEP)
        answering = self._answer.survival(ringing, weights, grid)
        floor = float(np.interp(self._timeout, grid, answering))
        answering = np.maximum(answering - floor, 0.0) / (1.0 - floor)  # nobody answers after the time-out
        self._alive = np.maximum(answering[: len(self._ages)], 1e-9)
        self._failing = np.maximum(self._failure.survival(ringing, 1.0 - weights, self._ages), 1e-6)
        levels = 1.0 - (np.arange(QUANTILES) + 0.5) / QUANTILES
        self.moments = np.interp(-levels, -answering, grid)
        here = self._alive[:, None]
        later = self._ages[:, None] + self.moments
        answered = 1.0 - np.minimum(np.interp(later, grid, answering) / here, 1.0)
        bound = np.minimum(later, np.maximum(self._hang_up_after, self._ages)[:, None])
        surely = 1.0 - np.minimum(np.interp(bound, grid, answering) / here, 1.0)
        self._answered_by = answered
        self._claimed_by = surely + LATE * (answered - surely)
        posterior = self._posteriors(np.arange(len(self._ages)), self.probability)[:, None]
        self._common_answered = posterior * self._answered_by
        self._common_claimed = posterior * self._claimed_by
        weights = np.where(self.moments > self._hang_up_after, LATE, 1.0)
        self.weights = weights / weights.sum()

    def in_flight(self, ages: Floats, own: Floats | None) -> tuple[Floats, Floats]:
        """P(answers within each of `moments`), one row a dial, and the same with late answers discounted.

        own: each dial's answer probability, NaN where the common one holds; None: it holds for all.
        """
        rows = np.minimum(ages / STEP, len(self._ages) - 1).astype(np.intp)
        if own is None:
            return self._common_answered[rows], self._common_claimed[rows]
        prior = np.where(np.isnan(own), self.probability, own)
        posterior = self._posteriors(rows, prior)[:, None]
        return posterior * self._answered_by[rows], posterior * self._claimed_by[rows]

    def fresh(self, own: float | None) -> Floats:
        """P(answers within each of `moments`), late answers discounted, of a dial placed now."""
        if own is None:
            common: Floats = self._common_claimed[0]
            return common
        result: Floats = own * self._claimed_by[0]
        return result

    def state(self) -> RingState:
        """Everything learned."""
        ringing, weights = self._in_flight
        return RingState(
            answer=self._answer.state(),
            failure=self._failure.state(),
            answered=self._answered,
            resolved=self._resolved,
            answers_seen=self.answers_seen,
            resolved_seen=self.resolved_seen,
            in_flight=list(zip(ringing.tolist(), weights.tolist(), strict=True)),
            pending=list(self._pending),
            recent=self._recent.state(),
        )

    def restore(self, state: RingState) -> None:
        """Take up saved learning."""
        self._answer.restore(state.answer)
        self._failure.restore(state.failure)
        self._answered, self._resolved = state.answered, state.resolved
        self.answers_seen, self.resolved_seen = state.answers_seen, state.resolved_seen
        self._pending = list(state.pending)
        self._recent.restore(state.recent)
        self._rebuild(
            np.array([age for age, _ in state.in_flight]), np.array([weight for _, weight in state.in_flight])
        )

    def _absorb(self) -> None:
        """Learn what was seen since the last refresh; the tables change only there, so a saved state is exact."""
        for age, answered, cut_short in self._pending:
            if cut_short:
                self._answer.censored(age, answered)
                self._failure.censored(age, 1.0 - answered)
            else:
                (self._answer if answered else self._failure).ended(age)
            self._answered = self._answered * self._decay + answered
            self._resolved = self._resolved * self._decay + 1.0
            self._recent.resolved(answered)
        if self._pending:
            believed = self._recent.changed(self.probability, self.resolved_seen)
            self._answered, self._resolved = believed or (self._answered, self._resolved)
        self._pending.clear()

    def _row(self, age: float) -> int:
        return min(int(age / STEP), len(self._ages) - 1)

    def _posteriors(self, rows: NDArray[np.intp], p: float | Floats) -> Floats:
        alive = p * self._alive[rows]
        result: Floats = alive / (alive + (1.0 - p) * self._failing[rows])
        return result
