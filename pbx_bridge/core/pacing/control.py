"""How much risk is allowed: a dual variable that learns it, a guard that keeps the promise.

The dual ascends on the price of a drop (Robbins & Monro 1951; Tassiulas & Georgiadis 2006): log θ += η·c for each
connected answer and -= η·(1 - c) for each drop, so that θ rests where the share of drops is c. c follows the account
(what may still be dropped under the cap), and θ follows c at once, so that the account is steered without waiting for
the dual to climb: an integral alone swings. The guard takes θ away before the account could be overdrawn.
"""

import math

import msgspec

STEP = 0.06
"""η, per answer."""
RESERVE = 0.5
"""Drops that the account is to hold in the end: the last one must not overdraw it."""
CUSHION = 0.5
"""Standard deviations of the drops to come that it is to hold on the way: bad luck costs more than good luck gains."""
REPAY, LONGEST_REPAY, SHORTEST_REPAY = 300.0, 1000.0, 120.0
"""Answers over which the account is evened out: without a known end of the shift; else those left, within bounds.
Evening out over all that is left costs least, talk being concave in drops (linear-quadratic control)."""
LONGEST_REPAY_SECONDS = 2400.0
"""The answers of this time, where they are more: hundreds of agents would else chase their own noise."""
LOWEST_AIM, HIGHEST_AIM = 0.15, 1.5
"""Bounds of c, in caps."""
FORWARD = 1.0
"""d log θ / d log c: the share of drops grows in proportion to θ (measured in the simulator)."""
BORROW = 0.75
"""Share of the allowance until the shift's end that may be spent in advance, while that is far; nothing at the end."""
BORROW_ALL, LEAST_GUARD = 0.85, 0.3
"""Up to this share of it, a little risk is kept: the first drops buy the most talk, the last ones the least."""
BORROW_FADES = 3600.0
"""Seconds before the end from which less than half of that share may be."""
BORROW_HORIZON, BLIND_HORIZON = 28_800.0, 900.0
"""Seconds of future that are counted on: at most, and when no end of the shift is known."""
NEXT_DROP = 1.3
"""What the next drop takes from the account, and a little for the one that may come with it."""
UNDER_WAY = 75.0
"""Seconds whose drops are not to be prevented any more: the dials in flight, which drop in clusters."""
GUARDED_DROPS, GUARDED_SECONDS = 1.8, 60.0
"""The guard lets θ alone from so many drops and the allowance of this many seconds in hand, beyond the next drop."""
FIRST_THETA = 0.05
"""θ to begin with at a cap of 3 % (where small teams come to rest)."""

_LOWEST, _HIGHEST = math.log(0.003), math.log(0.9)


class ControlState(msgspec.Struct, frozen=True):
    """The control at rest."""

    log_theta: float
    guard: float = 0.0
    balance: float = 0.0
    aim: float = 0.0


class Control:
    """θ, the greatest risk at which one more number is dialed."""

    def __init__(self, cap: float) -> None:
        self._cap = cap
        first = FIRST_THETA * (cap / 0.03) ** FORWARD if cap > 0.0 else 0.0
        self.log_theta = min(_HIGHEST, max(_LOWEST, math.log(max(first, 1e-9))))
        self.guard = 0.0
        self.balance = 0.0
        self._aim = cap

    def account(self, answers: float, drops: float, rate: float, left: float | None) -> None:
        """Take the tightest window's counters, `rate` in answers a second, `left` seconds of the shift."""
        near = BLIND_HORIZON if left is None else min(BORROW_HORIZON, max(left, 0.0))
        self.balance = self._cap * answers - drops
        longest = max(LONGEST_REPAY, rate * LONGEST_REPAY_SECONDS)
        to_come = REPAY if left is None else min(longest, max(0.0, rate * left))
        under_way = self._cap * rate * UNDER_WAY
        held = RESERVE + under_way + CUSHION * math.sqrt(self._cap * to_come)
        aim = self._cap + (self.balance - held) / max(SHORTEST_REPAY, to_come)
        self._aim = min(HIGHEST_AIM * self._cap, max(LOWEST_AIM * self._cap, aim))
        earned = self._cap * rate * near * near / (near + BORROW_FADES)
        own = self.balance - NEXT_DROP - under_way
        full = GUARDED_DROPS + self._cap * rate * GUARDED_SECONDS
        least = LEAST_GUARD if own + BORROW_ALL * earned > 0.0 else 0.0
        self.guard = min(1.0, max(least, (own + BORROW * earned) / full))

    def connected(self) -> None:
        """An answer met its agent: a little more may be risked, less so while the guard holds (no wind-up)."""
        self.log_theta = min(_HIGHEST, self.log_theta + STEP * self.guard * self._aim)

    def dropped(self) -> None:
        """An answer met silence."""
        self.log_theta = max(_LOWEST, self.log_theta - STEP * self.guard * (1.0 - self._aim))

    @property
    def theta(self) -> float:
        """The risk allowed now."""
        if self._cap <= 0.0:
            return 0.0
        return math.exp(self.log_theta) * self.guard * math.pow(self._aim / self._cap, FORWARD)

    def state(self) -> ControlState:
        """Everything learned."""
        return ControlState(self.log_theta, self.guard, self.balance, self._aim)

    def restore(self, state: ControlState) -> None:
        """Take up saved learning."""
        self.log_theta = min(_HIGHEST, max(_LOWEST, state.log_theta))
        self.guard, self.balance, self._aim = state.guard, state.balance, state.aim
